"""Reductions: sums, extremes, products, truth, running sums, places of extremes, and moments.

``sum`` is defined in ``broadcasting.py`` beside its adjoint. ``axis`` is an integer, a tuple or
None for all axes; negative axes count from the end.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from lernwerk.ops.broadcasting import reshape, sum
from lernwerk.ops.common import (
    BOOL,
    INT32,
    as_array,
    is_whole,
    no_gradient,
    positive_axes,
    positive_axis,
    summed_dtype,
    without_axes,
)
from lernwerk.ops.comparison import equal, is_finite, where
from lernwerk.ops.elementwise import cast, exp, log, sqrt, square, stop_gradient
from lernwerk.ops.primitive import Array, Sample, composite, namespace, plain, primitive, sample
from lernwerk.ops.shape import flip, pad, slice, transpose
from lernwerk.ops.shape_line import Shape

__all__ = [
    "all",
    "any",
    "argmax",
    "argmin",
    "cumsum",
    "logsumexp",
    "max",
    "mean",
    "min",
    "prod",
    "standard_deviation",
    "sum",
    "variance",
]

_ARRAY_API = "Python array API standard 2024.12, statistical, searching and utility functions"
Axis = int | tuple[int, ...] | None


def _shape(x: Shape, *, axis: Axis, keepdims: bool) -> Shape:
    return without_axes(x, positive_axes("reduction", axis, len(x)), keepdims)


def _kept(x: Any, axis: Axis) -> Shape:
    """The shape of ``x`` with the reduced axes kept as axes of length 1."""
    return without_axes(tuple(x.shape), positive_axes("reduction", axis, x.ndim), keepdims=True)


def _distinct(random: np.random.Generator, *shape: int) -> Array:
    """Numbers at least 0.5 apart, so that a small step does not change their order."""
    return (random.permutation(math.prod(shape)) * 0.5 - 2.0).reshape(shape)


def _samples(random: np.random.Generator) -> Iterator[Sample]:
    yield sample(_distinct(random, 2, 3))
    yield sample(_distinct(random, 2, 1, 3), axis=-1)
    yield sample(_distinct(random, 2, 4, 3), axis=(0, 2), keepdims=True)
    yield sample(_distinct(random, 2, 1), axis=1)


def _truths(random: np.random.Generator) -> Iterator[Sample]:
    yield sample(random.random((2, 3)) < 0.5)
    yield sample(random.random((2, 4, 3)) < 0.5, axis=(0, 2), keepdims=True)
    yield sample(random.random((2, 1, 3)) < 0.5, axis=-1)


def _extreme_gradient(g: Any, y: Any, x: Any, *, axis: Axis, keepdims: bool) -> tuple[Any]:
    """The gradient goes to the elements equal to the extreme, in equal shares."""
    kept = _kept(x, axis)
    hits = cast(equal(x, reshape(y, shape=kept)), dtype=x.dtype.name)
    return (hits * (reshape(g, shape=kept) / sum(hits, axis=axis, keepdims=True)),)


@primitive(gradient=_extreme_gradient, samples=_samples, source=_ARRAY_API, shapes=_shape)
def max(x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Find the largest element along axes; several largest ones share the gradient equally.

    y = max of x over the axes

    Shapes: x (*s) -> y (*r)
    """
    return namespace(x).max(x, axis=axis, keepdims=keepdims)


@primitive(gradient=_extreme_gradient, samples=_samples, source=_ARRAY_API, shapes=_shape)
def min(x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Find the smallest element along axes; several smallest ones share the gradient equally.

    y = min of x over the axes

    Shapes: x (*s) -> y (*r)
    """
    return namespace(x).min(x, axis=axis, keepdims=keepdims)


def _prod_gradient(g: Any, y: Any, x: Any, *, axis: Axis, keepdims: bool) -> tuple[Any]:
    """dy/dx[i] is the product of the other elements: those before i times those after i.

    Dividing y by x[i] would fail where x[i] = 0, and so would the second derivative.
    """
    axes = positive_axes("prod", axis, x.ndim)
    order = tuple(i for i in range(x.ndim) if i not in axes) + axes
    apart = transpose(x, axes=order)
    flat = reshape(
        apart, shape=(*apart.shape[: x.ndim - len(axes)], math.prod(x.shape[i] for i in axes))
    )
    after = flip(_products_before(flip(flat, axes=(-1,))), axes=(-1,))
    others = reshape(_products_before(flat) * after, shape=apart.shape)
    back = transpose(others, axes=tuple(order.index(i) for i in range(x.ndim)))
    return (reshape(g, shape=_kept(x, axis)) * back,)


def _products_before(x: Any) -> Any:
    """For each element of the last axis the product of all earlier ones, by doubling.

    After k rounds an element holds the product of the 2^k elements before it (fewer at the edge).
    """
    products, reach = _delayed(x, 1), 1
    while reach < x.shape[-1]:
        products = products * _delayed(products, reach)
        reach *= 2
    return products


def _delayed(x: Any, count: int) -> Any:
    """The last axis moved on by ``count`` places, with ones coming in."""
    rank = x.ndim
    widths = ((0, 0),) * (rank - 1) + ((count, 0),)
    longer = pad(x, widths=widths, value=1.0)
    return slice(longer, starts=(0,) * rank, stops=tuple(x.shape), steps=(1,) * rank)


def _prod_samples(random: np.random.Generator) -> Iterator[Sample]:
    yield from _samples(random)
    yield sample(np.array([[1.5, 0.0, -2.0], [0.0, 0.0, 3.0]]), axis=1)


@primitive(
    gradient=_prod_gradient,
    samples=_prod_samples,
    source=_ARRAY_API,
    shapes=_shape,
    dtypes=summed_dtype,
)
def prod(x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Multiply the elements along axes; the gradient is right for zeros, too.

    y = product of x over the axes

    Shapes: x (*s) -> y (*r)
    Differs: bool and small integers are multiplied as int32; NumPy takes int64.
    """
    return namespace(x).prod(x, axis=axis, keepdims=keepdims, dtype=summed_dtype(x.dtype))


@primitive(gradient=no_gradient, samples=_truths, source=_ARRAY_API, shapes=_shape, dtypes=BOOL)
def any(x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Tell whether at least one element along axes is true; numbers are unless they are zero.

    y = x[0] or x[1] or ...

    Shapes: x (*s) -> y (*r)
    """
    return namespace(x).any(x, axis=axis, keepdims=keepdims)


@primitive(gradient=no_gradient, samples=_truths, source=_ARRAY_API, shapes=_shape, dtypes=BOOL)
def all(x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Tell whether every element along axes is true; numbers are unless they are zero.

    y = x[0] and x[1] and ...

    Shapes: x (*s) -> y (*r)
    """
    return namespace(x).all(x, axis=axis, keepdims=keepdims)


def _one_axis(random: np.random.Generator) -> Iterator[Sample]:
    yield sample(_distinct(random, 5), axis=0)
    yield sample(_distinct(random, 2, 4, 3), axis=1)
    yield sample(_distinct(random, 2, 1, 3), axis=-2)


def _summed_shape(x: Shape, *, axis: int | None) -> Shape:
    if axis is None:
        return (math.prod(x),)
    positive_axis("cumsum", axis, len(x))
    return x


def _cumsum_gradient(g: Any, y: Any, x: Any, *, axis: int | None) -> tuple[Any]:
    along = 0 if axis is None else axis
    backwards = cumsum(flip(g, axes=(along,)), axis=along)
    return (reshape(flip(backwards, axes=(along,)), shape=tuple(x.shape)),)


def _running(random: np.random.Generator) -> Iterator[Sample]:
    yield from _one_axis(random)
    yield sample(_distinct(random, 2, 3))


@primitive(
    gradient=_cumsum_gradient,
    samples=_running,
    source=_ARRAY_API,
    shapes=_summed_shape,
    dtypes=summed_dtype,
)
def cumsum(x: Array, *, axis: int | None = None) -> Array:
    """Add up the elements along an axis and keep every intermediate sum.

    y[i] = x[0] + ... + x[i]; without an axis all elements row by row

    Shapes: x (*s) -> y (*r)
    """
    return namespace(x).cumsum(x, axis=axis, dtype=summed_dtype(x.dtype))


def _without(x: Shape, *, axis: int | None, keepdims: bool = False) -> Shape:
    axes = None if axis is None else (positive_axis("argmax", axis, len(x)),)
    return without_axes(x, positive_axes("argmax", axes, len(x)), keepdims)


def _places(random: np.random.Generator) -> Iterator[Sample]:
    yield from _one_axis(random)
    yield sample(_distinct(random, 2, 4, 3), axis=1, keepdims=True)
    yield sample(_distinct(random, 2, 3))


@primitive(gradient=no_gradient, samples=_places, source=_ARRAY_API, shapes=_without, dtypes=INT32)
def argmax(x: Array, *, axis: int | None = None, keepdims: bool = False) -> Array:
    """Find the place of the largest element along an axis, the first of several.

    Without an axis the elements are counted row by row.

    y = the smallest i with x[i] = max(x), as int32

    Shapes: x (*s) -> y (*r)
    """
    return namespace(x).argmax(x, axis=axis, keepdims=keepdims).astype(INT32)


@primitive(gradient=no_gradient, samples=_places, source=_ARRAY_API, shapes=_without, dtypes=INT32)
def argmin(x: Array, *, axis: int | None = None, keepdims: bool = False) -> Array:
    """Find the place of the smallest element along an axis, the first of several.

    Without an axis the elements are counted row by row.

    y = the smallest i with x[i] = min(x), as int32

    Shapes: x (*s) -> y (*r)
    """
    return namespace(x).argmin(x, axis=axis, keepdims=keepdims).astype(INT32)


@composite
def mean(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Average the elements along axes; integers and bool give float32.

    y = sum(x) / n

    Shapes: x (*s) -> y (*r)
    """
    x, axis = as_array(x), plain(axis)
    numbers = cast(x, dtype="float32") if is_whole(x.dtype) else x
    count = math.prod(x.shape[i] for i in positive_axes("mean", axis, x.ndim))
    return sum(numbers, axis=axis, keepdims=keepdims) / float(count)


@composite
def variance(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Average the squared distances from the mean (the biased variance, as in Keras).

    y = mean((x - mean(x))^2)

    Shapes: x (*s) -> y (*r)
    """
    x = as_array(x)
    distances = x - mean(x, axis=axis, keepdims=True)
    return mean(square(distances), axis=axis, keepdims=keepdims)


@composite
def standard_deviation(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Take the root of the biased variance; the gradient is NaN where all elements are equal.

    y = sqrt(mean((x - mean(x))^2))

    Shapes: x (*s) -> y (*r)
    """
    return sqrt(variance(x, axis=axis, keepdims=keepdims))


@composite
def logsumexp(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Add numbers given by their logarithms, without overflow.

    y = ln(sum(e^x)), computed as m + ln(sum(e^(x - m))) with m = max(x)

    Shapes: x (*s) -> y (*r)
    """
    x, axis = as_array(x), plain(axis)
    largest = stop_gradient(max(x, axis=axis, keepdims=True))
    largest = where(is_finite(largest), largest, 0.0)  # inf - inf would be NaN
    total = log(sum(exp(x - largest), axis=axis, keepdims=True)) + largest
    return (
        total
        if keepdims
        else reshape(total, shape=_shape(tuple(x.shape), axis=axis, keepdims=False))
    )
