"""Layers that bring raw input into range, so that a saved model takes it as it is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from lernwerk import ops
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import ArgumentError, DataError, ShapeError, UsageError
from lernwerk.layers.layer import Layer
from lernwerk.layers.text_layer import batches_of

Array = np.ndarray[Any, Any]


class Rescaling(Layer):
    """Multiply and shift: pixel values 0..255 to 0..1 by ``Rescaling(1 / 255)``.

    y = x * scale + offset; both may be lists, a number for each channel

    Shapes: x (*s) -> y (*s)
    """

    supports_masking = True

    def __init__(self, scale: Any, offset: Any = 0.0, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.scale = scale
        self.offset = offset

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """The layer that a config describes; Keras writes arrays as dicts."""
        return cls(**{**config, **{name: _read(config[name]) for name in ("scale", "offset")
                                   if name in config}})  # fmt: skip

    def call(self, inputs: Tensor) -> Tensor:
        """y = x * scale + offset"""
        return inputs * _typed(self.scale, self.dtype) + _typed(self.offset, self.dtype)


def _typed(value: Any, dtype: str) -> Any:
    """A number as it is; several as an array of the layer's type."""
    return value if isinstance(value, (int, float)) else np.asarray(value, dtype)


def _read(value: Any) -> Any:
    """An argument as Keras writes it: {"class_name": "__numpy__", "config": {"value": ...}}."""
    if isinstance(value, dict) and isinstance(value.get("config"), dict):
        return value["config"].get("value", value)
    return value


class Normalization(Layer):
    """Bring each feature to mean 0 and variance 1 by statistics of the training data.

    y = (x - mean) / max(sqrt(variance), 1e-7); with ``invert`` back: y = x max(...) + mean

    ``axis`` names the axes that keep statistics of their own (default: the last; None: one mean
    and variance for all numbers). They are given, or learnt by ``adapt(data)``.

    Shapes: x (*s) -> y (*s)
    Weights: mean, variance (the lengths of ``axis``), count (), none of them trainable
    """

    supports_masking = True

    def __init__(
        self,
        axis: Any = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        if (mean is None) != (variance is None):
            raise ArgumentError(
                self.name, "both mean and variance, or neither", "one of them",
                "Without both, learn them from the data: layer.adapt(x).",
            )  # fmt: skip
        self.axis = () if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        self.input_mean = mean
        self.input_variance = variance
        self.invert = invert

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the statistics, of given values or to be adapted."""
        rank = len(input_shape)
        if any(not -rank <= axis < rank for axis in self.axis):
            raise ShapeError(self.name, f"inputs with the axes {self.axis}", input_shape)
        kept = sorted(axis % rank for axis in self.axis)
        lengths = [input_shape[axis] for axis in kept]
        if any(length is None for length in lengths):
            raise ShapeError(self.name, f"known lengths of the axes {self.axis}", input_shape)
        self._kept = tuple(kept)
        self._broadcast = tuple(input_shape[i] if i in kept else 1 for i in range(rank))
        shape = tuple(int(length or 0) for length in lengths)
        if self.input_mean is not None:
            given = (self.input_mean, self.input_variance)
            self._given = [self._spread(value) for value in given]
            return
        self.adapted_mean = self.add_weight("mean", shape, "zeros", trainable=False)
        self.adapted_variance = self.add_weight("variance", shape, "ones", trainable=False)
        self.count = self.add_weight("count", (), "zeros", trainable=False, dtype="int32")

    def _spread(self, value: Any) -> Array:
        """Given statistics in a shape that meets the inputs; their last axes are the kept ones."""
        array = np.asarray(value, self.dtype)
        shape = [1] * len(self._broadcast)
        if array.ndim == len(shape):
            shape = list(array.shape)
        else:
            for place, length in zip(self._kept[::-1], array.shape[::-1], strict=False):
                shape[place] = length
        if math.prod(shape) != array.size:
            raise ShapeError(self.name, f"statistics for the axes {self.axis}", array.shape)
        return np.broadcast_to(array.reshape(shape), self._broadcast)

    def adapt(self, data: Any) -> None:
        """Learn the statistics of an array, or of all batches of a data set or generator."""
        if self.input_mean is not None:
            raise UsageError(f"{self.name}.adapt", "a layer without given statistics", "one with")
        count, mean, variance = 0, np.zeros(()), np.zeros(())
        for batch in batches_of(data):
            x = np.asarray(batch[0] if isinstance(batch, tuple) else batch, np.float64)
            self.build_for(x.shape)
            axes = tuple(i for i in range(x.ndim) if i not in self._kept)
            n = math.prod(x.shape[i] for i in axes)
            # Chan, Golub & LeVeque 1979: statistics of two parts give those of the whole.
            share = n / (count + n) if n else 0.0
            shift = x.mean(axis=axes) - mean
            between = share * (1 - share) * shift**2
            variance = (1 - share) * variance + share * x.var(axis=axes) + between
            mean, count = mean + share * shift, count + n
        if not count:
            raise DataError(f"{self.name}.adapt", "at least one batch", "none")
        self.adapted_mean.assign(mean)
        self.adapted_variance.assign(variance)

    def call(self, inputs: Tensor) -> Tensor:
        """y = (x - mean) / max(sqrt(variance), 1e-7), or back"""
        mean, variance = self._statistics()
        deviation = ops.maximum(ops.sqrt(variance), 1e-7)
        return inputs * deviation + mean if self.invert else (inputs - mean) / deviation

    @property
    def mean(self) -> Any:
        """The mean in use, in a shape that meets the inputs; None before the layer is built."""
        return as_tensor(self._statistics()[0]) if self.built else self.input_mean

    @property
    def variance(self) -> Any:
        """The variance in use, in a shape that meets the inputs; None before it is built."""
        return as_tensor(self._statistics()[1]) if self.built else self.input_variance

    def _arguments(self) -> dict[str, Any]:
        """The arguments; statistics that were learnt are among the weights."""
        given = {"mean": self.input_mean, "variance": self.input_variance}
        return super()._arguments() | given

    def _statistics(self) -> tuple[Any, Any]:
        if self.input_mean is not None:
            return self._given[0], self._given[1]
        shape = self._broadcast
        return (ops.reshape(self.adapted_mean.read(), shape=shape),
                ops.reshape(self.adapted_variance.read(), shape=shape))  # fmt: skip
