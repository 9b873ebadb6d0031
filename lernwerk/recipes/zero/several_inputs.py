"""Several inputs and a column of ones.

How much timber is in a tree that still stands? What can be measured from the ground is its
thickness and its height. With two inputs the line becomes a plane, with more inputs something that
nobody can picture, and the formula stays the same: each input times its weight, all added, and a
bias.

Two ideas keep the program short. The trees stand as rows of a matrix, and one product gives all
answers, X @ w. And the bias becomes a weight like any other: it belongs to an input that is always
1, the bias column.

Look at what happens without scaling the columns, and at how a third input that is made of the other
two makes the answer better.

Step: 8
Source: T. A. Ryan, B. L. Joiner and B. F. Ryan 1976, The Minitab Student Handbook, Duxbury Press
    (31 black cherry trees).
"""

# %%
import numpy as np

from lernwerk import Input, Sequential, layers, optimizers
from lernwerk.datasets import historical
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.recipes import Run

run = Run.current()
trees = historical.cherry_trees()
diameter, height = trees.x.T  # in cm, in m
volume = trees.y  # in m^3

# %% [markdown]
# The matrix has a row for each tree and a column for each input, the first of them ones. Loss and
# gradient are those of a line, written for all weights at once.
#
# $$ L(w) = \frac{1}{n} \lVert X w - y \rVert^2 \qquad
#    \nabla L = \frac{2}{n} X^\top (X w - y) $$


# %%
def with_ones(*columns):
    return np.column_stack([np.ones(len(volume)), *columns])


def descend(X, rate, steps):
    w = np.zeros(X.shape[1])
    curve = []
    for _step in range(steps):
        error = X @ w - volume
        curve.append(np.mean(error**2))
        w -= rate * 2 * X.T @ error / len(X)
    return w, curve


# %% [markdown]
# First as measured. Diameters near 34 and heights near 23 stand beside ones: the bowl is a few
# hundred thousand times as steep in one direction as in another. The learning rate has to suit the
# steep direction; in the flat one hardly anything moves.

# %%
steps = run.choose(20_000, short=2_000)
raw = with_ones(diameter, height)
curvatures = np.linalg.eigvalsh(2 * raw.T @ raw / len(raw))
print(_("curvatures as measured: {low:.4f} to {high:.0f}").format(
    low=curvatures[0], high=curvatures[-1]))  # fmt: skip
w, curve = descend(raw, 1 / curvatures[-1], steps)
print(_("as measured: loss {loss:.6f} after {n} steps").format(loss=curve[-1], n=steps))

# %% [markdown]
# The remedy: every column with mean 0 and deviation 1. That loses nothing, since a line of scaled
# inputs is a line of the inputs, and the bowl becomes rounder.


# %%
def scaled(column):
    return (column - column.mean()) / column.std()


X = with_ones(scaled(diameter), scaled(height))
curvatures = np.linalg.eigvalsh(2 * X.T @ X / len(X))
print(_("curvatures scaled: {low:.4f} to {high:.4f}").format(
    low=curvatures[0], high=curvatures[-1]))  # fmt: skip
w, curve = descend(X, rate=0.1, steps=200)
for n in (0, 1, 2, 5, 10, 20, 50, 100, 199):
    print(_("step {n:3d}: loss {loss:.6f}").format(n=n, loss=curve[n]))

# %% [markdown]
# The figures of statistics: what is left of the variance, and the weights in the units of the book,
# which gives -57.99 + 4.708 for an inch of diameter + 0.339 for a foot of height, in cubic feet.


# %%
def explained(X, w):
    return 1 - np.mean((X @ w - volume) ** 2) / volume.var()


cubic_foot = historical.FOOT**3
an_inch = w[1] / diameter.std() * historical.INCH / cubic_foot
a_foot = w[2] / height.std() * historical.FOOT / cubic_foot
print(_("an inch of diameter: {a:.4f}, a foot of height: {b:.4f}").format(a=an_inch, b=a_foot))
run.reach(_("an inch of diameter, in cubic feet"), an_inch, at_least=4.707, at_most=4.709)
run.reach(_("variance explained by two inputs"), explained(X, w), at_least=0.947, unit="%")

# %% [markdown]
# A tree is no plane: a trunk twice as thick holds four times as much. The program can be told so
# without changing a line of it, by a third input: diameter squared times height, the volume of a
# cylinder but for a factor.

# %%
X3 = with_ones(scaled(diameter), scaled(height), scaled(diameter**2 * height))
w3, curve3 = descend(X3, rate=0.1, steps=steps)
better = explained(X3, w3)
run.reach(
    _("variance explained by three"), better, at_least=run.choose(0.976, short=0.97), unit="%"
)

# %% [markdown]
# With Lernwerk: Dense(1) has a weight for each input and the bias besides; it brings its own column
# of ones. The batch is the whole table, so that an epoch is one step.

# %%
model = Sequential([Input((2,)), layers.Dense(1, kernel_initializer="zeros", dtype="float64")])
model.compile(optimizers.SGD(learning_rate=0.1), loss="mean_squared_error")
history = model.fit(X[:, 1:], volume, batch_size=len(X), epochs=200, shuffle=False, verbose=0)
kernel, bias = model.get_weights()
run.same(_("weights"), w, [*bias, *kernel[:, 0]], tolerance=1e-5)
run.same(_("loss curve"), curve, history.history["loss"], tolerance=1e-5)

# %%
with style.styled():
    figure = style.new_figure(9.4, 4.2)
    space = figure.add_subplot(1, 2, 1, projection="3d")
    d, h = np.meshgrid(np.linspace(20, 54, 12), np.linspace(19, 27, 12))
    plane = w[0] + w[1] * (d - diameter.mean()) / diameter.std()
    plane += w[2] * (h - height.mean()) / height.std()
    space.plot_surface(d, h, plane, color=style.TRAINING, alpha=0.25, edgecolor="#ffffff60")
    space.scatter(diameter, height, volume, color=style.POINTS, depthshade=False)
    space.set(xlabel=_("diameter in cm"), ylabel=_("height in m"), zlabel=_("timber in m³"))
    space.set_yticks([20, 22, 24, 26])
    space.view_init(18, -70)
    axes = figure.add_subplot(1, 2, 2)
    axes.plot([0, 2.3], [0, 2.3], color=style.QUIET, linewidth=0.8)
    axes.plot(volume, X @ w, "o", color=style.TRAINING, label=_("two inputs"))
    axes.plot(volume, X3 @ w3, "o", color=style.POINTS, ms=4, label=_("three inputs"))
    axes.set(xlabel=_("timber in m³, measured"), ylabel=_("timber in m³, predicted"))
    axes.legend(loc="upper left")
run.show("plane", figure)
