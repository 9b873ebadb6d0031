"""Penalties on weights: sums of absolute values and of squares, under Keras's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lernwerk import ops
from lernwerk.configurable import Configurable, resolve
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import NOT_NEGATIVE, check_ranges


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


def _factor(owner: Regularizer, name: str, value: Any) -> float:
    number = value.item() if isinstance(value, np.generic) else value
    check_ranges(type(owner).__name__, {name: number}, {name: NOT_NEGATIVE})
    return float(number)


l1, l2, l1_l2 = L1, L2, L1L2  # the names under which books write them

NAMES: Mapping[str, type[Regularizer]] = {
    "l1": L1, "l2": L2, "l1_l2": L1L2, "l1l2": L1L2, "L1": L1, "L2": L2, "L1L2": L1L2,
}  # fmt: skip


def get(identifier: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """A regularizer from its name, config, class or itself; None is none.

    Raises ArgumentError with the nearest name.
    """
    return resolve(identifier, "regularizers", NAMES, custom_objects)


__all__ = ["L1", "L2", "L1L2", "Regularizer", "get", "l1", "l1_l2", "l2"]
