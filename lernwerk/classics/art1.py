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

SHOWN = 40  # categories in the picture, four rows of ten


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
        self.templates = self.templates[:0, :0]
        self.resets = 0
        for _epoch in range(epochs):
            self.learn(x)
        return self

    def predict(self, x: Any, vigilance: float | None = None) -> Array:
        """The category in which each row would find resonance, -1 where in none.

        Another ``vigilance`` than that of learning: with 0 the first choice is always taken.
        """
        checks.fitted("ART1.predict", self.templates if len(self.templates) else None)
        x = self._pictures("ART1.predict", x)
        return np.array([self._search(row, vigilance)[0] for row in x], dtype=int)

    def _search(self, x: Array, vigilance: float | None = None) -> tuple[int, int]:
        """(category, resets before it was found); (-1, resets) where none resonates."""
        common = self.templates @ x
        choice = common / (self.beta + self.templates.sum(axis=1))
        resonates = common >= (self.vigilance if vigilance is None else vigilance) * x.sum()
        order = np.argsort(-choice, kind="stable")
        found = np.flatnonzero(resonates[order])
        return (int(order[found[0]]), int(found[0])) if len(found) else (-1, len(order))

    def _learn(self, x: Array) -> int:
        category, resets = self._search(x)
        self.resets += resets
        if category >= 0:
            self.templates[category] *= x
        elif len(self.templates) < self.most:
            self.templates = np.concatenate([self.templates, x[None]])
            category = len(self.templates) - 1
        return category

    def _pictures(self, where: str, x: Any) -> Array:
        width = self.templates.shape[1] if len(self.templates) else None
        return checks.binary_rows(where, x, width).astype(np.float32)

    def picture(self) -> Figure:
        """What the first categories expect, in the order in which they were made."""
        shown = self.templates[:SHOWN]
        side = round(shown.shape[1] ** 0.5)
        shape = (side, side) if side**2 == shown.shape[1] else (-1, 5)
        with style.styled():
            figure = style.new_figure(6.6, 3.6)
            title = _("{count} categories at vigilance {vigilance}")
            text = title.format(count=len(self.templates), vigilance=self.vigilance)
            figure.suptitle(text, x=0.01, ha="left", fontsize=9.5)
            grid = figure.subplots(4, 10, gridspec_kw={"wspace": 0.15, "hspace": 0.15}).ravel()
            for axes in grid:
                axes.set_axis_off()
            for axes, template in zip(grid, shown, strict=False):
                axes.imshow(template.reshape(shape), cmap="Greys", vmin=0, vmax=1)
        return figure
