"""reshape, broadcast_to and sum: the three operations on which all broadcasting rests.

Each is the other's gradient (broadcast_to and sum, with reshape in between), so they live together
and import no family. ``shape.py`` and ``reduce.py`` offer them beside their kin.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from lernwerk.errors import ShapeError
from lernwerk.ops.common import positive_axes, summed_dtype, without_axes
from lernwerk.ops.primitive import Array, Sample, namespace, primitive, sample
from lernwerk.ops.shape_line import Shape

_ARRAY_API = "Python array API standard 2024.12, manipulation and statistical functions"


def _reshape_shape(x: Shape, *, shape: Shape) -> Shape:
    size, known = math.prod(x), math.prod(n for n in shape if n != -1)
    unknown = shape.count(-1)
    fits = size % known == 0 if known else size == 0
    if any(n < -1 for n in shape) or unknown > 1 or (unknown and not (known and fits)):
        raise ShapeError("reshape", f"a shape for the {size} elements of {x}", shape)
    if not unknown and known != size:
        raise ShapeError(
            "reshape",
            f"a shape for the {size} elements of {x}",
            shape,
            "Write -1 for one length that is to be worked out.",
        )
    return tuple(size // known if n == -1 else n for n in shape)


def _reshape_gradient(g: Any, y: Any, x: Any, *, shape: Shape) -> tuple[Any]:
    return (reshape(g, shape=tuple(x.shape)),)


def _reshape_samples(random: np.random.Generator) -> Iterator[Sample]:
    yield sample(random.normal(size=(2, 6)), shape=(3, 4))
    yield sample(random.normal(size=(2, 1, 3)), shape=(-1, 2))
    yield sample(random.normal(size=(1, 1)), shape=())
    yield sample(random.normal(size=()), shape=(1,))


@primitive(
    gradient=_reshape_gradient,
    samples=_reshape_samples,
    source=_ARRAY_API,
    shapes=_reshape_shape,
)
def reshape(x: Array, *, shape: Shape) -> Array:
    """Arrange the same numbers, in the same order, in another shape; one length may be -1.

    y[j] = x[i] where i and j are the same position counted row by row

    Shapes: x (*s) -> y (*r)
    """
    return namespace(x).reshape(x, shape)


def _broadcast_to_shape(x: Shape, *, shape: Shape) -> Shape:
    tail = shape[len(shape) - len(x) :]
    if len(x) > len(shape) or any(n not in (1, m) for n, m in zip(x, tail, strict=True)):
        raise ShapeError(
            "broadcast_to",
            f"an array that broadcasts to {shape}",
            x,
            "Axes are compared from the last to the first; each must be equal or 1.",
        )
    return shape


def _broadcast_to_samples(random: np.random.Generator) -> Iterator[Sample]:
    yield sample(random.normal(size=(3,)), shape=(2, 3))
    yield sample(random.normal(size=(2, 1, 3)), shape=(4, 2, 5, 3))
    yield sample(random.normal(size=()), shape=(2, 1))
    yield sample(random.normal(size=(1, 1)), shape=(1, 1))


@primitive(
    gradient=lambda g, y, x, *, shape: (sum_to(g, shape=x.shape),),
    samples=_broadcast_to_samples,
    source=_ARRAY_API,
    shapes=_broadcast_to_shape,
)
def broadcast_to(x: Array, *, shape: Shape) -> Array:
    """Repeat an array along axes of length 1 and along new axes in front.

    y[i, j] = x[0, j] where x has length 1 on the first axis

    Shapes: x (*s) -> y (*shape)
    """
    return namespace(x).broadcast_to(x, shape)


def _sum_shape(x: Shape, *, axis: Any, keepdims: bool) -> Shape:
    return without_axes(x, positive_axes("sum", axis, len(x)), keepdims)


def _sum_gradient(g: Any, y: Any, x: Any, *, axis: Any, keepdims: bool) -> tuple[Any]:
    kept = without_axes(x.shape, positive_axes("sum", axis, x.ndim), keepdims=True)
    return (broadcast_to(reshape(g, shape=kept), shape=x.shape),)


def _sum_samples(random: np.random.Generator) -> Iterator[Sample]:
    yield sample(random.normal(size=(2, 3)))
    yield sample(random.normal(size=(2, 1, 3)), axis=-1)
    yield sample(random.normal(size=(2, 4, 3)), axis=(0, 2), keepdims=True)
    yield sample(random.normal(size=(2, 1)), axis=1)
    yield sample(random.normal(size=()))


@primitive(
    gradient=_sum_gradient,
    samples=_sum_samples,
    source=_ARRAY_API,
    shapes=_sum_shape,
    dtypes=summed_dtype,
)
def sum(x: Array, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Array:
    """Add up the elements along axes; axis=None takes all of them.

    y = sum of x over the axes

    Shapes: x (*s) -> y (*r)
    Differs: bool and small integers are summed as int32; NumPy takes int64.
    """
    if _sums_rows(x, axis, keepdims):
        # A product with ones: OpenBLAS adds the rows about five times faster than np.sum.
        rows = x.reshape(-1, x.shape[-1])
        return namespace(x).ones(len(rows), x.dtype) @ rows
    return namespace(x).sum(x, axis=axis, keepdims=keepdims, dtype=summed_dtype(x.dtype))


def _sums_rows(x: Array, axis: int | tuple[int, ...] | None, keepdims: bool) -> bool:
    """Whether all axes but the last are summed, as for the gradient of a bias."""
    if x.ndim < 2 or x.dtype.kind != "f" or x.size == 0 or keepdims:
        return False
    return positive_axes("sum", axis, x.ndim) == tuple(range(x.ndim - 1))


def sum_to(x: Any, *, shape: Shape) -> Any:
    """Sum away the axes by which ``x`` was broadcast from ``shape``: the adjoint of broadcast_to.

    Shapes: x (*s) -> y (*shape)
    """
    if tuple(x.shape) == tuple(shape):
        return x
    extra = x.ndim - len(shape)
    stretched = (i + extra for i, n in enumerate(shape) if n == 1)
    return reshape(sum(x, axis=(*range(extra), *stretched)), shape=tuple(shape))
