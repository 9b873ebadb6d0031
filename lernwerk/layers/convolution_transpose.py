"""Transposed convolution layers: from small pictures to larger ones, with weights that learn."""

from __future__ import annotations

from typing import Any

from lernwerk import constraints, initializers, ops, regularizers
from lernwerk.core.tensor import Tensor
from lernwerk.errors import COUNT, ArgumentError, Range
from lernwerk.layers.convolution import Windowed
from lernwerk.layers.spatial import channels_last, per_axis

_EXTRA = Range(0, integer=True)


class _ConvolutionTranspose(Windowed):
    """What the transposed convolutions have in common; the number of spatial axes is the class's.

    y[p * strides + k * dilation_rate] += x[p] @ kernel[k].T, then activation(y + bias)
    """

    ranges = {"filters": COUNT}

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = 1,
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
        self.output_padding = self._extra(output_padding)
        self.use_output(activation, use_bias, bias_initializer, bias_regularizer, bias_constraint)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.check_arguments()
        self.refuse_strides_with_dilation()

    def _extra(self, output_padding: Any) -> tuple[int, ...] | None:
        """The output padding for each axis, smaller than the strides; None chooses by itself."""
        if output_padding is None:
            return None
        extra = per_axis(self, "output_padding", output_padding, self.spatial_axes, _EXTRA)
        if any(e >= s for e, s in zip(extra, self.strides, strict=True)):
            raise ArgumentError(
                self.name, f"output_padding smaller than strides={self.strides}", extra
            )
        return extra

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make kernel and bias for this number of channels."""
        channels = self.known_channels(input_shape)
        self.kernel = self.add_weight(
            "kernel", (*self.kernel_size, self.filters, channels), self.kernel_initializer,
            regularizer=self.kernel_regularizer, constraint=self.kernel_constraint,
        )  # fmt: skip
        self.add_bias(self.filters)

    @channels_last
    def call(self, inputs: Tensor) -> Tensor:
        """y = activation(convolution_transpose(x, kernel) + bias)"""
        y = ops.convolution_transpose(
            inputs, self.kernel, strides=self.strides, padding=self.padding,
            dilation=self.dilation_rate, output_padding=self.output_padding,
        )  # fmt: skip
        return self.finish(y)


class Conv1DTranspose(_ConvolutionTranspose):
    """The transpose of a convolution along a sequence: t' = t * strides with "same".

    y[p * strides + k * dilation_rate] += x[p] @ kernel[k].T, then activation(y + bias)

    Shapes: x (b, t, c) -> y (b, t', filters)
    Weights: kernel (k, filters, c) Glorot uniform; bias (filters) zeros
    """

    spatial_axes = 1


class Conv2DTranspose(_ConvolutionTranspose):
    """The transpose of a convolution over pictures: h' = h * strides with "same".

    y[p * s + i * d, q * s + j * d] += x[p, q] @ kernel[i, j].T, then activation(y + bias)

    Shapes: x (b, h, w, c) -> y (b, h', w', filters); channels_first: (b, c, h, w)
    Weights: kernel (k, k, filters, c) Glorot uniform; bias (filters) zeros
    Source: Zeiler et al. 2010, doi:10.1109/CVPR.2010.5539957
    """

    spatial_axes = 2


class Conv3DTranspose(_ConvolutionTranspose):
    """The transpose of a convolution over depth, height and width.

    Shapes: x (b, d, h, w, c) -> y (b, d', h', w', filters); channels_first: (b, c, d, h, w)
    Weights: kernel (k, k, k, filters, c) Glorot uniform; bias (filters) zeros
    """

    spatial_axes = 3

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,  # here Keras has it before output_padding
        output_padding: Any = None,
        *arguments: Any,
        **keywords: Any,
    ) -> None:
        super().__init__(
            filters, kernel_size, strides, padding, output_padding, data_format, *arguments,
            **keywords,
        )  # fmt: skip
