"""Mines and rocks, told apart by their echo.

A ship sends a rising tone to the sea floor, and from the echo it is to be told whether a metal
cylinder lies there or a rock of about the same shape. 208 echoes are known, each as the energy in
sixty bands of frequency. Logistic regression learns from 160 of them; the other 48 are held back,
and what it says about these is what counts.

48 rows are few. Whether the figure is 70 or 85 % depends on which rows are held back, and one could
choose a lucky draw. The honest figure is the mean over many draws, and with it goes how far they
are spread. A hundred draws cost a second.

Look at the gap between what was learned and what was held back, and at the width of the histogram.

Step: 13
Source: R. P. Gorman and T. J. Sejnowski 1988, Analysis of hidden units in a layered network trained
    to classify sonar targets, Neural Networks 1. They report 77.1 % without hidden units.
Needs: sonar
"""

# %%
import numpy as np

from lernwerk import Input, Sequential, layers, optimizers
from lernwerk.datasets import sonar
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.recipes import Run

run = Run.current()
echoes = sonar.load()
print(_("{rocks} rocks, {mines} mines").format(
    rocks=(echoes.y == 0).sum(), mines=(echoes.y == 1).sum()))  # fmt: skip
random = run.generator()


# %% [markdown]
# A draw: all rows in a new order, 48 put aside. Mean and deviation for the scaling come from the
# rows that are learned; those held back must not have a say in anything.


# %%
def draw():
    order = random.permutation(len(echoes.x))
    held_back, learned = order[:48], order[48:]
    mean, deviation = echoes.x[learned].mean(axis=0), echoes.x[learned].std(axis=0)
    scaled = np.column_stack([np.ones(len(echoes.x)), (echoes.x - mean) / deviation])
    return scaled[learned], echoes.y[learned], scaled[held_back], echoes.y[held_back]


# %% [markdown]
# The descent is that of the logistic regression before, now with sixty inputs.

# %%
rate, steps = 0.1, 100


def learn(X, y):
    w = np.zeros(X.shape[1])
    for _step in range(steps):
        w -= rate * X.T @ (1 / (1 + np.exp(-X @ w)) - y) / len(X)
    return w


# %%
draws = [draw() for _number in range(run.choose(100, short=40))]
weights = [learn(X, y) for X, y, *_held_back in run.steps(draws, _("draw"))]
known, unknown = np.array([
    (np.mean((X @ w > 0) == y), np.mean((X_held @ w > 0) == y_held))
    for w, (X, y, X_held, y_held) in zip(weights, draws, strict=True)
]).T  # fmt: skip
print(_("first draw: {right:.1%} of the rows held back").format(right=unknown[0]))
print(_("all draws: {low:.1%} to {high:.1%}").format(low=unknown.min(), high=unknown.max()))
print(_("the rows that were learned: {right:.1%} on average").format(right=known.mean()))
mean = unknown.mean()
run.reach(_("accuracy on 48 rows held back, mean of the draws"), mean, at_least=0.75, unit="%")

# %% [markdown]
# The same with Lernwerk, for the first draw.

# %%
X, y, X_held, y_held = draws[0]
model = Sequential(
    [Input((60,)), layers.Dense(1, "sigmoid", kernel_initializer="zeros", dtype="float64")]
)
model.compile(optimizers.SGD(rate), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(X[:, 1:], y, batch_size=len(X), epochs=steps, shuffle=False, verbose=0)
kernel, bias = model.get_weights()
run.same(_("weights"), weights[0], [*bias, *kernel[:, 0]], tolerance=1e-5)
_loss, accuracy = model.evaluate(X_held[:, 1:], y_held, verbose=0)
run.same(_("accuracy of the first draw"), unknown[0], accuracy)

# %% [markdown]
# What gives a mine away? Above the mean echoes, below the mean weights: bands with a weight above
# zero speak for a mine.

# %%
with style.styled():
    figure = style.new_figure(9.0, 4.6)
    grid = figure.add_gridspec(2, 2, width_ratios=(1.5, 1))
    above, below = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[1, 0])
    bands = np.arange(1, 61)
    above.plot(bands, echoes.x[echoes.y == 1].mean(axis=0), color=style.POINTS, label=_("mines"))
    above.plot(bands, echoes.x[echoes.y == 0].mean(axis=0), color=style.TRAINING, label=_("rocks"))
    above.set_ylabel(_("energy"))
    above.legend()
    average = np.mean(weights, axis=0)[1:]
    colours = [style.POINTS if each > 0 else style.TRAINING for each in average]
    below.bar(bands, average, color=colours)
    below.set(xlabel=_("band of frequency"), ylabel=_("weight"))
    right = figure.add_subplot(grid[:, 1])
    edges = (np.arange(24, 50) - 0.5) / 48 * 100
    right.hist(100 * known, edges, color=style.RULE, label=_("learned rows"))
    right.hist(100 * unknown, edges, color=style.VALIDATION, alpha=0.8, label=_("rows held back"))
    right.axvline(100 * mean, color=style.INK, linewidth=1)
    right.set(xlabel=_("right answers in %"), ylabel=_("number of draws"))
    right.legend(loc="upper left")
run.show("echoes", figure)
