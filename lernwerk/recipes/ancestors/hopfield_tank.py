"""Hopfield and Tank: the travelling salesman, solved by rolling downhill.

A network need not store patterns: its energy can be a question. For n cities Hopfield and Tank took
n times n analogue cells, one for each city at each place of the tour, and wrote an energy that is
low where exactly one cell fires in each row and column and where the way is short. The cells then
decide all at once.

It was a sensation, and three years later a warning: Wilson and Pawley found that the published
network mostly ends in no tour at all. We measure both, the published energy and one with sums over
rows and columns, and compare the tours with the shortest ones.

Year: 1985
Source: J. J. Hopfield and D. W. Tank 1985, "Neural" computation of decisions in optimization
    problems, Biological Cybernetics 52, 141-152; G. V. Wilson and G. S. Pawley 1988, On the
    stability of the travelling salesman problem algorithm, Biological Cybernetics 58, 63-70
"""

# %%
import numpy as np

from lernwerk.classics import HopfieldTank
from lernwerk.classics.hopfield_tank import BRANDT_1988, HOPFIELD_TANK_1985, shortest_tour
from lernwerk.language import translate as _
from lernwerk.recipes import Run

run = Run.current()
random = run.generator()

# %% [markdown]
# Ten cities by chance in a square, many times. A run counts where it ends in a tour: one cell fires
# in each row and in each column.

# %%
maps = random.random((run.choose(20, short=4), run.choose(10, short=6), 2))
shortest = [shortest_tour(HopfieldTank(each).distances)[1] for each in maps]


def measured(penalties, label):
    """The share of runs that end in a tour, and the lengths beside the shortest."""
    lengths = []
    for number, cities in enumerate(run.steps(maps, label)):
        network = HopfieldTank(cities, penalties, seed=run.seed + number)
        network.run()
        tour = network.tour()
        if tour is not None:
            lengths.append(network.length(tour) / shortest[number])
    return len(lengths) / len(maps), lengths


# %% [markdown]
# First the energy as it was published (A = B = D = 500, C = 200, N = 15).

# %%
valid, lengths = measured(HOPFIELD_TANK_1985, "1985")
print(_("energy of 1985: {share:.0%} of the runs end in a tour").format(share=valid))
run.reach(_("runs that end in a tour, energy of 1985"), valid, at_most=0.6, unit="%")

# %% [markdown]
# Then with squares of the sums of rows and columns in place of the first three terms.

# %%
valid, lengths = measured(BRANDT_1988, "1988")
by_chance = np.mean(
    [np.mean([HopfieldTank(each).length(random.permutation(len(each))) for _i in range(100)]) / best
     for each, best in zip(maps, shortest, strict=True)]
)  # fmt: skip
run.reach(_("runs that end in a tour, energy with sums"), valid, at_least=0.9, unit="%")
run.reach(_("length over the shortest tour's, mean"), np.mean(lengths), at_most=1.25)
print(_("a tour by chance: {ratio:.2f} times the shortest").format(ratio=by_chance))

# %% [markdown]
# What it cannot do: promise the shortest tour. It finds one in some of the runs here, and with
# more cities the valleys multiply; exact methods and simple exchange of edges do better.

# %%
network = HopfieldTank(maps[0], BRANDT_1988, seed=run.seed)
states = network.run()
run.show("tour", network.picture())
run.film("deciding", [network.picture(each) for each in states[:: run.choose(2, short=10)]], 0.2)
