"""How the functions of this module are made: tensors of whatever is given, ``name`` accepted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lernwerk.backend.arguments import axes, tensor

Function = Callable[..., Any]


def _described(function: Function, name: str, operation: Function) -> Function:
    function.__name__ = function.__qualname__ = name
    first = (operation.__doc__ or "").strip().splitlines()
    function.__doc__ = first[0] if first else f"Lernwerk's ``{name}``."
    return function


def unary(name: str, operation: Function) -> Function:
    """``tf.exp(x)``"""

    def function(x: Any, name: str | None = None) -> Any:
        return operation(tensor(x))

    return _described(function, name, operation)


def binary(name: str, operation: Function) -> Function:
    """``tf.add(x, y)``"""

    def function(x: Any, y: Any, name: str | None = None) -> Any:
        return operation(weak(x), weak(y))

    return _described(function, name, operation)


def reduction(name: str, operation: Function) -> Function:
    """``tf.reduce_sum(x, axis, keepdims)``; ``keep_dims`` is its name of TensorFlow 1."""

    def function(
        input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None,
        keep_dims: bool | None = None, reduction_indices: Any = None,
    ) -> Any:  # fmt: skip
        over = axis if reduction_indices is None else reduction_indices
        kept = keepdims if keep_dims is None else keep_dims
        return operation(tensor(input_tensor), axis=axes(over), keepdims=kept)

    return _described(function, name, operation)


def weak(x: Any) -> Any:
    """Python's numbers as they are, so that they take the type of what they meet."""
    return x if isinstance(x, (bool, int, float)) else tensor(x)


def length(n: Any) -> int:
    """One entry of a shape, which may be a tensor."""
    return int(n)


def shape_tuple(shape: Any) -> tuple[int, ...]:
    """A shape from a list, a tuple, a tensor or a number."""
    if isinstance(shape, int):
        return (shape,)
    return tuple(length(n) for n in shape)
