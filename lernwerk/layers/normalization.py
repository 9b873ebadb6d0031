"""Layers that normalise each example by itself: LayerNormalization and its relatives.

BatchNormalization, which looks at all examples of a batch, is in batch_normalization.py.
"""

from __future__ import annotations

import math
from typing import Any

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.errors import COUNT, POSITIVE, ArgumentError
from lernwerk.layers.axes import (
    as_axes,
    check_axis,
    known_length,
    moved_back,
    moved_last,
    places,
    spread,
)
from lernwerk.layers.input_form import InputForm
from lernwerk.layers.layer import Layer
from lernwerk.layers.scale_and_offset import ScaleAndOffset

_SHORTEST = 1e-12  # Keras's least length of a vector that is divided by


class LayerNormalization(ScaleAndOffset):
    """Normalise each example over one or several of its axes, then scale and shift.

    y = (x - mean(x)) / sqrt(var(x) + epsilon) * gamma + beta

    ``rms_scaling`` (keyword, old): y = x / sqrt(var(x) + epsilon) * gamma.

    Shapes: x (*b, c) -> y (*b, c)
    Weights: gamma (c) ones; beta (c) zeros; with several axes their lengths instead of c
    Source: Ba, Kiros & Hinton 2016, arXiv:1607.06450
    Differs: nothing.
    """

    ranges = {"epsilon": POSITIVE}

    def __init__(
        self,
        axis: Any = -1,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        *,
        rms_scaling: bool = False,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.axis = list(axis) if isinstance(axis, (list, tuple)) else axis
        self.epsilon = epsilon
        self.rms_scaling = rms_scaling
        self.keep_options(
            center, scale, beta_initializer=beta_initializer, gamma_initializer=gamma_initializer,
            beta_regularizer=beta_regularizer, gamma_regularizer=gamma_regularizer,
            beta_constraint=beta_constraint, gamma_constraint=gamma_constraint,
        )  # fmt: skip
        check_axis(self)
        self.check_arguments()

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make scale and offset for the lengths of the axes."""
        shape = tuple(known_length(self, input_shape, axis) for axis in as_axes(self.axis))
        rms = self.rms_scaling
        self.add_scale_and_offset(shape, self.scale or rms, self.center and not rms)
        self.input_form = _form(self, input_shape)

    def call(self, inputs: Tensor) -> Tensor:
        """y = (x - mean) / sqrt(variance + epsilon) * gamma + beta"""
        axes = sorted(places(self, as_axes(self.axis), inputs.ndim))
        if axes[0] + len(axes) == inputs.ndim and not self.rms_scaling:
            return self._over_the_last(inputs, axes)
        centred = inputs - ops.mean(inputs, axis=tuple(axes), keepdims=True)
        variance = ops.mean(ops.square(centred), axis=tuple(axes), keepdims=True)
        y = (inputs if self.rms_scaling else centred) / ops.sqrt(variance + self.epsilon)
        if self.gamma is not None:
            y = y * spread(self.gamma, axes, inputs.shape)
        return y if self.beta is None else y + spread(self.beta, axes, inputs.shape)

    def _over_the_last(self, x: Tensor, axes: list[int]) -> Tensor:
        """The same in one operation, where the axes are the last ones."""
        count = math.prod(x.shape[axis] for axis in axes)
        rows = x if len(axes) == 1 else x.reshape(*x.shape[: axes[0]], count)
        scale, offset = self.scale_and_offset((count,))
        y = ops.layer_normalization(rows, scale, offset, epsilon=self.epsilon)
        return y.reshape(x.shape) if len(axes) > 1 else y


class GroupNormalization(ScaleAndOffset):
    """Normalise each group of neighbouring channels of each example, then scale and shift.

    y = (x - mean(x)) / sqrt(var(x) + epsilon) * gamma + beta, with the moments of a group

    ``groups=1`` normalises each example as a whole, ``groups=-1`` each channel by itself.

    Shapes: x (b, *n, c) -> y (b, *n, c)
    Weights: gamma (c) ones; beta (c) zeros
    Source: Wu & He 2018, arXiv:1803.08494
    Differs: nothing.
    """

    ranges = {"epsilon": POSITIVE}

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.groups = groups
        self.axis = axis
        self.epsilon = epsilon
        self.keep_options(
            center, scale, beta_initializer=beta_initializer, gamma_initializer=gamma_initializer,
            beta_regularizer=beta_regularizer, gamma_regularizer=gamma_regularizer,
            beta_constraint=beta_constraint, gamma_constraint=gamma_constraint,
        )  # fmt: skip
        if groups not in COUNT and groups != -1:
            raise ArgumentError(self.name, f"groups to be {COUNT}, or -1", repr(groups))
        check_axis(self, several=False)
        self.check_arguments()

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make scale and offset, one for each channel."""
        channels = known_length(self, input_shape, self.axis)
        if channels % self.groups:
            raise ArgumentError(
                self.name, f"a number of groups that divides the {channels} channels", self.groups
            )
        self.add_scale_and_offset((channels,), self.scale, self.center)
        self.input_form = _form(self, input_shape)

    def call(self, inputs: Tensor) -> Tensor:
        """y = (x - mean) / sqrt(variance + epsilon) * gamma + beta, by groups of channels"""
        (place,) = places(self, [self.axis], inputs.ndim)
        x = moved_last(inputs, place)
        rows = x.reshape(x.shape[0], math.prod(x.shape[1:-1]), x.shape[-1])  # (b, n, c)
        scale, offset = self.scale_and_offset(x.shape[-1:])
        centred = rows - self._group_means(rows)
        variance = self._group_means(ops.square(centred))
        y = centred * (scale / ops.sqrt(variance + self.epsilon)) + offset
        return moved_back(y.reshape(x.shape), place)

    def _group_means(self, rows: Any) -> Any:
        """The mean of each channel's group, for each channel: those of channels are short sums."""
        b, c = rows.shape[0], rows.shape[-1]
        groups = c if self.groups == -1 else self.groups
        channels = ops.mean(rows, axis=1).reshape(b, groups, c // groups)
        means = ops.mean(channels, axis=-1, keepdims=True)
        return ops.broadcast_to(means, shape=channels.shape).reshape(b, 1, c)


class RMSNormalization(Layer):
    """Divide each example by its root mean square over one or several axes, then scale.

    y = x / sqrt(mean(x^2) + epsilon) * scale

    Shapes: x (*b, c) -> y (*b, c)
    Weights: scale (c) ones; with several axes their lengths instead of c
    Source: Zhang & Sennrich 2019, arXiv:1910.07467
    Differs: the scale always belongs to ``axis``; Keras's is broadcast along the last axes.
    """

    ranges = {"epsilon": POSITIVE}

    def __init__(self, axis: Any = -1, epsilon: float = 1e-6, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.axis = list(axis) if isinstance(axis, (list, tuple)) else axis
        self.epsilon = epsilon
        check_axis(self)
        self.check_arguments()

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the scale for the lengths of the axes."""
        shape = tuple(known_length(self, input_shape, axis) for axis in as_axes(self.axis))
        self.scale = self.add_weight("scale", shape, "ones")
        self.input_form = _form(self, input_shape)

    def call(self, inputs: Tensor) -> Tensor:
        """y = x / sqrt(mean(x^2) + epsilon) * scale"""
        axes = places(self, as_axes(self.axis), inputs.ndim)
        square = ops.mean(ops.square(inputs), axis=tuple(axes), keepdims=True)
        scale = spread(self.scale, axes, inputs.shape)
        return inputs / ops.sqrt(square + self.epsilon) * scale


class UnitNormalization(Layer):
    """Give each example the Euclidean length 1 along one or several axes.

    y = x / max(sqrt(sum(x^2)), 1e-12)

    Shapes: x (*s) -> y (*s)
    Source: https://keras.io/api/layers/normalization_layers/unit_normalization/
    Differs: nothing.
    """

    supports_masking = True

    def __init__(self, axis: Any = -1, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.axis = list(axis) if isinstance(axis, (list, tuple)) else axis
        check_axis(self)

    def call(self, inputs: Tensor) -> Tensor:
        """y = x / max(sqrt(sum(x^2)), 1e-12)"""
        axes = tuple(places(self, as_axes(self.axis), inputs.ndim))
        square = ops.sum(ops.square(inputs), axis=axes, keepdims=True)
        return inputs / ops.sqrt(ops.maximum(square, _SHORTEST**2))


def _form(layer: Any, shape: tuple[int | None, ...]) -> InputForm:
    """The number of axes that the layer was built for, and the lengths that its weights have."""
    axes = places(layer, as_axes(layer.axis), len(shape))
    lengths = tuple((axis, known_length(layer, shape, axis)) for axis in axes)
    return InputForm(axes=len(shape), lengths=lengths)
