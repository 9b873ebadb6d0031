"""The linear associator: all memories in one matrix.

In 1972 Teuvo Kohonen in Finland and James Anderson in the United States published the same idea
within months: a memory need not have places. Each pair of key and answer leaves the outer product
of the two, and all of these are added up in one matrix. One product with the matrix brings an
answer back.

What to look at: when an answer comes back clean and when the others shine through, digits recalled
from their upper half, and what no matrix can do.

Year: 1972
Source: T. Kohonen 1972, Correlation matrix memories, IEEE Transactions on Computers C-21, 353-359;
J. A. Anderson 1972, A simple neural network generating an interactive memory, Mathematical
Biosciences 14, 197-220; T. Kohonen and M. Ruohonen 1973, Representation of associated data by
matrix operators, IEEE Transactions on Computers C-22, 701-702.
Needs: mnist
"""

# %%
import numpy as np

from lernwerk.classics import LinearAssociator, cosine
from lernwerk.datasets import mnist
from lernwerk.language import translate as _
from lernwerk.plots.style import new_axes, new_figure, styled
from lernwerk.recipes import Run

run = Run.current()
random = run.generator()

# %% [markdown]
# ## Keys at right angles, keys by chance
#
# Keys that stand at right angles to each other do not disturb each other: every answer is exact.
# Keys by chance in n dimensions nearly do so. What the other M - 1 answers leave behind then has
# the energy (M - 1) / n of the right one, so the answer has the direction
#
# $$ cos = 1 / sqrt(1 + (M - 1) / n) $$
#
# to the right one: there is no point at which the memory breaks, it fades.

# %%
n = 200
square = np.linalg.qr(random.normal(size=(n, n)))[0]
answers = random.normal(size=(n, n))
memory = LinearAssociator().fit(square, answers)
run.reach(
    _("largest error with {count} keys at right angles").format(count=n),
    np.abs(memory.predict(square) - answers).max(),
    at_most=1e-9,
)

counts = [1, 20, 50, 100, 200, 400, 800]
measured = {"correlation": [], "projection": []}
for count in counts:
    keys, answers = random.normal(size=(2, count, n))
    for rule, values in measured.items():
        recalled = LinearAssociator(rule).fit(keys, answers).predict(keys)
        values.append(cosine(recalled, answers).mean())
theory = 1 / np.sqrt(1 + (np.array(counts) - 1) / n)
run.reach(
    _("largest difference from the formula"),
    np.abs(measured["correlation"] - theory).max(),
    at_most=0.03,
)
run.reach(
    _("likeness of the answers, projection, as many keys as dimensions"),
    measured["projection"][counts.index(n)],
    at_least=0.999,
)

# %% [markdown]
# The second curve is Kohonen's improvement of 1973: the matrix with the least error there is, by
# the pseudo-inverse of the keys. It is exact up to n keys; beyond that, no matrix is.

# %%
with styled():
    figure = new_figure(5.6, 3.2)
    axes = new_axes(figure, _("likeness of the answer to the right one"))
    axes.semilogx(counts, theory, "--", color="grey", label=_("formula"))
    axes.semilogx(counts, measured["correlation"], "o-", label=_("correlation (1972)"))
    axes.semilogx(counts, measured["projection"], "o-", label=_("projection (1973)"))
    axes.axvline(n, color="grey", lw=0.8)
    axes.set_xticks([1, 10, 100], ["1", "10", "100"])
    axes.set(xlabel=_("pairs stored, keys of {n} numbers").format(n=n), ylim=(0, 1.05))
    axes.legend()
run.show("crosstalk", figure)

# %% [markdown]
# ## Digits from their upper half
#
# Real pictures are far from right angles. We store a hundred digits, each under its upper half as
# the key. Correlation recalls for every key nearly the same blur, the mean of all; projection
# brings every picture back.

# %%
(pictures, _labels), _test = mnist.load_data()
chosen = random.choice(len(pictures), run.choose(100, short=50), replace=False)
whole = pictures[chosen].reshape(len(chosen), -1) / 255
upper = whole[:, : 14 * 28]


def recognised(recalled: np.ndarray) -> float:
    """The share of recalled pictures that are nearest to the right one of all stored."""
    apart = np.linalg.norm(recalled[:, None] - whole, axis=-1)
    return float(np.mean(apart.argmin(axis=1) == np.arange(len(whole))))


memories = {rule: LinearAssociator(rule).fit(upper, whole) for rule in measured}
shares = {rule: recognised(memory.predict(upper)) for rule, memory in memories.items()}
run.reach(
    _("digits recalled from their upper half, projection"),
    shares["projection"],
    at_least=0.95,
    unit="%",
)
run.reach(
    _("digits recalled from their upper half, correlation"),
    shares["correlation"],
    at_most=0.5,
    unit="%",
)

# %%
with styled():
    figure = new_figure(6.4, 3.6)
    grid = figure.subplots(4, 8)
    rows = (
        np.concatenate([upper, np.zeros_like(upper)], axis=1),
        memories["correlation"].predict(upper),
        memories["projection"].predict(upper),
        whole,
    )
    names = (_("key"), _("correlation"), _("projection"), _("stored"))
    for line, row, name in zip(grid, rows, names, strict=True):
        for axes, picture in zip(line, row, strict=False):
            axes.imshow(picture.reshape(28, 28), cmap="Greys", vmin=0, vmax=max(1, picture.max()))
            axes.set(xticks=[], yticks=[])
        line[0].set_ylabel(name, rotation=0, ha="right", va="center")
run.show("upper_halves", figure)

# %% [markdown]
# The film adds one digit after the other to the memory and recalls the first one each time: with
# correlation (left) it drowns in the others, with projection (right) it stays.

# %%
frames = []
for count in [1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50]:
    recalled = [
        LinearAssociator(rule).fit(upper[:count], whole[:count]).predict(upper[:1]).reshape(28, 28)
        for rule in measured
    ]
    frames.append(np.concatenate([each / np.abs(each).max() for each in recalled], axis=1).clip(0))
run.film("the_first_memory", frames, seconds=0.5)
run.show("matrix", memories["correlation"].picture())

# %% [markdown]
# ## What no matrix can do
#
# A linear memory answers the sum of two keys with the sum of their answers. "Either ... or" asks
# for something else: 1 for each key alone, 0 for none and for both. The best matrix there is, even
# with a constant third number in every key, says one half to everything.

# %%
keys = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
wanted = np.array([[0], [1], [1], [0]])
best = LinearAssociator("projection").fit(keys, wanted).predict(keys)
print(best.ravel().round(3))
run.reach(
    _("largest error of the best matrix at either ... or"),
    np.abs(best - wanted).max(),
    at_least=0.499,
)
