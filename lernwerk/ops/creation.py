"""New arrays under Keras's names, and what is known of an array: shape, type, number of axes.

No gradients here. The functions that make Tensors reach for the core when they are called, because
the core is above the operations on the map.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lernwerk.ops.broadcasting import broadcast_to
from lernwerk.ops.common import as_array, dtype_name
from lernwerk.ops.elementwise import cast as change_type
from lernwerk.ops.elementwise import identity
from lernwerk.ops.primitive import Array, composite, plain


def convert_to_tensor(x: Any, dtype: Any = None, sparse: Any = None, ragged: Any = None) -> Any:
    """A Tensor of numbers, lists or arrays; a list that holds Tensors is stacked.

    Shapes: x (*s) -> y (*s)
    """
    from lernwerk.core.tensor import as_tensor

    if hasattr(type(x), "__composite__") and not hasattr(type(x), "read"):
        return x if dtype is None else change_type(x, dtype=dtype_name(dtype))
    given = as_array(x) if isinstance(x, (list, tuple)) else x
    return as_tensor(given, None if dtype is None else np.dtype(dtype_name(dtype)))


def array(x: Any, dtype: Any = None) -> Any:
    """A Tensor; Keras's second name of ``convert_to_tensor``."""
    return convert_to_tensor(x, dtype)


def convert_to_numpy(x: Any) -> Array:
    """The numbers as a NumPy array."""
    return np.asarray(x)


def is_tensor(x: Any) -> bool:
    """Whether this is a Tensor, or a Variable."""
    return hasattr(type(x), "__primitive__")


def shape(x: Any) -> tuple[int, ...]:
    """The lengths of the axes as a tuple; None where a model does not know one yet."""
    return tuple(x.shape) if hasattr(x, "shape") else np.shape(x)


def size(x: Any) -> int:
    """The number of elements."""
    return math.prod(shape(x))


def ndim(x: Any) -> int:
    """The number of axes."""
    return len(shape(x))


def dtype(x: Any) -> str:
    """The name of the type of the numbers."""
    return str(np.dtype(as_array(x).dtype).name)


def _shape_of(given: Any) -> tuple[int, ...]:
    """A shape from a number, a list, or the parts of other shapes."""
    lengths = given if isinstance(given, (list, tuple)) else np.asarray(given).reshape(-1).tolist()
    return tuple(int(n) for n in lengths)


def zeros(shape: Any, dtype: Any = None) -> Any:
    """A Tensor of zeros.

    Shapes: -> y (*shape)
    """
    return full(shape, 0, dtype_name(dtype))


def ones(shape: Any, dtype: Any = None) -> Any:
    """A Tensor of ones.

    Shapes: -> y (*shape)
    """
    return full(shape, 1, dtype_name(dtype))


def empty(shape: Any, dtype: Any = None) -> Any:
    """A Tensor of that shape; here of zeros.

    Shapes: -> y (*shape)
    """
    return zeros(shape, dtype)


def full(shape: Any, fill_value: Any, dtype: Any = None) -> Any:
    """A Tensor with one number everywhere.

    Shapes: -> y (*shape)
    """
    value = convert_to_tensor(fill_value, dtype)
    return broadcast_to(value, shape=_shape_of(shape))


@composite
def full_like(x: Any, fill_value: Any, dtype: Any = None) -> Any:
    """One number everywhere, in the shape and type of ``x``.

    Shapes: x (*s) -> y (*s)
    """
    x = as_array(x)
    return full(x.shape, fill_value, dtype_name(dtype, np.dtype(x.dtype).name))


@composite
def zeros_like(x: Any, dtype: Any = None) -> Any:
    """Zeros in the shape and type of ``x``.

    Shapes: x (*s) -> y (*s)
    """
    return full_like(x, 0, dtype)


@composite
def ones_like(x: Any, dtype: Any = None) -> Any:
    """Ones in the shape and type of ``x``.

    Shapes: x (*s) -> y (*s)
    """
    return full_like(x, 1, dtype)


@composite
def empty_like(x: Any, dtype: Any = None) -> Any:
    """An array in the shape and type of ``x``; here of zeros.

    Shapes: x (*s) -> y (*s)
    """
    return full_like(x, 0, dtype)


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Any:
    """Ones on a diagonal, zeros elsewhere: the unit matrix.

    Shapes: -> y (N, M)
    """
    return convert_to_tensor(np.eye(int(N), M, k, dtype=dtype_name(dtype)))


def tri(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Any:
    """Ones on and below a diagonal, zeros above it.

    Shapes: -> y (N, M)
    """
    return convert_to_tensor(np.tri(int(N), M, k, dtype=dtype_name(dtype)))


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Any:
    """Numbers from start up to, not including, stop: ``arange(3)`` is 0, 1, 2.

    Shapes: -> y (n)
    """
    start, stop = (0, start) if stop is None else (start, stop)
    limits = [plain(each.item() if hasattr(each, "item") else each) for each in (start, stop, step)]
    whole = all(isinstance(each, int) for each in limits)
    return convert_to_tensor(np.arange(*limits, dtype=dtype_name(dtype, _kind(whole))))


def _kind(whole: bool) -> str:
    return "int32" if whole else "float32"


def linspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False,
    dtype: Any = None, axis: int = 0,
) -> Any:  # fmt: skip
    """``num`` numbers at equal distances from start to stop.

    Shapes: -> y (num)
    """
    first, last, kind = np.asarray(start), np.asarray(stop), np.dtype(dtype_name(dtype))
    points, step = np.linspace(  # type: ignore[call-overload]
        first, last, int(num), endpoint, True, kind, axis
    )
    made = convert_to_tensor(points)
    return (made, step) if retstep else made


def logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: float = 10,
    dtype: Any = None, axis: int = 0,
) -> Any:  # fmt: skip
    """``num`` numbers from base^start to base^stop whose logarithms have equal distances.

    Shapes: -> y (num)
    """
    kind = dtype_name(dtype)
    return convert_to_tensor(np.logspace(start, stop, int(num), endpoint, base, kind, axis))


@composite
def meshgrid(*x: Any, indexing: str = "xy") -> list[Any]:
    """The coordinates of a grid: each vector spread over the axes of the others.

    Shapes: x (n), ... -> y (*r) for each x
    """
    vectors = [as_array(each) for each in x]
    axes = list(range(len(vectors)))
    if indexing == "xy" and len(axes) > 1:
        axes[:2] = 1, 0
    lengths = [0] * len(axes)
    for axis, vector in zip(axes, vectors, strict=True):
        lengths[axis] = vector.shape[0]
    made = []
    for axis, vector in zip(axes, vectors, strict=True):
        alone = tuple(n if i == axis else 1 for i, n in enumerate(lengths))
        made.append(broadcast_to(vector.reshape(alone), shape=tuple(lengths)))
    return made


@composite
def copy(x: Any) -> Any:
    """The same numbers as another Tensor.

    Shapes: x (*s) -> y (*s)
    """
    return identity(as_array(x))
