"""The linear associator of Kohonen and Anderson: memories laid on top of each other in one matrix.

Every pair of key and answer leaves the outer product of the two in the same weights. A key brings
its answer back, clean where the keys are at right angles, else with a little of every other
answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from lernwerk.classics import checks
from lernwerk.errors import ShapeError, check_name
from lernwerk.language import translate as _
from lernwerk.ops.primitive import Array
from lernwerk.plots import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RULES = ("correlation", "projection")


class LinearAssociator:
    """Answers recalled by one product with a matrix.

    correlation (1972):  w = sum over pairs of  x y^T / (x x)      (keys, answers)
    projection (1973):   w = pseudo-inverse of all x, times all y: the least error that a matrix has

    Recall is ``x w``. Correlation is Hebb's rule and adds pair by pair; projection must know all
    keys at once and is exact while no key is a combination of the others.
    Shapes: x (rows, keys), y (rows, answers); weights (keys, answers).
    Source: T. Kohonen 1972, Correlation matrix memories, IEEE Transactions on Computers C-21,
    353-359; J. A. Anderson 1972, A simple neural network generating an interactive memory,
    Mathematical Biosciences 14, 197-220; T. Kohonen and M. Ruohonen 1973, Representation of
    associated data by matrix operators, IEEE Transactions on Computers C-22, 701-702.
    """

    def __init__(self, rule: Literal["correlation", "projection"] = "correlation") -> None:
        check_name("LinearAssociator", "rule", rule, RULES)
        self.rule = rule
        self.weights: Array | None = None

    def fit(self, x: Any, y: Any | None = None) -> Self:
        """Store the pairs; ``y`` is ``x`` itself where none is given (a memory of pictures)."""
        x = checks.rows("LinearAssociator.fit", x)
        y = x if y is None else checks.rows("LinearAssociator.fit", y)
        if len(x) != len(y):
            raise ShapeError("LinearAssociator.fit", f"{len(x)} answers", len(y))
        if self.rule == "projection":
            self.weights = np.linalg.pinv(x) @ y
        else:
            energy = np.maximum(np.square(x).sum(axis=1, keepdims=True), 1e-12)
            self.weights = (x / energy).T @ y
        return self

    def predict(self, x: Any) -> Array:
        """What each key recalls, (rows, answers)."""
        weights = checks.fitted("LinearAssociator.predict", self.weights)
        return checks.rows("LinearAssociator.predict", x, len(weights)) @ weights

    def picture(self) -> Figure:
        """The matrix: all memories in the same place."""
        weights = checks.fitted("LinearAssociator.picture", self.weights)
        most = float(np.quantile(np.abs(weights), 0.999)) or 1.0
        with style.styled():
            figure = style.new_figure(4.6, 3.8)
            axes = style.new_axes(figure, _("all memories in one matrix"))
            image = axes.imshow(weights, cmap="RdBu_r", vmin=-most, vmax=most, aspect="auto")
            axes.set(xlabel=_("answer"), ylabel=_("key"))
            axes.grid(visible=False)
            figure.colorbar(image, ax=axes)
        return figure


def cosine(one: Any, other: Any) -> Array:
    """How alike two vectors are, row by row: 1 the same direction, 0 at right angles."""
    lengths = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    return np.sum(np.multiply(one, other), axis=-1) / np.maximum(lengths, 1e-12)
