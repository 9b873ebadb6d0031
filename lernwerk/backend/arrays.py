"""New tensors, shapes and arrangement of ``keras.backend``."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk import ops
from lernwerk.backend.arguments import float_name, tensor
from lernwerk.core.variable import Variable
from lernwerk.ops.common import dtype_name


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None) -> Any:
    """A tensor of numbers, spread over a shape where one is given."""
    made = ops.convert_to_tensor(value, float_name(dtype))
    return made if shape is None else ops.broadcast_to(made, shape=tuple(shape))


def zeros(shape: Any, dtype: Any = None, name: str | None = None) -> Variable:
    """A Variable of zeros."""
    return Variable(np.zeros(shape, float_name(dtype)), name=name or "")


def ones(shape: Any, dtype: Any = None, name: str | None = None) -> Variable:
    """A Variable of ones."""
    return Variable(np.ones(shape, float_name(dtype)), name=name or "")


def eye(size: Any, dtype: Any = None, name: str | None = None) -> Variable:
    """A Variable with the unit matrix."""
    n, m = size if isinstance(size, (list, tuple)) else (size, size)
    return Variable(np.eye(n, m, dtype=float_name(dtype)), name=name or "")


def zeros_like(x: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Zeros in the shape of x."""
    return ops.zeros_like(tensor(x), dtype)


def ones_like(x: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Ones in the shape of x."""
    return ops.ones_like(tensor(x), dtype)


def arange(start: Any, stop: Any = None, step: int = 1, dtype: Any = "int32") -> Any:
    """The numbers from start up to, not including, stop."""
    return ops.arange(start, stop, step, dtype)


def one_hot(indices: Any, num_classes: int) -> Any:
    """A vector with a 1 at the place of each number."""
    return ops.one_hot(tensor(indices), num_classes)


def identity(x: Any, name: str | None = None) -> Any:
    """The same tensor."""
    return ops.identity(tensor(x))


# ---- types and shapes


def cast(x: Any, dtype: Any) -> Any:
    """The same numbers in another type."""
    return ops.cast(tensor(x), dtype=dtype_name(dtype))


def cast_to_floatx(x: Any) -> Any:
    """The same numbers in the type of ``floatx``; arrays stay arrays."""
    name = float_name(None)
    return cast(x, name) if hasattr(type(x), "__primitive__") else np.asarray(x, name)


def shape(x: Any) -> tuple[Any, ...]:
    """The lengths of the axes."""
    return ops.shape(x)


def int_shape(x: Any) -> tuple[Any, ...]:
    """The lengths of the axes; None where a model does not know one yet."""
    return ops.shape(x)


def ndim(x: Any) -> int:
    """The number of axes."""
    return len(ops.shape(x))


def dtype(x: Any) -> str:
    """The name of the type."""
    return ops.dtype(x)


def count_params(x: Any) -> int:
    """The number of elements."""
    return ops.size(x)


def is_tensor(x: Any) -> bool:
    """Whether this is a tensor."""
    return ops.is_tensor(x)


# ---- arrangement


def reshape(x: Any, shape: Any) -> Any:
    """The same numbers in another shape; one length may be -1."""
    return ops.reshape(tensor(x), shape=tuple(int(n) for n in shape))


def permute_dimensions(x: Any, pattern: Any) -> Any:
    """The axes in another order."""
    return ops.transpose(tensor(x), axes=tuple(pattern))


def flatten(x: Any) -> Any:
    """All numbers as one vector."""
    return ops.reshape(tensor(x), shape=(-1,))


def batch_flatten(x: Any) -> Any:
    """All numbers of a row as one vector."""
    x = tensor(x)
    return ops.reshape(x, shape=(-1, int(np.prod(x.shape[1:]))))


def expand_dims(x: Any, axis: int = -1) -> Any:
    """A new axis of length 1."""
    return ops.expand_dims(tensor(x), axis)


def squeeze(x: Any, axis: int | None = None) -> Any:
    """Without the axis, which has length 1."""
    return ops.squeeze(tensor(x), axis)


def concatenate(tensors: Any, axis: int = -1) -> Any:
    """Tensors joined along an axis."""
    return ops.concatenate(*map(tensor, tensors), axis=axis)


def stack(x: Any, axis: int = 0) -> Any:
    """Tensors joined along a new axis."""
    return ops.stack([tensor(each) for each in x], axis=axis)


def repeat(x: Any, n: int) -> Any:
    """A matrix (b, c) as a sequence of n equal steps (b, n, c)."""
    return ops.repeat(ops.expand_dims(tensor(x), 1), n, 1)


def repeat_elements(x: Any, rep: int, axis: int) -> Any:
    """Each element ``rep`` times in a row along an axis."""
    return ops.repeat(tensor(x), rep, axis)


def tile(x: Any, n: Any) -> Any:
    """Copies side by side."""
    return ops.tile(tensor(x), n)


def reverse(x: Any, axes: Any) -> Any:
    """The elements along axes from the last to the first."""
    return ops.flip(tensor(x), axes=(axes,) if isinstance(axes, int) else tuple(axes))


def gather(reference: Any, indices: Any) -> Any:
    """The rows of these numbers."""
    return ops.gather(tensor(reference), tensor(indices), axis=0)


def slice(x: Any, start: Any, size: Any) -> Any:
    """A block of an array, from ``start`` on."""
    return ops.slice(tensor(x), start, size)


def temporal_padding(x: Any, padding: Any = (1, 1)) -> Any:
    """Zeros before and after the steps of a sequence (b, t, c)."""
    return ops.pad(tensor(x), widths=((0, 0), tuple(padding), (0, 0)))


def spatial_2d_padding(
    x: Any, padding: Any = ((1, 1), (1, 1)), data_format: str | None = None
) -> Any:
    """Zeros around pictures."""
    rows, columns = (tuple(pair) for pair in padding)
    first = data_format == "channels_first"
    widths = ((0, 0), (0, 0), rows, columns) if first else ((0, 0), rows, columns, (0, 0))
    return ops.pad(tensor(x), widths=widths)


def resize_images(
    x: Any, height_factor: int, width_factor: int, data_format: str = "channels_last",
    interpolation: str = "nearest",
) -> Any:  # fmt: skip
    """Pictures made larger by whole factors, each pixel a block."""
    from lernwerk.errors import ArgumentError

    if interpolation != "nearest":
        raise ArgumentError(
            "resize_images", "interpolation 'nearest'", repr(interpolation),
            "Use layers.UpSampling2D(interpolation='bilinear').",
        )  # fmt: skip
    at = 2 if data_format == "channels_first" else 1
    return ops.repeat(ops.repeat(tensor(x), height_factor, at), width_factor, at + 1)
