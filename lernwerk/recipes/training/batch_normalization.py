"""Batch normalization, forward and backward.

Each feature of a batch is brought to mean 0 and variance 1 and then scaled and shifted by two
numbers that are learned: y = s (x - mean) / sqrt(variance + e) + o. Whatever the weights before
it do, the next layer receives numbers of a reasonable size.

The way back is longer than it looks: every row of the batch moves the mean and the variance, and
so every other row. Written out it is three terms.

At the end a deep network with badly chosen weights learns with it, and hardly without it.

Step: 29
Source: S. Ioffe and C. Szegedy 2015, Batch normalization: accelerating deep network training by
    reducing internal covariate shift, arXiv:1502.03167.
Needs: mnist
"""

# %%
import numpy as np

from lernwerk import Model, Sequential, Variable, as_tensor, gradient, layers, optimizers
from lernwerk.datasets import mnist
from lernwerk.initializers import RandomNormal
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.recipes import Run
from lernwerk.utils import set_random_seed

run = Run.current()
random = run.generator()
EPSILON = 1e-3


# %%
def forward(x, scale, offset):
    deviation = np.sqrt(x.var(axis=0) + EPSILON)
    normal = (x - x.mean(axis=0)) / deviation
    return scale * normal + offset, normal, deviation


def backward(g, normal, deviation, scale):
    """What arrives at x, scale and offset where ``g`` arrives at y; the three terms are

    each row's own part, the part through the mean, the part through the variance.
    """
    g_normal = g * scale
    through_mean = g_normal.mean(axis=0)
    through_variance = normal * (g_normal * normal).mean(axis=0)
    at_x = (g_normal - through_mean - through_variance) / deviation
    return at_x, (g * normal).sum(axis=0), g.sum(axis=0)


# %% [markdown]
# A batch of 32 rows and 5 features, far from mean 0 and variance 1. The loss is any sum of the
# outputs; its weights are the gradient g that arrives.

# %%
x = random.normal(7, 3, (32, 5))
scale, offset = random.normal(1, 0.2, 5), random.normal(0, 0.2, 5)
g = random.normal(0, 1, (32, 5))
y, normal, deviation = forward(x, scale, offset)
at_x, at_scale, at_offset = backward(g, normal, deviation, scale)
print(_("before: mean {m:.2f}, variance {v:.2f}").format(m=x.mean(), v=x.var(axis=0).mean()))
print(
    _("after: mean {m:.2f}, variance {v:.2f}").format(m=normal.mean(), v=normal.var(axis=0).mean())
)

# %% [markdown]
# Check against central differences: each of the 160 numbers moved to both sides.

# %%
differences = np.empty_like(x)
for index in np.ndindex(*x.shape):
    nudge = np.zeros_like(x)
    nudge[index] = 1e-5
    ahead, behind = (forward(x + each, scale, offset)[0] for each in (nudge, -nudge))
    differences[index] = (g * (ahead - behind)).sum() / 2e-5
run.reach(_("largest difference from central differences"),
          np.abs(differences - at_x).max(), at_most=1e-7)  # fmt: skip

# %% [markdown]
# Lernwerk's layer, told that it is training.

# %%
layer = layers.BatchNormalization(epsilon=EPSILON, dtype="float64")
layer.build(x.shape)
layer.gamma.assign(scale)
layer.beta.assign(offset)
rows = Variable(x)
outputs = layer(rows, training=True)
from_graph = gradient(outputs, [rows, layer.gamma, layer.beta], as_tensor(g))
run.same(_("outputs"), np.linalg.norm(y), np.linalg.norm(outputs.numpy()), tolerance=1e-9)
for name, plain, graphs in zip(
    ("x", "scale", "offset"), (at_x, at_scale, at_offset), from_graph, strict=True
):
    run.same(_("length of the gradient of {name}").format(name=name),
             np.linalg.norm(plain), np.linalg.norm(graphs.numpy()), tolerance=1e-9)  # fmt: skip

# %% [markdown]
# Five hidden layers of tanh, their weights too large by far: N(0, 1), so that nearly every neuron
# is saturated. With batch normalization before each tanh the same weights do no harm.

# %%
count, epochs = run.choose((10_000, 10), short=(1_000, 2))
(pixels, digits), (test_pixels, test_digits) = mnist.load_data()
images, digits = pixels[:count].reshape(count, 784) / 255, digits[:count]
test = test_pixels.reshape(-1, 784) / 255, test_digits


def network(normalized):
    set_random_seed(run.seed)
    model = Sequential([layers.Input((784,))])
    for _layer in range(5):
        model.add(layers.Dense(100, kernel_initializer=RandomNormal(stddev=1.0)))
        if normalized:
            model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.Activation("tanh"))
    model.add(layers.Dense(10, "softmax"))
    model.compile(optimizers.SGD(0.5), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


shares, outputs = {}, {}
for name, normalized in ((_("without"), False), (_("with batch normalization"), True)):
    model = network(normalized)
    history = model.fit(
        images, digits, batch_size=64, epochs=epochs, verbose=0, validation_data=test
    )
    shares[name] = history.history["val_accuracy"]
    tanhs = [each.output for each in model.layers if isinstance(each, layers.Activation)]
    outputs[name] = Model(model.inputs, tanhs).predict(test[0][:500], verbose=0)
plain, normalized = shares.values()
run.reach(_("accuracy with batch normalization"), normalized[-1],
          at_least=run.choose(0.88, short=0.2), unit="%")  # fmt: skip
run.reach(_("lead over the network without"), normalized[-1] - plain[-1],
          at_least=run.choose(0.2, short=-0.1), unit="%")  # fmt: skip

# %%
with style.styled():
    figure = style.new_figure(8.4, 4.0)
    spec = figure.add_gridspec(2, 6, width_ratios=(2.6, 1, 1, 1, 1, 1))
    axes = figure.add_subplot(spec[:, 0])
    for (name, curve), colour in zip(
        shares.items(), (style.TRAINING, style.VALIDATION), strict=True
    ):
        axes.plot(range(1, epochs + 1), curve, "o-", ms=3, color=colour, label=name)
    axes.set(xlabel=_("epoch"), ylabel=_("accuracy on test digits"), ylim=(0, 1))
    axes.legend(loc="lower right")
    for row, (name, colour) in enumerate(
        zip(shares, (style.TRAINING, style.VALIDATION), strict=True)
    ):
        for column, values in enumerate(outputs[name], start=1):
            small = figure.add_subplot(spec[row, column])
            small.hist(values.ravel(), bins=np.linspace(-1, 1, 21), color=colour)
            small.set(yticks=[], xticks=[-1, 1], title=_("tanh {n}").format(n=column))
run.show("batch_normalization", figure)
