"""Comparisons, logic and selection, element by element with NumPy's broadcasting.

Results of comparisons are bool and have no gradient; only ``where`` passes one on. Arithmetic is in
``elementwise.py``, which builds on this file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lernwerk.ops.common import BOOL, no_gradient
from lernwerk.ops.primitive import (
    Array,
    Dtype,
    Primitive,
    Sample,
    namespace,
    primitive,
    sample,
)

_ARRAY_API = "Python array API standard 2024.12, element-wise functions"


def _ordered(random: np.random.Generator) -> Iterator[Sample]:
    """Small integers as floats, so that all three of <, = and > occur."""
    yield sample(random.integers(0, 3, (3, 4)) * 1.0, random.integers(0, 3, (3, 4)) * 1.0)
    yield sample(random.integers(0, 3, (2, 1, 3)), random.integers(0, 3, (4, 1)))


def _truths(random: np.random.Generator) -> Iterator[Sample]:
    yield sample(random.random((3, 4)) < 0.5, random.random((3, 4)) < 0.5)
    yield sample(random.random((2, 1, 3)) < 0.5, random.random((4, 1)) < 0.5)


def _truth(random: np.random.Generator) -> Iterator[Sample]:
    yield sample(random.random((3, 4)) < 0.5)
    yield sample(random.random(()) < 0.5)


def _special(random: np.random.Generator) -> Iterator[Sample]:
    yield sample(np.array([[1.0, np.nan], [np.inf, -np.inf]]))
    yield sample(random.normal(size=(2, 1, 3)))


def _choices(random: np.random.Generator) -> Iterator[Sample]:
    yield sample(
        random.random((2, 3)) < 0.5, random.normal(size=(2, 3)), random.normal(size=(2, 3))
    )
    yield sample(random.random((4, 1)) < 0.5, random.normal(size=(2, 1, 3)), random.normal(size=3))


def _test(samples: Callable[[np.random.Generator], Iterator[Sample]]) -> Callable[..., Primitive]:
    """A primitive that answers yes or no."""
    return primitive(
        gradient=no_gradient, samples=samples, source=_ARRAY_API, dtypes=BOOL, broadcasts=True
    )


@_test(_ordered)
def equal(a: Array, b: Array) -> Array:
    """Tell where two arrays have the same value.

    y = (a == b)

    Shapes: a (*s), b (*s) -> y (*s)
    """
    return namespace(a, b).equal(a, b)


@_test(_ordered)
def not_equal(a: Array, b: Array) -> Array:
    """Tell where two arrays have different values; a NaN differs from everything.

    y = (a != b)

    Shapes: a (*s), b (*s) -> y (*s)
    """
    return namespace(a, b).not_equal(a, b)


@_test(_ordered)
def less(a: Array, b: Array) -> Array:
    """Tell where the first array is below the second.

    y = (a < b)

    Shapes: a (*s), b (*s) -> y (*s)
    """
    return namespace(a, b).less(a, b)


@_test(_ordered)
def less_equal(a: Array, b: Array) -> Array:
    """Tell where the first array is not above the second.

    y = (a <= b)

    Shapes: a (*s), b (*s) -> y (*s)
    """
    return namespace(a, b).less_equal(a, b)


@_test(_ordered)
def greater(a: Array, b: Array) -> Array:
    """Tell where the first array is above the second.

    y = (a > b)

    Shapes: a (*s), b (*s) -> y (*s)
    """
    return namespace(a, b).greater(a, b)


@_test(_ordered)
def greater_equal(a: Array, b: Array) -> Array:
    """Tell where the first array is not below the second.

    y = (a >= b)

    Shapes: a (*s), b (*s) -> y (*s)
    """
    return namespace(a, b).greater_equal(a, b)


@_test(_truths)
def logical_and(a: Array, b: Array) -> Array:
    """Tell where both arrays are true; numbers count as true unless they are zero.

    y = a and b

    Shapes: a (*s), b (*s) -> y (*s)
    """
    return namespace(a, b).logical_and(a, b)


@_test(_truths)
def logical_or(a: Array, b: Array) -> Array:
    """Tell where one of two arrays is true, or both; numbers are true unless they are zero.

    y = a or b

    Shapes: a (*s), b (*s) -> y (*s)
    """
    return namespace(a, b).logical_or(a, b)


@_test(_truth)
def logical_not(x: Array) -> Array:
    """Turn true into false and false into true; numbers are true unless they are zero.

    y = not x

    Shapes: x (*s) -> y (*s)
    """
    return namespace(x).logical_not(x)


@_test(_special)
def is_nan(x: Array) -> Array:
    """Tell where a value is not a number.

    y = (x != x)

    Shapes: x (*s) -> y (*s)
    """
    return namespace(x).isnan(x)


@_test(_special)
def is_finite(x: Array) -> Array:
    """Tell where a value is neither infinite nor NaN.

    y = (|x| < infinity)

    Shapes: x (*s) -> y (*s)
    """
    return namespace(x).isfinite(x)


def _where_gradient(g: Any, y: Any, condition: Any, a: Any, b: Any) -> tuple[Any, ...]:
    return None, lambda: where(condition, g, 0.0), lambda: where(condition, 0.0, g)


def _choice_dtype(_condition: Dtype, a: Dtype, b: Dtype) -> Dtype:
    return np.result_type(a, b)


@primitive(
    gradient=_where_gradient,
    samples=_choices,
    source=_ARRAY_API,
    dtypes=_choice_dtype,
    broadcasts=True,
)
def where(condition: Array, a: Array, b: Array) -> Array:
    """Choose between two arrays, element by element.

    y = a where the condition holds, else b

    Shapes: condition (*s), a (*s), b (*s) -> y (*s)
    """
    return namespace(condition, a, b).where(condition, a, b)
