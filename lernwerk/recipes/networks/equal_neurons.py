"""Why equal initial weights make a network of one neuron.

Points inside a circle are to be told from points around it. Eight hidden neurons can do that:
each draws a line, and eight lines enclose the circle. But each neuron's gradient depends on its
own weights alone. Neurons that begin equal receive equal gradients and stay equal for ever: eight
lines that lie on one another, and one line cannot enclose anything.

Look at the film: on the left the eight lines move as one, on the right they spread out.

Step: 21
Source: D. E. Rumelhart, G. E. Hinton and R. J. Williams 1986, Learning internal representations
    by error propagation, in Parallel Distributed Processing 1 (the symmetry breaking problem).
"""

# %%
import numpy as np

from lernwerk import Sequential, layers, optimizers
from lernwerk.initializers import Constant
from lernwerk.language import translate as _
from lernwerk.plots import network_diagram, style
from lernwerk.recipes import Run

run = Run.current()
random = run.generator()
steps = run.choose(3_000, short=300)
RATE = 1.0

points = random.normal(0, 1, (400, 2))
inside = (np.hypot(*points.T) < 1.0).astype(float)[:, None]  # (400, 1)

# %% [markdown]
# The network: 2 inputs, hidden neurons with tanh, one output with the sigmoid, the loss the
# cross-entropy. Backpropagation is written out, as in the recipe before.


# %%
def forward(points, w1, b1, w2, b2):
    hidden = np.tanh(points @ w1 + b1)
    return hidden, 1 / (1 + np.exp(-(hidden @ w2 + b2)))


def gradients(w1, b1, w2, b2):
    hidden, guesses = forward(points, w1, b1, w2, b2)
    at_output = (guesses - inside) / len(points)
    at_hidden = at_output @ w2.T * (1 - hidden**2)
    return points.T @ at_hidden, at_hidden.sum(axis=0), hidden.T @ at_output, at_output.sum(axis=0)


def loss_of(weights):
    guesses = forward(points, *weights)[1]
    return -np.log(np.where(inside == 1, guesses, 1 - guesses)).mean()


def accuracy(weights):
    return ((forward(points, *weights)[1] > 0.5) == inside).mean()


def train(weights, rates, label):
    history = []
    for _step in run.steps(range(steps), label):
        history.append([each.copy() for each in weights])
        for weight, rate, slope in zip(weights, rates, gradients(*weights), strict=True):
            weight -= rate * slope
    return [*history, weights]


# %% [markdown]
# Three beginnings: eight equal neurons, eight random ones, and one neuron alone. That one has
# eight times the output weight, and learns it eight times as fast: it does what eight equal
# neurons do together. Its own weights receive eight times the gradient, hence an eighth of the
# rate.

# %%
ones = np.ones((2, 8)), np.zeros(8), np.full((8, 1), 0.2), np.zeros(1)
equal = train([each.copy() for each in ones], [RATE] * 4, _("step, equal"))
start = random.normal(0, 1, (2, 8)), np.zeros(8), random.normal(0, 0.3, (8, 1)), np.zeros(1)
spread = train([each.copy() for each in start], [RATE] * 4, _("step, random"))
single = [np.ones((2, 1)), np.zeros(1), np.full((1, 1), 1.6), np.zeros(1)]
alone = train(single, [RATE / 8, RATE / 8, 8 * RATE, RATE], _("step, one neuron"))

run.same(_("loss of eight equal neurons and of one"), loss_of(equal[-1]), loss_of(alone[-1]))
run.reach(_("spread of the equal neurons' weights"), np.ptp(equal[-1][0], axis=1).max(), at_most=0)
run.reach(_("accuracy, equal"), accuracy(equal[-1]), at_most=0.8, unit="%")
run.reach(
    _("accuracy, random"), accuracy(spread[-1]), at_least=run.choose(0.95, short=0.6), unit="%"
)

# %% [markdown]
# The same with Lernwerk's layers. `Constant` makes equal weights; the usual initializers are
# random for exactly this reason.

# %%
model = Sequential(
    [
        layers.Input((2,), dtype="float64"),
        layers.Dense(8, "tanh", kernel_initializer=Constant(1.0), dtype="float64"),
        layers.Dense(1, "sigmoid", kernel_initializer=Constant(0.2), dtype="float64"),
    ]
)
model.compile(optimizers.SGD(RATE), "binary_crossentropy")
model.fit(points, inside, batch_size=len(points), epochs=steps, verbose=0)
run.same(_("loss"), loss_of(equal[-1]), loss_of(model.get_weights()), tolerance=1e-6)

# %% [markdown]
# Both networks as they have become: blue lines are positive weights, orange ones negative, thick
# ones large. The first is eight times the same neuron.

# %%
for name, history in (("equal", equal), ("random", spread)):
    w1, _b1, w2, _b2 = history[-1]
    run.show(f"network_{name}", network_diagram([2, 8, 1], [w1, w2], inputs=("x1", "x2")))

# %% [markdown]
# Each hidden neuron draws the line on which its sum is 0.

# %%
across = np.linspace(-3, 3, 80)
grid = np.stack(np.meshgrid(across, across), axis=-1).reshape(-1, 2)


def draw(axes, weights, title):
    guesses = forward(grid, *weights)[1].reshape(80, 80)
    axes.contourf(across, across, guesses, levels=np.linspace(0, 1, 11), cmap="RdBu", alpha=0.5)
    w1, b1 = weights[:2]
    for number in range(w1.shape[1]):
        foot = -b1[number] * w1[:, number] / (w1[:, number] @ w1[:, number])
        along = np.array([-w1[1, number], w1[0, number]])
        axes.axline(foot, foot + along, color=style.INK, lw=0.9)
    colours = np.where(inside[:, 0] == 1, style.VALIDATION, style.TRAINING)
    axes.scatter(*points.T, c=colours, s=6)
    axes.set(title=title, xlim=(-3, 3), ylim=(-3, 3), xticks=[], yticks=[], aspect="equal")


def picture(step):
    with style.styled():
        figure = style.new_figure(6.4, 3.5)
        left, right = figure.subplots(1, 2)
        draw(left, equal[step], _("equal at first: {a:.0%}").format(a=accuracy(equal[step])))
        draw(right, spread[step], _("random at first: {a:.0%}").format(a=accuracy(spread[step])))
        figure.suptitle(_("step {step}").format(step=step), x=0.02, ha="left")
    return figure


run.show("equal_neurons", picture(steps))
moments = np.unique(np.geomspace(1, steps, run.choose(40, short=4)).astype(int))
run.film("lines", [picture(step) for step in moments])
