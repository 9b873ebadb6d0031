"""Snark: a rat of vacuum tubes finds its way through a maze.

In the summer of 1951 two students from Princeton, Marvin Minsky and Dean Edmonds, built forty
synapses out of tubes, motors and clutches. Each let a signal pass with a probability set by a
knob, and remembered for a few seconds that it had. When the "rat" in the wires reached its goal, a
motor turned up the knobs of those that still remembered.

It is reinforcement learning in its simplest form: no teacher, no map, only a reward at the end.
What to look at: how the knowledge grows backwards from the goal, how close the rat comes to the
shortest way, and how it became a slave of its habit.

Year: 1951
Source: M. Minsky 1952, A Neural-Analogue Calculator Based upon a Probability Model of
Reinforcement, Harvard University Psychological Laboratories; M. Minsky 1954, Theory of
Neural-Analog Reinforcement Systems, thesis, Princeton University.
"""

# %%

from lernwerk.classics import Maze, Snark
from lernwerk.language import translate as _
from lernwerk.plots.style import new_axes, new_figure, styled
from lernwerk.recipes import Run

run = Run.current()

# %% [markdown]
# The maze: S is the start, G the goal. There are dead ends, and places where the rat can walk in a
# circle. The shortest way has 48 steps.

# %%
DRAWING = """
###############
#S# #     #   #
# # # ### # # #
# #     #   # #
# ### # ##### #
#   # #   #   #
### # ### # ###
#   # #   #   #
# ### # ##### #
#       #    G#
###############
"""
maze = Maze(DRAWING)
shortest = int(maze.distances()[maze.start])
rat = Snark(maze, reward=0.2, memory=0.98, seed=run.seed)
by_chance = rat.expected_steps()[maze.start]
print(
    _("shortest way: {shortest} steps; by chance alone: {by_chance:.0f} steps on average").format(
        shortest=shortest, by_chance=by_chance
    )
)

# %% [markdown]
# How long a walk by chance takes can be calculated: the expected number of steps from each place
# is one more than the mean over its doors. These are 70 equations for 70 places. After every run
# we solve them again, with the probabilities as they are now.

# %%
runs = run.choose(400, short=120)
steps, expected, frames = [], [], []
for number in run.steps(range(runs), _("run")):
    steps.append(rat.run())
    expected.append(rat.expected_steps()[maze.start])
    if (number < 20 and number % 2 == 0) or number % 20 == 0:
        frames.append(rat.picture())
run.film("learning_the_way", [*frames, *[rat.picture()] * 5], seconds=0.4)
run.show("learned_way", rat.picture())
run.reach(
    _("steps on average after learning, in shortest ways"),
    expected[-1] / shortest,
    at_most=run.choose(1.25, short=2.5),
)
run.reach(
    _("times faster than by chance"), by_chance / expected[-1], at_least=run.choose(50, short=20)
)

# %%
with styled():
    figure = new_figure(5.6, 3.2)
    axes = new_axes(figure, _("steps to the goal"))
    axes.semilogy(range(1, runs + 1), steps, ".", label=_("walked"), alpha=0.6)
    axes.semilogy(range(1, runs + 1), expected, label=_("expected with these probabilities"))
    axes.axhline(shortest, ls="--", color="grey", label=_("shortest way"))
    axes.set(xlabel=_("run"), yticks=[100, 1000], yticklabels=["100", "1000"])
    axes.legend()
run.show("steps", figure)

# %% [markdown]
# ## The slave of habit
#
# Now we open a door in the wall, which makes the shortest way half as long. A fresh rat finds it.
# The old one never looks: the connections that lead there were not used before a reward and have
# all but died, and nothing in the rule makes it curious. That one has to try things out now and
# then became clear later.

# %%
lines = DRAWING.strip().splitlines()
lines[9] = "#            G#"
opened = Maze("\n".join(lines))
print(
    _("with the new door the shortest way has {steps:.0f} steps").format(
        steps=opened.distances()[opened.start]
    )
)
door = next(index for index, place in enumerate(opened.places) if tuple(place) == (9, 8))
rat.move(opened)
visits = 0
for _again in range(run.choose(200, short=50)):
    rat.run()
    visits += door in rat.way
run.reach(
    _("runs of the old rat through the new door"),
    visits / run.choose(200, short=50),
    at_most=0.05,
    unit="%",
)
fresh = Snark(opened, reward=0.2, memory=0.98, seed=run.seed).fit(run.choose(400, short=120))
run.reach(
    _("steps of a fresh rat, in ways of the old rat"),
    fresh.expected_steps()[opened.start] / rat.expected_steps()[opened.start],
    at_most=0.8,
)
run.show("fresh_rat", fresh.picture())
