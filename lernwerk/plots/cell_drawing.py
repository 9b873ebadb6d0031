"""Matrices as squares with a number in each, beside and below each other on one sheet."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lernwerk.plots import style
from lernwerk.plots.palette import NEGATIVE, POSITIVE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]
Place = tuple[int, int]

CELL, GAP, TITLE = 0.42, 0.55, 0.62  # inches: a cell, room for a sign, a title above a matrix
_MARGIN, _LINE = 0.2, 0.24
_PAPER, _PALE, _FRAME = "#ffffff", "#edebe6", "#c0413b"
_DARK, _FAINT = "#1d232c", "#8d949d"
_LETTERS = 5  # of a number in a cell
_CHARACTER = 0.075  # inches of a letter of the text below


def number_text(value: float) -> str:
    """A number as short as it fits into a cell, with a true minus sign."""
    texts = [f"{value + 0.0:.{digits}g}" for digits in (3, 2, 1)]
    text = next((each for each in texts if len(each) <= _LETTERS), texts[-1])
    return text.replace("-", "\N{MINUS SIGN}")


@dataclass(frozen=True)
class _Part:
    """A matrix (or a sign between two) and the place of its upper left corner."""

    x: float
    y: float
    values: Array
    title: str = ""
    sign: str = ""
    signs: bool = False  # whether cells have the colour of their sign
    pale: Array | None = None
    until: Place | None = None

    @property
    def size(self) -> tuple[float, float]:
        return self.values.shape[1] * CELL, self.values.shape[0] * CELL


class Sheet:
    """Collects matrices from left to right, row by row, and draws them all at once."""

    def __init__(self) -> None:
        self.parts: list[_Part] = []
        self.marks: list[tuple[int, Place, tuple[int, ...], str, bool]] = []
        self.text, self.room_for = "", [""]
        self._x, self._y, self._height = 0.0, 0.0, 0.0

    def matrix(
        self, values: Array, title: str, *, signs: bool = False, pale: Array | None = None,
        until: Place | None = None,
    ) -> None:  # fmt: skip
        """Add a matrix; ``pale`` cells are padding, those after ``until`` are empty."""
        part = _Part(self._x, self._y, values, title, "", signs, pale, until)
        self.parts.append(part)
        width = max(part.size[0], 0.085 * len(title))
        self._x += width
        self._height = max(self._height, part.size[1])

    def sign(self, sign: str) -> None:
        """Add an operation between two matrices."""
        self.parts.append(_Part(self._x, self._y, np.zeros((0, 0)), sign=sign))
        self._x += GAP

    def next_row(self) -> None:
        """Go on below."""
        self._x, self._y, self._height = 0.0, self._y + self._height + TITLE, 0.0

    def frame(
        self, matrix: int, corner: Place, size: tuple[int, ...], colour: str = _FRAME
    ) -> None:
        """Draw a frame around cells of a matrix, counted from 0."""
        self.marks.append((matrix, corner, size, colour, False))

    def tint(self, matrix: int, corner: Place, size: tuple[int, ...], colour: str) -> None:
        """Colour cells of a matrix."""
        self.marks.append((matrix, corner, size, colour, True))

    def write(self, text: str, room_for: Iterable[str]) -> None:
        """Text below; sheets that have room for the same texts are of one size, as films need."""
        self.text, self.room_for = text, list(room_for)

    def figure(self) -> Figure:
        """All of it as a figure in which an inch is an inch."""
        matrices = [part for part in self.parts if part.values.size]
        width = max(part.x + max(part.size[0], 0.085 * len(part.title)) for part in matrices)
        columns = int(width / _CHARACTER)
        lines = max(len(textwrap.wrap(text, columns)) for text in self.room_for)
        bottom = max(part.y + part.size[1] for part in matrices)
        height = bottom + TITLE + lines * _LINE + (0.1 if lines else 0.0)
        figure = style.new_figure(width + 2 * _MARGIN, height)
        figure.set_layout_engine("none")
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(-_MARGIN, width + _MARGIN), ylim=(height - _MARGIN, -_MARGIN))
        axes.set_axis_off()
        for part in self.parts:
            (_draw_matrix if part.values.size else _draw_sign)(axes, part, self.parts)
        for matrix, *mark in self.marks:
            _draw_mark(axes, matrices[matrix], *mark)
        text = textwrap.fill(self.text, columns)
        axes.text(0, bottom + TITLE - 0.16, text, va="top", fontsize=8.5, linespacing=1.5)
        return figure


def _top(part: _Part) -> float:
    return part.y + TITLE - 2 * _MARGIN


def _draw_matrix(axes: Any, part: _Part, _parts: list[_Part]) -> None:
    from matplotlib.patches import Rectangle

    axes.text(part.x, _top(part) - 0.1, part.title, va="bottom", fontsize=9)
    largest = float(np.abs(part.values).max()) or 1.0
    for (row, column), value in np.ndenumerate(part.values):
        x, y = part.x + column * CELL, _top(part) + row * CELL
        padding = part.pale is not None and part.pale[row, column]
        axes.add_patch(Rectangle((x, y), CELL, CELL, facecolor=_PALE if padding else _PAPER,
                                 edgecolor=style.RULE, linewidth=0.8))  # fmt: skip
        if part.signs and value:
            axes.add_patch(Rectangle((x, y), CELL, CELL, linewidth=0,
                                     facecolor=POSITIVE if value > 0 else NEGATIVE,
                                     alpha=0.45 * abs(value) / largest))  # fmt: skip
        if part.until is None or (row, column) <= part.until:
            colour = _FAINT if padding else _DARK
            axes.text(x + CELL / 2, y + CELL / 2, number_text(value), ha="center", va="center",
                      fontsize=8.5, color=colour, zorder=3)  # fmt: skip


def _draw_sign(axes: Any, part: _Part, parts: list[_Part]) -> None:
    row = [each.size[1] for each in parts if each.y == part.y and each.values.size]
    axes.text(part.x + GAP / 2, _top(part) + min(row) / 2, part.sign, ha="center", va="center",
              fontsize=14, color=style.QUIET)  # fmt: skip


def _draw_mark(
    axes: Any, part: _Part, corner: Place, size: tuple[int, ...], colour: str, filled: bool
) -> None:
    from matplotlib.patches import Rectangle

    place = part.x + corner[1] * CELL, _top(part) + corner[0] * CELL
    look = {"facecolor": colour, "alpha": 0.28, "linewidth": 0} if filled else {
        "fill": False, "edgecolor": colour, "linewidth": 2.2, "zorder": 4}  # fmt: skip
    axes.add_patch(Rectangle(place, size[1] * CELL, size[0] * CELL, **look))
