"""A perceptron's boundary and that of a hidden layer.

A perceptron of two inputs is a line: on one side it says yes, on the other no. Iris versicolor has
petals longer than setosa and shorter than virginica. To tell it from both, two lines are needed,
one on each side, and one perceptron cannot be two lines. Its rule never comes to rest on such data.

A hidden layer is several such units side by side, and an output that looks at their answers:
between this line and that one. The lines are not given to them. They are learned by the chain rule,
which passes the error of the output back to the units in front of it.

Look at the film: the hidden units turn their lines until the region between them fits.

Step: 14
Source: F. Rosenblatt 1958, The perceptron, Psychological Review 65. M. Minsky and S. Papert 1969,
    Perceptrons, MIT Press. D. E. Rumelhart, G. E. Hinton and R. J. Williams 1986, Learning
    representations by back-propagating errors, Nature 323. Data: R. A. Fisher 1936.
"""

# %%
import numpy as np

from lernwerk import Input, Sequential, layers, optimizers, plots
from lernwerk.datasets import iris
from lernwerk.language import translate as _
from lernwerk.plots.palette import colour_of
from lernwerk.recipes import Run

run = Run.current()
random = run.generator()
flowers = iris.load()
order = random.permutation(150)
petals = flowers.x[order, 2:]  # length and width in cm
x = (petals - petals.mean(axis=0)) / petals.std(axis=0)
y = (flowers.y[order] == 1).astype(float)  # 1: versicolor
learned, held_back = slice(0, 100), slice(100, 150)
print(_("{yes} versicolor, {no} others").format(yes=int(y.sum()), no=int((1 - y).sum())))
labels = {
    "names": (_("petal length, scaled"), _("petal width, scaled")),
    "class_names": (_("others"), "versicolor"),
}

# %% [markdown]
# The perceptron looks at one flower after the other. Where its answer is wrong, it adds the flower
# to its weights or subtracts it. If a line could separate the flowers, it would find one and come
# to rest. After a hundred rounds it is still changing.

# %%
X = np.hstack([np.ones((150, 1)), x])
w = np.zeros(3)
for _round in range(100):
    changes = 0
    for flower, target in zip(X[learned], y[learned], strict=True):
        error = target - (flower @ w > 0)
        w = w + error * flower
        changes += int(error != 0)
run.reach(_("changes in the hundredth round"), changes, at_least=1)

# %% [markdown]
# Is it the fault of the rule? In two dimensions all lines can be tried: every direction, and in
# each every place between two flowers. The best one cuts off as many of the others as it can.

# %%
best, line_right = None, 0.0
for angle in np.linspace(0, 2 * np.pi, 720, endpoint=False):
    direction = np.array([np.cos(angle), np.sin(angle)])
    places = np.sort(x @ direction)
    between = (places[1:] + places[:-1]) / 2
    right = np.mean((x @ direction > between[:, None]) == (y == 1), axis=1)
    if right.max() > line_right:
        line_right, best = right.max(), (direction, between[right.argmax()])
run.reach(_("right answers of the best of all lines"), line_right, at_most=0.81, unit="%")

# %% [markdown]
# The network: four hidden units with the hyperbolic tangent, and an output with the sigmoid
# function. Forwards:
#
# $$ H = \tanh(x V + a), \qquad p = \sigma(H u + c) $$
#
# Backwards, by the chain rule: the error of the output, p - y, goes through the weights u to each
# hidden unit, times the slope of the hyperbolic tangent, 1 - H². Each gradient is an error times
# what came in.

# %%
rate, steps, units = 1.0, run.choose(1500, short=1000), 4
V, a = random.normal(0, 1, (2, units)), np.zeros(units)
u, c = random.normal(0, 1, units), 0.0
start = [V.copy(), a.copy(), u.reshape(-1, 1).copy(), np.zeros(1)]


def forwards(x):
    H = np.tanh(x @ V + a)
    return H, 1 / (1 + np.exp(-(H @ u + c)))


def predict(x):
    return forwards(x)[1]


curve, frames = [], []
for step in range(steps):
    if step in (0, 5, 10, 20, 40, 60, 80, 100, 150, 200, 300, 500, 900, 1499)[:: run.choose(1, 6)]:
        frames.append(plots.decision_boundary(predict, x, y, steps=120, **labels))
        frames[-1].axes[0].set_title(_("step {n}").format(n=step), loc="left")
    H, p = forwards(x[learned])
    t = y[learned]
    curve.append(-np.mean(t * np.log(p) + (1 - t) * np.log(1 - p)))
    at_output = (p - t) / len(t)  # (100)
    at_hidden = at_output[:, None] * u * (1 - H**2)  # (100, 4)
    u, c = u - rate * H.T @ at_output, c - rate * at_output.sum()
    V, a = V - rate * x[learned].T @ at_hidden, a - rate * at_hidden.sum(axis=0)

# %%
right = (predict(x) > 0.5) == y
print(_("loss {first:.3f} at first, {last:.3f} at last").format(first=curve[0], last=curve[-1]))
run.reach(_("right answers, flowers learned"), right[learned].mean(), at_least=0.93, unit="%")
run.reach(_("right answers, flowers held back"), right[held_back].mean(), at_least=0.88, unit="%")

# %% [markdown]
# The same with Lernwerk: two layers, and `fit` passes the errors back by itself.

# %%
model = Sequential(
    [
        Input((2,)),
        layers.Dense(units, "tanh", dtype="float64"),
        layers.Dense(1, "sigmoid", dtype="float64"),
    ]
)
model.set_weights(start)
model.compile(optimizers.SGD(learning_rate=rate), loss="binary_crossentropy")
history = model.fit(x[learned], t, batch_size=100, epochs=steps, shuffle=False, verbose=0)
run.same(_("loss curve"), curve, history.history["loss"], tolerance=1e-4)
run.same(_("probabilities"), predict(x), model.predict(x, verbose=0)[:, 0], tolerance=1e-4)

# %%
direction, place = best
line = plots.decision_boundary(lambda x: x @ direction, x, y, threshold=place, **labels)
run.show("best_line", line)

# %% [markdown]
# Each hidden unit on its own is a line, dashed here: where its sum is zero.

# %%
figure = plots.decision_boundary(model, x, y, **labels)
axes = figure.axes[0]
limits = axes.get_xlim(), axes.get_ylim()
across = np.array(limits[0])
for unit in range(units):
    axes.plot(across, -(V[0, unit] * across + a[unit]) / V[1, unit], "--", linewidth=1,
              color=colour_of(unit + 2))  # fmt: skip
axes.set(xlim=limits[0], ylim=limits[1])
run.show("hidden_layer", figure)
run.film("learning", frames, seconds=0.4)
