"""Kohonen's self-organising map: order without a teacher.

On a sheet of cells the one that is most like the input wins, and it learns together with its
neighbours. After some thousand inputs the sheet is a map: what is alike in the input lies side by
side, though nobody said what is alike. The brain has such maps for touch, tones and directions.

We map colours, where one sees the order at once, and handwritten digits, whose 64 numbers nobody
can see; the U-matrix shows the distances between neighbours, its dark ridges are borders.

Year: 1982
Source: T. Kohonen 1982, Self-organized formation of topologically correct feature maps, Biological
    Cybernetics 43, 59-69; K. Kiviluoto 1996, Topology preservation in self-organizing maps (error)
"""

# %%
import numpy as np

from lernwerk.classics import SelfOrganizingMap
from lernwerk.datasets import digits
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.recipes import Run

run = Run.current()

# %% [markdown]
# ## Colours
#
# A thousand colours by chance: red, green and blue between 0 and 1. The topographic error counts
# the inputs whose best and second best cells do not touch: it is small where the map has no folds.

# %%
colours = run.generator().random((1000, 3))
size, steps = run.choose(20, short=10), run.choose(10_000, short=1500)
sheet = SelfOrganizingMap(size, size, seed=run.seed).start(colours)
frames = [sheet.weights.copy()]
chosen = run.generator().integers(len(colours), size=steps)
for step, row in enumerate(run.steps(chosen, _("colours"))):
    sheet.learn(colours[row], step / steps)
    if step % (steps // 50) == 0:
        frames.append(sheet.weights.copy())
limit = run.choose(0.1, short=0.15)
run.reach(_("topographic error, colours"), sheet.topographic_error(colours), at_most=limit)
run.show("colours", sheet.picture())
run.film("order", frames, 0.12)

# %% [markdown]
# ## Digits
#
# The labels are not used while the map learns; afterwards each cell is given the label that most of
# its digits have. Then the map even recognises digits that it has never seen.

# %%
(x, y), (x_test, y_test) = digits.load_data()
x, x_test = x.reshape(len(x), -1) / 16.0, x_test.reshape(len(x_test), -1) / 16.0
atlas = SelfOrganizingMap(15, 15, seed=run.seed).fit(x, run.choose(15_000, short=3000))
run.reach(_("topographic error, digits"), atlas.topographic_error(x), at_most=limit)

votes = np.zeros((15, 15, 10))
for (row, column), label in zip(atlas.predict(x), y, strict=True):
    votes[row, column, label] += 1
near = votes + sum(np.roll(votes, 1, axis) + np.roll(votes, -1, axis) for axis in (0, 1)) * 0.01
meaning = near.argmax(axis=2)
right = np.mean(meaning[tuple(atlas.predict(x_test).T)] == y_test)
run.reach(
    _("digits recognised by their place"), right, at_least=run.choose(0.9, short=0.75), unit="%"
)

# %% [markdown]
# What it cannot do: a sheet has two dimensions. Where the input has more, the map must fold
# somewhere, and relatives end up in two places: look for digits that live in two regions.

# %%
with style.styled():
    figure = style.new_figure(7.4, 3.6)
    ridges, faces = figure.subplots(1, 2)
    ridges.imshow(atlas.u_matrix(), cmap="bone_r")
    for (row, column), label in np.ndenumerate(meaning):
        if votes[row, column].any():
            ridges.text(column, row, label, ha="center", va="center", fontsize=7, color="#b4430b")
    ridges.set_title(_("U-matrix and most frequent digit"))
    framed = np.pad(atlas.weights.reshape(15, 15, 8, 8), ((0, 0), (0, 0), (1, 1), (1, 1)))
    tiles = framed.swapaxes(1, 2).reshape(150, 150)
    faces.imshow(tiles, cmap="gray_r")
    faces.set_title(_("what each cell likes most"))
    for axes in (ridges, faces):
        axes.set_axis_off()
run.show("digits", figure)
