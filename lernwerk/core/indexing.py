"""What ``tensor[...]`` means, translated into slice, flip, reshape and gather."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from lernwerk import ops
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import ShapeError


def get_item(x: Tensor, key: Any) -> Tensor:
    """Index with integers, slices, None, Ellipsis, or one integer or Boolean array.

    The results are those of NumPy. Raises ShapeError for an index out of range and for kinds of
    indices that are not supported.
    """
    given = key if isinstance(key, tuple) else (key,)
    for each in given:
        _check_kind(each)
    keys = _expanded(x, given)
    arrays = [i for i, each in enumerate(keys) if _is_array(each)]
    if len(arrays) > 1:
        raise ShapeError("indexing", "at most one array among the indices", f"{len(arrays)}")
    result = _basic(x, tuple(slice(None) if _is_array(each) else each for each in keys))
    if not arrays:
        return result
    axis = sum(not _is_integer(each) for each in keys[: arrays[0]])
    indices = _indices(keys[arrays[0]], result.shape[axis])
    picked = cast(Tensor, ops.gather(result, indices, axis=axis))
    return picked if _together(given) else _to_front(picked, axis, indices.ndim)


def _check_kind(key: Any) -> None:
    known = key is None or key is Ellipsis or isinstance(key, slice)
    if not (known or _is_integer(key) or _is_array(key)):
        raise ShapeError(
            "indexing", "integers, slices, None, Ellipsis or an array as indices",
            f"{type(key).__name__} {key!r}",
        )  # fmt: skip


def _is_array(key: Any) -> bool:
    return isinstance(key, (Tensor, np.ndarray, list))


def _is_integer(key: Any) -> bool:
    return isinstance(key, (int, np.integer)) and not isinstance(key, bool)


def _together(keys: tuple[Any, ...]) -> bool:
    """Whether integers and the array stand side by side; else NumPy puts the array's axes first."""
    places = [i for i, key in enumerate(keys) if _is_integer(key) or _is_array(key)]
    return places[-1] - places[0] + 1 == len(places)


def _to_front(x: Tensor, axis: int, count: int) -> Tensor:
    moved = range(axis, axis + count)
    return x.transpose((*moved, *(i for i in range(x.ndim) if i not in moved)))


def _indices(key: Any, length: int) -> Tensor:
    """An array of indices as integers: a Boolean one picks the places where it is true."""
    array = key if isinstance(key, Tensor) else np.asarray(key)
    if isinstance(key, list) and not array.size:
        array = array.astype(np.int32)  # NumPy makes floats of an empty list
    if array.dtype == bool:
        if array.shape != (length,):
            raise ShapeError("indexing", f"a Boolean array of shape {(length,)}", array.shape)
        return as_tensor(np.flatnonzero(np.asarray(array)))
    if array.dtype.kind not in "iu":
        raise ShapeError("indexing", "an array of integers or Booleans", f"one of {array.dtype}")
    return as_tensor(array)


def _expanded(x: Tensor, keys: tuple[Any, ...]) -> list[Any]:
    """The keys with Ellipsis and missing ones written out as full slices."""
    used = sum(key is not None and key is not Ellipsis for key in keys)
    if used > x.ndim:
        raise ShapeError("indexing", f"at most {x.ndim} indices for {x.shape}", f"{used}")
    if sum(key is Ellipsis for key in keys) > 1:
        raise ShapeError("indexing", "at most one Ellipsis", "more")
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
        if span.step > 0:
            return span, False
        return range(span[-1], span[0] + 1, -span.step), True  # span[::-1] can end too far right
    if not -length <= key < length:
        raise ShapeError("indexing", f"an index below {length} on axis {axis}", key)
    start = int(key) % length
    return range(start, start + 1), False
