"""What several families of operations share: the types of results and axes as numbers >= 0.

Not an operation itself; it sits between ``primitive.py`` and the families.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from lernwerk.errors import ArgumentError, ShapeError
from lernwerk.ops.primitive import Dtype, arrayed
from lernwerk.ops.shape_line import Shape

BOOL = np.dtype("bool")
INT32 = np.dtype("int32")
FLOAT32 = np.dtype("float32")
_WHOLE = "biu"  # NumPy's kinds of dtypes without fractions


def is_whole(dtype: Dtype) -> bool:
    """Whether a dtype is bool or an integer: such values have no gradient."""
    return dtype.kind in _WHOLE


def floating(x: Any) -> Any:
    """The same numbers in a floating type: bool and integers become float32."""
    dtype = getattr(x, "dtype", None)
    return x.astype(FLOAT32) if dtype is not None and is_whole(dtype) else x


def floating_dtype(*dtypes: Dtype, **_: Any) -> Dtype:
    """The result type of functions with fractions: float types are kept, others give float32."""
    return np.result_type(*(FLOAT32 if is_whole(d) else d for d in dtypes))


def summed_dtype(dtype: Dtype, **_: Any) -> Dtype:
    """The result type of sums: the input's, but at least int32 for bool and small integers."""
    return INT32 if is_whole(dtype) and dtype.itemsize < 4 else dtype


def no_gradient(_g: Any, _y: Any, *inputs: Any, **_: Any) -> tuple[None, ...]:
    """The gradient rule where nothing flows back: results that are counts, indices or steps."""
    return (None,) * len(inputs)


def positive_axis(where: str, axis: int, rank: int) -> int:
    """An axis counted from the front; refuse one that the array does not have."""
    if not -rank <= axis < rank:
        raise ShapeError(
            where, f"an axis in [{-rank}, {rank - 1}]" if rank else "an array with axes", axis
        )
    return axis % rank


def positive_axes(where: str, axis: int | tuple[int, ...] | None, rank: int) -> tuple[int, ...]:
    """Axes counted from the front, in ascending order; None stands for all of them."""
    if axis is None:
        return tuple(range(rank))
    given = (axis,) if isinstance(axis, int) else axis
    axes = tuple(sorted(positive_axis(where, each, rank) for each in given))
    if len(set(axes)) < len(axes):
        raise ArgumentError(where, "each axis once", axis)
    return axes


def without_axes(shape: Shape, axes: tuple[int, ...], keepdims: bool) -> Shape:
    """The shape that is left when these axes (all >= 0) are reduced."""
    if keepdims:
        return tuple(1 if i in axes else n for i, n in enumerate(shape))
    return tuple(n for i, n in enumerate(shape) if i not in axes)


def also_named(**names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let a function take arguments by a second name: ``@also_named(sections="parts")``."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **{names.get(name, name): v for name, v in kwargs.items()})

        return wrapper

    return decorate


def as_array(x: Any) -> Any:
    """What an operation can work with: arrays and Tensors as they are, numbers and lists as arrays.

    A list in which there are Tensors is stacked, so that gradients flow through it.
    """
    if hasattr(x, "dtype") and hasattr(x, "shape"):
        return x
    if isinstance(x, (list, tuple)) and _has_tensors(x):
        from lernwerk.ops.shape import stack  # above this file on the map

        return stack([as_array(each) for each in x])
    return arrayed([x])[0] if not isinstance(x, (list, tuple)) else arrayed(x)


def _has_tensors(values: Any) -> bool:
    return any(
        _has_tensors(each)
        if isinstance(each, (list, tuple))
        else hasattr(each, "__primitive__") or hasattr(each, "__composite__")
        for each in values
    )


def dtype_name(dtype: Any, default: str = "float32") -> str:
    """The name of a type given in any way: 'float32', np.float32, a dtype, or None."""
    if dtype is None:
        return default
    return "float32" if isinstance(dtype, str) and dtype == "float" else np.dtype(dtype).name
