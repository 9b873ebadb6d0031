"""Limits on weights that hold after each update, under Keras's names.

A constraint is a function of the weights; the optimizer applies that of ``variable.constraint``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lernwerk import ops
from lernwerk.configurable import Configurable, resolve, serialize
from lernwerk.configurable import deserialize as _deserialize
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import NOT_NEGATIVE, Range, check_ranges

EPSILON = 1e-7  # Keras's backend.epsilon(), so that nothing is divided by 0
Axes = int | Sequence[int]


class Constraint(Configurable):
    """Base of the constraints: ``constraint(weights)`` gives the weights that are allowed.

    Source: https://keras.io/api/layers/constraints/
    """

    family = "constraints"

    def __call__(self, w: Any) -> Tensor:
        """The nearest allowed weights; here all are allowed."""
        return as_tensor(w)


class MaxNorm(Constraint):
    """Vectors of weights at most ``max_value`` long: w * min(|w|, max_value) / (1e-7 + |w|).

    ``axis``: the axis, or axes, along which a vector lies; 0 for the kernel of a Dense layer,
    [0, 1, 2] for that of a Conv2D layer.

    Shapes: w (*s) -> (*s)
    Source: Srivastava et al. 2014, Journal of Machine Learning Research 15, section 5.1.
    """

    def __init__(self, max_value: float = 2, axis: Axes = 0) -> None:
        self.max_value, self.axis = max_value, axis
        check_ranges("MaxNorm", {"max_value": max_value}, {"max_value": NOT_NEGATIVE})

    def __call__(self, w: Any) -> Tensor:
        """Weights of allowed length."""
        w = as_tensor(w)
        length = _length(w, self.axis)
        return w * (ops.minimum(length, float(self.max_value)) / (length + EPSILON))


class NonNeg(Constraint):
    """Weights that are not negative: max(w, 0).

    Shapes: w (*s) -> (*s)
    Source: https://keras.io/api/layers/constraints/
    """

    def __call__(self, w: Any) -> Tensor:
        """The weights, 0 in the place of negative ones."""
        return ops.maximum(as_tensor(w), 0.0)


class UnitNorm(Constraint):
    """Vectors of weights of length 1: w / (1e-7 + |w|), along ``axis`` as in ``MaxNorm``.

    Shapes: w (*s) -> (*s)
    Source: https://keras.io/api/layers/constraints/
    """

    def __init__(self, axis: Axes = 0) -> None:
        self.axis = axis

    def __call__(self, w: Any) -> Tensor:
        """Weights of length 1."""
        w = as_tensor(w)
        return w / (_length(w, self.axis) + EPSILON)


class MinMaxNorm(Constraint):
    """Vectors of weights at least ``min_value`` and at most ``max_value`` long.

    w * (rate * clip(|w|, min_value, max_value) + (1 - rate) * |w|) / (1e-7 + |w|)
    With ``rate`` below 1 each update goes only a part of the way; ``axis`` as in ``MaxNorm``.

    Shapes: w (*s) -> (*s)
    Source: https://keras.io/api/layers/constraints/
    """

    def __init__(
        self,
        min_value: float = 0.0,
        max_value: float = 1.0,
        rate: float = 1.0,
        axis: Axes = 0,
    ) -> None:
        self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis
        ranges = {"min_value": NOT_NEGATIVE, "max_value": NOT_NEGATIVE, "rate": Range(0, 1)}
        check_ranges("MinMaxNorm", vars(self), ranges)

    def __call__(self, w: Any) -> Tensor:
        """Weights of allowed length, or on the way to it."""
        w = as_tensor(w)
        length = _length(w, self.axis)
        allowed = ops.minimum(ops.maximum(length, float(self.min_value)), float(self.max_value))
        wanted = self.rate * allowed + (1.0 - self.rate) * length
        return w * (wanted / (length + EPSILON))


def _length(w: Tensor, axis: Axes) -> Tensor:
    axes = axis if isinstance(axis, int) else tuple(axis)
    return ops.sqrt(ops.sum(ops.square(w), axis=axes, keepdims=True))


max_norm, non_neg, unit_norm, min_max_norm = MaxNorm, NonNeg, UnitNorm, MinMaxNorm
maxnorm, nonneg, unitnorm = MaxNorm, NonNeg, UnitNorm  # the names in Keras 1

NAMES: Mapping[str, type[Constraint]] = {
    "max_norm": MaxNorm, "non_neg": NonNeg, "unit_norm": UnitNorm, "min_max_norm": MinMaxNorm,
    "maxnorm": MaxNorm, "nonneg": NonNeg, "unitnorm": UnitNorm,
    "MaxNorm": MaxNorm, "NonNeg": NonNeg, "UnitNorm": UnitNorm, "MinMaxNorm": MinMaxNorm,
}  # fmt: skip


def get(identifier: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """A constraint from its name, config, class, function or itself; None is none.

    Raises ArgumentError with the nearest name.
    """
    return resolve(identifier, "constraints", NAMES, custom_objects)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The constraint that a written form, or a name, describes."""
    if isinstance(config, str):
        return get(config, custom_objects)
    return _deserialize(config, "constraints", custom_objects)


__all__ = [
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
    "deserialize",
    "get",
    "max_norm",
    "maxnorm",
    "min_max_norm",
    "non_neg",
    "nonneg",
    "serialize",
    "unit_norm",
    "unitnorm",
]
