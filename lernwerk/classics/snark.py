"""Minsky's Snark: a rat of forty synapses that learns its way through a maze by reward alone.

At every place the signal leaves through one of the doors by chance. Each connection remembers for
a while that it was just used; when the goal is reached, those that still remember are strengthened.
Nobody tells which step was a good one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from lernwerk.classics.maze import DIRECTIONS, Maze
from lernwerk.errors import COUNT, FRACTION, Range, UsageError, check_ranges
from lernwerk.language import translate as _
from lernwerk.ops.primitive import Array
from lernwerk.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHARE = Range(0, 1, low_included=False)


class Snark:
    """One probability for each door of each place, strengthened when it was used before a reward.

    On the way: trace *= memory everywhere, then trace = 1 for the door just taken.
    At the goal, for every place and door: p += reward * (trace - p * sum of the place's traces),
    so that the doors of a place still sum to 1 and what was not used grows weaker.

    ``reward`` is at most 1/4, since four doors can have a full trace at once.
    Shapes: probabilities and trace (places, 4).
    Source: M. Minsky 1952, A Neural-Analogue Calculator Based upon a Probability Model of
    Reinforcement, Harvard University Psychological Laboratories; 1954, thesis, Princeton. The
    machine of 1951 had knobs turned by a motor through clutches; the sum of 1 is the form of this
    program.
    """

    def __init__(self, maze: Maze, reward: float = 0.2, memory: float = 0.9, seed: int = 0) -> None:
        given = {"reward": reward, "memory": memory}
        check_ranges("Snark", given, {"reward": Range(0, 0.25, False), "memory": FRACTION})
        if not np.isfinite(maze.distances()[maze.start]):
            raise UsageError("Snark", "a maze with a way to the goal", "none")
        self.maze = maze
        self.reward = reward
        self.memory = memory
        self.random = np.random.default_rng(seed)
        self.probabilities = maze.open / maze.open.sum(axis=1, keepdims=True)
        self.trace = np.zeros_like(self.probabilities)
        self.way = [maze.start]

    def run(self, learn: bool = True, longest: int = 100_000) -> int:
        """One run from start to goal; the number of steps, or ``longest`` where it gave up."""
        self.trace[:] = 0
        self.way = [self.maze.start]
        while self.way[-1] != self.maze.goal and len(self.way) <= longest:
            self._step(self.way[-1])
        if learn and self.way[-1] == self.maze.goal:
            self._strengthen()
        return len(self.way) - 1

    def _step(self, place: int) -> None:
        chances = np.cumsum(self.probabilities[place])
        # Times the last sum, which may be 1 - 1e-16: the door found is always an open one.
        door = int(np.searchsorted(chances, self.random.random() * chances[-1], side="right"))
        self.trace *= self.memory
        self.trace[place, door] = 1
        self.way.append(int(self.maze.doors[place, door]))

    def _strengthen(self) -> None:
        used = self.trace.sum(axis=1, keepdims=True)
        self.probabilities += self.reward * (self.trace - self.probabilities * used)

    def fit(self, runs: int = 100) -> Self:
        """Learn from so many runs."""
        check_ranges("Snark.fit", {"runs": runs}, {"runs": COUNT})
        for _run in range(runs):
            self.run()
        return self

    def move(self, maze: Maze) -> Self:
        """The same creature in a maze that was changed: new doors begin with an equal chance."""
        number = {tuple(place): index for index, place in enumerate(maze.places)}
        chances = maze.open / maze.open.sum(axis=1, keepdims=True)
        for old, place in enumerate(self.maze.places):
            if (new := number.get(tuple(place))) is not None:
                kept = self.maze.open[old] & maze.open[new]
                known = self.probabilities[old] * kept
                chances[new, kept] *= (known / known.sum() * kept.sum())[kept]
        self.maze, self.probabilities = maze, chances
        self.trace, self.way = np.zeros_like(chances), [maze.start]
        return self

    def expected_steps(self) -> Array:
        """The mean number of steps from each place if nothing more is learned.

        It solves steps = 1 + sum over doors of p * steps behind the door, with 0 at the goal.
        """
        count = len(self.maze.places)
        chances = np.zeros((count, count))
        for place, doors in enumerate(self.maze.doors):
            chances[place, doors[doors >= 0]] = self.probabilities[place][doors >= 0]
        chances[self.maze.goal] = 0
        lengths = np.ones(count)
        lengths[self.maze.goal] = 0
        return np.linalg.solve(np.eye(count) - chances, lengths)

    def picture(self) -> Figure:
        """The maze, the last way, and an arrow through each door as strong as its connection."""
        height, width = self.maze.grid.shape
        with style.styled():
            figure = style.new_figure(0.32 * width + 0.3, 0.32 * height + 0.6)
            title = _("{steps} steps on the last run").format(steps=len(self.way) - 1)
            axes = style.new_axes(figure, title)
            self.maze.draw(axes)
            self._draw_connections(axes)
            rows, columns = self.maze.places[self.way].T
            axes.plot(columns, rows, color=style.TRAINING, lw=5, alpha=0.35, zorder=1)
        return figure

    def _draw_connections(self, axes: Axes) -> None:
        place, door = np.nonzero(self.maze.open)
        rows, columns = self.maze.places[place].T
        strength = self.probabilities[place, door]
        ways = np.array(DIRECTIONS)[door] * (0.5 * strength[:, None])
        axes.quiver(
            columns, rows, ways[:, 1], ways[:, 0], color=style.VALIDATION,
            angles="xy", scale_units="xy", scale=1, width=0.006, zorder=3,
        )  # fmt: skip
