"""ART-1 of Carpenter and Grossberg: categories that new knowledge does not destroy.

A picture proposes itself to the category that resembles it most. Resonance, and learning, come
about only where enough of the picture is found again in what that category expects; otherwise the
next is asked, and where none fits, a new one is made. ``vigilance`` says how much is enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from lernwerk.classics import checks
from lernwerk.errors import COUNT, POSITIVE, Range, check_ranges
from lernwerk.language import translate as _
from lernwerk.ops.primitive import Array
from lernwerk.plots import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN, COLUMNS = 40, 10  # categories in the picture


class ART1:
    """Categories of binary patterns, found without a teacher, with fast learning.

    choice:    the categories in the order of |x and w| / (beta + |w|), the largest first
    vigilance: |x and w| / |x| >= vigilance, else the category is reset and the next one asked
    learning:  w = x and w;  a new category begins as x itself

    Templates only ever lose points, so learning comes to rest, and a category changes only for
    pictures that resemble it. At most ``most`` categories are made; then a picture without one gets
    -1. Shapes: x (rows, points) 0 or 1 -> categories (rows); templates (categories, points).
    Source: G. A. Carpenter and S. Grossberg 1987, A massively parallel architecture for a
    self-organizing neural pattern recognition machine, Computer Vision, Graphics, and Image
    Processing 37, 54-115.
    """

    def __init__(self, vigilance: float = 0.7, beta: float = 1.0, most: int = 10_000) -> None:
        given = {"vigilance": vigilance, "beta": beta, "most": most}
        ranges = {"vigilance": Range(0, 1), "beta": POSITIVE, "most": COUNT}
        check_ranges("ART1", given, ranges)
        self.vigilance = vigilance
        self.beta = beta
        self.most = most
        self.templates: Array = np.zeros((0, 0), dtype=np.float32)
        self.sizes: Array = np.zeros(0, dtype=np.float32)  # the points of each template
        self.resets = 0

    def learn(self, x: Any) -> Array:
        """See each row once; the categories they were put into."""
        x = self._pictures("ART1.learn", x)
        if not len(self.templates):
            self.templates = np.zeros((0, x.shape[1]), dtype=np.float32)
        return np.array([self._learn(row) for row in x], dtype=int)

    def fit(self, x: Any, epochs: int = 1) -> Self:
        """Learn from the beginning, seeing all rows so many times."""
        check_ranges("ART1.fit", {"epochs": epochs}, {"epochs": COUNT})
        self.templates, self.sizes = self.templates[:0, :0], self.sizes[:0]
        self.resets = 0
        for _epoch in range(epochs):
            self.learn(x)
        return self

    def predict(self, x: Any, vigilance: float | None = None) -> Array:
        """The category in which each row would find resonance, -1 where in none.

        Another ``vigilance`` than that of learning: with 0 the first choice is always taken.
        """
        checks.fitted("ART1.predict", self.templates if len(self.templates) else None)
        choice, resonates = self._compare(self._pictures("ART1.predict", x), vigilance)
        best = np.where(resonates, choice, -1.0).argmax(axis=1)
        return np.where(resonates.any(axis=1), best, -1)

    def _compare(self, x: Array, vigilance: float | None = None) -> tuple[Array, Array]:
        """(choice, whether there is resonance) of each picture and category."""
        enough = self.vigilance if vigilance is None else vigilance
        common = x @ self.templates.T  # (rows, categories)
        choice = common / (self.beta + self.sizes)
        return choice, common >= enough * x.sum(axis=1, keepdims=True)

    def _learn(self, x: Array) -> int:
        choice, resonates = self._compare(x[None])
        order = np.argsort(-choice[0], kind="stable")
        found = np.flatnonzero(resonates[0, order])
        self.resets += int(found[0]) if len(found) else len(order)
        if len(found):
            return self._resonate(int(order[found[0]]), x)
        if len(self.templates) == self.most:
            return -1
        self.templates = np.concatenate([self.templates, x[None]])
        self.sizes = np.append(self.sizes, x.sum())
        return len(self.templates) - 1

    def _resonate(self, category: int, x: Array) -> int:
        self.templates[category] *= x
        self.sizes[category] = self.templates[category].sum()
        return category

    def _pictures(self, where: str, x: Any) -> Array:
        width = self.templates.shape[1] if len(self.templates) else None
        return checks.binary_rows(where, x, width).astype(np.float32)

    def picture(self) -> Figure:
        """What the first categories expect, in the order in which they were made."""
        height, width = self._shape()
        sheet = np.zeros((SHOWN // COLUMNS, height + 2, COLUMNS, width + 2))
        for index, template in enumerate(self.templates[:SHOWN]):
            row, column = divmod(index, COLUMNS)
            sheet[row, 1:-1, column, 1:-1] = template.reshape(height, width)
        with style.styled():
            figure = style.new_figure(
                5.4, 5.4 * sheet.shape[0] * (height + 2) / sheet[0, 0].size + 0.3
            )
            title = _("{count} categories at vigilance {vigilance}")
            text = title.format(count=len(self.templates), vigilance=self.vigilance)
            axes = style.new_axes(figure, text)
            axes.imshow(sheet.reshape(-1, COLUMNS * (width + 2)), cmap="Greys", vmin=0, vmax=1)
            axes.set_axis_off()
        return figure

    def _shape(self) -> tuple[int, int]:
        """How a template is drawn: as a square, as a letter of rows of five, or as one row."""
        points = self.templates.shape[1]
        side = round(points**0.5)
        if side**2 == points:
            return side, side
        return (points // 5, 5) if points % 5 == 0 else (1, points)
