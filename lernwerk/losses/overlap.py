"""Losses for areas in pictures: how little targets and predictions overlap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.errors import NOT_NEGATIVE, check_ranges
from lernwerk.losses.alignment import aligned
from lernwerk.losses.loss import SUM_OVER_BATCH_SIZE, Loss
from lernwerk.ops.primitive import composite

EPSILON = 1e-7  # Keras's backend.epsilon(), so that two empty areas can be compared
Axes = int | Sequence[int] | None


@composite
def dice(y_true: Any, y_pred: Any, axis: Axes = None) -> Tensor:
    """1 - 2 sum(t p) / (sum(t) + sum(p) + 1e-7), sums over ``axis`` (None: over everything).

    Shapes: y_true (*s), y_pred (*s) -> (), or the axes that are left
    Source: Milletari, Navab & Ahmadi 2016, arXiv:1606.04797; Sudre et al. 2017, arXiv:1707.03237.
    """
    t, p = aligned("dice", y_true, y_pred)
    both, targets, predictions = (_total(x, axis) for x in (t * p, t, p))
    return 1.0 - 2.0 * both / (targets + predictions + EPSILON)


@composite
def tversky(
    y_true: Any, y_pred: Any, alpha: float = 0.5, beta: float = 0.5, axis: Axes = None
) -> Tensor:
    """1 - b / (b + alpha sum(t (1 - p)) + beta sum(p (1 - t)) + 1e-7) with b = sum(t p).

    ``alpha`` weighs what is missed, ``beta`` what is found wrongly; Keras computes the same, and
    describes it the other way round. With 1/2 and 1/2 it is ``dice``.

    Shapes: y_true (*s), y_pred (*s) -> (), or the axes that are left
    Source: Salehi, Erdogmus & Gholipour 2017, arXiv:1706.05721.
    """
    t, p = aligned("tversky", y_true, y_pred)
    both = _total(t * p, axis)
    missed, wrong = _total(t * (1.0 - p), axis), _total(p * (1.0 - t), axis)
    return 1.0 - both / (both + alpha * missed + beta * wrong + EPSILON)


def _total(x: Tensor, axis: Axes) -> Tensor:
    return ops.sum(x, axis=tuple(axis) if isinstance(axis, (list, tuple)) else axis)


class Dice(Loss):
    """The overlap that is missing; see ``dice``."""

    def __init__(
        self,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        name: str = "dice",
        axis: Axes = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.axis = axis

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """The values of ``dice``."""
        return dice(y_true, y_pred, self.axis)


class Tversky(Loss):
    """The overlap that is missing, with two kinds of mistakes; see ``tversky``."""

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        name: str = "tversky",
        axis: Axes = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.alpha, self.beta, self.axis = alpha, beta, axis
        check_ranges("Tversky", vars(self), {"alpha": NOT_NEGATIVE, "beta": NOT_NEGATIVE})

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """The values of ``tversky``."""
        return tversky(y_true, y_pred, self.alpha, self.beta, self.axis)
