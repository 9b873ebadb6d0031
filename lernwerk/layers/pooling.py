"""Pooling layers: the maximum or the mean of windows, or of everything."""

from __future__ import annotations

from typing import Any, ClassVar

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.layers.convolution import padding_name, per_axis
from lernwerk.layers.input_form import InputForm
from lernwerk.layers.layer import Layer


class _Pooling(Layer):
    """What the windowed poolings have in common."""

    spatial_axes: ClassVar[int]
    operation: ClassVar[Any]
    fixed = {"data_format": "channels_last"}

    def __init__(
        self, pool_size: Any = 2, strides: Any = None, padding: str = "valid", **keywords: Any
    ) -> None:
        super().__init__(**keywords)
        self.pool_size = per_axis(self, "pool_size", pool_size, self.spatial_axes)
        step = self.pool_size if strides is None else strides
        self.strides = per_axis(self, "strides", step, self.spatial_axes)
        self.padding = padding_name(self, padding, ("valid", "same"))
        self.input_form = InputForm(axes=self.spatial_axes + 2)

    def call(self, inputs: Tensor) -> Tensor:
        """y[p] = maximum or mean of the window at p * strides"""
        once = (1,) * self.spatial_axes
        padding = ops.explicit_padding(
            self.padding, inputs.shape[1:-1], self.pool_size, self.strides, once
        )
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


class _GlobalPooling(Layer):
    """What the global poolings have in common."""

    spatial_axes: ClassVar[int]
    operation: ClassVar[Any]
    fixed = {"data_format": "channels_last"}

    def __init__(self, keepdims: bool = False, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.keepdims = keepdims
        self.input_form = InputForm(axes=self.spatial_axes + 2)

    def call(self, inputs: Tensor) -> Tensor:
        """y = maximum or mean over all spatial axes"""
        axes = tuple(range(1, self.spatial_axes + 1))
        return type(self).operation(  # type: ignore[no-any-return]
            inputs, axis=axes, keepdims=self.keepdims
        )


class GlobalMaxPooling1D(_GlobalPooling):
    """The maximum over all steps.

    Shapes: x (b, t, c) -> y (b, c)
    """

    spatial_axes = 1
    operation = ops.max


class GlobalMaxPooling2D(_GlobalPooling):
    """The maximum over the whole picture.

    Shapes: x (b, h, w, c) -> y (b, c)
    """

    spatial_axes = 2
    operation = ops.max


class GlobalAveragePooling1D(_GlobalPooling):
    """The mean over all steps; masked steps do not count.

    Shapes: x (b, t, c), mask (b, t) -> y (b, c)
    """

    spatial_axes = 1
    operation = staticmethod(ops.mean)

    def call(self, inputs: Tensor, mask: Any = None) -> Tensor:
        """y = mean over the steps, or over those where the mask is True"""
        if mask is None:
            return super().call(inputs)
        weight = mask.astype(inputs.dtype).reshape(*mask.shape, 1)
        total = (inputs * weight).sum(axis=1, keepdims=self.keepdims)
        return total / weight.sum(axis=1, keepdims=self.keepdims)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """None: the steps are gone."""
        return None


class GlobalAveragePooling2D(_GlobalPooling):
    """The mean over the whole picture.

    Shapes: x (b, h, w, c) -> y (b, c)
    Source: Lin, Chen & Yan 2013, arXiv:1312.4400
    """

    spatial_axes = 2
    operation = staticmethod(ops.mean)


GlobalMaxPool1D, GlobalMaxPool2D = GlobalMaxPooling1D, GlobalMaxPooling2D
GlobalAvgPool1D, GlobalAvgPool2D = GlobalAveragePooling1D, GlobalAveragePooling2D
MaxPool1D, MaxPool2D, MaxPool3D = MaxPooling1D, MaxPooling2D, MaxPooling3D
AvgPool1D, AvgPool2D, AvgPool3D = AveragePooling1D, AveragePooling2D, AveragePooling3D
