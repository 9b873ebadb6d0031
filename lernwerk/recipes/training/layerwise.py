"""Layer-wise pre-training.

A deep network of sigmoids with small random weights does not learn: the gradient dies on its way
to the first layers. Before ReLU and good initial weights were known, this is how it was done:
each layer first learns alone, without labels, to describe what it receives so well that it can be
rebuilt (an autoencoder). Its outputs are the data of the next layer. Only then the whole stack
learns the labels, and now every layer already says something useful.

Look at the curves of the same network with both beginnings, and at the spots and strokes that the
first layer found without a single label.

Step: 31
Source: G. E. Hinton, S. Osindero and Y.-W. Teh 2006, A fast learning algorithm for deep belief
    nets, Neural Computation 18; Y. Bengio, P. Lamblin, D. Popovici and H. Larochelle 2007, Greedy
    layer-wise training of deep networks, Advances in Neural Information Processing Systems 19.
Needs: mnist
"""

# %%
from itertools import pairwise

import numpy as np

from lernwerk import Sequential, layers, optimizers
from lernwerk.datasets import mnist
from lernwerk.initializers import RandomNormal
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.recipes import Run
from lernwerk.utils import set_random_seed

run = Run.current()
set_random_seed(run.seed)
rows = run.choose(10_000, short=500)
pre_epochs, epochs = run.choose((10, 12), short=(2, 2))
SIZES = (784, 200, 100, 100, 50)

(pixels, digits), (test_pixels, test_digits) = mnist.load_data()
images, digits = pixels[:rows].reshape(rows, 784) / 255, digits[:rows]
test = test_pixels.reshape(-1, 784) / 255, test_digits

# %% [markdown]
# One autoencoder a layer: encode with the sigmoid, decode with a second layer, compare with what
# came in. The decoder is thrown away, the encoder's weights are kept, its outputs are the next
# data.

# %%
found, data = [], images
for inputs, outputs in pairwise(SIZES):
    encoder = layers.Dense(outputs, "sigmoid")
    coder = Sequential([layers.Input((inputs,)), encoder, layers.Dense(inputs, "sigmoid")])
    coder.compile("adam", "binary_crossentropy")
    losses = coder.fit(data, data, batch_size=64, epochs=pre_epochs, verbose=0).history["loss"]
    print(_("{n} to {m}: loss of rebuilding {a:.4f}, at first {b:.4f}").format(
        n=inputs, m=outputs, a=losses[-1], b=losses[0]))  # fmt: skip
    found.append(encoder.get_weights())
    data = Sequential([layers.Input((inputs,)), encoder]).predict(data, verbose=0)

# %% [markdown]
# The whole network twice: with small random weights, and with the weights found. Both learn the
# labels with plain gradient descent.


# %%
def network():
    small = RandomNormal(stddev=0.05)
    hidden = [layers.Dense(size, "sigmoid", kernel_initializer=small) for size in SIZES[1:]]
    model = Sequential([layers.Input((784,)), *hidden, layers.Dense(10, "softmax")])
    model.compile(optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


shares = {}
for name, weights in ((_("random weights"), []), (_("pre-trained"), found)):
    model = network()
    for layer, each in zip(model.layers, weights, strict=False):
        layer.set_weights(each)
    history = model.fit(
        images, digits, batch_size=32, epochs=epochs, validation_data=test, verbose=0
    )
    shares[name] = history.history["val_accuracy"]

plain, pretrained = shares.values()
run.reach(_("accuracy from random weights"), plain[-1], at_most=0.5, unit="%")
run.reach(_("accuracy after pre-training"), pretrained[-1],
          at_least=run.choose(0.9, short=0.05), unit="%")  # fmt: skip

# %%
with style.styled():
    figure = style.new_figure(7.6, 3.1)
    left, right = figure.subplots(1, 2, width_ratios=(1.2, 1))
    for (name, curve), colour in zip(
        shares.items(), (style.TRAINING, style.VALIDATION), strict=True
    ):
        left.plot(range(1, epochs + 1), curve, "o-", ms=3, color=colour, label=name)
    left.set(xlabel=_("epoch"), ylabel=_("accuracy on test digits"), ylim=(0, 1))
    left.set_xticks(range(0, epochs + 1, 2))
    left.legend(loc="center right")
    tiles = found[0][0][:, :24].T.reshape(4, 6, 28, 28)
    tiles = tiles / np.abs(tiles).max(axis=(2, 3), keepdims=True)
    sheet = tiles.transpose(0, 2, 1, 3).reshape(4 * 28, 6 * 28)
    right.imshow(sheet, cmap="RdBu", vmin=-1, vmax=1)
    right.set_title(_("weights of 24 neurons after pre-training"))
    right.set_axis_off()
run.show("layerwise", figure)
