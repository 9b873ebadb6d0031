"""Neocognitron: digits recognised layer by layer.

Kunihiko Fukushima modelled what Hubel and Wiesel had found in the visual cortex: simple cells that
look for an edge at one place, complex cells that fire wherever it lies near. Layers of both in turn
make a network that recognises a digit though it is shifted or distorted. Convolution and pooling of
today are its grandchildren; only the learning is another.

Each layer learns when the one below has finished: a patch of a picture to which no plane of cells
answers becomes a plane of its own. Labels are needed at the top alone.

S-cell: $u = |x| \\max(0, \\cos(w, x) - \\theta) / (1 - \\theta)$; C-cell: the mean of neighbours

Year: 1980
Source: K. Fukushima 1980, Neocognitron: a self-organizing neural network model for a mechanism of
    pattern recognition unaffected by shift in position, Biological Cybernetics 36, 193-202; 2013,
    Training multi-layered neural network neocognitron, Neural Networks 40, 18-31
Needs: mnist
"""

# %%
import numpy as np

from lernwerk.classics import Neocognitron
from lernwerk.datasets import mnist
from lernwerk.language import translate as _
from lernwerk.recipes import Run

run = Run.current()
(x, y), (x_test, y_test) = mnist.load_data()
rows = run.generator().permutation(len(x))[: run.choose(5000, short=100)]
x, y = x[rows] / 255.0, y[rows].astype(int)
tests = run.choose(1000, short=100)
x_test, y_test = x_test[:tests] / 255.0, y_test[:tests].astype(int)

# %% [markdown]
# It learns from five thousand digits only.

# %%
network = Neocognitron(most_planes=run.choose(150, short=40)).fit(x, y)
for number, planes in enumerate(network.planes, 2):
    print(_("layer {number}: {count} planes").format(number=number, count=len(planes)))
print(_("top: {count} cells with labels").format(count=len(network.labels)))
accuracy = np.mean(network.predict(x_test) == y_test)
run.reach(_("digits recognised"), accuracy, at_least=run.choose(0.89, short=0.5), unit="%")

# %% [markdown]
# ## Shifted digits
#
# The same test digits, moved by two pixels. A machine that compares pixels with pixels, here the
# nearest neighbour among the same five thousand digits, suffers; blurring by C-cells helps.

# %%


def nearest(pictures):
    """The label of the training digit with the least squared difference."""
    flat, known = pictures.reshape(len(pictures), -1), x.reshape(len(x), -1)
    return y[np.argmax(flat @ known.T - 0.5 * np.sum(known**2, axis=1), axis=1)]


shifted = np.roll(x_test, (2, 2), axis=(1, 2))
lost = accuracy - np.mean(network.predict(shifted) == y_test)
lost_by_pixels = np.mean(nearest(x_test) == y_test) - np.mean(nearest(shifted) == y_test)
print(_("lost by the shift, comparing pixels: {lost:.1%}").format(lost=lost_by_pixels))
run.reach(
    _("lost by the shift"), lost, at_most=run.choose(float(lost_by_pixels), short=0.5), unit="%"
)

# %% [markdown]
# What it cannot do: turn. A digit on its side has other edges at every place, and the network was
# told of shifts by its build, of rotations by nothing.

# %%
turned = np.mean(network.predict(np.rot90(x_test, axes=(1, 2))) == y_test)
print(_("recognised lying on the side: {share:.0%}").format(share=turned))

# %%
for digit in (0, run.choose(7, short=1)):
    run.show(f"layers_{digit}", network.picture(x_test[digit]))
run.film("answers", [network.picture(each) for each in x_test[: run.choose(10, short=2)]], 0.8)
