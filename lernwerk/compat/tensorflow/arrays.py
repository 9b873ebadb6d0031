"""New tensors, their types and shapes, and their arrangement, as at the top of ``tf``."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from lernwerk import ops
from lernwerk.backend.arguments import axes as _axes
from lernwerk.backend.arguments import tensor
from lernwerk.compat.tensorflow.making import shape_tuple, weak
from lernwerk.ops.common import dtype_name


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None) -> Any:
    """A tensor of numbers, spread over a shape where one is given.

    Text and bytes stay NumPy arrays: tensors hold numbers.
    """
    if np.asarray(value).dtype.kind in "USO" and not _has_tensors(value):
        return np.asarray(value, dtype=object)
    made = ops.convert_to_tensor(value, dtype)
    if shape is None:
        return made
    lengths = shape_tuple(shape)
    return (
        ops.reshape(made, shape=lengths)
        if made.size > 1
        else ops.broadcast_to(ops.reshape(made, shape=()), shape=lengths)
    )


def _has_tensors(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_has_tensors, value))
    return ops.is_tensor(value)


def convert_to_tensor(
    value: Any, dtype: Any = None, dtype_hint: Any = None, name: str | None = None
) -> Any:
    """A tensor of numbers, lists or arrays."""
    if hasattr(type(value), "__composite__") and not hasattr(value, "numpy"):
        return value
    return constant(value, dtype)


def cast(x: Any, dtype: Any, name: str | None = None) -> Any:
    """The same numbers in another type."""
    return ops.cast(tensor(x), dtype=dtype_name(dtype))


def to_float(x: Any, name: str = "ToFloat") -> Any:
    """The same numbers as float32."""
    return cast(x, "float32")


def is_tensor(x: Any) -> bool:
    """Whether this is a tensor."""
    return ops.is_tensor(x)


def shape(input: Any, out_type: Any = "int32", name: str | None = None) -> Any:
    """The lengths of the axes; a tuple, whose entries are numbers."""
    return ops.shape(input)


def rank(input: Any, name: str | None = None) -> int:
    """The number of axes."""
    return len(ops.shape(input))


def size(input: Any, out_type: Any = "int32", name: str | None = None) -> int:
    """The number of elements."""
    return ops.size(input)


# ---- new tensors


def zeros(shape: Any, dtype: Any = "float32", name: str | None = None) -> Any:
    """A tensor of zeros."""
    return ops.zeros(shape_tuple(shape), dtype)


def ones(shape: Any, dtype: Any = "float32", name: str | None = None) -> Any:
    """A tensor of ones."""
    return ops.ones(shape_tuple(shape), dtype)


def fill(dims: Any, value: Any, name: str | None = None) -> Any:
    """One number everywhere."""
    return ops.full(shape_tuple(dims), value)


def zeros_like(input: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Zeros in the shape of a tensor."""
    return ops.zeros_like(tensor(input), dtype)


def ones_like(input: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Ones in the shape of a tensor."""
    return ops.ones_like(tensor(input), dtype)


def eye(
    num_rows: int, num_columns: int | None = None, batch_shape: Any = None, dtype: Any = "float32",
    name: str | None = None,
) -> Any:  # fmt: skip
    """The unit matrix."""
    made = ops.eye(num_rows, num_columns, dtype=dtype)
    if batch_shape is None:
        return made
    return ops.broadcast_to(made, shape=(*shape_tuple(batch_shape), *made.shape))


def range(
    start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str | None = None
) -> Any:
    """The numbers from start up to, not including, limit."""
    return ops.arange(start, limit, delta, dtype)


def linspace(start: Any, stop: Any, num: int, name: str | None = None, axis: int = 0) -> Any:
    """``num`` numbers at equal distances."""
    return ops.linspace(start, stop, num, axis=axis)


def one_hot(
    indices: Any, depth: int, on_value: Any = None, off_value: Any = None, axis: int | None = None,
    dtype: Any = None, name: str | None = None,
) -> Any:  # fmt: skip
    """A vector with a 1 (``on_value``) at the place of each number, 0 (``off_value``) elsewhere."""
    hot = ops.one_hot(tensor(indices), int(depth), -1 if axis is None else axis, dtype)
    if on_value is None and off_value is None:
        return hot
    low = 0.0 if off_value is None else off_value
    return hot * ((1.0 if on_value is None else on_value) - low) + low


def sequence_mask(
    lengths: Any, maxlen: int | None = None, dtype: Any = "bool", name: str | None = None
) -> Any:
    """True for the first ``lengths`` places of each row."""
    counts = tensor(lengths)
    longest = int(np.asarray(counts).max()) if maxlen is None else int(maxlen)
    return cast(ops.less(np.arange(longest), ops.expand_dims(counts, -1)), dtype)


# ---- arrangement


def reshape(tensor: Any, shape: Any, name: str | None = None) -> Any:
    """The same numbers in another shape; one length may be -1."""
    return ops.reshape(_tensor(tensor), shape=shape_tuple(shape))


_tensor = tensor


def transpose(a: Any, perm: Any = None, conjugate: bool = False, name: str = "transpose") -> Any:
    """The axes in another order; reversed without one."""
    return ops.transpose(tensor(a), axes=None if perm is None else shape_tuple(perm))


def expand_dims(input: Any, axis: int = -1, name: str | None = None) -> Any:
    """A new axis of length 1."""
    return ops.expand_dims(tensor(input), axis)


def squeeze(input: Any, axis: Any = None, name: str | None = None, squeeze_dims: Any = None) -> Any:
    """Without the axes of length 1, or those given."""
    return ops.squeeze(tensor(input), _axes(axis if squeeze_dims is None else squeeze_dims))


def concat(values: Any, axis: int, name: str = "concat") -> Any:
    """Tensors joined along an axis."""
    return ops.concatenate(*map(tensor, values), axis=int(axis))


def stack(values: Any, axis: int = 0, name: str = "stack") -> Any:
    """Tensors joined along a new axis."""
    return ops.stack([tensor(each) for each in values], axis=axis)


def unstack(value: Any, num: int | None = None, axis: int = 0, name: str = "unstack") -> Any:
    """The slices along an axis."""
    return ops.unstack(tensor(value), num, axis)


def split(
    value: Any, num_or_size_splits: Any, axis: int = 0, num: Any = None, name: str = "split"
) -> Any:
    """Equal parts (for a number), or parts of the sizes given."""
    if isinstance(num_or_size_splits, int):
        return ops.split(tensor(value), num_or_size_splits, axis)
    borders = np.cumsum(shape_tuple(num_or_size_splits))[:-1]
    return ops.split(tensor(value), tuple(borders.tolist()), axis)


def slice(input_: Any, begin: Any, size: Any, name: str | None = None) -> Any:
    """A block of an array, from ``begin`` on."""
    return ops.slice(tensor(input_), shape_tuple(begin), shape_tuple(size))


def tile(input: Any, multiples: Any, name: str | None = None) -> Any:
    """Copies side by side."""
    return ops.tile(tensor(input), shape_tuple(multiples))


def repeat(input: Any, repeats: Any, axis: int | None = None, name: str | None = None) -> Any:
    """Each element several times in a row."""
    counts = np.asarray(repeats).reshape(-1)
    if len(set(counts.tolist())) == 1:
        return ops.repeat(tensor(input), int(counts[0]), axis)
    places = np.repeat(np.arange(len(counts)), counts)
    return ops.take(tensor(input), places, axis)


def pad(
    tensor: Any, paddings: Any, mode: str = "CONSTANT", constant_values: float = 0,
    name: str | None = None,
) -> Any:  # fmt: skip
    """An array surrounded by a number, or by what mode says."""
    widths = tuple(shape_tuple(pair) for pair in paddings)
    kind = mode.lower()
    return ops.pad(_tensor(tensor), widths, kind, constant_values if kind == "constant" else None)


def reverse(tensor: Any, axis: Any, name: str | None = None) -> Any:
    """The elements along axes from the last to the first."""
    return ops.flip(_tensor(tensor), shape_tuple(axis))


def roll(input: Any, shift: Any, axis: Any, name: str | None = None) -> Any:
    """The elements moved on; what falls out comes in in front."""
    return ops.roll(tensor(input), shift, axis)


def meshgrid(*args: Any, indexing: str = "xy", name: str | None = None) -> Any:
    """The coordinates of a grid."""
    return ops.meshgrid(*map(tensor, args), indexing=indexing)


def broadcast_to(input: Any, shape: Any, name: str | None = None) -> Any:
    """The array repeated along axes of length 1."""
    return ops.broadcast_to(tensor(input), shape=shape_tuple(shape))


def identity(input: Any, name: str | None = None) -> Any:
    """The same tensor."""
    return ops.identity(tensor(input))


def stop_gradient(input: Any, name: str | None = None) -> Any:
    """The same value, through which no gradient flows back."""
    return ops.stop_gradient(tensor(input))


def ensure_shape(x: Any, shape: Any, name: str | None = None) -> Any:
    """The tensor itself, which must have this shape; None fits any length."""
    from lernwerk.errors import ShapeError

    wanted = tuple(None if n is None else int(n) for n in shape)
    found = ops.shape(x)
    fits = builtins.zip(wanted, found, strict=False)
    if len(wanted) != len(found) or any(n not in (None, m) for n, m in fits):
        raise ShapeError("tf.ensure_shape", f"shape {wanted}", found)
    return x


# ---- picking and placing


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    """x where the condition holds, else y; the places where it holds without them."""
    if x is None:
        return tensor(np.argwhere(np.asarray(condition)))
    return ops.where(tensor(condition), weak(x), weak(y))


def gather(
    params: Any, indices: Any, validate_indices: Any = None, axis: int | None = None,
    batch_dims: int = 0, name: str | None = None,
) -> Any:  # fmt: skip
    """The slices of these numbers."""
    x, places = tensor(params), tensor(indices)
    if batch_dims == 0:
        return ops.gather(x, places, axis=axis or 0)
    rows = [gather(x[i], places[i], None, None, batch_dims - 1) for i in builtins.range(len(x))]
    return ops.stack(rows)


def gather_nd(params: Any, indices: Any, batch_dims: int = 0, name: str | None = None) -> Any:
    """The elements at index vectors.

    Shapes: params (*s, *r), indices (*i, k) -> y (*i, *r) with k axes in s
    """
    x, places = tensor(params), tensor(indices)
    depth = places.shape[-1]
    lengths, rest = tuple(x.shape[:depth]), tuple(x.shape[depth:])
    steps = [int(np.prod(lengths[i + 1 :], dtype=int)) for i in builtins.range(depth)]
    flat = ops.sum(places * np.asarray(steps, np.int32), axis=-1)
    return ops.gather(ops.reshape(x, shape=(int(np.prod(lengths)), *rest)), flat, axis=0)


def boolean_mask(tensor: Any, mask: Any, axis: int | None = None, name: str = "mask") -> Any:
    """The rows where the mask is true."""
    x, kept = _tensor(tensor), np.asarray(mask)
    rows = ops.reshape(x, shape=(kept.size, *x.shape[kept.ndim :])) if kept.ndim > 1 else x
    return ops.gather(rows, np.flatnonzero(kept), axis=axis or 0)


def scatter_nd(indices: Any, updates: Any, shape: Any, name: str | None = None) -> Any:
    """Zeros with values added at the places given."""
    return ops.scatter(tensor(indices), tensor(updates), shape_tuple(shape))


def tensor_scatter_nd_update(tensor: Any, indices: Any, updates: Any, name: Any = None) -> Any:
    """The tensor with values replaced at the places given."""
    return ops.scatter_update(_tensor(tensor), _tensor(indices), _tensor(updates))


def tensor_scatter_nd_add(tensor: Any, indices: Any, updates: Any, name: Any = None) -> Any:
    """The tensor with values added at the places given."""
    return ops.scatter_update(_tensor(tensor), _tensor(indices), _tensor(updates), "add")


def sort(values: Any, axis: int = -1, direction: str = "ASCENDING", name: Any = None) -> Any:
    """The elements in rising (or falling) order."""
    y = ops.sort(tensor(values), axis=axis)
    return y if direction == "ASCENDING" else ops.flip(y, axis)


def argsort(
    values: Any,
    axis: int = -1,
    direction: str = "ASCENDING",
    stable: bool = False,
    name: Any = None,
) -> Any:
    """The order that sorts the elements."""
    x = tensor(values)
    return ops.argsort(x if direction == "ASCENDING" else -x, axis=axis)


def unique(x: Any, out_idx: Any = "int32", name: str | None = None) -> Any:
    """The different values in the order of their appearance, and the number of each element's."""
    numbers = np.asarray(x)
    values, first, inverse = np.unique(numbers, return_index=True, return_inverse=True)
    order = np.argsort(first)
    number = np.argsort(order)
    return tensor(values[order]), tensor(number[inverse].astype(out_idx))


def searchsorted(
    sorted_sequence: Any, values: Any, side: str = "left", out_type: Any = "int32", name: Any = None
) -> Any:
    """Where each value belongs in a sorted vector."""
    return ops.searchsorted(tensor(sorted_sequence), tensor(values), side)


__all__ = [
    "argsort", "boolean_mask", "broadcast_to", "cast", "concat", "constant", "convert_to_tensor",
    "ensure_shape", "expand_dims", "eye", "fill", "gather", "gather_nd", "identity", "is_tensor",
    "linspace", "meshgrid", "one_hot", "ones", "ones_like", "pad", "range", "rank", "repeat",
    "reshape", "reverse", "roll", "scatter_nd", "searchsorted", "sequence_mask", "shape", "size",
    "slice", "sort", "split", "squeeze", "stack", "stop_gradient", "tensor_scatter_nd_add",
    "tensor_scatter_nd_update", "tile", "to_float", "transpose", "unique", "unstack", "where",
    "zeros", "zeros_like",
]  # fmt: skip
