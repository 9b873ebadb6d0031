"""Pooling layers: the maximum or the mean of windows, or of everything."""

from __future__ import annotations

from typing import Any, ClassVar

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.layers.spatial import (
    SpatialLayer,
    channels_last,
    check_window,
    padding_name,
    per_axis,
)


class _Pooling(SpatialLayer):
    """What the windowed poolings have in common; without ``strides`` windows do not overlap."""

    operation: ClassVar[Any]

    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(name=name, **keywords)
        self.pool_size = per_axis(self, "pool_size", pool_size, self.spatial_axes)
        step = self.pool_size if strides is None else strides
        self.strides = per_axis(self, "strides", step, self.spatial_axes)
        self.padding = padding_name(self, padding, ("valid", "same"))
        self.use_format(data_format)

    @channels_last
    def call(self, inputs: Tensor) -> Tensor:
        """y[p] = maximum or mean of the window at p * strides"""
        lengths, once = inputs.shape[1:-1], (1,) * self.spatial_axes
        check_window(self, self.padding, lengths, self.pool_size, once)
        padding = ops.explicit_padding(self.padding, lengths, self.pool_size, self.strides, once)
        return type(self).operation(  # type: ignore[no-any-return]
            inputs, size=self.pool_size, strides=self.strides, padding=padding
        )


class MaxPooling1D(_Pooling):
    """The maximum of each window of steps.

    Shapes: x (b, t, c) -> y (b, t', c)
    """

    spatial_axes = 1
    operation = ops.max_pooling


class MaxPooling2D(_Pooling):
    """The maximum of each window.

    Shapes: x (b, h, w, c) -> y (b, h', w', c)
    """

    spatial_axes = 2
    operation = ops.max_pooling


class MaxPooling3D(_Pooling):
    """The maximum of each window.

    Shapes: x (b, d, h, w, c) -> y (b, d', h', w', c)
    """

    spatial_axes = 3
    operation = ops.max_pooling


class AveragePooling1D(_Pooling):
    """The mean of each window of steps; padding does not count.

    Shapes: x (b, t, c) -> y (b, t', c)
    """

    spatial_axes = 1
    operation = ops.average_pooling


class AveragePooling2D(_Pooling):
    """The mean of each window; padding does not count.

    Shapes: x (b, h, w, c) -> y (b, h', w', c)
    """

    spatial_axes = 2
    operation = ops.average_pooling


class AveragePooling3D(_Pooling):
    """The mean of each window; padding does not count.

    Shapes: x (b, d, h, w, c) -> y (b, d', h', w', c)
    """

    spatial_axes = 3
    operation = ops.average_pooling


MaxPool1D, MaxPool2D, MaxPool3D = MaxPooling1D, MaxPooling2D, MaxPooling3D
AvgPool1D, AvgPool2D, AvgPool3D = AveragePooling1D, AveragePooling2D, AveragePooling3D
