"""Correlations: how well predictions move with the targets, along an axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.losses.alignment import aligned
from lernwerk.metrics.mean import FunctionMetric

EPSILON = 1e-7  # Keras's backend.epsilon()
Axes = int | Sequence[int]


def pearson_correlation(y_true: Any, y_pred: Any, axis: Axes = -1) -> Tensor:
    """The correlation coefficient: mean((t - mt) (p - mp)) / (st sp), from -1 to 1.

    m is the mean, s the standard deviation along the axis.

    Shapes: y_true (*b, c), y_pred (*b, c) -> (*b)
    Source: Pearson 1895, doi:10.1098/rspl.1895.0041.
    """
    t, p = aligned("pearson_correlation", y_true, y_pred)
    over = _axes(axis)
    (t, st), (p, sp) = _centred(t, over), _centred(p, over)
    return ops.mean((t / st) * (p / sp), axis=over)


def _centred(x: Tensor, axis: Any) -> tuple[Tensor, Tensor]:
    """x minus its mean, and the standard deviation."""
    x = x - ops.mean(x, axis=axis, keepdims=True)
    return x, ops.sqrt(ops.mean(ops.square(x), axis=axis, keepdims=True))


def concordance_correlation(y_true: Any, y_pred: Any, axis: Axes = -1) -> Tensor:
    """The agreement of the numbers themselves: 2 cov(t, p) / (vt + vp + (mt - mp)^2).

    m is the mean, v the variance along the axis.

    Shapes: y_true (*b, c), y_pred (*b, c) -> (*b)
    Source: Lin 1989, doi:10.2307/2532051.
    """
    t, p = aligned("concordance_correlation", y_true, y_pred)
    over = _axes(axis)
    apart = ops.mean(t, axis=over, keepdims=True) - ops.mean(p, axis=over, keepdims=True)
    (t, st), (p, sp) = _centred(t, over), _centred(p, over)
    spread = ops.square(st) + ops.square(sp) + ops.square(apart)
    return ops.mean(2.0 * t * p / (spread + EPSILON), axis=over)


def _axes(axis: Axes) -> Any:
    return axis if isinstance(axis, int) else tuple(axis)


class _Correlation(FunctionMetric):
    """The mean of a correlation along an axis."""

    function: ClassVar[Any]

    def __init__(self, name: str | None = None, dtype: str | None = None, axis: Axes = -1) -> None:
        super().__init__(name, dtype)
        self.axis = axis

    def values(self, y_true: Any, y_pred: Any) -> Tensor:
        """The values of the function."""
        return type(self).function(y_true, y_pred, self.axis)


class PearsonCorrelation(_Correlation):
    """The mean correlation coefficient; see ``pearson_correlation``."""

    function = staticmethod(pearson_correlation)


class ConcordanceCorrelation(_Correlation):
    """The mean agreement; see ``concordance_correlation``."""

    function = staticmethod(concordance_correlation)
