"""Vanishing and exploding gradients, measured layer by layer.

On the way back each layer multiplies the gradient by its weights and by the slope of its
activation. Ten layers make ten such factors. If a factor is typically 1/4 (the sigmoid's best
slope), a millionth is left for the first layer: it does not learn. If it is 7 (a hundred weights
of N(0, 1) behind a ReLU), the gradient explodes. The art is a factor of 1, and it lies in the
variance of the initial weights.

Look at the nine lines: the flat ones belong to networks whose layers all learn. One of them
deceives: the sigmoid's with N(0, 1). Its weights are large enough to make up for slopes near 0,
but then most of its neurons are saturated, as the recipe before has shown.

Step: 26
Source: S. Hochreiter 1991, Untersuchungen zu dynamischen neuronalen Netzen, diploma thesis, TU
    München; Y. Bengio, P. Simard and P. Frasconi 1994, Learning long-term dependencies with
    gradient descent is difficult, IEEE Transactions on Neural Networks 5; K. He, X. Zhang, S. Ren
    and J. Sun 2015, Delving deep into rectifiers, arXiv:1502.01852.
Needs: mnist
"""

# %%
from itertools import pairwise

import numpy as np

from lernwerk import Variable, gradient, ops
from lernwerk.datasets import mnist
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.recipes import Run

run = Run.current()
random = run.generator()
DEPTH, WIDTH = 10, 100

(pixels, digits), _test = mnist.load_data()
images = pixels[:500].reshape(500, 784) / 255
images = (images - images.mean()) / images.std()
targets = np.eye(10)[digits[:500]]

# %% [markdown]
# Three activations, each with its slope written in terms of its output, and three deviations of
# the weights for n inputs.

# %%
ACTIVATIONS = {
    "sigmoid": (lambda sums: 1 / (1 + np.exp(-sums)), lambda outputs: outputs * (1 - outputs)),
    "tanh": (np.tanh, lambda outputs: 1 - outputs**2),
    "relu": (lambda sums: np.maximum(sums, 0), lambda outputs: (outputs > 0).astype(float)),
}
DEVIATIONS = {
    "N(0, 1)": lambda n: 1.0,
    "Xavier": lambda n: np.sqrt(1 / n),
    "He": lambda n: np.sqrt(2 / n),
}


def draw_weights(deviation):
    sizes = [784] + [WIDTH] * DEPTH + [10]
    return [random.normal(0, deviation(n), (n, m)) for n, m in pairwise(sizes)]


# %% [markdown]
# Backpropagation through all layers in NumPy. What is measured is the mean size of the gradient
# that arrives at the sums of each hidden layer.


# %%
def arriving(weights, activation, slope):
    outputs = [images]
    for w in weights[:-1]:
        outputs.append(activation(outputs[-1] @ w))
    scores = outputs[-1] @ weights[-1]
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    g = (powers / powers.sum(axis=1, keepdims=True) - targets) / len(images)
    sizes = []
    for w, output in zip(weights[:0:-1], outputs[:0:-1], strict=True):
        g = g @ w.T * slope(output)
        sizes.append(np.abs(g).mean())
    return sizes[::-1]


# %% [markdown]
# With Lernwerk: an offset of zeros at each layer. Adding it changes nothing, and its gradient is
# what arrives there.


# %%
def arriving_by_graph(weights, name):
    offsets = [Variable(np.zeros((len(images), WIDTH))) for _layer in range(DEPTH)]
    outputs = images
    for w, offset in zip(weights[:-1], offsets, strict=True):
        outputs = getattr(ops, name)(outputs @ w + offset)
    loss = ops.softmax_crossentropy(outputs @ weights[-1], targets).mean()
    return [np.abs(each.numpy()).mean() for each in gradient(loss, offsets)]


measured = {}
for name, (activation, slope) in ACTIVATIONS.items():
    for start, deviation in DEVIATIONS.items():
        weights = draw_weights(deviation)
        measured[name, start] = sizes = arriving(weights, activation, slope)
        run.same(
            _("log10 of the gradient at layer 1, {name}, {start}").format(name=name, start=start),
            np.log10(sizes[0]), np.log10(arriving_by_graph(weights, name)[0]), tolerance=1e-6,
        )  # fmt: skip

# %% [markdown]
# The measure of the whole network: the gradient at the first layer divided by that at the last.

# %%
ratio = {key: sizes[0] / sizes[-1] for key, sizes in measured.items()}
for (name, start), each in ratio.items():
    print(
        _("{name}, {start}: first to last layer {ratio:.1e}").format(
            name=name, start=start, ratio=each
        )
    )
run.reach(_("ratio of sigmoid, Xavier (vanishes)"), ratio["sigmoid", "Xavier"], at_most=1e-4)
run.reach(_("ratio of ReLU, N(0, 1) (explodes)"), ratio["relu", "N(0, 1)"], at_least=1e5)
run.reach(_("ratio of ReLU, He (stays)"), ratio["relu", "He"], at_least=0.1, at_most=10)
run.reach(_("ratio of tanh, Xavier (stays)"), ratio["tanh", "Xavier"], at_least=0.1, at_most=10)

# %%
with style.styled():
    figure = style.new_figure(8.4, 3.1)
    for axes, name in zip(figure.subplots(1, 3, sharey=True), ACTIVATIONS, strict=True):
        for start, colour in zip(
            DEVIATIONS, (style.QUIET, style.VALIDATION, style.TRAINING), strict=True
        ):
            layer = range(1, DEPTH + 1)
            axes.plot(layer, measured[name, start], "o-", ms=3, color=colour, label=start)
        axes.set(title=name, xlabel=_("hidden layer"), yscale="log", xticks=[1, 4, 7, 10])
    figure.axes[0].set_ylabel(_("mean size of the gradient"))
    figure.axes[0].yaxis.set_major_formatter("{x:g}")
    figure.axes[0].legend()
run.show("gradients", figure)
