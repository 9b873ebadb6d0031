"""What layers over sequences, pictures and volumes share: where the channels are, sizes, room.

Operations have the channels last. ``@channels_last`` around a layer's ``call`` moves them there and
back where the layer's ``data_format`` is "channels_first", so that a formula is written once.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from lernwerk import config, ops
from lernwerk.core.tensor import Tensor
from lernwerk.errors import COUNT, ArgumentError, Range, ShapeError
from lernwerk.layers.input_form import InputForm
from lernwerk.layers.layer import Layer
from lernwerk.ops.windows import spans

_NAMES = {1: "a sequence", 2: "a picture", 3: "a volume"}


class SpatialLayer(Layer):
    """A layer over (b, *n, c), or (b, c, *n) with ``data_format="channels_first"``."""

    spatial_axes: ClassVar[int]
    data_format: str

    def use_format(self, data_format: str | None) -> None:
        """Keep the data format and expect inputs with that many axes."""
        self.data_format = config.standardize_data_format(self.name, data_format)
        self.input_form = InputForm(
            axes=self.spatial_axes + 2, channels_first=self.data_format == "channels_first"
        )

    def known_channels(self, shape: tuple[int | None, ...]) -> int:
        """The number of channels, which the layer needs for its weights and expects from now on."""
        assert self.input_form is not None
        self.input_form.check(self.name, shape)
        channels = shape[self.input_form.channel_axis]
        if channels is None:
            raise ArgumentError(
                self.name, "a known number of channels", shape,
                "Give it: Input(shape=(..., channels)).",
            )  # fmt: skip
        self.input_form = replace(self.input_form, last=channels)
        return channels


def channels_last(call: Callable[..., Any]) -> Callable[..., Any]:
    """Around a ``call``: channels go to the end, and back where the output still has all axes."""

    @functools.wraps(call)
    def moved(layer: Any, inputs: Tensor, **options: Any) -> Any:
        rank = inputs.ndim
        if layer.data_format == "channels_last" or rank < 3:
            return call(layer, inputs, **options)
        y = call(layer, ops.moveaxis(inputs, source=1, destination=-1), **options)
        return ops.moveaxis(y, source=-1, destination=1) if y.ndim == rank else y

    return moved


def per_axis(
    layer: Layer, name: str, value: Any, axes: int, allowed: Range = COUNT
) -> tuple[int, ...]:
    """One integer for each spatial axis, given as one number or one for each."""
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,) * axes
    if len(values) != axes or any(v not in allowed for v in values):
        raise ArgumentError(layer.name, f"{name} as one {_bare(allowed)} or {axes} of them",
                            repr(value))  # fmt: skip
    return tuple(int(v) for v in values)


def pairs(layer: Layer, name: str, value: Any, axes: int) -> tuple[tuple[int, int], ...]:
    """(before, after) for each spatial axis: one number, one for each axis, or one for each end.

    A single axis has one pair of its own: (before, after).
    """
    allowed = Range(0, integer=True)
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,) * axes
    if axes == 1 and isinstance(value, (tuple, list)):
        values = (values,)
    if len(values) == axes:
        found = [tuple(v) if isinstance(v, (tuple, list)) else (v, v) for v in values]
        if all(len(pair) == 2 and all(n in allowed for n in pair) for pair in found):
            return tuple((int(before), int(after)) for before, after in found)
    several = "a pair" if axes == 1 else f"{axes} of them or of pairs"
    raise ArgumentError(layer.name, f"{name} as one {_bare(allowed)} or {several} of them",
                        repr(value))  # fmt: skip


def _bare(allowed: Range) -> str:
    return str(allowed).removeprefix("an ").removeprefix("a ")


def padding_name(layer: Layer, padding: str, allowed: tuple[str, ...]) -> str:
    """The kind of padding in lower case, refused where the layer does not have it."""
    name = padding.lower() if isinstance(padding, str) else padding
    if name not in allowed:
        raise ArgumentError(layer.name, f"padding to be one of {', '.join(allowed)}", repr(padding))
    return name


def check_room(layer: Layer, lengths: Sequence[int], least: Sequence[int], hint: str) -> None:
    """Refuse a picture that is smaller than what has to fit into it."""
    if any(n < k for n, k in zip(lengths, least, strict=True)):
        axes = len(lengths)
        wanted, got = (str(v[0] if axes == 1 else tuple(v)) for v in (least, lengths))
        steps = " steps" if axes == 1 else ""
        raise ShapeError(layer.name, f"{_NAMES[axes]} of at least {wanted}{steps}", got, hint)


def check_window(
    layer: Layer, padding: str, lengths: Sequence[int], size: Any, dilation: Any
) -> None:
    """Refuse a picture in which not even one window fits without padding."""
    if padding == "valid":
        hint = "Use padding='same' or drop a pooling layer."
        check_room(layer, lengths, spans(size, dilation), hint)
