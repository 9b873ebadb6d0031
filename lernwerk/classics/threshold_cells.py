"""The cells of McCulloch and Pitts: neurons that count, all or nothing, without any learning.

A cell looks at the moment before. It fires where no inhibiting input fires and at least
``threshold`` exciting ones do; one inhibiting input silences it whatever the others say. Networks
of such cells are built, not taught; those without a circle compute every Boolean function.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from lernwerk.classics import checks
from lernwerk.classics.threshold_drawing import draw
from lernwerk.errors import NOT_NEGATIVE, ArgumentError, UsageError, check_name, check_ranges
from lernwerk.ops.primitive import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class ThresholdCell:
    """One cell: how many of its exciting inputs must fire while none of the inhibiting ones does.

    A threshold of 0 makes a cell that fires by itself until it is inhibited.
    """

    threshold: int
    exciting: tuple[str, ...] = ()
    inhibiting: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_ranges("ThresholdCell", vars(self), {"threshold": NOT_NEGATIVE})


class ThresholdNetwork:
    """Threshold cells, each of which reads inputs and other cells by their names.

    y(t + 1) = 1 where no inhibiting x(t) is 1 and the sum of exciting x(t) >= threshold, else 0

    ``inputs`` and ``outputs`` are names; every cell is an output where none is named.
    Shapes: ``predict``: x (rows, inputs) -> (rows, outputs); ``run``: x (t, inputs) -> (t, outputs)
    Source: W. S. McCulloch and W. Pitts 1943, A logical calculus of the ideas immanent in nervous
    activity, Bulletin of Mathematical Biophysics 5, 115-133.
    """

    def __init__(
        self,
        inputs: Sequence[str],
        cells: Mapping[str, ThresholdCell],
        outputs: Sequence[str] | None = None,
    ) -> None:
        self.inputs = tuple(inputs)
        self.cells = dict(cells)
        self.outputs = tuple(self.cells if outputs is None else outputs)
        self.thresholds = np.array([cell.threshold for cell in self.cells.values()], dtype=int)
        self.exciting = self._connections("exciting")
        self.inhibiting = self._connections("inhibiting")
        self._shown = [list(self.cells).index(name) for name in self._known(self.outputs)]
        self.reset()

    def _connections(self, kind: str) -> Array:
        """Which source (inputs, then cells) reaches which cell: 0 or 1, (sources, cells)."""
        sources = [*self.inputs, *self.cells]
        found = np.zeros((len(sources), len(self.cells)), dtype=int)
        for column, cell in enumerate(self.cells.values()):
            for name in getattr(cell, kind):
                check_name("ThresholdNetwork", "input or cell", name, sources)
                found[sources.index(name), column] += 1
        return found

    def _known(self, names: Sequence[str]) -> Sequence[str]:
        for name in names:
            check_name("ThresholdNetwork", "cell", name, self.cells)
        return names

    def reset(self) -> Self:
        """Silence: no input and no cell fires."""
        self.seen = np.zeros(len(self.inputs), dtype=bool)
        self.state = np.zeros(len(self.cells), dtype=bool)
        return self

    def step(self, x: Any) -> Array:
        """One moment: every cell looks at ``x`` (inputs) and at what the cells did just before."""
        self.seen = checks.binary_rows("ThresholdNetwork.step", [x], len(self.inputs))[0]
        self.state = self._next(self.seen[None], self.state[None])[0]
        return self.state[self._shown]

    def _next(self, x: Array, state: Array) -> Array:
        sources = np.concatenate([x, state], axis=1).astype(int)  # (rows, inputs + cells)
        return (sources @ self.exciting >= self.thresholds) & (sources @ self.inhibiting == 0)

    def run(self, x: Any) -> Array:
        """The outputs, moment after moment, to inputs that change, beginning in silence."""
        self.reset()
        return np.array([self.step(row) for row in np.asarray(x)])

    def predict(self, x: Any) -> Array:
        """The outputs to each row of inputs, held until the last cell has answered."""
        x = checks.binary_rows("ThresholdNetwork.predict", x, len(self.inputs))
        state = np.zeros((len(x), len(self.cells)), dtype=bool)
        for _moment in range(self.depth):
            state = self._next(x, state)
        return state[:, self._shown]

    @property
    def depth(self) -> int:
        """The moments from the inputs to the last cell; UsageError where cells form a circle."""
        levels = self.levels
        if max(levels, default=0) > len(self.cells):
            raise UsageError("ThresholdNetwork", "cells without a circle", "a circle", "Use run.")
        return max(levels, default=0)

    @property
    def levels(self) -> list[int]:
        """For each cell the length of the longest way to it; beyond their number in a circle."""
        between = (self.exciting + self.inhibiting)[len(self.inputs) :] > 0  # (cells, cells)
        levels = np.ones(len(self.cells), dtype=int)
        for _round in range(len(self.cells)):
            levels = np.maximum(1, (between * (levels[:, None] + 1)).max(axis=0, initial=0))
        return [int(level) for level in levels]

    def picture(self) -> Figure:
        """The network as it is now: cells that fire are filled, a ring at its end inhibits."""
        return draw(self)


def network_of_table(table: Sequence[int]) -> ThresholdNetwork:
    """A network for any Boolean function: ``table`` holds its values in the order of counting.

    For two inputs f(0, 0), f(0, 1), f(1, 0), f(1, 1). One cell recognises each row of the table
    where the function is 1; the cell ``f`` fires where one of them does.
    """
    count = max(1, len(table)).bit_length() - 1
    if len(table) != 2**count or count < 1 or not set(table) <= {0, 1}:
        raise ArgumentError("network_of_table", "2, 4, 8, ... values 0 or 1", repr(table))
    inputs = [chr(ord("a") + index) for index in range(count)]
    rows = list(product((0, 1), repeat=count))
    cells = {
        "".join(map(str, row)): pattern_cell(inputs, row)
        for row, value in zip(rows, table, strict=True)
        if value
    }
    return ThresholdNetwork(inputs, {**cells, "f": ThresholdCell(1, tuple(cells))}, ["f"])


def pattern_cell(inputs: Sequence[str], pattern: Any, missing: int = 0) -> ThresholdCell:
    """A cell that fires for one pattern alone: 1 excites, 0 inhibits, and all must be there.

    With ``missing`` so many of the ones may be absent.
    """
    on = np.ravel(pattern).astype(bool)
    exciting = tuple(name for name, fires in zip(inputs, on, strict=True) if fires)
    inhibiting = tuple(name for name, fires in zip(inputs, on, strict=True) if not fires)
    return ThresholdCell(max(0, len(exciting) - missing), exciting, inhibiting)
