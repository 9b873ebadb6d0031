"""Precision and recall: shares of true positives at one or several thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lernwerk import ops
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import COUNT, ArgumentError, Range, ShapeError, check_ranges
from lernwerk.losses.alignment import aligned, fitted_weights
from lernwerk.losses.reduction import divide_or_zero
from lernwerk.metrics.metric import Metric

_LOWEST = -1e10  # the score of classes that are not among the best k, as in Keras
_COUNTS = {"top_k": COUNT, "class_id": Range(0, integer=True)}


class _Share(Metric):
    """True positives divided by themselves and one kind of mistake."""

    def __init__(
        self,
        mistake: str,
        thresholds: float | Sequence[float] | None,
        top_k: int | None,
        class_id: int | None,
        name: str | None,
        dtype: str | None,
    ) -> None:
        super().__init__(dtype, name)
        where = type(self).__name__
        self.thresholds, self.top_k, self.class_id = thresholds, top_k, class_id
        check_ranges(where, {"top_k": top_k, "class_id": class_id}, _COUNTS)
        levels = self._levels()
        given = [] if thresholds is None else levels
        if any(level not in Range(0, 1) for level in given):
            raise ArgumentError(where, f"thresholds to be {Range(0, 1)}", repr(thresholds))
        shape = (len(levels),)
        self.true_positives = self.add_variable(shape, name="true_positives")
        self.mistakes = self.add_variable(shape, name=mistake)

    def _levels(self) -> list[float]:
        """The thresholds as a list; 0.5, or with ``top_k`` none, where they are not given."""
        if self.thresholds is None:
            return [_LOWEST if self.top_k else 0.5]
        return [float(each) for each in np.atleast_1d(self.thresholds)]

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count the hits and mistakes of a batch."""
        t, p = aligned(self.name, y_true, as_tensor(y_pred, self.dtype))
        weights = fitted_weights(self.name, 1.0 if sample_weight is None else sample_weight, p)
        if self.top_k is not None:
            p = _best(p, self.top_k)
        if self.class_id is not None:
            t, p, weights = (self._column(each) for each in (t, p, weights))
        levels = as_tensor(np.array(self._levels(), p.dtype)[:, None])  # (thresholds, 1)
        chosen = ops.greater(p.reshape(1, -1), levels)  # (thresholds, values)
        actual = ops.not_equal(t, 0.0).reshape(1, -1)
        w = weights.reshape(1, -1)
        hits = ops.logical_and(actual, chosen)
        self.true_positives.assign_add(ops.sum(ops.where(hits, w, 0.0), axis=1))
        self.mistakes.assign_add(ops.sum(ops.where(self.wrong(actual, chosen), w, 0.0), axis=1))

    def wrong(self, actual: Tensor, chosen: Tensor) -> Tensor:
        """Where the kind of mistake is made that this share counts."""
        raise NotImplementedError

    def _column(self, x: Tensor) -> Tensor:
        position = self.class_id or 0
        if x.ndim < 2 or position >= x.shape[-1]:
            raise ShapeError(self.name, f"at least {position + 1} columns (class_id)", x.shape)
        return x[..., position]

    def result(self) -> Tensor:
        """The share so far, one number for each threshold if there are several; 0 for 0 / 0."""
        hits = self.true_positives.read()
        share = divide_or_zero(hits, hits + self.mistakes)
        return share[0] if share.shape == (1,) else share


def _best(p: Tensor, k: int) -> Tensor:
    """The scores of the best k classes of each sample, all others lowest."""
    _, positions = ops.top_k(p, k=min(k, p.shape[-1]))
    chosen = ops.any(ops.one_hot(positions, depth=p.shape[-1], dtype="bool"), axis=-2)
    return ops.where(chosen, p, _LOWEST)


class Precision(_Share):
    """The share of right ones among the chosen: true positives / (true + false positives).

    A value is chosen where the prediction is above the threshold (0.5); ``top_k`` chooses the best
    k classes of each sample instead, ``class_id`` looks at one class only. ``thresholds`` may be
    several.

    Shapes: y_true (*s), y_pred (*s) -> () or (thresholds)
    Source: https://keras.io/api/metrics/classification_metrics/
    """

    def __init__(
        self,
        thresholds: float | Sequence[float] | None = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__("false_positives", thresholds, top_k, class_id, name, dtype)
        self.false_positives = self.mistakes

    def wrong(self, actual: Tensor, chosen: Tensor) -> Tensor:
        """Chosen, but not actual."""
        return ops.logical_and(ops.logical_not(actual), chosen)


class Recall(_Share):
    """The share of actual ones that are chosen: true positives / (true pos. + false negatives).

    Arguments as for ``Precision``.

    Shapes: y_true (*s), y_pred (*s) -> () or (thresholds)
    Source: https://keras.io/api/metrics/classification_metrics/
    """

    def __init__(
        self,
        thresholds: float | Sequence[float] | None = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__("false_negatives", thresholds, top_k, class_id, name, dtype)
        self.false_negatives = self.mistakes

    def wrong(self, actual: Tensor, chosen: Tensor) -> Tensor:
        """Actual, but not chosen."""
        return ops.logical_and(actual, ops.logical_not(chosen))
