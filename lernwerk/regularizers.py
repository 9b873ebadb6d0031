"""Penalties on weights: sums of absolute values and of squares, angles, under Keras's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lernwerk import ops
from lernwerk.configurable import Configurable, resolve, serialize
from lernwerk.configurable import deserialize as _deserialize
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import NOT_NEGATIVE, ShapeError, check_name, check_ranges

_MODES = ("rows", "columns")
_TINY = 1e-12  # the smallest square of a length that is divided by


class Regularizer(Configurable):
    """Base of the penalties: ``regularizer(weights)`` is a number that is added to the loss.

    Source: https://keras.io/api/layers/regularizers/
    """

    family = "regularizers"

    def __call__(self, x: Any) -> Tensor:
        """The penalty for these weights."""
        raise NotImplementedError(f"{type(self).__name__} has no __call__")


class L1L2(Regularizer):
    """The penalty l1 * sum(|w|) + l2 * sum(w^2).

    Shapes: x (*s) -> ()
    Source: Zou & Hastie 2005, doi:10.1111/j.1467-9868.2005.00503.x (the elastic net).
    """

    def __init__(self, l1: float | None = 0.0, l2: float | None = 0.0) -> None:
        self.l1 = _factor(self, "l1", 0.0 if l1 is None else l1)
        self.l2 = _factor(self, "l2", 0.0 if l2 is None else l2)

    def __call__(self, x: Any) -> Tensor:
        """The penalty for these weights."""
        x = as_tensor(x)
        penalty = as_tensor(0.0, x.dtype)
        if self.l1:
            penalty = penalty + self.l1 * ops.sum(ops.absolute(x))
        if self.l2:
            penalty = penalty + self.l2 * ops.sum(ops.square(x))
        return penalty


class L1(Regularizer):
    """The penalty l1 * sum(|w|), which makes weights zero.

    Shapes: x (*s) -> ()
    Source: Tibshirani 1996, doi:10.1111/j.2517-6161.1996.tb02080.x (the lasso).
    """

    def __init__(self, l1: float | None = 0.01) -> None:
        self.l1 = _factor(self, "l1", 0.01 if l1 is None else l1)

    def __call__(self, x: Any) -> Tensor:
        """The penalty for these weights."""
        return self.l1 * ops.sum(ops.absolute(as_tensor(x)))


class L2(Regularizer):
    """The penalty l2 * sum(w^2), which makes weights small.

    Shapes: x (*s) -> ()
    Source: Hoerl & Kennard 1970, doi:10.1080/00401706.1970.10488634 (ridge regression).
    """

    def __init__(self, l2: float | None = 0.01) -> None:
        self.l2 = _factor(self, "l2", 0.01 if l2 is None else l2)

    def __call__(self, x: Any) -> Tensor:
        """The penalty for these weights."""
        return self.l2 * ops.sum(ops.square(as_tensor(x)))


class OrthogonalRegularizer(Regularizer):
    """The penalty factor * (mean |cosine| of the angles between pairs of rows, or columns).

    It makes the rows (``mode='rows'``) or columns of a matrix orthogonal to each other.

    Shapes: x (r, c) -> ()
    Raises ShapeError for other ranks than 2.
    Source: https://keras.io/api/layers/regularizers/
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        self.factor = _factor(self, "factor", factor)
        self.mode = mode
        check_name("OrthogonalRegularizer", "mode", mode, _MODES)

    def __call__(self, x: Any) -> Tensor:
        """The penalty for these weights."""
        x = as_tensor(x)
        if x.ndim != 2:
            raise ShapeError("OrthogonalRegularizer", "a matrix (2 axes)", x.shape)
        rows = x if self.mode == "rows" else x.T
        squares = ops.sum(ops.square(rows), axis=1, keepdims=True)
        rows = rows / ops.sqrt(ops.maximum(squares, _TINY))
        count = rows.shape[0]
        others = as_tensor(1.0 - np.eye(count), x.dtype)
        pairs = max(count * (count - 1), 1)
        return self.factor / pairs * ops.sum(ops.absolute(ops.matmul(rows, rows.T) * others))


def _factor(owner: Regularizer, name: str, value: Any) -> float:
    number = value.item() if isinstance(value, np.generic) else value
    check_ranges(type(owner).__name__, {name: number}, {name: NOT_NEGATIVE})
    return float(number)


l1, l2, l1_l2, l1l2 = L1, L2, L1L2, L1L2  # the names under which books write them
orthogonal_regularizer = OrthogonalRegularizer

NAMES: Mapping[str, type[Regularizer]] = {
    "l1": L1, "l2": L2, "l1_l2": L1L2, "l1l2": L1L2, "L1": L1, "L2": L2, "L1L2": L1L2,
    "orthogonal_regularizer": OrthogonalRegularizer,
    "OrthogonalRegularizer": OrthogonalRegularizer,
}  # fmt: skip


def get(identifier: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """A regularizer from its name, config, class, function or itself; None is none.

    Raises ArgumentError with the nearest name.
    """
    return resolve(identifier, "regularizers", NAMES, custom_objects)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The regularizer that a written form, or a name, describes."""
    if isinstance(config, str):
        return get(config, custom_objects)
    return _deserialize(config, "regularizers", custom_objects)


__all__ = [
    "L1",
    "L1L2",
    "L2",
    "OrthogonalRegularizer",
    "Regularizer",
    "deserialize",
    "get",
    "l1",
    "l1_l2",
    "l1l2",
    "l2",
    "orthogonal_regularizer",
    "serialize",
]
