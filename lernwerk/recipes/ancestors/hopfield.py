"""Hopfield's network: remembering the whole from a part.

In 1982 the physicist John Hopfield looked at a network of cells that are all joined to each other
as at a magnet: each state has an energy, and a cell that follows the others never raises it. What
Hebb's rule has engraved becomes a valley, and a network that begins near a valley rolls into it.

The memory is not endless. Up to about 0.138 n patterns by chance n cells recall well (calculated
by Amit, Gutfreund and Sompolinsky in 1985); beyond, all memories are lost at once. We measure it.

Energy: $E = -\\frac12 \\sum_{ij} w_{ij} s_i s_j$ with $w_{ij} = \\frac1n \\sum_p s_i^p s_j^p$

Year: 1982
Source: J. J. Hopfield 1982, Neural networks and physical systems with emergent collective
    computational abilities, PNAS 79, 2554-2558; D. J. Amit, H. Gutfreund and H. Sompolinsky 1985,
    Physical Review Letters 55, 1530-1533
"""

# %%
from itertools import combinations, pairwise

import numpy as np

from lernwerk.classics import Hopfield
from lernwerk.classics.hopfield import overlap
from lernwerk.classics.letters import NAMES, letters
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.recipes import Run

run = Run.current()
random = run.generator()

# %% [markdown]
# ## Three letters
#
# The letters are pictures of 7 x 5 cells. Patterns that resemble each other disturb each other, so
# we take the three letters that are least alike.

# %%
alphabet = np.where(letters().reshape(26, -1), 1.0, -1.0)  # (26, 35)
alike = np.abs(alphabet @ alphabet.T) / alphabet.shape[1]
three = min(combinations(range(26), 3), key=lambda c: alike[np.ix_(c, c)].sum())
print(_("the letters {letters}").format(letters=", ".join(NAMES[each] for each in three)))
network = Hopfield(run.seed).fit(alphabet[list(three)])

# %% [markdown]
# One after the other is shown with six of its 35 cells turned over, and the network runs until no
# cell wants to change any more. The energy is written down after each step of one cell.

# %%
frames, energies = [], []
recalled = 0
for letter in three:
    state = alphabet[[letter]].copy()
    state[0, random.choice(35, 6, replace=False)] *= -1
    frames += [state[0].reshape(7, 5)] * 5
    energies.append([network.energy(state)[0]])
    for i in random.permutation(np.tile(np.arange(35), 3)):
        field = state @ network.weights[:, i]
        if field * state[0, i] < 0:
            state[0, i] *= -1
            frames.append(state[0].reshape(7, 5).copy())
        energies[-1].append(network.energy(state)[0])
    frames += [state[0].reshape(7, 5)] * 5
    recalled += np.array_equal(state[0], alphabet[letter])
rises = [later - earlier for way in energies for earlier, later in pairwise(way)]
run.reach(_("letters recalled of 3"), recalled, at_least=3)
run.reach(_("largest rise of the energy in a step"), max(rises), at_most=1e-12)

# %% [markdown]
# ## How many patterns fit
#
# Patterns by chance, more and more of them; each is shown with one cell in twenty turned over, and
# the overlap with the original is 1 where it is recalled without a mistake.

# %%
cells = run.choose(500, short=150)
loads = np.array([0.04, 0.08, 0.10, 0.12, 0.13, 0.138, 0.15, 0.16, 0.18, 0.20, 0.24])
found = []
for load in run.steps(loads, _("patterns per cell")):
    patterns = np.where(random.random((round(load * cells), cells)) < 0.5, 1.0, -1.0)
    memory = Hopfield(run.seed).fit(patterns)
    shown = patterns[:40] * np.where(random.random((len(patterns[:40]), cells)) < 0.05, -1, 1)
    found.append(overlap(memory.predict(shown, 20), patterns[:40]).mean())
    print(f"{load:.3f} n: {found[-1]:.3f}")
below = run.choose(0.97, short=0.9)
run.reach(_("overlap at 0.12 n patterns"), found[3], at_least=below)
run.reach(_("overlap at 0.24 n patterns"), found[-1], at_most=run.choose(0.5, short=0.8))

# %% [markdown]
# ## What it cannot do
#
# All 26 letters at once are 0.74 n patterns, and they are alike: hardly one stays. And every memory
# brings its negative: a network that begins nearer to it falls into the negative valley.

# %%
crowded = Hopfield(run.seed).fit(alphabet)
kept = np.mean(np.all(crowded.predict(alphabet) == alphabet, axis=1))
run.reach(_("letters that stay, of all 26"), kept, at_most=0.2, unit="%")
negative = network.predict(-alphabet[list(three)])
print(_("negatives that are valleys too: {count} of 3").format(
    count=int(np.sum(np.all(negative == -alphabet[list(three)], axis=1)))))  # fmt: skip

# %%
with style.styled():
    figure = style.new_figure(7.5, 3.0)
    energy, capacity = figure.subplots(1, 2)
    for letter, way in zip(three, energies, strict=True):
        energy.plot(way, label=NAMES[letter])
    energy.set(title=_("energy while a letter is recalled"), xlabel=_("cells looked at"))
    energy.legend()
    capacity.plot(loads, found, "o-", color=style.VALIDATION)
    capacity.axvline(0.138, color=style.QUIET, linestyle=":")
    capacity.text(0.141, 0.04, "0.138", color=style.QUIET)
    capacity.set_xticks([0.05, 0.1, 0.15, 0.2, 0.25])
    capacity.set(
        title=_("overlap of recalled patterns"), xlabel=_("patterns per cell"), ylim=(0, 1.05)
    )
run.show("energy_and_capacity", figure)
run.show("weights", network.picture((7, 5)))
run.film("recall", frames, 0.15)
