"""k-means: two kinds of people, found in heights and weights.

Given are heights and weights, without a word on who is who. Lloyd's method guesses two centres,
gives each person to the nearer one, moves each centre into the middle of its people, and repeats.
Every step lowers the sum of squared distances, so it ends; it may end in a poor minimum, so one
begins several times.

The numbers are drawn by chance with the means and deviations of a large survey of adults.

Inertia: $\\sum_i \\min_c |x_i - m_c|^2$

Year: 1967
Source: S. P. Lloyd 1957, published 1982, IEEE Transactions on Information Theory 28, 129-137;
    J. MacQueen 1967, Fifth Berkeley Symposium, 281-297. Means and deviations: C. C. Gordon and
    others 2014, 2012 Anthropometric Survey of U.S. Army Personnel
"""

# %%
import numpy as np

from lernwerk.classics import KMeans
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.recipes import Run

run = Run.current()
random = run.generator()

# %% [markdown]
# Height in cm and weight in kg: means, deviations, and a correlation of one half in each group.

# %%
GROUPS = ((162.9, 67.8, 6.4, 11.0), (175.6, 85.5, 6.9, 14.2))
people = run.choose(500, short=100)
parts = []
for height, weight, of_height, of_weight in GROUPS:
    common = of_height * of_weight / 2
    spread = [[of_height**2, common], [common, of_weight**2]]
    parts.append(random.multivariate_normal((height, weight), spread, people))
x = np.concatenate(parts)  # (people, height and weight)
group = np.repeat([0, 1], people)

# %% [markdown]
# A centimetre is no kilogram: each feature is measured in its own deviations first. Without this,
# the feature with the larger numbers decides alone.

# %%
scaled = (x - x.mean(axis=0)) / x.std(axis=0)
model = KMeans(2, seed=run.seed).fit(scaled)
found = model.predict(scaled)
agree = max(np.mean(found == group), np.mean(found != group))
run.reach(_("people whose cluster is that of their group"), agree, at_least=0.75, unit="%")


def inertia(centres):
    """The sum of squared distances from the nearest centre."""
    return np.min(np.sum((scaled[:, None] - centres) ** 2, axis=2), axis=1).sum()


changes = np.diff([inertia(each) for each in model.path])
run.reach(_("largest rise of the inertia in a step"), changes.max(), at_most=0)

# %% [markdown]
# How many clusters are there? The method does not say: inertia falls with every further centre. One
# looks for the bend.
#
# What it cannot do either: clusters that are long, or of very different size. It cuts space by
# straight borders halfway between centres; the people near that border are guessed.

# %%
counts = range(1, 9)
inertias = [
    KMeans(each, starts=run.choose(10, short=2), seed=run.seed).fit(scaled).inertia
    for each in counts
]
with style.styled():
    figure = style.new_figure(7.5, 3.2)
    map, bend = figure.subplots(1, 2)
    for number, colour in enumerate((style.TRAINING, style.VALIDATION)):
        members = x[found == number]
        map.plot(members[:, 0], members[:, 1], ".", color=colour, ms=3)
    centres = model.centres * x.std(axis=0) + x.mean(axis=0)
    map.plot(centres[:, 0], centres[:, 1], "o", color=style.INK, ms=9)
    map.set(
        title=_("clusters and their centres"), xlabel=_("height in cm"), ylabel=_("weight in kg")
    )
    bend.plot(counts, inertias, "o-", color=style.POINTS)
    bend.set(title=_("inertia by the number of clusters"), xlabel=_("clusters"), ylim=(0, None))
run.show("clusters", figure)
run.film("centres", [model.picture(step) for step in range(len(model.path))], 0.6)
