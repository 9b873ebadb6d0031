"""How predictions at thresholds are counted: right and wrong, among actual ones and others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from lernwerk import ops
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import ArgumentError, Range, ShapeError
from lernwerk.losses.alignment import aligned, fitted_weights

LOWEST = -1e10  # the score of classes that are not among the best k, as in Keras
# Whether a value is an actual one, and whether it is chosen.
KINDS = {
    "true_positives": (True, True),
    "false_positives": (False, True),
    "true_negatives": (False, False),
    "false_negatives": (True, False),
}


class Values(NamedTuple):
    """Targets, scores and weights of one shape."""

    targets: Tensor
    scores: Tensor
    weights: Tensor

    def column(self, where: str, number: int) -> Values:
        """One class only: (*b, k) -> (*b)."""
        shape = self.scores.shape
        if len(shape) < 2 or number >= shape[-1]:
            raise ShapeError(where, f"at least {number + 1} columns (class_id)", shape)
        return Values(*(each[..., number] for each in self))


def fitted_values(
    where: str, y_true: Any, y_pred: Any, sample_weight: Any, dtype: str, class_id: int | None
) -> Values:
    """What is counted, in one shape and type; ShapeError where it does not fit."""
    t, p = aligned(where, y_true, as_tensor(y_pred, dtype))
    weights = fitted_weights(where, 1.0 if sample_weight is None else sample_weight, p)
    values = Values(t, p, weights)
    return values if class_id is None else values.column(where, class_id)


def checked_thresholds(where: str, thresholds: Any) -> list[float] | None:
    """The thresholds as a list; ArgumentError for one outside [0, 1]."""
    if thresholds is None:
        return None
    levels = [float(each) for each in np.atleast_1d(thresholds)]
    if any(level not in Range(0, 1) for level in levels):
        raise ArgumentError(where, f"thresholds to be {Range(0, 1)}", repr(thresholds))
    return levels


def count(values: Values, levels: Sequence[float], kinds: Sequence[str]) -> list[Tensor]:
    """The weights of the values of each kind, a value being chosen above the threshold.

    Shapes: values (*s), thresholds (n) -> (n) for each kind
    """
    t, p, w = (each.reshape(1, -1) for each in values)
    chosen = ops.greater(p, as_tensor(np.array(levels, p.dtype)[:, None]))  # (n, values)
    actual = ops.not_equal(t, 0.0)
    counts = []
    for is_actual, is_chosen in (KINDS[kind] for kind in kinds):
        of_class = actual if is_actual else ops.logical_not(actual)
        of_side = chosen if is_chosen else ops.logical_not(chosen)
        counts.append(ops.sum(ops.where(ops.logical_and(of_class, of_side), w, 0.0), axis=1))
    return counts


def count_evenly(values: Values, number: int, open_ended: bool) -> list[Tensor]:
    """The counts of all four kinds at n evenly spaced thresholds from 0 to 1.

    Every value is put into the interval it lies in; the sums from above are the chosen ones.
    ``open_ended``: the first threshold is a little below 0, so that a score of 0 is above it.

    Shapes: values (v, k) -> (n, k) four times
    """
    labels = values.scores.shape[1]
    p = ops.minimum(values.scores, 1.0)
    place = ops.where(ops.greater(p, 0.0), ops.ceil(p * float(number - 1)), 0.0)  # 0 for NaN too
    place = ops.maximum(place, 1.0) if open_ended else place
    first = as_tensor(np.arange(labels) * number, "int32")
    at = (place.astype("int32") + first).reshape(-1)
    actual = ops.not_equal(values.targets, 0.0)
    positives = _above(at, ops.where(actual, values.weights, 0.0), number, labels)
    negatives = _above(at, ops.where(actual, 0.0, values.weights), number, labels)
    (hits, actual_total), (alarms, other_total) = positives, negatives
    return [hits, alarms, other_total - alarms, actual_total - hits]


def _above(at: Tensor, weights: Tensor, number: int, labels: int) -> tuple[Tensor, Tensor]:
    """The weights above each threshold (n, k), and all of them (k)."""
    sums = ops.scatter_add(at, weights.reshape(-1), length=number * labels)
    sums = sums.reshape(labels, number)
    from_above = ops.flip(ops.cumsum(ops.flip(sums, axes=(1,)), axis=1), axes=(1,))
    above = ops.pad(from_above[:, 1:], widths=((0, 0), (0, 1)))
    return above.T, from_above[:, 0]


def best(p: Tensor, k: int) -> Tensor:
    """The scores of the best k classes of each sample, all others lowest."""
    _, positions = ops.top_k(p, k=min(k, p.shape[-1]))
    chosen = ops.any(ops.one_hot(positions, depth=p.shape[-1], dtype="bool"), axis=-2)
    return ops.where(chosen, p, LOWEST)
