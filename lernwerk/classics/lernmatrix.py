"""Steinbuch's Lernmatrix: a grid of wires whose crossings close where both wires carry a signal.

Columns are features, rows are meanings. Shown a feature pattern together with its meaning once, the
matrix connects them for good. Later features find their meaning (the row that gets the most current
fires), and a meaning finds its features. It was the first associative memory built in hardware.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from lernwerk.classics import checks
from lernwerk.errors import COUNT, check_ranges
from lernwerk.language import translate as _
from lernwerk.ops.primitive import Array
from lernwerk.plots import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Lernmatrix:
    """A binary associative memory.

    learn:   a crossing closes, for good, where feature j and meaning i are on together
    recall:  meaning i is on where its closed crossings with features that are on are the most

    ``both_signs`` gives each feature a second wire that is on where the feature is off, so that
    what is missing counts as well; without it a pattern inside another one is mistaken for it.
    Shapes: x (rows, features), y (rows, meanings), both 0 or 1; crossings (wires, meanings).
    Source: K. Steinbuch 1961, Die Lernmatrix, Kybernetik 1, 36-45. Its capacity: D. J. Willshaw,
    O. P. Buneman and H. C. Longuet-Higgins 1969, Non-holographic associative memory, Nature 222.
    """

    def __init__(self, features: int, meanings: int, both_signs: bool = False) -> None:
        given = {"features": features, "meanings": meanings}
        check_ranges("Lernmatrix", given, dict.fromkeys(given, COUNT))
        self.both_signs = both_signs
        wires = 2 * features if both_signs else features
        self.crossings = np.zeros((wires, meanings), dtype=bool)

    def _wires(self, where: str, x: Any) -> Array:
        features = len(self.crossings) // (2 if self.both_signs else 1)
        x = checks.binary_rows(where, x, features)
        return np.concatenate([x, ~x], axis=1) if self.both_signs else x

    def learn(self, x: Any, y: Any) -> Self:
        """Add pairs of features and meanings, each shown once."""
        wires = self._wires("Lernmatrix.learn", x)
        y = checks.binary_rows("Lernmatrix.learn", y, self.crossings.shape[1])
        together = wires.T.astype(np.float32) @ y.astype(np.float32)
        self.crossings |= together > 0
        return self

    def fit(self, x: Any, y: Any) -> Self:
        """Forget everything, then ``learn``."""
        self.crossings[:] = False
        return self.learn(x, y)

    def predict(self, x: Any) -> Array:
        """The meanings of each row of features, bool (rows, meanings)."""
        wires = self._wires("Lernmatrix.predict", x)
        return _most(wires.astype(np.float32) @ self.crossings.astype(np.float32))

    def features_of(self, y: Any) -> Array:
        """The other way round: the features that belong to each row of meanings."""
        y = checks.binary_rows("Lernmatrix.features_of", y, self.crossings.shape[1])
        found = _most(y.astype(np.float32) @ self.crossings.T.astype(np.float32))
        return found[:, : found.shape[1] // 2] if self.both_signs else found

    @property
    def filled(self) -> float:
        """The share of crossings that are closed; at about a half the memory is full."""
        return float(self.crossings.mean())

    def picture(self) -> Figure:
        """The grid: a dark square is a closed crossing."""
        with style.styled():
            figure = style.new_figure(6.0, 3.4)
            title = _("{share:.0%} of the crossings are closed").format(share=self.filled)
            axes = style.new_axes(figure, title)
            axes.imshow(self.crossings.T, cmap="Blues", vmin=0, vmax=1.3, aspect="auto")
            axes.set(xlabel=_("features"), ylabel=_("meanings"))
            axes.grid(visible=False)
        return figure


def _most(currents: Array) -> Array:
    """Where a row is largest, ties together; nothing where no current flows."""
    most = currents.max(axis=1, keepdims=True)
    return (currents == most) & (most > 0)
