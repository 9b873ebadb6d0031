"""Hebb's rule: what fires together, wires together.

When cell A takes part in firing cell B again and again, then the connection from A to B grows
stronger. Donald Hebb, a psychologist, wrote this sentence in 1949 without any formula; the
shortest formula for it is: the weight grows by what goes in times what comes out.

What to look at: a dog that learns to expect food at the sound of a bell, why it can never unlearn
it by this rule alone, and what a cell finds out about handwritten digits that nobody explained to
it.

Year: 1949
Source: D. O. Hebb 1949, The Organization of Behavior, Wiley; the experiment: I. P. Pavlov 1927,
Conditioned Reflexes, Oxford University Press.
"""

# %%
import numpy as np

from lernwerk.classics import HebbianCells, cosine
from lernwerk.datasets import digits
from lernwerk.language import translate as _
from lernwerk.plots.style import new_axes, new_figure, styled
from lernwerk.recipes import Run

run = Run.current()
random = run.generator()

# %% [markdown]
# ## Pavlov's dog
#
# One cell makes the mouth water. Food does it from birth, its weight is 1; the bell does nothing.
# The cell fires where its inputs add up to more than a half. Five times we ring while the food
# comes.

# %%
FOOD, BELL, BOTH = [1, 0], [0, 1], [1, 1]
dog = HebbianCells(inputs=2, learning_rate=0.15, threshold=0.5)
dog.weights[0] = [1, 0]
before = dog.predict([BELL])[0, 0]
weight_of_bell = [dog.weights[0, 1]]
for _meal in range(5):
    dog.learn([BOTH])
    weight_of_bell.append(dog.weights[0, 1])
print(
    _("the bell alone, before: {before:.0f}, after: {after:.0f}").format(
        before=before, after=dog.predict([BELL])[0, 0]
    )
)
run.reach(_("the bell alone makes the mouth water"), dog.predict([BELL])[0, 0] - before, at_least=1)

# %% [markdown]
# A real dog unlearns this if the bell rings often without food. Here the bell now fires the cell
# by itself, so ringing in vain strengthens it even more: the rule can only add, and knows no end.

# %%
for _ring in range(10):
    dog.learn([BELL])
    weight_of_bell.append(dog.weights[0, 1])
run.reach(
    _("weight of the bell after ten rings in vain, against before"),
    weight_of_bell[-1] / weight_of_bell[5],
    at_least=2,
)

# %%
with styled():
    figure = new_figure(5.6, 3.0)
    axes = new_axes(figure, _("weight from the bell to the mouth"))
    axes.plot(weight_of_bell, "o-")
    axes.axhline(dog.threshold, ls="--", color="grey")
    axes.axvspan(0, 5, alpha=0.12)
    axes.text(0.2, 2.05, _("with food"), va="top")
    axes.text(5.3, 2.05, _("the bell alone"), va="top")
    axes.text(15, dog.threshold + 0.04, _("threshold"), ha="right")
    axes.set(xlabel=_("time that the bell rings"), ylabel=_("weight"), ylim=(-0.1, 2.35))
run.show("dog", figure)

# %% [markdown]
# ## A cell looks at digits
#
# Now a cell without a threshold, y = w x, that sees 1,797 pictures of digits (8 x 8 pixels, the
# mean subtracted) and follows Hebb's rule. On average a step multiplies w by 1 + rate * C, where C
# is the covariance of the pixels. So w turns towards the eigenvector of C with the largest
# eigenvalue, the direction in which the pictures vary most, and grows by this eigenvalue,
# exponentially.

# %%
(pictures, _labels), _test = digits.load_data()
pictures = pictures.reshape(len(pictures), -1) / 16
pictures = pictures - pictures.mean(axis=0)
covariance = pictures.T @ pictures / len(pictures)
eigenvalues, eigenvectors = np.linalg.eigh(covariance)
print(
    _("the two largest eigenvalues: {one:.3f} and {two:.3f}").format(
        one=eigenvalues[-1], two=eigenvalues[-2]
    )
)

# %%
RATE = 0.002
wild = HebbianCells(inputs=64, learning_rate=RATE)
wild.weights[:] = random.normal(size=64)
lengths = []
for _epoch in run.steps(range(run.choose(60, short=40)), _("epoch")):
    wild.learn(random.permutation(pictures))
    lengths.append(np.linalg.norm(wild.weights))
growth = np.log(lengths[-1] / lengths[-6]) / (5 * len(pictures) * RATE)
print(
    _("after {epochs} epochs the weights are {length:.1e} long").format(
        epochs=len(lengths), length=lengths[-1]
    )
)
run.reach(
    _("growth of the weights over the largest eigenvalue"),
    growth / eigenvalues[-1],
    at_least=0.95,
    at_most=1.05,
)

# %% [markdown]
# A brain could not afford that. The cure came later: after each step the weights are divided by
# their length. What one input wins the others lose. The direction stays the same.

# %%
tame = HebbianCells(inputs=64, cells=3, learning_rate=RATE, normalized=True, seed=run.seed)
frames, alike = [], []
for epoch in run.steps(range(run.choose(60, short=40)), _("epoch")):
    if epoch % 2 == 0:
        side_by_side = np.concatenate(list(tame.weights.reshape(3, 8, 8)), axis=1)
        frames.append(side_by_side * np.sign(tame.weights[0] @ eigenvectors[:, -1]))
    tame.learn(random.permutation(pictures))
    alike.append(np.abs(cosine(tame.weights, eigenvectors[:, -1])))
run.reach(
    _("likeness of the weights to the direction of most variance"), alike[-1].min(), at_least=0.99
)
run.film("three_cells", frames, seconds=0.2)

# %% [markdown]
# The limit is in the same picture: all three cells end up with the same weights, up to the sign,
# although they began differently. Each learns for itself what is strongest, and nobody tells the
# second one that this is taken. Cells must compete to become different: that is von der Malsburg's
# step.

# %%
with styled():
    figure = new_figure(6.4, 2.6)
    first, second, third = figure.subplots(1, 3, width_ratios=(1, 1, 2.2))
    truth = eigenvectors[:, -1] * np.sign(eigenvectors[:, -1] @ tame.weights[0])
    for axes, weights, title in (
        (first, tame.weights[0], _("Hebb's cell")),
        (second, truth, _("eigenvector")),
    ):
        axes.imshow(weights.reshape(8, 8), cmap="RdBu_r", vmin=-0.35, vmax=0.35)
        axes.set_title(title)
        axes.set_axis_off()
    third.plot(range(1, len(alike) + 1), alike)
    third.set(title=_("likeness of three cells to it"), xlabel=_("epoch"), ylim=(0, 1.03))
run.show("direction_of_most_variance", figure)
