"""``tf.Variable`` and ``tf.Tensor``: Lernwerk's own, with TensorFlow's arguments."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk.backend.arguments import tensor
from lernwerk.core import tensor as core_tensor
from lernwerk.core import variable as core_variable
from lernwerk.ops.common import dtype_name

Tensor = core_tensor.Tensor


class _AnyVariable(type):
    """Every Variable of Lernwerk counts as a ``tf.Variable``, also those that layers made."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, core_variable.Variable)


class Variable(core_variable.Variable, metaclass=_AnyVariable):
    """A tensor that can be assigned: ``tf.Variable(3.0)``; a function gives the first value."""

    def __init__(
        self, initial_value: Any = None, trainable: bool | None = True,
        validate_shape: bool = True, caching_device: Any = None, name: str | None = None,
        variable_def: Any = None, dtype: Any = None, import_scope: Any = None,
        constraint: Any = None, **_: Any,
    ) -> None:  # fmt: skip
        given = initial_value() if callable(initial_value) else initial_value
        value = np.asarray(tensor(given))
        kind = None if dtype is None else dtype_name(dtype)
        super().__init__(value, name=name or "", dtype=kind, trainable=trainable is not False)
        if constraint is not None:
            self.constraint = constraint


def constant_initializer(value: Any = 0.0) -> Any:
    """The initializer that gives one number everywhere."""
    from lernwerk.initializers import Constant

    return Constant(value)


def TensorShape(dims: Any) -> Any:
    """A shape as a tuple."""
    return None if dims is None else tuple(None if n is None else int(n) for n in dims)


class TensorSpec:
    """Shape and type of a tensor: what ``tf.function`` and data sets are told."""

    def __init__(self, shape: Any, dtype: Any = "float32", name: str | None = None) -> None:
        self.shape, self.dtype, self.name = TensorShape(shape), np.dtype(dtype), name


__all__ = ["Tensor", "TensorShape", "TensorSpec", "Variable", "constant_initializer"]
