"""Depthwise and separable convolution layers: each channel with kernels of its own."""

from __future__ import annotations

from typing import Any

from lernwerk import constraints, initializers, ops, regularizers
from lernwerk.core.tensor import Tensor
from lernwerk.errors import COUNT
from lernwerk.layers.convolution import Windowed
from lernwerk.layers.spatial import channels_last


class _PerChannel(Windowed):
    """What depthwise and separable convolutions have in common: the depthwise kernel.

    y[p, i * m + j] = sum over k of x[p * strides + k * dilation_rate, i] * kernel[k, i, j]
    """

    depth_multiplier: int

    def use_depthwise(
        self, multiplier: int, initializer: Any, regularizer: Any, constraint: Any
    ) -> None:
        """Keep what concerns the depthwise kernel."""
        self.depth_multiplier = multiplier
        self.depthwise_initializer = initializers.get(initializer)
        self.depthwise_regularizer = regularizers.get(regularizer)
        self.depthwise_constraint = constraints.get(constraint)

    def depthwise_weight(self, name: str, channels: int) -> Any:
        """Make the depthwise kernel (*k, c, m)."""
        return self.add_weight(
            name, (*self.kernel_size, channels, self.depth_multiplier),
            self.depthwise_initializer, regularizer=self.depthwise_regularizer,
            constraint=self.depthwise_constraint,
        )  # fmt: skip

    def depthwise(self, x: Tensor, kernel: Any) -> Tensor:
        """The formula above: a convolution with as many groups as channels."""
        *size, channels, multiplier = kernel.shape
        rows = ops.reshape(kernel, shape=(*size, 1, channels * multiplier))
        return self.slide(x, rows, channels)


class _DepthwiseConvolution(_PerChannel):
    """What the depthwise convolutions have in common; the number of spatial axes is the class's."""

    ranges = {"depth_multiplier": COUNT}

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **keywords)
        self.use_windows(kernel_size, strides, padding, dilation_rate)
        self.use_format(data_format)
        self.use_depthwise(
            depth_multiplier, depthwise_initializer, depthwise_regularizer, depthwise_constraint
        )
        self.use_output(activation, use_bias, bias_initializer, bias_regularizer, bias_constraint)
        self.check_arguments()

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make kernel and bias for this number of channels."""
        channels = self.known_channels(input_shape)
        self.kernel = self.depthwise_weight("kernel", channels)
        self.add_bias(channels * self.depth_multiplier)

    @channels_last
    def call(self, inputs: Tensor) -> Tensor:
        """y = activation(depthwise convolution(x, kernel) + bias)"""
        return self.finish(self.depthwise(inputs, self.kernel))


class DepthwiseConv1D(_DepthwiseConvolution):
    """Each channel of a sequence convolved with kernels of its own.

    y[p, i * m + j] = activation(bias + sum over k of x[p * strides + k, i] * kernel[k, i, j])

    Shapes: x (b, t, c) -> y (b, t', c * depth_multiplier)
    Weights: kernel (k, c, depth_multiplier) Glorot uniform; bias (c * depth_multiplier) zeros
    Differs: ``padding`` may also be "causal".
    """

    spatial_axes = 1
    paddings = ("valid", "same", "causal")


class DepthwiseConv2D(_DepthwiseConvolution):
    """Each channel of a picture convolved with kernels of its own.

    y[p, q, i * m + j] = activation(bias + sum over k, l of x[p * s + k, q * s + l, i] *
    kernel[k, l, i, j])

    Shapes: x (b, h, w, c) -> y (b, h', w', c * depth_multiplier)
    Weights: kernel (k, k, c, depth_multiplier) Glorot uniform; bias (c * depth_multiplier) zeros
    Source: Howard et al. 2017, arXiv:1704.04861
    """

    spatial_axes = 2


class _SeparableConvolution(_PerChannel):
    """What the separable convolutions have in common; the number of spatial axes is the class's."""

    ranges = {"filters": COUNT, "depth_multiplier": COUNT}

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **keywords)
        self.filters = filters
        self.use_windows(kernel_size, strides, padding, dilation_rate)
        self.use_format(data_format)
        self.use_depthwise(
            depth_multiplier, depthwise_initializer, depthwise_regularizer, depthwise_constraint
        )
        self.pointwise_initializer = initializers.get(pointwise_initializer)
        self.pointwise_regularizer = regularizers.get(pointwise_regularizer)
        self.pointwise_constraint = constraints.get(pointwise_constraint)
        self.use_output(activation, use_bias, bias_initializer, bias_regularizer, bias_constraint)
        self.check_arguments()

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the two kernels and the bias for this number of channels."""
        channels = self.known_channels(input_shape)
        once = (1,) * self.spatial_axes
        self.depthwise_kernel = self.depthwise_weight("depthwise_kernel", channels)
        self.pointwise_kernel = self.add_weight(
            "pointwise_kernel", (*once, channels * self.depth_multiplier, self.filters),
            self.pointwise_initializer, regularizer=self.pointwise_regularizer,
            constraint=self.pointwise_constraint,
        )  # fmt: skip
        self.add_bias(self.filters)

    @channels_last
    def call(self, inputs: Tensor) -> Tensor:
        """y = activation(depthwise convolution(x, depthwise_kernel) @ pointwise_kernel + bias)"""
        once = (1,) * self.spatial_axes
        y = ops.convolution(
            self.depthwise(inputs, self.depthwise_kernel), self.pointwise_kernel,
            strides=once, padding=((0, 0),) * self.spatial_axes, dilation=once, groups=1,
        )  # fmt: skip
        return self.finish(y)


class SeparableConv1D(_SeparableConvolution):
    """A depthwise convolution along a sequence, then a product over the channels of each step.

    y[p] = activation(bias + depthwise(x)[p] @ pointwise_kernel)

    Shapes: x (b, t, c) -> y (b, t', filters)
    Weights: depthwise_kernel (k, c, depth_multiplier), pointwise_kernel (1, c * depth_multiplier,
    filters) Glorot uniform; bias (filters) zeros
    Differs: ``padding`` may also be "causal".
    """

    spatial_axes = 1
    paddings = ("valid", "same", "causal")


class SeparableConv2D(_SeparableConvolution):
    """A depthwise convolution of pictures, then a product over the channels of each pixel.

    y[p, q] = activation(bias + depthwise(x)[p, q] @ pointwise_kernel)

    Shapes: x (b, h, w, c) -> y (b, h', w', filters)
    Weights: depthwise_kernel (k, k, c, depth_multiplier), pointwise_kernel (1, 1, c *
    depth_multiplier, filters) Glorot uniform; bias (filters) zeros
    Source: Chollet 2017, arXiv:1610.02357
    """

    spatial_axes = 2
