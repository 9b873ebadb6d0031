"""Layers that put zeros around sequences, pictures and volumes, and that cut edges off."""

from __future__ import annotations

from typing import Any

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.layers.spatial import SpatialLayer, channels_last, check_room, pairs


class _ZeroPadding(SpatialLayer):
    """What the zero paddings have in common; the number of spatial axes is the class's."""

    def __init__(self, padding: Any = 1, data_format: str | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.padding = ends(self, "padding", padding)
        self.use_format(data_format)

    @channels_last
    def call(self, inputs: Tensor) -> Tensor:
        """y[before + p] = x[p], and 0 elsewhere"""
        widths = ((0, 0), *_listed(self.padding), (0, 0))
        return ops.pad(inputs, widths=widths)  # type: ignore[no-any-return]


class ZeroPadding1D(_ZeroPadding):
    """Zeros before and after a sequence: ``padding`` is a number or (before, after).

    Shapes: x (b, t, c) -> y (b, before + t + after, c)
    """

    spatial_axes = 1


class ZeroPadding2D(_ZeroPadding):
    """Zeros around a picture: a number, (rows, columns), or ((top, bottom), (left, right)).

    Shapes: x (b, h, w, c) -> y (b, top + h + bottom, left + w + right, c)
    """

    spatial_axes = 2


class ZeroPadding3D(_ZeroPadding):
    """Zeros around a volume: a number, one for each axis, or a pair (before, after) for each.

    Shapes: x (b, d, h, w, c) -> y (b, d', h', w', c), each length before + n + after
    """

    spatial_axes = 3


class _Cropping(SpatialLayer):
    """What the croppings have in common; the number of spatial axes is the class's."""

    cropping: Any

    @channels_last
    def call(self, inputs: Tensor) -> Tensor:
        """y[p] = x[before + p]"""
        lengths, cut = inputs.shape[1:-1], _listed(self.cropping)
        check_room(self, lengths, [sum(pair) + 1 for pair in cut], "Crop less.")
        stops = [n - after for n, (_, after) in zip(lengths, cut, strict=True)]
        return ops.slice(  # type: ignore[no-any-return]
            inputs, starts=(0, *(before for before, _ in cut), 0),
            stops=(inputs.shape[0], *stops, inputs.shape[-1]), steps=(1,) * inputs.ndim,
        )  # fmt: skip


class Cropping1D(_Cropping):
    """Leave out the first and last steps: ``cropping`` is a number or (before, after).

    Shapes: x (b, t, c) -> y (b, t - before - after, c)
    """

    spatial_axes = 1

    def __init__(self, cropping: Any = (1, 1), **keywords: Any) -> None:
        super().__init__(**keywords)
        self.cropping = ends(self, "cropping", cropping)
        self.use_format("channels_last")


class Cropping2D(_Cropping):
    """Cut off edges of a picture: a number, (rows, columns), or ((top, bottom), (left, right)).

    Shapes: x (b, h, w, c) -> y (b, h - top - bottom, w - left - right, c)
    """

    spatial_axes = 2

    def __init__(
        self, cropping: Any = ((0, 0), (0, 0)), data_format: str | None = None, **keywords: Any
    ) -> None:
        super().__init__(**keywords)
        self.cropping = ends(self, "cropping", cropping)
        self.use_format(data_format)


class Cropping3D(_Cropping):
    """Cut off sides of a volume: a number, one for each axis, or a pair (before, after) for each.

    Shapes: x (b, d, h, w, c) -> y (b, d', h', w', c), each length n - before - after
    """

    spatial_axes = 3

    def __init__(
        self,
        cropping: Any = ((1, 1), (1, 1), (1, 1)),
        data_format: str | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.cropping = ends(self, "cropping", cropping)
        self.use_format(data_format)


def ends(layer: SpatialLayer, name: str, value: Any) -> Any:
    """What goes before and after along each axis, as Keras keeps it: one axis has one pair."""
    found = pairs(layer, name, value, layer.spatial_axes)
    return found if layer.spatial_axes > 1 else found[0]


def _listed(kept: Any) -> Any:
    """A pair for each axis."""
    return kept if isinstance(kept[0], tuple) else (kept,)
