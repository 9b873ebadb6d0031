"""What layers of pictures share: one picture or a batch of them, factors, and random draws."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk import ops
from lernwerk.config import standardize_data_format
from lernwerk.core.random import RandomStream
from lernwerk.core.tensor import Tensor
from lernwerk.errors import ArgumentError, Range, ShapeError, check_ranges
from lernwerk.layers.layer import Layer

SEED = Range(0, integer=True)


class _ImageLayer(Layer):
    """A layer of pictures (b, h, w, c); a single picture (h, w, c) passes as a batch of one.

    For data_format="channels_first" they are (b, c, h, w).
    """

    fixed = {"bounding_box_format": None}

    def __init__(self, *, data_format: str | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.data_format = standardize_data_format(self.name, data_format)

    def call(self, inputs: Tensor, training: bool = True) -> Tensor:
        """y = the pictures, changed"""
        if inputs.ndim not in (3, 4):
            raise ShapeError(self.name, "pictures (b, h, w, c) or one picture (h, w, c)",
                             inputs.shape)  # fmt: skip
        images = inputs if inputs.ndim == 4 else inputs[None]
        if self.data_format == "channels_first":
            last = ops.transpose(images, axes=(0, 2, 3, 1))
            images = ops.transpose(self._changed(last, training), axes=(0, 3, 1, 2))
        else:
            images = self._changed(images, training)
        return images if inputs.ndim == 4 else images[0]

    def _changed(self, images: Tensor, training: bool) -> Tensor:
        raise NotImplementedError(type(self).__name__)


class _RandomImageLayer(_ImageLayer):
    """A layer that varies pictures in training and passes them on in use."""

    def __init__(self, *, seed: int | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        check_ranges(self.name, {"seed": seed}, {"seed": SEED})
        self.seed = seed
        self.stream = RandomStream(seed)

    def _changed(self, images: Tensor, training: bool) -> Tensor:
        if not training:
            return images
        varied = self._varied(images)
        return varied if varied.dtype == images.dtype else varied.astype(images.dtype)

    def _varied(self, images: Tensor) -> Tensor:
        raise NotImplementedError(type(self).__name__)

    def _uniform(self, count: int, bounds: tuple[float, float]) -> Tensor:
        """A number from [low, high) for each picture."""
        return self.stream.uniform((count,), *bounds)


def per_picture(values: Tensor) -> Tensor:
    """Numbers (b) in the shape (b, 1, 1, 1), to meet pictures."""
    return ops.reshape(values, shape=(-1, 1, 1, 1))  # type: ignore[no-any-return]


def factor_range(where: str, name: str, value: Any, low: float, high: float) -> tuple[float, float]:
    """The two bounds of a factor: a number f gives (-f, f), not beyond [low, high]."""
    numbers = list(value) if isinstance(value, (tuple, list, np.ndarray)) else [value]
    inside = all(isinstance(n, (int, float)) and low <= n <= high for n in numbers)
    if not inside or len(numbers) not in (1, 2):
        raise ArgumentError(where, f"{name}, a number or a pair of numbers in [{low:g}, {high:g}]",
                            repr(value))  # fmt: skip
    if len(numbers) == 1:
        size = abs(float(numbers[0]))
        return max(-size, float(low)), size
    return float(min(numbers)), float(max(numbers))
