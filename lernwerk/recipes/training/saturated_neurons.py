"""Saturated neurons, and the loss that wakes them up.

A sigmoid neuron that answers 0.98 where 0 is right is badly wrong, so it should learn fast. With
the squared error it does not: its gradient contains the sigmoid's slope, and that is 0.02 out
there. The neuron sleeps through the first hundred steps. The cross-entropy cancels the slope: its
gradient is (a - y) x, the larger the error, the larger the step.

Look at the curve with the plateau, and at the one without.

Step: 28
Source: M. A. Nielsen 2015, Neural Networks and Deep Learning, chapter 3, Determination Press; S.
    A. Solla, E. Levin and M. Fleisher 1988, Accelerated learning in layered neural networks,
    Complex Systems 2.
Needs: mnist
"""

# %%
import numpy as np

from lernwerk import Sequential, Variable, compiled, gradient, layers, ops, optimizers
from lernwerk.datasets import mnist
from lernwerk.initializers import RandomNormal
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.recipes import Run
from lernwerk.utils import set_random_seed

run = Run.current()
STEPS, RATE = 300, 0.15

# %% [markdown]
# One neuron, one input x = 1, the right answer 0. It starts at w = b = 2: output 0.98. The
# gradients differ in one factor, the slope a (1 - a).


# %%
def descend(squared):
    w, b, outputs = 2.0, 2.0, []
    for _step in range(STEPS):
        a = 1 / (1 + np.exp(-(w + b)))
        slope = a * a * (1 - a) if squared else a
        w, b = w - RATE * slope, b - RATE * slope
        outputs.append(a)
    return outputs


# %% [markdown]
# With Lernwerk, the loss is written down and the gradient follows: a**2 / 2 and -log(1 - a).


# %%
def descend_by_graph(squared):
    w, b = Variable(2.0, dtype="float64"), Variable(2.0, dtype="float64")

    @compiled
    def step():
        a = ops.sigmoid(w + b)
        loss = a**2 / 2 if squared else -ops.log(1 - a)
        slope_w, slope_b = gradient(loss, [w, b])
        w.assign_sub(RATE * slope_w)
        b.assign_sub(RATE * slope_b)
        return a

    return [step().item() for _step in range(STEPS)]


squared, entropy = descend(squared=True), descend(squared=False)
run.same(_("output, squared error"), squared[-1], descend_by_graph(squared=True)[-1])
run.same(_("output, cross-entropy"), entropy[-1], descend_by_graph(squared=False)[-1])
half = [int(np.argmax(np.array(each) < 0.5)) for each in (squared, entropy)]
run.reach(_("steps until the output is below 1/2, squared error"), half[0], at_least=120)
run.reach(_("steps until the output is below 1/2, cross-entropy"), half[1], at_most=30)

# %% [markdown]
# A whole network feels it too. Weights from N(0, 1) saturate most of the neurons of 784-30-10;
# both networks start with the same weights and learn with the same rate.

# %%
rows, epochs = run.choose((10_000, 15), short=(1_000, 2))
(pixels, digits), (test_pixels, test_digits) = mnist.load_data()
images, targets = pixels[:rows].reshape(rows, 784) / 255, np.eye(10)[digits[:rows]]
test_images, test_targets = test_pixels.reshape(-1, 784) / 255, np.eye(10)[test_digits]
shares = {}
for loss in ("mean_squared_error", "binary_crossentropy"):
    set_random_seed(run.seed)
    model = Sequential([layers.Input((784,))])
    for units in (30, 10):
        model.add(layers.Dense(units, "sigmoid", kernel_initializer=RandomNormal(stddev=1.0)))
    model.compile(optimizers.SGD(2.0), loss, metrics=["categorical_accuracy"])
    history = model.fit(
        images, targets, batch_size=32, epochs=epochs, verbose=0,
        validation_data=(test_images, test_targets),
    )  # fmt: skip
    shares[loss] = history.history["val_categorical_accuracy"]
gain = shares["binary_crossentropy"][0] - shares["mean_squared_error"][0]
run.reach(_("accuracy, cross-entropy"), shares["binary_crossentropy"][-1],
          at_least=run.choose(0.85, short=0.2), unit="%")  # fmt: skip
run.reach(_("lead of the cross-entropy after one epoch"), gain,
          at_least=run.choose(0.1, short=0.0), unit="%")  # fmt: skip

# %%
with style.styled():
    figure = style.new_figure(7.6, 3.0)
    left, right = figure.subplots(1, 2)
    left.plot(squared, color=style.TRAINING, label=_("squared error"))
    left.plot(entropy, color=style.VALIDATION, label=_("cross-entropy"))
    left.set(xlabel=_("step"), ylabel=_("output (right: 0)"), ylim=(0, 1))
    left.legend()
    epoch = range(1, epochs + 1)
    right.plot(epoch, shares["mean_squared_error"], "o-", ms=3, color=style.TRAINING)
    right.plot(epoch, shares["binary_crossentropy"], "o-", ms=3, color=style.VALIDATION)
    right.set(xlabel=_("epoch"), ylabel=_("accuracy on test digits"), ylim=(0, 1))
run.show("saturated", figure)
