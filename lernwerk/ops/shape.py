"""Operations that move numbers without changing them: axes, slices, padding, joining.

They come in adjoint pairs (transpose with itself, slice with embed, pad with slice, concatenate
with slice), so that gradients of gradients need nothing else. ``reshape`` and ``broadcast_to`` are
defined in ``broadcasting.py``.
"""

from __future__ import annotations

import builtins
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from lernwerk.errors import ShapeError
from lernwerk.ops.broadcasting import broadcast_to, reshape
from lernwerk.ops.common import also_named, as_array, positive_axes, positive_axis
from lernwerk.ops.primitive import (
    Array,
    Sample,
    composite,
    namespace,
    plain,
    primitive,
    sample,
)
from lernwerk.ops.shape_line import Shape

__all__ = [
    "broadcast_to",
    "concatenate",
    "embed",
    "expand_dims",
    "flip",
    "moveaxis",
    "pad",
    "repeat",
    "reshape",
    "slice",
    "split",
    "squeeze",
    "stack",
    "swapaxes",
    "tile",
    "transpose",
]

_ARRAY_API = "Python array API standard 2024.12, manipulation functions"
Widths = tuple[tuple[int, int], ...]


def _order(axes: tuple[int, ...] | None, rank: int) -> tuple[int, ...]:
    """The axes of a transpose counted from the front."""
    if axes is None:
        return tuple(reversed(range(rank)))
    order = tuple(positive_axis("transpose", axis, rank) for axis in axes)
    if sorted(order) != list(range(rank)):
        raise ShapeError("transpose", f"each of the {rank} axes once", axes)
    return order


def _transpose_gradient(g: Any, y: Any, x: Any, *, axes: tuple[int, ...] | None) -> tuple[Any]:
    order = _order(axes, x.ndim)
    return (transpose(g, axes=tuple(order.index(i) for i in range(x.ndim))),)


def _transpose_samples(random: np.random.Generator) -> Iterator[Sample]:
    yield sample(random.normal(size=(2, 3)))
    yield sample(random.normal(size=(2, 3, 4)), axes=(1, 2, 0))
    yield sample(random.normal(size=(2, 1, 4, 3)), axes=(0, -1, 1, 2))
    yield sample(random.normal(size=()))


@primitive(
    gradient=_transpose_gradient,
    samples=_transpose_samples,
    source=_ARRAY_API,
    shapes=lambda x, *, axes: tuple(x[axis] for axis in _order(axes, len(x))),
)
def transpose(x: Array, *, axes: tuple[int, ...] | None = None) -> Array:
    """Put the axes into another order; None reverses them.

    y[j, i] = x[i, j]

    Shapes: x (*s) -> y (*r)
    """
    return namespace(x).transpose(x, axes)


def _pad_shape(x: Shape, *, widths: Widths, value: float) -> Shape:
    if len(widths) != len(x) or any(low < 0 or high < 0 for low, high in widths):
        raise ShapeError(
            "pad", f"a pair (before, after) of widths >= 0 for each axis of {x}", widths
        )
    return tuple(low + n + high for n, (low, high) in zip(x, widths, strict=True))


def _pad_gradient(g: Any, y: Any, x: Any, *, widths: Widths, value: float) -> tuple[Any]:
    starts = tuple(low for low, _ in widths)
    stops = tuple(low + n for n, low in zip(x.shape, starts, strict=True))
    return (slice(g, starts=starts, stops=stops, steps=(1,) * x.ndim),)


def _pad_samples(random: np.random.Generator) -> Iterator[Sample]:
    yield sample(random.normal(size=(3,)), widths=((1, 2),))
    yield sample(random.normal(size=(2, 1, 3)), widths=((0, 0), (2, 0), (0, 1)), value=1.5)
    yield sample(random.normal(size=(2, 3)), widths=((0, 0), (0, 0)))


@primitive(gradient=_pad_gradient, samples=_pad_samples, source=_ARRAY_API, shapes=_pad_shape)
def pad(x: Array, *, widths: Widths, value: float = 0.0) -> Array:
    """Surround an array with a constant: ``widths`` holds (before, after) for each axis.

    y[before + i] = x[i], and ``value`` elsewhere

    Shapes: x (*s) -> y (*r)
    """
    return namespace(x).pad(x, widths, constant_values=value)


def _index(starts: Shape, stops: Shape, steps: Shape) -> tuple[builtins.slice, ...]:
    return tuple(map(builtins.slice, starts, stops, steps))


def _slice_shape(x: Shape, *, starts: Shape, stops: Shape, steps: Shape) -> Shape:
    if not len(x) == len(starts) == len(stops) == len(steps):
        raise ShapeError("slice", f"a start, a stop and a step for each axis of {x}", starts)
    for n, start, stop, step in zip(x, starts, stops, steps, strict=True):
        if not (0 <= start <= stop <= n and step > 0):
            raise ShapeError(
                "slice",
                f"0 <= start <= stop <= {n} and step >= 1",
                f"{start}:{stop}:{step}",
                "For negative steps use flip.",
            )
    return tuple(len(range(*each)) for each in zip(starts, stops, steps, strict=True))


def _slice_gradient(
    g: Any, y: Any, x: Any, *, starts: Shape, stops: Shape, steps: Shape
) -> tuple[Any]:
    return (embed(g, shape=tuple(x.shape), starts=starts, steps=steps),)


def _slice_samples(random: np.random.Generator) -> Iterator[Sample]:
    yield sample(random.normal(size=(5,)), starts=(1,), stops=(5,), steps=(2,))
    yield sample(random.normal(size=(4, 1, 6)), starts=(0, 0, 2), stops=(3, 1, 6), steps=(1, 1, 3))
    yield sample(random.normal(size=(2, 3)), starts=(0, 2), stops=(2, 3), steps=(1, 1))


@primitive(
    gradient=_slice_gradient,
    samples=_slice_samples,
    source=_ARRAY_API,
    shapes=_slice_shape,
)
def slice(x: Array, *, starts: Shape, stops: Shape, steps: Shape) -> Array:
    """Take every ``step``-th element from ``start`` up to ``stop``, on each axis.

    y[i] = x[start + i step]; 0 <= start <= stop <= length, step >= 1

    Shapes: x (*s) -> y (*r)
    """
    return x[_index(starts, stops, steps)]


def _ends(x: Shape, starts: Shape, steps: Shape) -> Shape:
    """The stops at which a slice with these starts and steps has the shape of ``x``."""
    triples = zip(x, starts, steps, strict=True)
    return tuple(start + (n - 1) * step + 1 if n else start for n, start, step in triples)


def _embed_shape(x: Shape, *, shape: Shape, starts: Shape, steps: Shape) -> Shape:
    if not len(x) == len(shape) == len(starts) == len(steps):
        raise ShapeError("embed", f"a length, a start and a step for each axis of {x}", shape)
    if any(n > m for n, m in zip(_ends(x, starts, steps), shape, strict=True)):
        raise ShapeError("embed", f"an array that fits into {shape} from {starts}", x)
    return shape


def _embed_samples(random: np.random.Generator) -> Iterator[Sample]:
    yield sample(random.normal(size=(2,)), shape=(5,), starts=(1,), steps=(3,))
    yield sample(random.normal(size=(3, 1, 2)), shape=(4, 1, 6), starts=(0, 0, 2), steps=(1, 1, 3))


@primitive(
    gradient=lambda g, y, x, *, shape, starts, steps: (
        slice(g, starts=starts, stops=_ends(x.shape, starts, steps), steps=steps),
    ),
    samples=_embed_samples,
    source="adjoint of slice",
    shapes=_embed_shape,
)
def embed(x: Array, *, shape: Shape, starts: Shape, steps: Shape) -> Array:
    """Place an array into zeros of ``shape``: the adjoint of slice.

    y[start + i step] = x[i], and 0 elsewhere

    Shapes: x (*s) -> y (*shape)
    """
    y = np.zeros(shape, x.dtype)
    y[_index(starts, _ends(x.shape, starts, steps), steps)] = x
    return y


def _concatenate_shape(*shapes: Shape, axis: int) -> Shape:
    if not shapes:
        raise ShapeError("concatenate", "at least one array", "none")
    first = shapes[0]
    at = positive_axis("concatenate", axis, len(first))
    for shape in shapes[1:]:
        if len(shape) != len(first) or shape[:at] + shape[at + 1 :] != first[:at] + first[at + 1 :]:
            raise ShapeError(
                "concatenate",
                f"shapes that differ from {first} on axis {at} only",
                shape,
                "To join arrays along a new axis use stack.",
            )
    return (*first[:at], builtins.sum(shape[at] for shape in shapes), *first[at + 1 :])


def _concatenate_gradient(g: Any, y: Any, *parts: Any, axis: int) -> tuple[Any, ...]:
    at = positive_axis("concatenate", axis, y.ndim)
    ends = np.cumsum([part.shape[at] for part in parts]).tolist()

    def part_of(end: int, length: int) -> Any:
        return lambda: _cut(g, at, end - length, end)

    return tuple(part_of(end, part.shape[at]) for end, part in zip(ends, parts, strict=True))


def _cut(x: Any, axis: int, start: int, stop: int) -> Any:
    """The part of ``x`` from start to stop along one axis."""
    starts = tuple(start if i == axis else 0 for i in range(x.ndim))
    stops = tuple(stop if i == axis else n for i, n in enumerate(x.shape))
    return slice(x, starts=starts, stops=stops, steps=(1,) * x.ndim)


def _concatenate_samples(random: np.random.Generator) -> Iterator[Sample]:
    yield sample(random.normal(size=(2, 3)), random.normal(size=(2, 1)))
    yield sample(*(random.normal(size=(n, 2)) for n in (1, 3, 2)), axis=0)
    yield sample(random.normal(size=(2, 1, 3)), axis=1)


@primitive(
    gradient=_concatenate_gradient,
    samples=_concatenate_samples,
    source=_ARRAY_API,
    shapes=_concatenate_shape,
)
def concatenate(*parts: Array, axis: int = -1) -> Array:
    """Join arrays along an axis that they all have.

    y = parts[0] followed by parts[1], ...

    Shapes: part (*s), ... -> y (*r)
    """
    return namespace(*parts).concatenate(parts, axis=axis)


def _flip_shape(x: Shape, *, axes: tuple[int, ...]) -> Shape:
    positive_axes("flip", axes, len(x))
    return x


def _flip_gradient(g: Any, y: Any, x: Any, *, axes: tuple[int, ...]) -> tuple[Any]:
    return (flip(g, axes=axes),)


def _flip_samples(random: np.random.Generator) -> Iterator[Sample]:
    yield sample(random.normal(size=(2, 3)), axes=(1,))
    yield sample(random.normal(size=(2, 1, 3)), axes=(0, -1))
    yield sample(random.normal(size=(2, 3)), axes=())


@primitive(
    gradient=_flip_gradient,
    samples=_flip_samples,
    source=_ARRAY_API,
    shapes=_flip_shape,
)
def flip(x: Array, *, axes: tuple[int, ...]) -> Array:
    """Reverse the order of the elements along axes.

    y[i] = x[n - 1 - i]

    Shapes: x (*s) -> y (*s)
    """
    return namespace(x).flip(x, axes)


@composite
def expand_dims(x: Any, axis: int | tuple[int, ...]) -> Any:
    """Insert axes of length 1; ``axis`` tells where they are in the result.

    Shapes: x (*s) -> y (*r)
    """
    x, axis = as_array(x), plain(axis)
    count = 1 if isinstance(axis, int) else len(axis)
    axes = positive_axes("expand_dims", axis, x.ndim + count)
    lengths = iter(x.shape)
    shape = tuple(1 if i in axes else next(lengths) for i in range(x.ndim + count))
    return reshape(x, shape=shape)


@composite
def squeeze(x: Any, axis: int | tuple[int, ...] | None = None) -> Any:
    """Remove axes of length 1: those given, or all.

    Shapes: x (*s) -> y (*r)
    Raises ShapeError where a given axis is longer.
    """
    x, axis = as_array(x), plain(axis)
    ones = tuple(i for i, n in enumerate(x.shape) if n == 1)
    axes = ones if axis is None else positive_axes("squeeze", axis, x.ndim)
    if not set(axes) <= set(ones):
        raise ShapeError("squeeze", f"length 1 on axes {axes}", tuple(x.shape))
    return reshape(x, shape=tuple(n for i, n in enumerate(x.shape) if i not in axes))


@composite
def stack(*parts: Any, axis: int = 0) -> Any:
    """Join arrays of one shape along a new axis: ``stack(a, b)`` or Keras's ``stack([a, b])``.

    Shapes: part (*s), ... -> y (*r)
    """
    first, *others = parts
    listed = isinstance(first, (list, tuple))
    if listed and others and isinstance(others[0], int):
        axis = others[0]  # Keras's stack(x, axis)
    given = list(first) if listed else list(parts)
    if not listed and not others and hasattr(first, "shape"):
        given = [first[i] for i in range(first.shape[0])]
    return concatenate(*(expand_dims(part, axis=axis) for part in given), axis=axis)


@also_named(sections="indices_or_sections")
@composite
def split(x: Any, indices_or_sections: int | tuple[int, ...], axis: int = 0) -> list[Any]:
    """Cut an array into equal parts (for a number) or before the indices given.

    Shapes: x (*s) -> each part as x but along the axis
    Raises ShapeError where the axis cannot be cut into equal parts.
    """
    x, sections = as_array(x), plain(indices_or_sections)
    at = positive_axis("split", axis, x.ndim)
    length = x.shape[at]
    if isinstance(sections, int):
        if sections < 1 or length % sections:
            raise ShapeError("split", f"axis {at} divisible by {sections}", tuple(x.shape))
        sections = tuple(range(length // sections, length, length // sections))
    borders = [0, *sections, length]
    return [_cut(x, at, *pair) for pair in itertools.pairwise(borders)]


@composite
def tile(x: Any, repeats: int | tuple[int, ...]) -> Any:
    """Lay copies of the whole array side by side: ``repeats`` copies along each axis.

    Shapes: x (*s) -> y (*r), r = s * repeats; the shorter of the two is filled with 1 in front
    """
    x, repeats = as_array(x), plain(repeats)
    repeats = (repeats,) if isinstance(repeats, int) else repeats
    rank = max(x.ndim, len(repeats))
    lengths = (1,) * (rank - x.ndim) + tuple(x.shape)
    counts = (1,) * (rank - len(repeats)) + tuple(repeats)
    pairs = list(zip(counts, lengths, strict=True))
    apart = reshape(x, shape=tuple(m for _, n in pairs for m in (1, n)))
    copies = broadcast_to(apart, shape=tuple(m for pair in pairs for m in pair))
    return reshape(copies, shape=tuple(count * n for count, n in pairs))


@composite
def repeat(x: Any, repeats: int, axis: int | None = None) -> Any:
    """Write each element ``repeats`` times in a row along an axis; of all elements without one.

    Shapes: x (*s) -> y as x, but ``repeats`` times as long along the axis
    """
    x, repeats = as_array(x), plain(repeats)
    if axis is None:
        x, axis = reshape(x, shape=(-1,)), 0
    at = positive_axis("repeat", axis, x.ndim)
    before, length, after = tuple(x.shape[:at]), x.shape[at], tuple(x.shape[at + 1 :])
    copies = broadcast_to(expand_dims(x, axis=at + 1), shape=(*before, length, repeats, *after))
    return reshape(copies, shape=(*before, length * repeats, *after))


@also_named(first="axis1", second="axis2")
@composite
def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """Exchange two axes.

    Shapes: x (*s) -> y (*r)
    """
    x = as_array(x)
    order = list(range(x.ndim))
    a, b = (positive_axis("swapaxes", each, x.ndim) for each in (axis1, axis2))
    order[a], order[b] = b, a
    return transpose(x, axes=tuple(order))


@composite
def moveaxis(x: Any, source: int | tuple[int, ...], destination: int | tuple[int, ...]) -> Any:
    """Take axes out and put them back at other places.

    Shapes: x (*s) -> y (*r)
    """
    x = as_array(x)
    starts, ends = (
        [positive_axis("moveaxis", each, x.ndim) for each in several(axes)]
        for axes in (source, destination)
    )
    order = [i for i in range(x.ndim) if i not in starts]
    for end, start in sorted(zip(ends, starts, strict=True)):
        order.insert(end, start)
    return transpose(x, axes=tuple(order))


def several(axes: Any) -> tuple[int, ...]:
    """One axis, or several, as a tuple."""
    return tuple(axes) if isinstance(axes, (list, tuple)) else (axes,)
