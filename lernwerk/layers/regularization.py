"""Layers that act in training only, against overfitting."""

from __future__ import annotations

from typing import Any

from lernwerk import ops
from lernwerk.core.random import RandomStream
from lernwerk.core.tensor import Tensor
from lernwerk.errors import FRACTION, Range, ShapeError
from lernwerk.layers.layer import Layer


class Dropout(Layer):
    """In training, set a share of the inputs to zero and scale up the others.

    y = x * mask / (1 - rate), mask = 1 with probability 1 - rate, else 0

    Shapes: x (*s) -> y (*s); ``noise_shape`` has 1 for axes that share their mask.
    Source: Srivastava et al. 2014, JMLR 15, 1929-1958
    """

    supports_masking = True
    ranges = {"rate": FRACTION, "seed": Range(0, integer=True)}

    def __init__(
        self, rate: float, noise_shape: Any = None, seed: int | None = None, **keywords: Any
    ) -> None:
        super().__init__(**keywords)
        self.rate = rate
        self.noise_shape = None if noise_shape is None else tuple(noise_shape)
        self.seed = seed
        self.check_arguments()
        self.stream = RandomStream(seed)

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """y = x * mask / (1 - rate) in training, else x"""
        if not training or self.rate == 0:
            return inputs
        return ops.dropout(
            inputs, self.stream.next(), rate=self.rate, noise_shape=self._mask_shape(inputs.shape)
        )

    def _mask_shape(self, shape: tuple[int, ...]) -> tuple[int, ...] | None:
        if self.noise_shape is None:
            return None
        if len(self.noise_shape) != len(shape):
            raise ShapeError(self.name, f"noise_shape with {len(shape)} lengths", self.noise_shape)
        return tuple(n or full for n, full in zip(self.noise_shape, shape, strict=True))
