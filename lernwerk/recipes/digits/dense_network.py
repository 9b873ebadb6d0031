"""A deep dense network on MNIST.

The goal of the long way: 60,000 digits to learn from, 10,000 never seen. Three hidden layers of
ReLU with He's initial weights, dropout against overfitting, Adam, batches of 128: every part is
one of the recipes before.

Look at the digits that it gets wrong at the end. Many of them are hard for us as well.

Step: 33
Source: D. C. Cireşan, U. Meier, L. M. Gambardella and J. Schmidhuber 2010, Deep, big, simple
    neural nets for handwritten digit recognition, Neural Computation 22.
Needs: mnist
"""

# %%
from lernwerk import Sequential, layers
from lernwerk.datasets import mnist
from lernwerk.language import translate as _
from lernwerk.plots import confusion_matrix, learning_curves, worst_mistakes
from lernwerk.recipes import Run

run = Run.current()
rows, epochs = run.choose((60_000, 10), short=(1_000, 3))
(pixels, digits), (test_pixels, test_digits) = mnist.load_data()

# %% [markdown]
# The network scales and flattens the pictures itself, so that it takes them as they are.

# %%
model = Sequential(
    [
        layers.Input((28, 28)),
        layers.Rescaling(1 / 255),
        layers.Flatten(),
        layers.Dense(256, "relu", kernel_initializer="he_normal"),
        layers.Dropout(0.2),
        layers.Dense(128, "relu", kernel_initializer="he_normal"),
        layers.Dropout(0.2),
        layers.Dense(64, "relu", kernel_initializer="he_normal"),
        layers.Dense(10, "softmax"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.summary()

# %% [markdown]
# A tenth of the training digits is held back to watch the training; the test digits are used
# once.

# %%
history = model.fit(
    pixels[:rows], digits[:rows], batch_size=128, epochs=epochs, validation_split=0.1, verbose=2
)
loss, accuracy = model.evaluate(test_pixels, test_digits, verbose=0)
run.reach(_("accuracy on test digits"), accuracy, at_least=run.choose(0.975, short=0.6), unit="%")

# %%
run.show("learning_curves", learning_curves(history.history))
guesses = model.predict(test_pixels, verbose=0)
run.show("confusions", confusion_matrix(test_digits, guesses.argmax(axis=1), list("0123456789")))

# %% [markdown]
# The worst mistakes: the digits whose true class it thought least likely.

# %%
run.show("worst_mistakes", worst_mistakes(test_pixels, test_digits, guesses))
