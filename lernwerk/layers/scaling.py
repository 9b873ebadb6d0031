"""Layers that bring raw input into range, so that a saved model takes it as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.errors import ArgumentError, UsageError
from lernwerk.layers.core import fixed_last
from lernwerk.layers.layer import Layer


class Rescaling(Layer):
    """Multiply and shift: pixel values 0..255 to 0..1 by ``Rescaling(1 / 255)``.

    y = x * scale + offset

    Shapes: x (*s) -> y (*s)
    """

    supports_masking = True

    def __init__(self, scale: float, offset: float = 0.0, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.scale = scale
        self.offset = offset

    def call(self, inputs: Tensor) -> Tensor:
        """y = x * scale + offset"""
        return inputs * self.scale + self.offset


class Normalization(Layer):
    """Bring each feature to mean 0 and variance 1 by statistics of the training data.

    y = (x - mean) / max(sqrt(variance), 1e-7)

    Shapes: x (*b, c) -> y (*b, c); ``adapt(x)`` learns mean and variance of each feature.
    Weights: mean (c), variance (c), count (), none of them trainable
    Differs: ``axis`` is always the last one.
    """

    supports_masking = True
    fixed = {"axis": -1, "invert": False}

    def __init__(self, *, mean: Any = None, variance: Any = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        if (mean is None) != (variance is None):
            raise ArgumentError(
                self.name, "both mean and variance, or neither", "one of them",
                "Without both, learn them from the data: layer.adapt(x).",
            )  # fmt: skip
        self.mean = mean
        self.variance = variance

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """The layer that a config, Keras's or ours, describes; Keras writes axis as a list."""
        axis = config.get("axis", -1)
        single = isinstance(axis, (list, tuple)) and len(axis) == 1
        return cls(**{**config, "axis": axis[0] if single else axis})

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the statistics, of given values or to be adapted."""
        shape = (fixed_last(self, input_shape),)
        if self.mean is not None:
            self._given = [np.broadcast_to(np.asarray(v, self.dtype), shape)
                           for v in (self.mean, self.variance)]  # fmt: skip
            return
        self.adapted_mean = self.add_weight("mean", shape, "zeros", trainable=False)
        self.adapted_variance = self.add_weight("variance", shape, "ones", trainable=False)
        self.count = self.add_weight("count", (), "zeros", trainable=False, dtype="int32")

    def adapt(self, data: Any) -> None:
        """Learn the statistics of ``data`` (n, ..., c)."""
        if self.mean is not None:
            raise UsageError(f"{self.name}.adapt", "a layer without given statistics", "one with")
        x = np.asarray(data, np.float64)
        self.build_for(x.shape)
        axes = tuple(range(x.ndim - 1))
        self.adapted_mean.assign(x.mean(axis=axes))
        self.adapted_variance.assign(x.var(axis=axes))

    def call(self, inputs: Tensor) -> Tensor:
        """y = (x - mean) / max(sqrt(variance), 1e-7)"""
        if self.mean is not None:
            mean, variance = self._given
        else:
            mean, variance = self.adapted_mean, self.adapted_variance  # type: ignore[assignment]
        return (inputs - mean) / ops.maximum(ops.sqrt(variance), 1e-7)
