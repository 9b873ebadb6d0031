"""Pseudo-labels: learning from digits that nobody has labelled.

Labels are expensive, pictures are cheap. A network that was taught with a hundred labelled digits is
asked about thousands of unlabelled ones, and its own answers are taken for labels, with a weight
that grows while it gets better. This sounds like pulling oneself out of the swamp by one's own hair;
it works because it pushes the border between two classes to where few digits lie.

Loss: $L = \\frac1n \\sum_\\text{labelled} H(y, p) + \\alpha(t) \\frac1{n'} \\sum_\\text{unlabelled} H(\\hat y, p)$

Year: 2013
Source: D.-H. Lee 2013, Pseudo-label: the simple and efficient semi-supervised learning method for
    deep neural networks, ICML Workshop on Challenges in Representation Learning
Needs: mnist
"""  # noqa: E501

# %%
import numpy as np

import lernwerk as keras
from lernwerk import layers
from lernwerk.datasets import mnist
from lernwerk.language import translate as _
from lernwerk.plots import picture_grid, style
from lernwerk.recipes import Run

run = Run.current()
random = run.generator()
(x, y), (x_test, y_test) = mnist.load_data()
x, x_test = x.reshape(-1, 784) / np.float32(255), x_test.reshape(-1, 784) / np.float32(255)
x_test, y_test = x_test[: run.choose(10_000, short=500)], y_test[: run.choose(10_000, short=500)]

# %% [markdown]
# Ten labelled digits of each class; the others lose their labels.

# %%
rows = random.permutation(len(x))
labelled = np.concatenate([rows[y[rows] == digit][:10] for digit in range(10)])
unlabelled = np.setdiff1d(rows, labelled)[:: run.choose(3, short=60)]


def network():
    """A dense network with dropout, new weights."""
    model = keras.Sequential(
        [
            keras.Input((784,)),
            layers.Dropout(0.2),
            layers.Dense(400, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


# %% [markdown]
# First with the labels alone.

# %%
model = network()
model.fit(x[labelled], y[labelled], epochs=run.choose(100, short=30), batch_size=20, verbose=0)
alone = model.evaluate(x_test, y_test, verbose=0)[1]
print(_("labels alone: {share:.1%} of the test digits").format(share=alone))

# %% [markdown]
# Then on with pseudo-labels: before each epoch the network labels all unlabelled digits anew; the
# weight alpha of these rises from 0. The labelled ones are repeated so that each batch has some.

# %%
epochs = run.choose(20, short=4)
shares = [alone]
times = len(unlabelled) // (4 * len(labelled)) + 1
for epoch in run.steps(range(1, epochs + 1), _("epochs")):
    guesses = model.predict(x[unlabelled], batch_size=512, verbose=0).argmax(axis=1)
    repeated = np.tile(labelled, times)
    inputs = np.concatenate([x[repeated], x[unlabelled]])
    targets = np.concatenate([y[repeated], guesses])
    alpha = min(1.0, 2 * epoch / epochs)
    weights = np.concatenate([np.ones(len(repeated)), np.full(len(unlabelled), alpha)])
    model.fit(inputs, targets, sample_weight=weights, batch_size=128, verbose=0)
    shares.append(model.evaluate(x_test, y_test, verbose=0)[1])
print(_("with pseudo-labels: {share:.1%}").format(share=shares[-1]))
gain = 100 * (shares[-1] - alone)
run.reach(_("gain over labels alone, points"), gain, at_least=run.choose(3, short=-20))

# %% [markdown]
# What it cannot do: doubt. Wrong answers of the first network are taught again, with confidence;
# below are digits that got a wrong pseudo-label. Where the classes overlap, or the first network is
# poor, pseudo-labels make it worse.

# %%
with style.styled():
    figure = style.new_figure(4.6, 3.0)
    axes = style.new_axes(figure, _("test digits recognised"))
    axes.plot(shares, "o-", color=style.VALIDATION)
    axes.axhline(alone, color=style.TRAINING, linestyle=":", label=_("labels alone"))
    axes.set(xlabel=_("epochs with pseudo-labels"), ylabel=_("share"))
    axes.set_xticks(range(0, epochs + 1, run.choose(5, short=1)))
    axes.legend()
run.show("gain", figure)
wrong = unlabelled[guesses != y[unlabelled]][:12]
given = guesses[guesses != y[unlabelled]][:12]
titles = [
    _("{true}, taken for {given}").format(true=y[i], given=g)
    for i, g in zip(wrong, given, strict=True)
]
run.show("wrong_pseudo_labels", picture_grid(list(x[wrong].reshape(-1, 28, 28)), titles))
