"""Batches: all rows, a few, or one at a time.

The gradient of all rows points exactly downhill and costs a pass over all rows for one step. The
gradient of one row points downhill only on average, but for the same work the weights move
hundreds of times. Batches in between have the best of both: a nearly right direction, many steps,
and products of matrices that the processor does fast.

First the paths of a line's two parameters, then the time of a network on MNIST.

Step: 22
Source: H. Robbins and S. Monro 1951, A stochastic approximation method, Annals of Mathematical
    Statistics 22; L. Bottou 1998, Online algorithms and stochastic approximations, in Online
    Learning and Neural Networks.
Needs: mnist
"""

# %%
from time import perf_counter

import numpy as np

from lernwerk import Sequential, layers, optimizers
from lernwerk.datasets import mnist
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.recipes import Run
from lernwerk.utils import set_random_seed

run = Run.current()
random = run.generator()

x = random.normal(0, 1, (400, 1))
y = 2 * x + 1 + random.normal(0, 1, (400, 1))

# %% [markdown]
# One function serves all three: it takes a slice of the rows, computes the gradient of the mean
# squared error on it, and steps. Each sees every row five times.

# %%
SIZES = {_("all rows"): 400, _("20 rows"): 20, _("one row"): 1}
RATES = {400: 0.1, 20: 0.05, 1: 0.02}


def descend(size, epochs):
    w, b, path = 0.0, 0.0, [(0.0, 0.0)]
    for begin in list(range(0, 400, size)) * epochs:
        errors = w * x[begin : begin + size] + b - y[begin : begin + size]
        w -= RATES[size] * 2 * (errors * x[begin : begin + size]).mean()
        b -= RATES[size] * 2 * errors.mean()
        path.append((w, b))
    return np.array(path)


def fitted(size, epochs):
    model = Sequential([layers.Input((1,)), layers.Dense(1, kernel_initializer="zeros")])
    model.compile(optimizers.SGD(RATES[size]), "mean_squared_error")
    model.fit(x, y, batch_size=size, epochs=epochs, shuffle=False, verbose=0)
    return model.get_weights()


paths = {name: descend(size, epochs=5) for name, size in SIZES.items()}
for name, size in SIZES.items():
    w, b = fitted(size, epochs=5)
    run.same(_("w, b with {name}").format(name=name), paths[name][-1], (w.item(), b.item()), 1e-4)

# %% [markdown]
# After five passes the full batch has made five steps and is still on its way. The single rows
# have made 2000; they arrived early and now wander around the goal, because each row pulls
# towards itself. A smaller rate at the end calms them.

# %%
best = np.linalg.lstsq(np.hstack([x, np.ones_like(x)]), y)[0][:, 0]
for name, path in paths.items():
    print(_("{name}: {n} steps").format(name=name, n=len(path) - 1))
distances = {name: np.linalg.norm(path[-1] - best) for name, path in paths.items()}
run.reach(_("distance to the goal, all rows"), distances[_("all rows")], at_least=0.3)
run.reach(_("distance to the goal, 20 rows"), distances[_("20 rows")], at_most=0.15)

with style.styled():
    figure = style.new_figure(8.4, 3.0)
    ws, bs = np.meshgrid(np.linspace(-0.3, 3.0, 60), np.linspace(-0.5, 2.0, 60))
    height = ((ws[..., None] * x[:, 0] + bs[..., None] - y[:, 0]) ** 2).mean(axis=-1)
    for axes, (name, path) in zip(figure.subplots(1, 3), paths.items(), strict=True):
        axes.contour(ws, bs, height, levels=12, colors=style.RULE, linewidths=0.8)
        marker = "o" if len(path) < 10 else ""
        axes.plot(*path.T, color=style.VALIDATION, lw=0.9, marker=marker, ms=3)
        axes.plot(*best, color=style.TRAINING, marker="*", ms=11)
        title = _("{name}: {n} steps").format(name=name, n=len(path) - 1)
        axes.set(title=title, xlabel="w", ylabel="b")
run.show("paths", figure)

# %% [markdown]
# And the time. The same network learns 12,000 digits with all rows at once, with 128 and with
# one; the clock runs along.

# %%
rows, epochs = run.choose((12_000, 8), short=(500, 2))
(pixels, digits), (test_pixels, test_digits) = mnist.load_data()
images, digits = pixels[:rows].reshape(rows, 784) / 255, digits[:rows]
test_images = test_pixels.reshape(-1, 784) / 255
curves = {}
for size, rate in ((rows, 0.5), (128, 0.5), (1, 0.02)):
    set_random_seed(run.seed)
    model = Sequential(
        [layers.Input((784,)), layers.Dense(50, "sigmoid"), layers.Dense(10, "softmax")]
    )
    model.compile(optimizers.SGD(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    seconds, accuracies = [0.0], [model.evaluate(test_images, test_digits, verbose=0)[1]]
    for _epoch in run.steps(range(epochs), _("epoch, batches of {size}").format(size=size)):
        begin = perf_counter()
        model.fit(images, digits, batch_size=size, verbose=0)
        seconds.append(seconds[-1] + perf_counter() - begin)
        accuracies.append(model.evaluate(test_images, test_digits, verbose=0)[1])
    curves[size] = seconds, accuracies
    print(
        _("batches of {size}: {a:.1%} after {n} epochs, {t:.2f} s").format(
            size=size, a=accuracies[-1], n=epochs, t=seconds[-1]
        )
    )

# %% [markdown]
# By epochs, single rows win: they step most often. By the clock they lose that lead: an epoch of
# single rows takes several times as long as one of batches of 128, whose matrix products suit the
# processor. All rows at once are last on both counts.

# %%
run.reach(
    _("accuracy with batches of 128"), curves[128][1][-1],
    at_least=run.choose(0.9, short=0.3), unit="%",
)  # fmt: skip
run.reach(
    _("accuracy with all rows at once"), curves[rows][1][-1],
    at_most=run.choose(0.8, short=0.8), unit="%",
)  # fmt: skip

with style.styled():
    figure = style.new_figure(7.6, 3.0)
    left, right = figure.subplots(1, 2, sharey=True)
    for (size, (seconds, accuracies)), colour in zip(
        curves.items(), (style.QUIET, style.VALIDATION, style.TRAINING), strict=True
    ):
        left.plot(accuracies, color=colour, marker="o", ms=3, label=f"{size}")
        right.plot(seconds, accuracies, color=colour, marker="o", ms=3)
    left.set(xlabel=_("epoch"), ylabel=_("accuracy on test digits"), ylim=(0, 1))
    right.set(xlabel=_("seconds"))
    handles, labels = left.get_legend_handles_labels()
    figure.legend(handles, labels, title=_("rows in a batch"), loc="outside right upper")
run.show("time", figure)
