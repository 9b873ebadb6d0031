"""LeNet, the convolutional network, on MNIST.

A dense network does not know that two pixels are neighbours. A convolution does: one small filter
slides over the whole picture and finds its stroke wherever it is, with the same 25 weights.
Pooling keeps the strongest answer of each 2 by 2 field. Two rounds of both, then a dense network
decides.

The learning rate falls along half a cosine wave to zero: large steps first, then ever finer ones.

Look at what the first filters make of a seven.

Step: 34
Source: Y. LeCun, L. Bottou, Y. Bengio and P. Haffner 1998, Gradient-based learning applied to
    document recognition, Proceedings of the IEEE 86; I. Loshchilov and F. Hutter 2017, SGDR,
    arXiv:1608.03983.
Needs: mnist
"""

# %%
import numpy as np

from lernwerk import Sequential, layers, optimizers
from lernwerk.datasets import mnist
from lernwerk.language import translate as _
from lernwerk.optimizers.schedules import CosineDecay
from lernwerk.plots import feature_maps, filters, learning_curves, worst_mistakes
from lernwerk.recipes import Run

run = Run.current()
rows, epochs = run.choose((60_000, 10), short=(1_000, 2))
(pixels, digits), (test_pixels, test_digits) = mnist.load_data()

# %% [markdown]
# Nearly LeCun's network: ReLU, maximum pooling and dropout are younger than it.

# %%
model = Sequential(
    [
        layers.Input((28, 28, 1)),
        layers.Rescaling(1 / 255),
        layers.Conv2D(20, 5, activation="relu"),  # (24, 24, 20)
        layers.MaxPooling2D(),  # (12, 12, 20)
        layers.Conv2D(50, 5, activation="relu"),  # (8, 8, 50)
        layers.MaxPooling2D(),  # (4, 4, 50)
        layers.Flatten(),
        layers.Dropout(0.3),
        layers.Dense(200, "relu"),
        layers.Dropout(0.3),
        layers.Dense(10, "softmax"),
    ]
)
rate = CosineDecay(0.001, epochs * rows // 100)
model.compile(optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.summary()

# %%
history = model.fit(
    pixels[:rows, ..., None], digits[:rows], batch_size=100, epochs=epochs, verbose=2
)
loss, accuracy = model.evaluate(test_pixels[..., None], test_digits, verbose=0)
run.reach(_("accuracy on test digits"), accuracy, at_least=run.choose(0.991, short=0.6), unit="%")

# %% [markdown]
# What does the network see? The filters of the first layer, and what both convolutions make of
# the first seven among the test digits: bright where a filter's stroke is found.

# %%
first, second = (each for each in model.layers if isinstance(each, layers.Conv2D))
seven = test_pixels[np.argmax(test_digits == 7), ..., None]
run.show("filters", filters(first))
run.show("first_layer", feature_maps(model, first, seven))
run.show("second_layer", feature_maps(model, second, seven))

# %%
run.show("learning_curves", learning_curves(history.history))
guesses = model.predict(test_pixels[..., None], verbose=0)
run.show("worst_mistakes", worst_mistakes(test_pixels, test_digits, guesses))
