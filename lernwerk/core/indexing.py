"""What ``tensor[...]`` means, translated into slice, flip, reshape and gather."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from lernwerk import ops
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import ShapeError


def get_item(x: Tensor, key: Any) -> Tensor:
    """Index with integers, slices, None, Ellipsis, or one integer or Boolean array.

    Raises ShapeError for an index out of range and for kinds of indices that are not supported.
    """
    keys = _expanded(x, key if isinstance(key, tuple) else (key,))
    arrays = [i for i, each in enumerate(keys) if _is_array(each)]
    if len(arrays) > 1:
        raise ShapeError("indexing", "at most one array among the indices", f"{len(arrays)}")
    basic = tuple(slice(None) if _is_array(each) else each for each in keys)
    result = _basic(x, basic)
    if arrays:
        axis = sum(not isinstance(each, (int, np.integer)) for each in keys[: arrays[0]])
        result = ops.gather(result, _indices(keys[arrays[0]]), axis=axis)
    return result


def _is_array(key: Any) -> bool:
    return isinstance(key, (Tensor, np.ndarray, list))


def _indices(key: Any) -> Tensor:
    array = key if isinstance(key, Tensor) else np.asarray(key)
    if array.dtype == bool:
        return as_tensor(np.flatnonzero(np.asarray(array)))
    return as_tensor(array)


def _expanded(x: Tensor, keys: tuple[Any, ...]) -> list[Any]:
    """The keys with Ellipsis and missing ones written out as full slices."""
    used = sum(key is not None and key is not Ellipsis for key in keys)
    if used > x.ndim:
        raise ShapeError("indexing", f"at most {x.ndim} indices for {x.shape}", f"{used}")
    fill = [slice(None)] * (x.ndim - used)
    for position, key in enumerate(keys):
        if key is Ellipsis:
            return [*keys[:position], *fill, *keys[position + 1 :]]
    return [*keys, *fill]


def _basic(x: Tensor, keys: tuple[Any, ...]) -> Tensor:
    ranges: list[tuple[int, int, int]] = []
    flipped: list[int] = []
    shape: list[int] = []
    for key in keys:
        if key is None:
            shape.append(1)
            continue
        axis = len(ranges)
        span, backwards = _span(key, x.shape[axis], axis)
        ranges.append((span.start, span.stop, span.step))
        if backwards:
            flipped.append(axis)
        if isinstance(key, slice):
            shape.append(len(span))
    return _cut(x, ranges, flipped).reshape(tuple(shape))


def _cut(x: Tensor, ranges: list[tuple[int, int, int]], flipped: list[int]) -> Tensor:
    if any((0, n, 1) != span for span, n in zip(ranges, x.shape, strict=True)):
        starts, stops, steps = (tuple(part) for part in zip(*ranges, strict=True))
        x = ops.slice(x, starts=starts, stops=stops, steps=steps)
    return cast(Tensor, ops.flip(x, axes=tuple(flipped))) if flipped else x


def _span(key: Any, length: int, axis: int) -> tuple[range, bool]:
    """The rows that a key selects, in rising order, and whether they are wanted backwards."""
    if isinstance(key, slice):
        span = range(*key.indices(length))
        if not span:
            return range(0, 0, 1), False
        return (span, False) if span.step > 0 else (span[::-1], True)
    if not -length <= key < length:
        raise ShapeError("indexing", f"an index below {length} on axis {axis}", key)
    start = int(key) % length
    return range(start, start + 1), False
