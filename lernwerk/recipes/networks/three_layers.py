"""A three-layer network with backpropagation written out.

784 pixels feed 200 hidden neurons with the sigmoid, and these feed 10 outputs with the softmax: h
= sigmoid(x w1 + b1), p = softmax(h w2 + b2). The loss is the cross-entropy, the mean of -log p at
the true digit.

Backpropagation is the chain rule, walked from the loss to the pixels so that each product is
computed once. Here it takes six lines. They are checked twice: against central differences, which
know no calculus, and against Lernwerk's computation graph, which knows no network.

Look at the two curves at the end: one network starts from random weights, the other from zeros.

Step: 20
Source: D. E. Rumelhart, G. E. Hinton and R. J. Williams 1986, Learning representations by
    back-propagating errors, Nature 323.
Needs: mnist
"""

# %%
import numpy as np
from matplotlib.colors import CenteredNorm

from lernwerk import Variable, compiled, gradient, ops
from lernwerk.datasets import mnist
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.recipes import Run

run = Run.current()
random = run.generator()
rows = run.choose(60_000, short=1_000)
iterations = run.choose(250, short=15)
compared = run.choose(50, short=15)
RATE = 0.5

(pixels, digits), (test_pixels, test_digits) = mnist.load_data()
images = pixels[:rows].reshape(rows, 784) / np.float32(255)
targets = np.eye(10, dtype=np.float32)[digits[:rows]]  # (rows, 10), one-hot
test_images = test_pixels.reshape(-1, 784) / np.float32(255)

# %% [markdown]
# Forward: two weighted sums, each followed by its activation. The hidden values are returned as
# well, since the way back needs them.


# %%
def forward(images, w1, b1, w2, b2):
    hidden = 1 / (1 + np.exp(-(images @ w1 + b1)))  # (rows, 200)
    scores = hidden @ w2 + b2  # (rows, 10)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return hidden, powers / powers.sum(axis=1, keepdims=True)


def loss_of(images, targets, weights):
    guesses = forward(images, *weights)[1]
    return -np.log((guesses * targets).sum(axis=1)).mean()


# %% [markdown]
# Backward: softmax and cross-entropy together have the derivative p - y. What arrives at the
# hidden sums is that, sent back through the weights w2, times the sigmoid's slope h (1 - h). Each
# weight's gradient is then the value that entered it times what arrives behind it.


# %%
def backward(images, targets, w1, b1, w2, b2):
    hidden, guesses = forward(images, w1, b1, w2, b2)
    at_scores = (guesses - targets) / len(images)
    at_sums = at_scores @ w2.T * hidden * (1 - hidden)
    return [images.T @ at_sums, at_sums.sum(axis=0), hidden.T @ at_scores, at_scores.sum(axis=0)]


def random_weights():
    w1 = random.normal(0, np.sqrt(1 / 784), (784, 200))
    w2 = random.normal(0, np.sqrt(1 / 200), (200, 10))
    return [each.astype(np.float32) for each in (w1, np.zeros(200), w2, np.zeros(10))]


# %% [markdown]
# First check: move one weight a little to both sides and see what the loss does. 40 weights of
# w1, chosen at random among those of pixels with ink, and 40 of w2, in double precision.

# %%
start = random_weights()
few, few_targets = images[:100].astype(np.float64), targets[:100].astype(np.float64)
weights = [each.astype(np.float64) for each in start]
written_out = backward(few, few_targets, *weights)
inked = np.flatnonzero(few.any(axis=0))
worst = 0.0
for place, inputs in ((0, inked), (2, np.arange(200))):
    for _number in range(40):
        index = random.choice(inputs), random.integers(weights[place].shape[1])
        kept, losses = weights[place][index], []
        for shifted in (kept + 1e-5, kept - 1e-5):
            weights[place][index] = shifted
            losses.append(loss_of(few, few_targets, weights))
        weights[place][index] = kept
        difference = (losses[0] - losses[1]) / 2e-5
        worst = max(worst, abs(difference - written_out[place][index]))
run.reach(_("largest difference from central differences"), worst, at_most=1e-8)

# %% [markdown]
# Second check: the same forward pass in Lernwerk's operations. Each leaves its local gradient in
# the graph, and `gradient` multiplies them along every path.


# %%
def network_loss(images, targets, w1, b1, w2, b2):
    hidden = ops.sigmoid(images @ w1 + b1)
    return ops.softmax_crossentropy(hidden @ w2 + b2, targets).mean()


variables = [Variable(each) for each in weights]
from_graph = gradient(network_loss(few, few_targets, *variables), variables)
for name, ours, graphs in zip(("w1", "b1", "w2", "b2"), written_out, from_graph, strict=True):
    run.same(
        _("length of the gradient of {name}").format(name=name),
        np.linalg.norm(ours), np.linalg.norm(graphs.numpy()), tolerance=1e-12,
    )  # fmt: skip

# %% [markdown]
# Now the training: all rows in every iteration, each weight a step against its gradient. In NumPy
# we do the first iterations, to compare.


# %%
def accuracy(weights):
    guesses = forward(test_images, *weights)[1]
    return (guesses.argmax(axis=1) == test_digits).mean()


weights = [each.copy() for each in start]
for _iteration in run.steps(range(compared), _("iteration in NumPy")):
    for weight, slope in zip(weights, backward(images, targets, *weights), strict=True):
        weight -= RATE * slope
plain_loss = loss_of(images, targets, weights)

# %% [markdown]
# And with Lernwerk: the loss in operations, the rest by `gradient`. `compiled` turns the step
# into a graph that the engine runs.


# %%
def train(start, label):
    """The weights after every fifth iteration."""
    variables = [Variable(each) for each in start]

    @compiled
    def step(images, targets):
        loss = network_loss(images, targets, *variables)
        for variable, slope in zip(variables, gradient(loss, variables), strict=True):
            variable.assign_sub(RATE * slope)
        return loss

    history = {0: start}
    for iteration in run.steps(range(1, iterations + 1), label):
        step(images, targets)
        if iteration % 5 == 0:
            history[iteration] = [each.numpy() for each in variables]
    return history


learned = train(start, _("iteration with random weights"))
run.same(
    _("loss after {n} iterations").format(n=compared),
    plain_loss, loss_of(images, targets, learned[compared]), tolerance=1e-4,
)  # fmt: skip
run.reach(
    _("accuracy from random weights"), accuracy(learned[iterations]),
    at_least=run.choose(0.86, short=0.3), unit="%",
)  # fmt: skip

# %% [markdown]
# The same network from zeros. All hidden neurons begin equal, receive equal gradients and stay
# equal: 200 neurons do the work of one. Why, the next recipe draws.

# %%
equal = train([np.zeros_like(each) for each in start], _("iteration from zeros"))
run.reach(
    _("accuracy from zeros"), accuracy(equal[iterations]),
    at_least=run.choose(0.18, short=0.05), at_most=run.choose(0.24, short=0.3), unit="%",
)  # fmt: skip

# %%
with style.styled():
    figure = style.new_figure(7.6, 3.2)
    spec = figure.add_gridspec(2, 2, width_ratios=(1.2, 1))
    left = figure.add_subplot(spec[:, 0])
    left.set(xlabel=_("iteration"), ylabel=_("accuracy on test digits"), ylim=(0, 1))
    for row, (history, colour, label) in enumerate(
        ((learned, style.VALIDATION, _("random weights")), (equal, style.TRAINING, _("zeros")))
    ):
        left.plot(list(history), list(map(accuracy, history.values())), color=colour, label=label)
        tiles = history[iterations][0][:, :12].T.reshape(2, 6, 28, 28).transpose(0, 2, 1, 3)
        right = figure.add_subplot(spec[row, 1])
        right.imshow(tiles.reshape(2 * 28, 6 * 28), cmap="RdBu", norm=CenteredNorm())
        right.set_title(_("{start}: 12 hidden neurons").format(start=label))
        right.set_axis_off()
    left.legend(loc="center right")
run.show("three_layers", figure)
