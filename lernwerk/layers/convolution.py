"""Convolution layers over one, two or three spatial axes."""

from __future__ import annotations

from typing import Any, ClassVar

from lernwerk import activations, constraints, initializers, ops, regularizers
from lernwerk.core.tensor import Tensor
from lernwerk.errors import COUNT, ArgumentError
from lernwerk.layers.spatial import (
    SpatialLayer,
    channels_last,
    check_window,
    padding_name,
    per_axis,
)


class Windowed(SpatialLayer):
    """What all convolutions have in common: windows, a bias, an activation."""

    paddings: ClassVar[tuple[str, ...]] = ("valid", "same")
    kernel_size: tuple[int, ...]
    strides: tuple[int, ...]
    dilation_rate: tuple[int, ...]
    padding: str
    use_bias: bool
    activation: Any

    def use_windows(self, kernel_size: Any, strides: Any, padding: str, dilation_rate: Any) -> None:
        """Keep size, strides, padding and dilation of the windows."""
        axes = self.spatial_axes
        self.kernel_size = per_axis(self, "kernel_size", kernel_size, axes)
        self.strides = per_axis(self, "strides", strides, axes)
        self.padding = padding_name(self, padding, self.paddings)
        self.dilation_rate = per_axis(self, "dilation_rate", dilation_rate, axes)

    def use_output(
        self, activation: Any, use_bias: bool, initializer: Any, regularizer: Any, constraint: Any
    ) -> None:
        """Keep the activation and what concerns the bias."""
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.bias_initializer = initializers.get(initializer)
        self.bias_regularizer = regularizers.get(regularizer)
        self.bias_constraint = constraints.get(constraint)

    def refuse_strides_with_dilation(self) -> None:
        """Refuse what Keras refuses: strides beside dilation."""
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ArgumentError(
                self.name, "strides or dilation_rate to be 1",
                f"strides={self.strides} and dilation_rate={self.dilation_rate}",
            )  # fmt: skip

    def add_bias(self, filters: int) -> None:
        """Make the bias, if there is one."""
        if self.use_bias:
            self.bias = self.add_weight(
                "bias", (filters,), self.bias_initializer, regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )  # fmt: skip

    def slide(self, x: Tensor, kernel: Any, groups: int = 1) -> Tensor:
        """convolution(x, kernel) with the layer's windows."""
        lengths, size = x.shape[1:-1], self.kernel_size
        check_window(self, self.padding, lengths, size, self.dilation_rate)
        padding = ops.explicit_padding(
            self.padding, lengths, size, self.strides, self.dilation_rate
        )
        convolve = ops.convolution if len(size) < 3 else ops.convolution_by_planes
        return convolve(  # type: ignore[no-any-return]
            x, kernel, strides=self.strides, padding=padding, dilation=self.dilation_rate,
            groups=groups,
        )  # fmt: skip

    def finish(self, y: Tensor) -> Tensor:
        """activation(y + bias)"""
        return self.activation(y + self.bias if self.use_bias else y)  # type: ignore[no-any-return]


class _Convolution(Windowed):
    """What the plain convolutions have in common; the number of spatial axes is the class's.

    y[p] = activation(bias + sum over offsets k of x[p * strides + k * dilation_rate] @ kernel[k])
    """

    ranges = {"filters": COUNT, "groups": COUNT}
    fixed = {"lora_rank": None}

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        groups: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **keywords)
        self.filters = filters
        self.use_windows(kernel_size, strides, padding, dilation_rate)
        self.use_format(data_format)
        self.groups = groups
        self.use_output(activation, use_bias, bias_initializer, bias_regularizer, bias_constraint)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.check_arguments()
        self.refuse_strides_with_dilation()
        if filters % groups:
            raise ArgumentError(self.name, f"filters to be a multiple of groups={groups}", filters)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make kernel and bias for this number of channels."""
        channels = self.known_channels(input_shape)
        if channels % self.groups:
            raise ArgumentError(
                self.name, f"input channels to be a multiple of groups={self.groups}", channels
            )
        self.kernel = self.add_weight(
            "kernel", (*self.kernel_size, channels // self.groups, self.filters),
            self.kernel_initializer, regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )  # fmt: skip
        self.add_bias(self.filters)

    @channels_last
    def call(self, inputs: Tensor) -> Tensor:
        """y = activation(convolution(x, kernel) + bias)"""
        return self.finish(self.slide(inputs, self.kernel, self.groups))


class Conv1D(_Convolution):
    """Convolution along a sequence; ``padding`` may also be "causal" (the past only).

    y[p] = activation(bias + sum over k of x[p * strides + k * dilation_rate] @ kernel[k])

    Shapes: x (b, t, c) -> y (b, t', filters)
    Weights: kernel (k, c / groups, filters) Glorot uniform; bias (filters) zeros
    """

    spatial_axes = 1
    paddings = ("valid", "same", "causal")


class Conv2D(_Convolution):
    """Convolution over the height and width of pictures.

    y[p, q] = activation(bias + sum over i, j of x[p * s + i * d, q * s + j * d] @ kernel[i, j])

    Shapes: x (b, h, w, c) -> y (b, h', w', filters); channels_first: (b, c, h, w)
    Weights: kernel (k, k, c / groups, filters) Glorot uniform; bias (filters) zeros
    Source: LeCun et al. 1989, Neural Computation 1, 541-551
    """

    spatial_axes = 2


class Conv3D(_Convolution):
    """Convolution over depth, height and width.

    Shapes: x (b, d, h, w, c) -> y (b, d', h', w', filters); channels_first: (b, c, d, h, w)
    Weights: kernel (k, k, k, c / groups, filters) Glorot uniform; bias (filters) zeros
    """

    spatial_axes = 3
