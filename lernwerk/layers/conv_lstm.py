"""ConvLSTM: an LSTM whose states are pictures and whose products are convolutions."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any, ClassVar

from lernwerk import config, ops
from lernwerk.core.tensor import Tensor
from lernwerk.errors import COUNT, ShapeError, check_ranges
from lernwerk.layers.core import fixed_last
from lernwerk.layers.lstm import LSTMCell
from lernwerk.layers.recurrent import StandardRNN, of_cell
from lernwerk.layers.recurrent_cell import RecurrentCell, zeros
from lernwerk.layers.spatial import check_window, padding_name, per_axis
from lernwerk.ops.windows import window_counts


class ConvLSTMCell(LSTMCell):
    """One step of a ConvLSTM: an LSTMCell with convolutions; channels come last.

    The convolution of the state has no strides and keeps its size.

    Shapes: x (b, *n, c), states [h (b, *m, filters), c (b, *m, filters)] -> h' (b, *m, filters)
    """

    def __init__(
        self,
        axes: int,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        dilation_rate: Any = 1,
        **keywords: Any,
    ) -> None:
        place: Any = SimpleNamespace(name=keywords.get("where"))
        check_ranges(place.name, {"filters": filters}, {"filters": COUNT})
        super().__init__(filters, **keywords)
        self.implementation = 1  # as in Keras: dropout has a mask for each gate
        self.spatial_axes = axes
        self.filters = filters
        self.kernel_size = per_axis(place, "kernel_size", kernel_size, axes)
        self.strides = per_axis(place, "strides", strides, axes)
        self.padding = padding_name(place, padding, ("valid", "same"))
        self.dilation_rate = per_axis(place, "dilation_rate", dilation_rate, axes)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make kernel, recurrent kernel and bias."""
        size, width = self.kernel_size, self.gates * self.filters
        channels = fixed_last(self, input_shape)
        self.make_weights((*size, channels, width), (*size, self.filters, width))

    def is_standard(self) -> bool:
        """No: there is no fused operation."""
        return False

    def of_inputs(self, x: Tensor, kernel: Any) -> Tensor:
        """convolution(x, kernel), of one step or of all"""
        lengths, strides, dilation = (
            x.shape[-1 - self.spatial_axes : -1],
            self.strides,
            self.dilation_rate,
        )
        check_window(self, self.padding, lengths, self.kernel_size, dilation)
        padding = ops.explicit_padding(self.padding, lengths, self.kernel_size, strides, dilation)
        before = x.shape[: -1 - self.spatial_axes]
        rows = x.reshape(math.prod(before), *lengths, x.shape[-1])
        y = ops.convolution(
            rows, kernel, strides=strides, padding=padding, dilation=dilation, groups=1
        )
        return y.reshape(*before, *y.shape[1:])  # type: ignore[no-any-return]

    def of_state(self, h: Tensor, kernel: Any) -> Tensor:
        """convolution(h, kernel) of the same size"""
        ones = (1,) * self.spatial_axes
        padding = ops.explicit_padding("same", h.shape[1:-1], self.kernel_size, ones, ones)
        return ops.convolution(  # type: ignore[no-any-return]
            h, kernel, strides=ones, padding=padding, dilation=ones, groups=1
        )

    def start(self, batch: int, lengths: tuple[int, ...]) -> list[Tensor]:
        """Zeros for inputs of these lengths."""
        windows = self.kernel_size, self.strides, self.dilation_rate
        padding = ops.explicit_padding(self.padding, lengths, *windows)
        counts = window_counts(self.name, lengths, *windows[:2], padding, windows[2])
        return [zeros((batch, *counts, self.filters), self.dtype)] * 2


class ConvLSTM(StandardRNN):
    """Base of the convolutional LSTMs; the number of spatial axes is the class's."""

    spatial_axes: ClassVar[int]
    ranges = {"filters": COUNT} | {
        name: allowed for name, allowed in RecurrentCell.ranges.items() if name != "units"
    }
    filters, kernel_size, strides = of_cell("filters"), of_cell("kernel_size"), of_cell("strides")
    padding, dilation_rate = of_cell("padding"), of_cell("dilation_rate")
    recurrent_activation = of_cell("recurrent_activation")
    unit_forget_bias = of_cell("unit_forget_bias")

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        **keywords: Any,
    ) -> None:
        options = self.named(keywords, "conv_lstm_cell")
        weights = {
            "kernel_initializer": kernel_initializer, "bias_initializer": bias_initializer,
            "recurrent_initializer": recurrent_initializer, "unit_forget_bias": unit_forget_bias,
            "kernel_regularizer": kernel_regularizer, "bias_regularizer": bias_regularizer,
            "recurrent_regularizer": recurrent_regularizer, "kernel_constraint": kernel_constraint,
            "recurrent_constraint": recurrent_constraint, "bias_constraint": bias_constraint,
        }  # fmt: skip
        cell = ConvLSTMCell(
            self.spatial_axes, filters, kernel_size, strides, padding, dilation_rate,
            activation=activation, recurrent_activation=recurrent_activation, use_bias=use_bias,
            dropout=dropout, recurrent_dropout=recurrent_dropout, seed=seed, **weights, **options,
        )  # fmt: skip
        super().__init__(
            cell, return_sequences, return_state, go_backwards, stateful,
            activity_regularizer=activity_regularizer, **keywords,
        )  # fmt: skip
        self.data_format = config.standardize_data_format(self.name, data_format)

    def check_axes(self, shape: tuple[int | None, ...]) -> None:
        """Refuse inputs that are no sequences of pictures."""
        if len(shape) != self.spatial_axes + 3:
            names = ("length", "height, width", "depth, height, width")[self.spatial_axes - 1]
            raise ShapeError(self.name, f"input (batch, steps, {names}, channels)", shape)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Build the cell for one step, channels last."""
        self.check_axes(input_shape)
        if self.data_format == "channels_first":
            input_shape = (*input_shape[:2], *input_shape[3:], input_shape[2])
        super().build(input_shape)

    def zero_states(self, shape: Any) -> list[Any]:
        """The states before the first step of sequences of this shape."""
        return self.cell.start(shape[0], tuple(shape[2:-1]))  # type: ignore[no-any-return]

    def call(
        self, sequences: Tensor, initial_state: Any = None, mask: Any = None, training: bool = False
    ) -> Any:
        """The outputs, or the last one, and the final states if asked for."""
        if self.data_format == "channels_last":
            return super().call(sequences, initial_state, mask, training)
        if initial_state is not None:
            initial_state = [ops.moveaxis(each, 1, -1) for each in initial_state]
        moved = ops.moveaxis(sequences, 2, -1)
        found = super().call(moved, initial_state, mask, training)
        if isinstance(found, list):
            return [self._channels_first(each) for each in found]
        return self._channels_first(found)

    def _channels_first(self, y: Tensor) -> Any:
        return ops.moveaxis(y, -1, y.ndim - 1 - self.spatial_axes)


class ConvLSTM1D(ConvLSTM):
    """LSTM over a sequence of rows: products with the kernels are convolutions.

    i, f, o = sigmoid(conv(x[t], kernel) + conv(h[t-1], recurrent_kernel) + bias), each with its
    block; c[t] = f * c[t-1] + i * tanh(... block c);  h[t] = o * tanh(c[t])

    Shapes: x (b, t, n, c) -> y (b, n', filters), or (b, t, n', filters) with return_sequences
    Weights: kernel (k, c, 4 filters) Glorot uniform; recurrent_kernel (k, filters, 4 filters)
    orthogonal; bias (4 filters) zeros, ones for the forget gate
    Source: Shi et al. 2015, arXiv:1506.04214
    """

    spatial_axes = 1


class ConvLSTM2D(ConvLSTM):
    """LSTM over a sequence of pictures: products with the kernels are convolutions.

    i, f, o = sigmoid(conv(x[t], kernel) + conv(h[t-1], recurrent_kernel) + bias), each with its
    block; c[t] = f * c[t-1] + i * tanh(... block c);  h[t] = o * tanh(c[t])

    Shapes: x (b, t, h, w, c) -> y (b, h', w', filters), or (b, t, h', w', filters) with
    return_sequences
    Weights: kernel (k, k, c, 4 filters) Glorot uniform; recurrent_kernel (k, k, filters, 4 filters)
    orthogonal; bias (4 filters) zeros, ones for the forget gate
    Source: Shi et al. 2015, arXiv:1506.04214
    """

    spatial_axes = 2


class ConvLSTM3D(ConvLSTM):
    """LSTM over a sequence of volumes: products with the kernels are convolutions.

    Shapes: x (b, t, d, h, w, c) -> y (b, d', h', w', filters), or (b, t, d', h', w', filters) with
    return_sequences
    Weights: kernel (k, k, k, c, 4 filters) Glorot uniform; recurrent_kernel (k, k, k, filters,
    4 filters) orthogonal; bias (4 filters) zeros, ones for the forget gate
    Source: Shi et al. 2015, arXiv:1506.04214
    """

    spatial_axes = 3
