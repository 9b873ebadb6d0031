"""Initializers without randomness: zeros, ones, a constant, the identity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import ShapeError
from lernwerk.initializers.initializer import Initializer, as_dtype, checked_shape, float_type


class Zeros(Initializer):
    """All weights 0.

    Source: https://keras.io/api/layers/initializers/
    """

    def __call__(self, shape: Sequence[int], dtype: Any = "float32") -> Tensor:
        """A new Tensor of zeros."""
        return Tensor(np.zeros(checked_shape("Zeros", shape), float_type(dtype)))


class Ones(Initializer):
    """All weights 1.

    Source: https://keras.io/api/layers/initializers/
    """

    def __call__(self, shape: Sequence[int], dtype: Any = "float32") -> Tensor:
        """A new Tensor of ones."""
        return Tensor(np.ones(checked_shape("Ones", shape), float_type(dtype)))


class Constant(Initializer):
    """All weights ``value``; an array gives each weight its own and must fit the shape.

    Raises ShapeError where the array does not fit.
    Source: https://keras.io/api/layers/initializers/
    """

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value if isinstance(value, (int, float)) else np.asarray(as_tensor(value))

    def __call__(self, shape: Sequence[int], dtype: Any = "float32") -> Tensor:
        """A new Tensor with the value in each place."""
        wanted, own = checked_shape("Constant", shape), np.shape(self.value)
        if own not in ((), wanted):
            raise ShapeError("Constant", f"a value for weights of shape {wanted}", own)
        return Tensor(np.full(wanted, self.value, float_type(dtype)))


class Identity(Initializer):
    """The identity matrix times ``gain``: 1 on the diagonal, 0 elsewhere.

    Differs: the config has ``gain`` where it is not 1; Keras forgets it.
    Shapes: (r, c)
    Raises ShapeError for other ranks than 2.
    Source: Le, Jaitly & Hinton 2015, arXiv:1504.00941.
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: Sequence[int], dtype: Any = "float32") -> Tensor:
        """A new Tensor with the matrix."""
        wanted = checked_shape("Identity", shape)
        if len(wanted) != 2:
            raise ShapeError("Identity", "a matrix (2 axes)", wanted)
        return as_dtype(self.gain * np.eye(*wanted), dtype)

    def get_config(self) -> dict[str, Any]:
        """The gain, where it is not 1."""
        return {} if self.gain == 1.0 else super().get_config()
