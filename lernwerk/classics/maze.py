"""A maze of square places, drawn as text, for creatures that look for a way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lernwerk.errors import DataError
from lernwerk.ops.primitive import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DIRECTIONS = ((-1, 0), (0, 1), (1, 0), (0, -1))  # up, right, down, left
WALL, START, GOAL = "#", "S", "G"
_CLOSED = -1


class Maze:
    """Places and the doors between them, read from a drawing: ``#`` wall, ``S`` start, ``G`` goal.

    ``doors[place, direction]`` is the place behind a door, -1 where there is a wall.
    Shapes: places (places, 2) rows and columns, doors (places, 4) up, right, down, left.
    """

    def __init__(self, drawing: str) -> None:
        lines = [line for line in drawing.splitlines() if line.strip()]
        width = max(map(len, lines), default=0)
        self.grid = np.array([list(line.ljust(width, WALL)) for line in lines])
        self.places = np.argwhere(self.grid != WALL)
        self.start, self.goal = self._the_only(START), self._the_only(GOAL)
        number = {(int(row), int(column)): index for index, (row, column) in enumerate(self.places)}
        self.doors = np.array(
            [[number.get((r + y, c + x), _CLOSED) for y, x in DIRECTIONS] for r, c in number]
        )

    def _the_only(self, letter: str) -> int:
        found = [i for i, place in enumerate(self.places) if self.grid[tuple(place)] == letter]
        if len(found) != 1:
            raise DataError("Maze", f"one place '{letter}' in the drawing", len(found))
        return found[0]

    @property
    def open(self) -> Array:
        """Where there is a door, (places, 4)."""
        return self.doors != _CLOSED

    def distances(self) -> Array:
        """The fewest steps from each place to the goal; infinity where no way leads there."""
        steps = np.full(len(self.places), np.inf)
        steps[self.goal] = 0
        for _round in range(len(self.places)):
            behind = np.where(self.open, steps[self.doors], np.inf)
            steps = np.minimum(steps, 1 + behind.min(axis=1))
        return steps

    def draw(self, axes: Axes) -> None:
        """Walls, start and goal."""
        axes.imshow(self.grid == WALL, cmap="Greys", vmin=0, vmax=2)
        for place, letter in ((self.start, START), (self.goal, GOAL)):
            row, column = self.places[place]
            box = {"boxstyle": "circle", "facecolor": "white", "linewidth": 0.8}
            axes.text(column, row, letter, ha="center", va="center", zorder=5, bbox=box)
        axes.set_axis_off()
