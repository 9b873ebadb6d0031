"""From one value per sample to one number: weights, masks, and reductions as Keras names them."""

from __future__ import annotations

from typing import Any

from lernwerk import ops
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import ArgumentError, nearest
from lernwerk.losses.alignment import fitted_weights

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none")
_MEANS = ("sum_over_batch_size", "mean")


def checked_reduction(where: str, reduction: str | None) -> str | None:
    """The reduction, refused where it has no known name; None means 'none'."""
    if reduction is not None and reduction not in REDUCTIONS:
        raise ArgumentError(
            where, "the name of a known reduction", repr(reduction),
            nearest(str(reduction), REDUCTIONS),
        )  # fmt: skip
    return reduction


def divide_or_zero(numerator: Tensor, denominator: Tensor) -> Tensor:
    """a / b, and 0 where b is 0."""
    empty = ops.equal(denominator, 0.0)
    return ops.where(empty, 0.0, numerator / ops.where(empty, 1.0, denominator))


def combined_weights(
    where: str, weights: Any, mask: Any, values: Tensor, reduction: str | None
) -> Tensor | None:
    """Weights and mask as one factor for each value; None where there is neither.

    With a mask the means are taken over the values that it keeps: these weigh total / kept.
    """
    fitted = None if weights is None else fitted_weights(where, weights, values)
    if mask is None:
        return fitted
    kept = fitted_weights(where, as_tensor(mask).astype(values.dtype), values)
    if reduction in _MEANS:
        kept = kept * divide_or_zero(as_tensor(float(values.size), values.dtype), ops.sum(kept))
    return kept if fitted is None else fitted * kept


def reduced(values: Tensor, weights: Tensor | None, reduction: str | None) -> Tensor:
    """The weighted values, their sum, or their mean.

    sum_over_batch_size, mean:   sum(w * v) / number of values
    mean_with_sample_weight:     sum(w * v) / sum(w)
    Shapes: values (*s), weights (*s) -> () or, with 'none', (*s)
    """
    weighted = values if weights is None else values * weights
    if reduction in (None, "none") or values.shape in ((), (0,)):
        return weighted
    total = ops.sum(weighted)
    if reduction == "sum":
        return total
    if reduction == "mean_with_sample_weight" and weights is not None:
        return divide_or_zero(total, ops.sum(weights))
    return total / float(values.size) if values.size else total
