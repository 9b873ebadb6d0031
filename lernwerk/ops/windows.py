"""Windows that slide over spatial axes: how many there are, what they cover, how they are padded.

The geometry that convolution and pooling share, for arrays (b, *n, c) with any number of spatial
axes. No operation itself; it sits between ``primitive.py`` and those two families.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from lernwerk.errors import ArgumentError, ShapeError, check_name
from lernwerk.ops.primitive import Array
from lernwerk.ops.shape_line import Shape

Padding = tuple[tuple[int, int], ...]
PaddingKind = Literal["same", "valid", "causal"]

# How much one piece of work may touch, as measured on a processor with 2 MB of cache for each
# core: matrix products want long matrices, passes of elementwise operations the nearest cache.
MATRIX_BYTES = 4 * 2**20
PASS_BYTES = 2**20


def spans(size: Shape, dilation: Shape) -> Shape:
    """The lengths that windows cover: (size - 1) * dilation + 1 along each axis."""
    return tuple((k - 1) * d + 1 for k, d in zip(size, dilation, strict=True))


def explicit_padding(
    kind: PaddingKind, shape: Shape, size: Shape, strides: Shape, dilation: Shape
) -> Padding:
    """The padding ((before, after), ...) that Keras's names stand for.

    'valid': none. 'same': ceil(n / stride) windows, what is odd goes behind. 'causal': everything
    in front, so that a window ends at its own place.

    Shapes: all arguments have one entry for each spatial axis.
    Raises ArgumentError for another name and for 'causal' with more than one axis.
    Source: keras.io/api/layers/convolution_layers; 'same' as in TensorFlow's tf.nn.convolution.
    """
    check_name("padding", "kind of padding", kind, ("same", "valid", "causal"))
    if kind == "valid":
        return ((0, 0),) * len(shape)
    covered = spans(size, dilation)
    if kind == "causal":
        if len(shape) != 1:
            raise ArgumentError(
                "padding", "one spatial axis for 'causal'", len(shape), "Use padding='same'."
            )
        return ((covered[0] - 1, 0),)
    totals = [
        max((-(-n // s) - 1) * s + k - n, 0)
        for n, k, s in zip(shape, covered, strides, strict=True)
    ]
    return tuple((total // 2, total - total // 2) for total in totals)


def window_counts(
    where: str, lengths: Shape, size: Shape, strides: Shape, padding: Padding, dilation: Shape
) -> Shape:
    """How many windows fit along each axis; refuse an input that is smaller than one window."""
    check_attributes(where, len(lengths), size=size, strides=strides, dilation=dilation)
    check_padding(where, len(lengths), padding)
    counts = []
    for axis, (n, k, s, (low, high)) in enumerate(
        zip(lengths, spans(size, dilation), strides, padding, strict=True), start=1
    ):
        room = n + low + high - k
        if room < 0:
            padded = f" ({n + low + high} with its padding)" if low + high else ""
            raise ShapeError(
                where,
                f"an input of at least {k - low - high} along axis {axis}, as a window covers {k}",
                f"{n}{padded}",
                "Use padding='same' or a smaller kernel.",
            )
        counts.append(room // s + 1)
    return tuple(counts)


def check_attributes(where: str, rank: int, **attributes: Shape) -> None:
    """Refuse attributes that are not positive or do not have one entry for each spatial axis."""
    for name, values in attributes.items():
        if len(values) != rank:
            raise ShapeError(where, f"{name} with {rank} entries, one per spatial axis", values)
        if any(value < 1 for value in values):
            raise ArgumentError(where, f"{name} of at least 1", values)


def check_padding(where: str, rank: int, padding: Padding) -> None:
    """Refuse padding that is negative or does not have one pair for each spatial axis."""
    if len(padding) != rank:
        raise ShapeError(where, f"padding with {rank} pairs, one per spatial axis", padding)
    if any(amount < 0 for pair in padding for amount in pair):
        raise ArgumentError(where, "padding of at least 0", padding)


def padded(x: Array, padding: Padding, value: Any = 0) -> Array:
    """The array with ``value`` around its spatial axes; itself where there is nothing to add."""
    if not any(amount for pair in padding for amount in pair):
        return x
    return np.pad(x, ((0, 0), *padding, (0, 0)), constant_values=value)


def padded_shape(shape: Shape, padding: Padding) -> Shape:
    """The shape (b, *n, c) with padding around its spatial axes."""
    inner = (n + low + high for n, (low, high) in zip(shape[1:-1], padding, strict=True))
    return (shape[0], *inner, shape[-1])


def cropped(x: Array, padding: Padding) -> Array:
    """The view of a padded array without its padding."""
    inner = (slice(low, n - high) for n, (low, high) in zip(x.shape[1:-1], padding, strict=True))
    return x[(slice(None), *inner)]


def window_view(x: Array, size: Shape, strides: Shape, dilation: Shape) -> Array:
    """All windows of a padded array as a view (b, *m, *k, c), without copying."""
    rank = len(size)
    axes = tuple(range(1, rank + 1))
    view = sliding_window_view(x, spans(size, dilation), axes)  # (b, *m, c, *k), undilated
    view = view[
        (
            slice(None),
            *(slice(None, None, s) for s in strides),
            slice(None),
            *(slice(None, None, d) for d in dilation),
        )
    ]
    return np.moveaxis(view, rank + 1, -1)


def offsets(
    size: Shape, counts: Shape, strides: Shape, dilation: Shape
) -> Iterator[tuple[Shape, tuple[slice, ...]]]:
    """Each place in a window, in row-major order, and the slices that select it in all windows."""
    for place in itertools.product(*(range(k) for k in size)):
        slices = tuple(
            slice(i * d, i * d + (m - 1) * s + 1, s)
            for i, m, s, d in zip(place, counts, strides, dilation, strict=True)
        )
        yield place, (slice(None), *slices)


def batch_parts(count: int, bytes_each: int, room: int) -> Iterator[slice]:
    """Slices of the batch, each with so many examples as fit into the room, at least one."""
    step = max(1, room // max(1, bytes_each))
    for start in range(0, count, step):
        yield slice(start, min(start + step, count))
