"""Layers that only change the shape: Flatten and Reshape."""

from __future__ import annotations

import math
from typing import Any

from lernwerk.core.tensor import Tensor
from lernwerk.errors import ShapeError
from lernwerk.layers.layer import Layer


class Flatten(Layer):
    """All axes after the batch as one.

    Shapes: x (b, *s) -> y (b, prod(s))
    Differs: ``data_format`` is always channels_last.
    """

    fixed = {"data_format": "channels_last"}

    def call(self, inputs: Tensor) -> Tensor:
        """y = x in rows"""
        return inputs.reshape(inputs.shape[0], math.prod(inputs.shape[1:]))


class Reshape(Layer):
    """Another shape for each example; one length may be -1.

    Shapes: x (b, *s) -> y (b, *target_shape)
    """

    def __init__(self, target_shape: Any, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.target_shape = tuple(target_shape)

    def call(self, inputs: Tensor) -> Tensor:
        """y = x in the target shape"""
        count = math.prod(inputs.shape[1:])
        known = math.prod(n for n in self.target_shape if n != -1)
        free = self.target_shape.count(-1)
        if free > 1 or (free and (known == 0 or count % known)) or (not free and known != count):
            raise ShapeError(
                self.name, f"{known} numbers an example for target_shape {self.target_shape}",
                f"{count} in {inputs.shape}",
            )  # fmt: skip
        shape = tuple(count // known if n == -1 else n for n in self.target_shape)
        return inputs.reshape(inputs.shape[0], *shape)
