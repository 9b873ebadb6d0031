"""Threshold cells: every Boolean function, built.

In 1943 a neurophysiologist and a young logician described the nerve cell as a thing that is either
on or off. A cell counts its exciting inputs: it fires where at least as many are on as its
threshold says, and where no inhibiting input is. Everything happens in moments: what a cell does
now depends on what its inputs did just before.

Nothing is learned here, the networks are built. What to look at: that such cells can compute
everything that can be written in logic, that time comes into it for free, and how brittle a cell
is that knows a pattern by heart.

Year: 1943
Source: W. S. McCulloch and W. Pitts 1943, A logical calculus of the ideas immanent in nervous
activity, Bulletin of Mathematical Biophysics 5, 115-133.
"""

# %%
from itertools import product

import numpy as np

from lernwerk.classics import (
    ThresholdCell,
    ThresholdNetwork,
    letters,
    network_of_table,
    pattern_cell,
)
from lernwerk.classics.letters import NAMES
from lernwerk.language import translate as _
from lernwerk.plots.style import new_axes, new_figure, styled
from lernwerk.recipes import Run

run = Run.current()
random = run.generator()

# %% [markdown]
# ## All sixteen functions
#
# Two inputs have four combinations, so there are 2 x 2 x 2 x 2 = 16 functions of them. One cell
# for each combination where the function is 1, and a last cell that fires where one of these does:
# that builds any of them, and with more inputs as well.

# %%
combinations = list(product((0, 1), repeat=2))  # (0, 0), (0, 1), (1, 0), (1, 1)
tables = list(product((0, 1), repeat=4))
right = 0
for table in tables:
    network = network_of_table(table)
    answers = network.predict(combinations)[:, 0].astype(int)
    right += tuple(answers) == table
    print(table, "->", answers, _("{cells} cells").format(cells=len(network.cells)))
run.reach(_("functions of two inputs computed"), right, at_least=16)

# %% [markdown]
# How far does a single cell come? We try every way to connect it: each input exciting, inhibiting
# or not at all, and every threshold that makes a difference.

# %%
single = set()
for kinds in product(("exciting", "inhibiting", "absent"), repeat=2):
    wires = {
        kind: tuple(n for n, k in zip("ab", kinds, strict=True) if k == kind) for kind in kinds
    }
    for threshold in range(4):
        cell = ThresholdCell(threshold, wires.get("exciting", ()), wires.get("inhibiting", ()))
        answers = ThresholdNetwork("ab", {"f": cell}).predict(combinations)[:, 0]
        single.add(tuple(int(answer) for answer in answers))
missing = sorted(set(tables) - single)
print(_("Beyond a single cell: {tables}").format(tables=missing))
run.reach(_("functions that one cell computes"), len(single), at_least=11, at_most=11)

# %% [markdown]
# Five are beyond it, "either ... or" (0, 1, 1, 0) among them. Here it is, built of three cells,
# while b alone is on.

# %%
exclusive_or = network_of_table((0, 1, 1, 0))
for _moment in range(exclusive_or.depth):
    exclusive_or.step((0, 1))
run.show("exclusive_or", exclusive_or.picture())

# %% [markdown]
# ## Time: cold that feels hot
#
# McCulloch and Pitts explain an illusion: touch the skin with something cold for a moment only,
# and it feels hot; hold it there, and it feels cold. Four cells do it. The first remembers the
# cold for one moment, the second notices that it stopped.

# %%
heat, cold, was_cold, stopped = _("heat"), _("cold"), _("was cold"), _("stopped")
feels_hot, feels_cold = _("feels hot"), _("feels cold")
skin = ThresholdNetwork(
    (heat, cold),
    {
        was_cold: ThresholdCell(1, (cold,)),
        stopped: ThresholdCell(1, (was_cold,), (cold,)),
        feels_hot: ThresholdCell(1, (heat, stopped)),
        feels_cold: ThresholdCell(2, (was_cold, cold)),
    },
    outputs=(feels_hot, feels_cold),
)
brief, long = np.zeros((6, 2), int), np.zeros((6, 2), int)
brief[0, 1], long[:4, 1] = 1, 1
felt_briefly, felt_long = skin.run(brief), skin.run(long)
print(
    _("a brief cold touch: hot {hot}, cold {cold}").format(
        hot=felt_briefly[:, 0].astype(int), cold=felt_briefly[:, 1].astype(int)
    )
)
print(
    _("a long cold touch: hot {hot}, cold {cold}").format(
        hot=felt_long[:, 0].astype(int), cold=felt_long[:, 1].astype(int)
    )
)
illusion = felt_briefly[:, 0].any() and not felt_briefly[:, 1].any() and felt_long[1:4, 1].any()
run.reach(_("the brief touch feels hot, the long one cold"), float(illusion), at_least=1)

# %%
frames = []
skin.reset()
for touch in brief:
    skin.step(touch)
    frames.append(skin.picture())
run.film("cold_that_feels_hot", frames, seconds=1.0)

# %% [markdown]
# ## Patterns
#
# A retina of 7 x 5 dots and one cell for each letter: its black dots excite, its white ones
# inhibit, and the threshold is the number of black ones. Each cell fires for its own letter and no
# other.

# %%
alphabet = letters()
dots = [f"{row},{column}" for row in range(7) for column in range(5)]


def readers(missing: int) -> ThresholdNetwork:
    """One cell for each letter, content with so many black dots fewer."""
    cells = {
        name: pattern_cell(dots, dot, missing) for name, dot in zip(NAMES, alphabet, strict=True)
    }
    return ThresholdNetwork(dots, cells)


answers = readers(0).predict(alphabet.reshape(26, -1))
run.reach(
    _("letters recognised by their own cell alone"),
    (answers == np.eye(26)).all(1).sum(),
    at_least=26,
)

# %% [markdown]
# The limit: such a cell knows its pattern by heart. We wipe out black dots (a bad pen) or add one
# (a speck of dirt). A lower threshold forgives missing dots, at the price of letters that contain
# each other: an E that lost its foot is an F. A single speck inhibits, and silences, every cell.

# %%
repeats = run.choose(200, short=5)
lost = range(7)
shares = {}
for missing in (0, 1, 3):
    network = readers(missing)
    shares[missing] = []
    for count in lost:
        pens = alphabet.reshape(26, -1)[:, None].repeat(repeats, 1).reshape(-1, 35).copy()
        for picture in pens:
            picture[random.choice(np.flatnonzero(picture), count, replace=False)] = False
        own = np.eye(26, dtype=bool).repeat(repeats, 0)
        shares[missing].append((network.predict(pens) == own).all(1).mean())
specks = alphabet.reshape(26, -1).copy()
for picture in specks:
    picture[random.choice(np.flatnonzero(~picture))] = True
run.reach(
    _("letters with one speck of dirt that a cell still knows"),
    readers(3).predict(specks).diagonal().mean(),
    at_most=0,
    unit="%",
)
run.reach(
    _("letters with one dot missing, threshold lowered by one"),
    shares[1][1],
    at_least=0.9,
    unit="%",
)

# %%
with styled():
    figure = new_figure(5.4, 3.2)
    axes = new_axes(figure, _("letters that their own cell alone recognises"))
    for missing, values in shares.items():
        label = _("threshold lowered by {missing}").format(missing=missing)
        axes.plot(lost, [100 * value for value in values], "o-", label=label)
    axes.set(xlabel=_("black dots wiped out"), ylabel=_("share in %"), ylim=(-3, 103))
    axes.legend()
run.show("missing_dots", figure)
