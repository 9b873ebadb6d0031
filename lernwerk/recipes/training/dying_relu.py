"""Dying ReLU, and its cures.

The ReLU passes on positive sums and silences negative ones; where it is silent, its slope is 0.
One step too large can push a neuron's offset so far down that its sum is negative for every row.
Then no gradient reaches its weights any more, on any row: it is dead, and stays so.

Cures: a smaller learning rate, a slope left of 0 that is small but not 0 (leaky ReLU, ELU), or
batch normalization, which moves the sums back around 0.

Step: 27
Source: A. L. Maas, A. Y. Hannun and A. Y. Ng 2013, Rectifier nonlinearities improve neural
    network acoustic models, ICML Workshop; D.-A. Clevert, T. Unterthiner and S. Hochreiter 2016,
    Fast and accurate deep network learning by exponential linear units (ELUs), ICLR; L. Lu, Y.
    Shin, Y. Su and G. E. Karniadakis 2020, Dying ReLU and initialization, Communications in
    Computational Physics 28.
Needs: mnist
"""

# %%
import numpy as np

from lernwerk import Model, Sequential, Variable, gradient, layers, ops, optimizers
from lernwerk.datasets import mnist
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.recipes import Run
from lernwerk.utils import set_random_seed

run = Run.current()

# %% [markdown]
# One neuron, one input, one step too large. The data are y = 1 - x; the first step overshoots and
# leaves the offset at -1.4. From then on the ReLU gives 0 on every row, the gradient is exactly
# 0, and 199 more steps change nothing. The leaky neuron finds its way back.

# %%
x = np.linspace(0, 1, 11)
y = 1 - x


def descend(leak):
    w, b, path = 1.0, 1.0, []
    for step in range(200):
        total = w * x + b
        errors = np.where(total > 0, total, leak * total) - y
        slopes = 2 * errors * np.where(total > 0, 1, leak) / len(x)
        rate = 1.2 if step == 0 else 0.3
        w, b = w - rate * (slopes * x).sum(), b - rate * slopes.sum()
        path.append(b)
    return w, b, path


w, b, dead_path = descend(leak=0.0)
leaky_w, leaky_b, leaky_path = descend(leak=0.1)
run.reach(_("offset of the dead neuron"), b, at_most=-0.5)
run.reach(_("offset of the leaky neuron"), leaky_b, at_least=0.5)

# %% [markdown]
# The same with Lernwerk's operations: max(s, 0) + leak min(s, 0) is the leaky ReLU of a sum s,
# and without a leak the ReLU.


# %%
def descend_by_graph(leak):
    w, b = Variable(1.0, dtype="float64"), Variable(1.0, dtype="float64")
    for step in range(200):
        total = w * x + b
        loss = ((ops.maximum(total, 0) + leak * ops.minimum(total, 0) - y) ** 2).mean()
        rate = 1.2 if step == 0 else 0.3
        for variable, slope in zip((w, b), gradient(loss, [w, b]), strict=True):
            variable.assign_sub(rate * slope)
    return w.item(), b.item()


run.same(_("w, b of the dead neuron"), (w, b), descend_by_graph(0.0))
run.same(_("w, b of the leaky neuron"), (leaky_w, leaky_b), descend_by_graph(0.1))

# %% [markdown]
# Now a network with three hidden layers, learning by Adam with a rate that is too large for it.
# After each epoch we count the neurons whose slope is 0 on all of 1,000 digits: for the ReLU
# those whose sum is never positive; leaky ReLU and ELU have no such neurons.

# %%
rows, epochs = run.choose((10_000, 8), short=(1_000, 2))
(pixels, digits), (test_pixels, test_digits) = mnist.load_data()
images, digits = pixels[:rows].reshape(rows, 784) / 255, digits[:rows]
test_images = test_pixels.reshape(-1, 784) / 255


def learn(label, activation, rate, normalized=False):
    set_random_seed(run.seed)
    model = Sequential([layers.Input((784,))])
    sums = []
    for _layer in range(3):
        model.add(layers.Dense(100, kernel_initializer="he_normal"))
        if normalized:
            model.add(layers.BatchNormalization(momentum=0.9))
        sums.append(model.layers[-1].output)
        model.add(layers.Activation(activation))
    model.add(layers.Dense(10, "softmax"))
    model.compile(optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    inside, dead = Model(model.inputs, sums), []
    for _epoch in run.steps(range(epochs), label):
        model.fit(images, digits, batch_size=32, verbose=0)
        never = [(each <= 0).all(axis=0) for each in inside.predict(images[:1000], verbose=0)]
        dead.append(np.mean(never) if activation == "relu" else 0.0)
    return dead, model.evaluate(test_images, test_digits, verbose=0)[1]


LARGE, SMALL = 0.01, 0.001
networks = {
    _("ReLU, rate {rate}").format(rate=LARGE): ("relu", LARGE),
    _("ReLU, rate {rate}").format(rate=SMALL): ("relu", SMALL),
    _("leaky ReLU, rate {rate}").format(rate=LARGE): ("leaky_relu", LARGE),
    _("ELU, rate {rate}").format(rate=LARGE): ("elu", LARGE),
    _("batch normalization, rate {rate}").format(rate=LARGE): ("relu", LARGE, True),
}
results = {name: learn(name, *arguments) for name, arguments in networks.items()}
for name, (dead, share) in results.items():
    print(_("{name}: {dead:.1%} dead, accuracy {share:.1%}").format(
        name=name, dead=dead[-1], share=share))  # fmt: skip
bare, *cured = results.values()
run.reach(_("dead neurons, ReLU with the large rate"), bare[0][-1],
          at_least=run.choose(0.15, short=0.0), unit="%")  # fmt: skip
run.reach(_("most dead neurons with a cure"), max(dead[-1] for dead, _share in cured),
          at_most=run.choose(0.15, short=0.5), unit="%")  # fmt: skip
run.reach(_("lowest accuracy with a cure"), min(share for _dead, share in cured),
          at_least=run.choose(0.85, short=0.05), unit="%")  # fmt: skip

# %%
with style.styled():
    figure = style.new_figure(8.2, 3.1)
    left, middle, right = figure.subplots(1, 3, width_ratios=(1, 1.2, 1))
    left.plot(dead_path, color=style.TRAINING, label="ReLU")
    left.plot(leaky_path, color=style.VALIDATION, label=_("leaky ReLU"))
    left.set(title=_("one neuron"), xlabel=_("step"), ylabel=_("offset b"))
    left.legend()
    names = list(results)
    middle.barh(names, [100 * dead[-1] for dead, _share in results.values()], color=style.TRAINING)
    middle.set(title=_("dead neurons in %"), xlim=(0, 100))
    right.barh(names, [100 * share for _dead, share in results.values()], color=style.VALIDATION)
    right.set(title=_("accuracy in %"), xlim=(0, 100), yticks=[])
    middle.invert_yaxis()
    right.invert_yaxis()
run.show("dead", figure)
