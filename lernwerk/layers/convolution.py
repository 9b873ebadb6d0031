"""Convolution layers over one, two or three spatial axes."""

from __future__ import annotations

from typing import Any, ClassVar

from lernwerk import activations, initializers, ops, regularizers
from lernwerk.core.tensor import Tensor
from lernwerk.errors import COUNT, ArgumentError
from lernwerk.layers.core import fixed_last
from lernwerk.layers.input_form import InputForm
from lernwerk.layers.layer import Layer


def per_axis(layer: Layer, name: str, value: Any, axes: int) -> tuple[int, ...]:
    """One positive integer for each spatial axis, given as one number or one for each."""
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,) * axes
    if len(values) != axes or any(v not in COUNT for v in values):
        raise ArgumentError(
            layer.name, f"{name} as one integer >= 1 or {axes} of them", repr(value)
        )
    return values


def padding_name(layer: Layer, padding: str, allowed: tuple[str, ...]) -> str:
    """The kind of padding in lower case, refused where the layer does not have it."""
    name = padding.lower() if isinstance(padding, str) else padding
    if name not in allowed:
        raise ArgumentError(layer.name, f"padding to be one of {', '.join(allowed)}", repr(padding))
    return name


class _Convolution(Layer):
    """What the convolutions have in common; the number of spatial axes is the class's.

    y[p] = activation(bias + sum over offsets k of x[p * strides + k * dilation_rate] @ kernel[k])
    """

    spatial_axes: ClassVar[int]
    paddings: ClassVar[tuple[str, ...]] = ("valid", "same")
    ranges = {"filters": COUNT, "groups": COUNT}
    fixed = {
        "data_format": "channels_last", "kernel_constraint": None, "bias_constraint": None,
        "lora_rank": None,
    }  # fmt: skip

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        *,  # Keras has data_format here
        dilation_rate: Any = 1,
        groups: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        axes = self.spatial_axes
        self.filters = filters
        self.kernel_size = per_axis(self, "kernel_size", kernel_size, axes)
        self.strides = per_axis(self, "strides", strides, axes)
        self.padding = padding_name(self, padding, self.paddings)
        self.dilation_rate = per_axis(self, "dilation_rate", dilation_rate, axes)
        self.groups = groups
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.check_arguments()
        if filters % groups:
            raise ArgumentError(self.name, f"filters to be a multiple of groups={groups}", filters)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make kernel and bias for this number of channels."""
        InputForm(axes=self.spatial_axes + 2).check(self.name, input_shape)
        channels = fixed_last(self, input_shape)
        if channels % self.groups:
            raise ArgumentError(
                self.name, f"input channels to be a multiple of groups={self.groups}", channels
            )
        self.kernel = self.add_weight(
            "kernel", (*self.kernel_size, channels // self.groups, self.filters),
            self.kernel_initializer, regularizer=self.kernel_regularizer,
        )  # fmt: skip
        if self.use_bias:
            self.bias = self.add_weight(
                "bias", (self.filters,), self.bias_initializer, regularizer=self.bias_regularizer
            )
        self.input_form = InputForm(axes=self.spatial_axes + 2, last=channels)

    def call(self, inputs: Tensor) -> Tensor:
        """y = activation(convolution(x, kernel) + bias)"""
        padding = ops.explicit_padding(
            self.padding, inputs.shape[1:-1], self.kernel_size, self.strides, self.dilation_rate
        )
        y = ops.convolution(
            inputs, self.kernel, strides=self.strides, padding=padding,
            dilation=self.dilation_rate, groups=self.groups,
        )  # fmt: skip
        return self.activation(y + self.bias if self.use_bias else y)


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

    Shapes: x (b, h, w, c) -> y (b, h', w', filters)
    Weights: kernel (k, k, c / groups, filters) Glorot uniform; bias (filters) zeros
    Source: LeCun et al. 1989, Neural Computation 1, 541-551
    """

    spatial_axes = 2


class Conv3D(_Convolution):
    """Convolution over depth, height and width.

    Shapes: x (b, d, h, w, c) -> y (b, d', h', w', filters)
    Weights: kernel (k, k, k, c / groups, filters) Glorot uniform; bias (filters) zeros
    """

    spatial_axes = 3
