"""Axes that a layer's weights belong to: their lengths, their places, and how to spread weights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from lernwerk.errors import ArgumentError
from lernwerk.layers.layer import Layer
from lernwerk.ops.common import positive_axis


def as_axes(axis: Any) -> list[int]:
    """One axis or several, as a list in ascending order of what was written, as Keras has them."""
    return sorted(axis) if isinstance(axis, (list, tuple)) else [axis]


def check_axis(layer: Layer, name: str = "axis", several: bool = True) -> None:
    """Refuse an argument that is no axis, and a list where only one axis has a meaning."""
    value = getattr(layer, name)
    listed = value if several and isinstance(value, (list, tuple)) else [value]
    if not listed or any(isinstance(a, bool) or not isinstance(a, int) for a in listed):
        wanted = "an integer or a list of integers" if several else "an integer"
        raise ArgumentError(layer.name, f"{name} to be {wanted}", repr(value))


def places(layer: Layer, axes: Iterable[int], rank: int) -> list[int]:
    """The axes counted from the front; ShapeError for one that the input does not have."""
    return [positive_axis(layer.name, axis, rank) for axis in axes]


def known_length(layer: Layer, shape: Sequence[int | None], axis: int) -> int:
    """The length of an axis for which a layer has weights."""
    length = shape[positive_axis(layer.name, axis, len(shape))]
    if length is None:
        raise ArgumentError(
            layer.name, f"a known length of axis {axis}", tuple(shape),
            "Give it: Input(shape=(...)) with a number there.",
        )  # fmt: skip
    return length


def spread(weight: Any, axes: Iterable[int], shape: Sequence[int]) -> Any:
    """A weight with axes of length 1 for those axes of ``shape`` that it has not."""
    kept = set(axes)
    lengths = tuple(n if axis in kept else 1 for axis, n in enumerate(shape))
    return weight if tuple(weight.shape) == lengths else weight.reshape(lengths)


def moved_last(x: Any, axis: int) -> Any:
    """The array with one axis as its last."""
    order = [each for each in range(x.ndim) if each != axis] + [axis]
    return x if axis == x.ndim - 1 else x.transpose(order)


def moved_back(x: Any, axis: int) -> Any:
    """The array with its last axis at ``axis`` again."""
    order = list(range(x.ndim - 1))
    order.insert(axis, x.ndim - 1)
    return x if axis == x.ndim - 1 else x.transpose(order)
