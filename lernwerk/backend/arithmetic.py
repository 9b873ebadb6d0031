"""Arithmetic of ``keras.backend``: reductions and functions of each number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lernwerk import ops
from lernwerk.backend.arguments import axes, tensor


def _reduction(name: str, operation: Callable[..., Any], purpose: str) -> Callable[..., Any]:
    def reduce(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        x = tensor(x)
        if name in ("mean", "var", "std", "logsumexp") and np.dtype(x.dtype).kind != "f":
            x = ops.cast(x, dtype="float32")
        return operation(x, axis=axes(axis), keepdims=keepdims)

    return _named(reduce, name, purpose, "x (*s) -> y (*r)")


def _named(function: Callable[..., Any], name: str, purpose: str, shapes: str) -> Any:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{purpose}\n\n    Shapes: {shapes}\n    "
    return function


sum = _reduction("sum", ops.sum, "The sum over axes.")
mean = _reduction("mean", ops.mean, "The mean over axes.")
var = _reduction("var", ops.variance, "The mean squared distance from the mean, over axes.")
std = _reduction("std", ops.standard_deviation, "The root of the variance, over axes.")
max = _reduction("max", ops.max, "The largest element over axes.")
min = _reduction("min", ops.min, "The smallest element over axes.")
prod = _reduction("prod", ops.prod, "The product over axes.")
any = _reduction("any", ops.any, "Whether one element over axes is true.")
all = _reduction("all", ops.all, "Whether every element over axes is true.")
logsumexp = _reduction("logsumexp", ops.logsumexp, "ln(sum(e^x)) over axes, without overflow.")


def argmax(x: Any, axis: int = -1) -> Any:
    """The place of the largest element along an axis."""
    return ops.argmax(tensor(x), axis=axis)


def argmin(x: Any, axis: int = -1) -> Any:
    """The place of the smallest element along an axis."""
    return ops.argmin(tensor(x), axis=axis)


def cumsum(x: Any, axis: int = 0) -> Any:
    """The running sum along an axis."""
    return ops.cumsum(tensor(x), axis=axis)


def cumprod(x: Any, axis: int = 0) -> Any:
    """The running product along an axis."""
    return ops.cumprod(tensor(x), axis)


def _function(name: str, operation: Callable[..., Any], purpose: str) -> Callable[..., Any]:
    def function(x: Any) -> Any:
        return operation(tensor(x))

    return _named(function, name, purpose, "x (*s) -> y (*s)")


square = _function("square", ops.square, "y = x^2")
abs = _function("abs", ops.absolute, "y = |x|")
exp = _function("exp", ops.exp, "y = e^x")
log = _function("log", ops.log, "The natural logarithm.")
round = _function("round", ops.round, "The nearest whole number, halves to the even one.")
sign = _function("sign", ops.sign, "-1, 0 or 1.")
sin = _function("sin", ops.sin, "The sine.")
cos = _function("cos", ops.cos, "The cosine.")


def sqrt(x: Any) -> Any:
    """The square root; negative numbers count as 0, as in ``keras.backend``."""
    return ops.sqrt(ops.maximum(tensor(x), 0.0))


def pow(x: Any, a: Any) -> Any:
    """y = x^a"""
    return ops.power(tensor(x), a)


def clip(x: Any, min_value: Any, max_value: Any) -> Any:
    """Numbers below min_value become it, and those above max_value."""
    return ops.clip(tensor(x), min_value, max_value)


def _pair(name: str, operation: Callable[..., Any], purpose: str) -> Callable[..., Any]:
    def function(x: Any, y: Any) -> Any:
        return operation(tensor(x), y if isinstance(y, (int, float)) else tensor(y))

    return _named(function, name, purpose, "x (*s), y (*s) -> z (*s)")


equal = _pair("equal", ops.equal, "Where x = y.")
not_equal = _pair("not_equal", ops.not_equal, "Where x and y differ.")
greater = _pair("greater", ops.greater, "Where x > y.")
greater_equal = _pair("greater_equal", ops.greater_equal, "Where x >= y.")
less = _pair("less", ops.less, "Where x < y.")
less_equal = _pair("less_equal", ops.less_equal, "Where x <= y.")
maximum = _pair("maximum", ops.maximum, "The larger number.")
minimum = _pair("minimum", ops.minimum, "The smaller number.")


def dot(x: Any, y: Any) -> Any:
    """The sum over the last axis of x and the last but one of y.

    Shapes: x (*i, k), y (*j, k, m) -> z (*i, *j, m)
    """
    return ops.dot(tensor(x), tensor(y))


def batch_dot(x: Any, y: Any, axes: Any = None) -> Any:
    """The sum over one axis of each, for every row of the batch.

    Shapes: x (b, *i), y (b, *j) -> z (b, *r); without axes the last of x and the last but one of y
    """
    x, y = tensor(x), tensor(y)
    if axes is None:
        axes = (len(x.shape) - 1, 1 if len(y.shape) == 2 else len(y.shape) - 2)
    first, second = (axes, axes) if isinstance(axes, int) else axes
    first, second = first % len(x.shape), second % len(y.shape)
    left = "".join(chr(ord("b") + i) for i in range(1, len(x.shape)))
    right = [chr(ord("B") + i) for i in range(1, len(y.shape))]
    summed = left[first - 1]
    right[second - 1] = summed
    result = [c for c in (*left, *right) if c != summed]
    z = ops.einsum(f"a{left},a{''.join(right)}->a{''.join(result)}", x, y)
    return z if len(z.shape) > 1 else ops.expand_dims(z, -1)


def transpose(x: Any) -> Any:
    """The axes reversed."""
    return ops.transpose(tensor(x))


def l2_normalize(x: Any, axis: int | None = None) -> Any:
    """y = x / sqrt(sum(x^2)) along an axis."""
    x = tensor(x)
    total = ops.sum(ops.square(x), axis=axis, keepdims=True)
    return x * ops.rsqrt(ops.maximum(total, 1e-12))
