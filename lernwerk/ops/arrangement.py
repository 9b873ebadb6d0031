"""Moving, joining, picking and placing under Keras's names, as composites of ``shape.py``."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk.errors import ArgumentError
from lernwerk.ops.broadcasting import reshape
from lernwerk.ops.broadcasting import sum as total
from lernwerk.ops.common import as_array, positive_axis
from lernwerk.ops.comparison import where
from lernwerk.ops.elementwise import multiply
from lernwerk.ops.indexing import gather, scatter_add
from lernwerk.ops.primitive import Array, composite, plain
from lernwerk.ops.shape import (
    concatenate,
    embed,
    expand_dims,
    flip,
    several,
    split,
    squeeze,
    swapaxes,
    transpose,
)


@composite
def ravel(x: Any) -> Any:
    """All elements, row by row.

    Shapes: x (*s) -> y (n)
    """
    return reshape(as_array(x), shape=(-1,))


@composite
def take(x: Any, indices: Any, axis: int | None = None) -> Any:
    """Pick slices by their numbers; elements row by row without an axis.

    Shapes: x (*s), indices (*i) -> y (*r)
    """
    x = as_array(x)
    return gather(ravel(x) if axis is None else x, as_array(indices), axis=axis or 0)


@composite
def roll(x: Any, shift: Any, axis: Any = None) -> Any:
    """Move the elements on by ``shift`` places; those that fall out at the end come in in front.

    Shapes: x (*s) -> y (*s)
    """
    x = as_array(x)
    if axis is None:
        return reshape(roll(ravel(x), shift, 0), shape=tuple(x.shape))
    axes = several(plain(axis))
    shifts = several(plain(shift))
    for by, along in zip(shifts * len(axes) if len(shifts) == 1 else shifts, axes, strict=False):
        x = gather(x, np.roll(np.arange(x.shape[along]), by), axis=along)
    return x


@composite
def flipud(x: Any) -> Any:
    """The rows from the last to the first.

    Shapes: x (*s) -> y (*s)
    """
    return flip(as_array(x), axes=(0,))


@composite
def fliplr(x: Any) -> Any:
    """The columns from the last to the first.

    Shapes: x (*s) -> y (*s)
    """
    return flip(as_array(x), axes=(1,))


@composite
def rot90(array: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Any:
    """Turn by ``k`` quarters, from the first axis towards the second.

    Shapes: x (*s) -> y (*r)
    """
    x, (first, second) = as_array(array), axes
    match k % 4:
        case 1:
            return swapaxes(flip(x, axes=(second,)), first, second)
        case 2:
            return flip(x, axes=(first, second))
        case 3:
            return flip(swapaxes(x, first, second), axes=(second,))
    return x


@composite
def tril(x: Any, k: int = 0) -> Any:
    """The elements on and below a diagonal, zeros above it.

    Shapes: x (*b, n, m) -> y (*b, n, m)
    """
    x = as_array(x)
    return where(_corner(x, k), x, 0)


@composite
def triu(x: Any, k: int = 0) -> Any:
    """The elements on and above a diagonal, zeros below it.

    Shapes: x (*b, n, m) -> y (*b, n, m)
    """
    x = as_array(x)
    return where(_corner(x, k - 1), 0, x)


def _corner(x: Any, k: int) -> Array:
    """True on and below a diagonal of the last two axes."""
    return np.tri(x.shape[-2], x.shape[-1], k).astype(bool)


@composite
def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The elements whose two indices are equal, or differ by ``offset``.

    Shapes: x (*s) -> y (*r)
    """
    x = as_array(x)
    first, second = (positive_axis("diagonal", axis, x.ndim) for axis in (axis1, axis2))
    others = [i for i in range(x.ndim) if i not in (first, second)]
    n, m = x.shape[first], x.shape[second]
    rows = np.arange(max(0, min(n + min(offset, 0), m - max(offset, 0)))) - min(offset, 0)
    matrices = transpose(x, axes=(*others, first, second))
    flat = reshape(matrices, shape=(*(x.shape[i] for i in others), n * m))
    return gather(flat, rows * m + rows + offset, axis=-1)


@composite
def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sum of a diagonal.

    Shapes: x (*s) -> y (*r)
    """
    return total(diagonal(x, offset, axis1, axis2), axis=-1)


@composite
def diag(x: Any, k: int = 0) -> Any:
    """A matrix with this diagonal, or the diagonal of a matrix.

    Shapes: x (n) or (n, m) -> y (*r)
    """
    x = as_array(x)
    if x.ndim == 2:
        return diagonal(x, k)
    if x.ndim != 1:
        raise ArgumentError("diag", "a vector or a matrix", tuple(x.shape))
    n = x.shape[0] + abs(k)
    y = multiply(reshape(x, shape=(-1, 1)), np.eye(x.shape[0], dtype=np.dtype(x.dtype)))
    starts = (max(-k, 0), max(k, 0))
    return embed(y, shape=(n, n), starts=starts, steps=(1, 1))


@composite
def unstack(x: Any, num: int | None = None, axis: int = 0) -> list[Any]:
    """The slices along an axis, as a list.

    Shapes: x (*s) -> each (*r)
    """
    x = as_array(x)
    return [squeeze(part, axis) for part in split(x, x.shape[axis], axis)]


@composite
def array_split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """Cut into parts that are as equal as possible, the longer ones first.

    Shapes: x (*s) -> each as x but along the axis
    """
    x, sections = as_array(x), plain(indices_or_sections)
    if isinstance(sections, int):
        size, longer = divmod(x.shape[axis], sections)
        sections = tuple(np.cumsum([size + (i < longer) for i in range(sections - 1)]).tolist())
    return split(x, sections, axis)


@composite
def vstack(xs: Any) -> Any:
    """Join arrays along the first axis; vectors count as rows.

    Shapes: each (*s) -> y (*r)
    """
    rows = [as_array(x) for x in xs]
    return concatenate(*(expand_dims(x, 0) if x.ndim == 1 else x for x in rows), axis=0)


@composite
def hstack(xs: Any) -> Any:
    """Join arrays along the second axis; vectors along their only one.

    Shapes: each (*s) -> y (*r)
    """
    parts = [as_array(x) for x in xs]
    return concatenate(*parts, axis=0 if parts[0].ndim == 1 else 1)


@composite
def dstack(xs: Any) -> Any:
    """Join arrays along the third axis.

    Shapes: each (*s) -> y (*r)
    """
    parts = [as_array(x) for x in xs]
    deep = [reshape(x, shape=(*((1, *x.shape) if x.ndim == 1 else x.shape), 1)[:3]) for x in parts]
    return concatenate(*deep, axis=2)


@composite
def append(x1: Any, x2: Any, axis: int | None = None) -> Any:
    """The second array behind the first; both row by row without an axis.

    Shapes: x1 (*s), x2 (*r) -> y (*t)
    """
    parts = [ravel(x) if axis is None else as_array(x) for x in (x1, x2)]
    return concatenate(*parts, axis=axis or 0)


@composite
def get_item(x: Any, key: Any) -> Any:
    """x[key]"""
    return as_array(x)[key]


@composite
def slice_update(inputs: Any, start_indices: Any, updates: Any) -> Any:
    """The array with a block of it replaced, beginning at the indices given.

    Shapes: inputs (*s), updates (*u) -> y (*s)
    """
    x, block = as_array(inputs), as_array(updates)
    starts, steps = tuple(int(i) for i in start_indices), (1,) * x.ndim
    hole = np.ones(block.shape, np.dtype(x.dtype))
    options = {"shape": tuple(x.shape), "starts": starts, "steps": steps}
    return where(embed(hole, **options) != 0, embed(block, **options), x)


def _flat_places(indices: Any, shape: tuple[int, ...]) -> Any:
    """The places of index vectors (n, k) in an array whose first k axes are laid in a row."""
    weights = [int(np.prod(shape[i + 1 :], dtype=int)) for i in range(len(shape))]
    return total(as_array(indices) * np.asarray(weights, np.int32), axis=-1)


@composite
def scatter(indices: Any, values: Any, shape: Any) -> Any:
    """Zeros with values added at the places given, one row of indices for each.

    Shapes: indices (n, k), values (n, *r) -> y (*shape)
    """
    lengths = tuple(plain(list(shape)))
    depth = as_array(indices).shape[-1]
    places = _flat_places(indices, lengths[:depth])
    count = int(np.prod(lengths[:depth]))
    return reshape(scatter_add(places, as_array(values), length=count), shape=lengths)


@composite
def scatter_update(inputs: Any, indices: Any, updates: Any, reduction: Any = None) -> Any:
    """The array with elements replaced (or, for reduction "add", increased) at the places given.

    Shapes: inputs (*s), indices (n, k), updates (n, *r) -> y (*s)
    Raises ArgumentError for other reductions.
    """
    x, new = as_array(inputs), as_array(updates)
    if reduction not in (None, "add"):
        raise ArgumentError("scatter_update", "reduction None or 'add'", repr(reduction))
    placed = scatter(indices, new, x.shape)
    if reduction == "add":
        return x + placed
    hits = scatter(indices, np.ones(new.shape, np.int32), x.shape)
    return where(hits != 0, placed, x)


@composite
def depth_to_space(x: Any, block_size: int, data_format: str = "channels_last") -> Any:
    """Channels laid out as blocks of pixels.

    Shapes: x (b, h, w, c) -> y (b, h * size, w * size, c / size^2)
    """
    x = as_array(x)
    b, h, w, c = x.shape
    n = block_size
    parts = reshape(x, shape=(b, h, w, n, n, c // (n * n)))
    return reshape(transpose(parts, axes=(0, 1, 3, 2, 4, 5)), shape=(b, h * n, w * n, c // (n * n)))


@composite
def space_to_depth(x: Any, block_size: int, data_format: str = "channels_last") -> Any:
    """Blocks of pixels laid out as channels: the inverse of ``depth_to_space``.

    Shapes: x (b, h, w, c) -> y (b, h / size, w / size, c * size^2)
    """
    x = as_array(x)
    b, h, w, c = x.shape
    n = block_size
    parts = reshape(x, shape=(b, h // n, n, w // n, n, c))
    return reshape(transpose(parts, axes=(0, 1, 3, 2, 4, 5)), shape=(b, h // n, w // n, c * n * n))


def nonzero(x: Any) -> tuple[Any, ...]:
    """The places of the elements that are not zero: their number is known for arrays only."""
    return tuple(place.astype(np.int32) for place in np.nonzero(np.asarray(x)))
