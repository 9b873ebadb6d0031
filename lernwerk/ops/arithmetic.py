"""More functions of each number under Keras's names, as composites of ``elementwise.py``."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lernwerk.ops.common import as_array, dtype_name, floating
from lernwerk.ops.comparison import (
    equal,
    greater,
    is_finite,
    is_nan,
    less,
    logical_and,
    logical_not,
    logical_or,
    not_equal,
    where,
)
from lernwerk.ops.elementwise import (
    absolute,
    arctan,
    cast,
    ceil,
    divide,
    exp,
    floor,
    log,
    log1p,
    maximum,
    minimum,
    power,
    remainder,
    sign,
    softplus,
    sqrt,
    square,
)
from lernwerk.ops.primitive import composite
from lernwerk.ops.reduce import all as every


@composite
def abs(x: Any) -> Any:
    """The size of a number without its sign.

    Shapes: x (*s) -> y (*s)
    """
    return absolute(as_array(x))


@composite
def clip(x: Any, x_min: Any, x_max: Any) -> Any:
    """Numbers below x_min become x_min, those above x_max become x_max.

    Shapes: x (*s) -> y (*s)
    """
    x = as_array(x)
    x = x if x_min is None else maximum(x, x_min)
    return x if x_max is None else minimum(x, x_max)


@composite
def reciprocal(x: Any) -> Any:
    """y = 1 / x

    Shapes: x (*s) -> y (*s)
    """
    return divide(1.0, as_array(x))


@composite
def rsqrt(x: Any) -> Any:
    """y = 1 / sqrt(x)

    Shapes: x (*s) -> y (*s)
    """
    return divide(1.0, sqrt(as_array(x)))


@composite
def true_divide(x1: Any, x2: Any) -> Any:
    """y = x1 / x2

    Shapes: x1 (*s), x2 (*s) -> y (*s)
    """
    return divide(as_array(x1), as_array(x2))


@composite
def divide_no_nan(x1: Any, x2: Any) -> Any:
    """y = x1 / x2, and 0 where x2 = 0

    Shapes: x1 (*s), x2 (*s) -> y (*s)
    """
    x1, x2 = as_array(x1), as_array(x2)
    empty = equal(x2, 0)
    return where(empty, 0.0, divide(x1, where(empty, 1.0, x2)))


@composite
def mod(x1: Any, x2: Any) -> Any:
    """What is left of a division; it has the sign of the divisor.

    Shapes: x1 (*s), x2 (*s) -> y (*s)
    """
    return remainder(as_array(x1), as_array(x2))


@composite
def log2(x: Any) -> Any:
    """The logarithm to base 2.

    Shapes: x (*s) -> y (*s)
    """
    return divide(log(as_array(x)), math.log(2.0))


@composite
def log10(x: Any) -> Any:
    """The logarithm to base 10.

    Shapes: x (*s) -> y (*s)
    """
    return divide(log(as_array(x)), math.log(10.0))


@composite
def logaddexp(x1: Any, x2: Any) -> Any:
    """y = ln(e^x1 + e^x2), without overflow

    Shapes: x1 (*s), x2 (*s) -> y (*s)
    """
    x1, x2 = as_array(x1), as_array(x2)
    return maximum(x1, x2) + log1p(exp(-absolute(x1 - x2)))


@composite
def exp2(x: Any) -> Any:
    """y = 2^x

    Shapes: x (*s) -> y (*s)
    """
    return power(2.0, as_array(x))


@composite
def cbrt(x: Any) -> Any:
    """The cube root.

    Shapes: x (*s) -> y (*s)
    """
    x = as_array(x)
    return sign(x) * power(absolute(x), 1.0 / 3.0)


@composite
def hypot(x1: Any, x2: Any) -> Any:
    """y = sqrt(x1^2 + x2^2)

    Shapes: x1 (*s), x2 (*s) -> y (*s)
    """
    return sqrt(square(as_array(x1)) + square(as_array(x2)))


@composite
def sinh(x: Any) -> Any:
    """The hyperbolic sine: y = (e^x - e^-x) / 2

    Shapes: x (*s) -> y (*s)
    """
    x = as_array(x)
    return (exp(x) - exp(-x)) * 0.5


@composite
def cosh(x: Any) -> Any:
    """The hyperbolic cosine: y = (e^x + e^-x) / 2

    Shapes: x (*s) -> y (*s)
    """
    x = as_array(x)
    return (exp(x) + exp(-x)) * 0.5


@composite
def arcsin(x: Any) -> Any:
    """The angle in [-pi/2, pi/2] of a sine: y = arctan(x / sqrt(1 - x^2))

    Shapes: x (*s) -> y (*s)
    """
    x = floating(as_array(x))
    return arctan(x / sqrt(1.0 - x * x))


@composite
def arccos(x: Any) -> Any:
    """The angle in [0, pi] of a cosine.

    Shapes: x (*s) -> y (*s)
    """
    return math.pi / 2.0 - arcsin(x)


@composite
def arcsinh(x: Any) -> Any:
    """The inverse of sinh: y = sign(x) ln(|x| + sqrt(x^2 + 1))

    Shapes: x (*s) -> y (*s)
    """
    x = floating(as_array(x))
    return sign(x) * log(absolute(x) + sqrt(x * x + 1.0))


@composite
def arccosh(x: Any) -> Any:
    """The inverse of cosh: y = ln(x + sqrt(x^2 - 1))

    Shapes: x (*s) -> y (*s)
    """
    x = floating(as_array(x))
    return log(x + sqrt(x * x - 1.0))


@composite
def arctanh(x: Any) -> Any:
    """The inverse of tanh: y = ln((1 + x) / (1 - x)) / 2

    Shapes: x (*s) -> y (*s)
    """
    x = floating(as_array(x))
    return (log1p(x) - log1p(-x)) * 0.5


@composite
def arctan2(x1: Any, x2: Any) -> Any:
    """The angle of the point (x2, x1), in (-pi, pi].

    Shapes: x1 (*s), x2 (*s) -> y (*s)
    """
    x1, x2 = floating(as_array(x1)), floating(as_array(x2))
    on_axis = equal(x2, 0.0)
    angle = arctan(x1 / where(on_axis, 1.0, x2))
    turned = angle + where(less(x2, 0.0), where(less(x1, 0.0), -math.pi, math.pi), 0.0)
    return where(on_axis, sign(x1) * (math.pi / 2.0), turned)


@composite
def trunc(x: Any) -> Any:
    """The whole part: towards zero.

    Shapes: x (*s) -> y (*s)
    """
    x = as_array(x)
    return where(less(x, 0), ceil(x), floor(x))


@composite
def deg2rad(x: Any) -> Any:
    """Degrees as radians.

    Shapes: x (*s) -> y (*s)
    """
    return as_array(x) * (math.pi / 180.0)


@composite
def rad2deg(x: Any) -> Any:
    """Radians as degrees.

    Shapes: x (*s) -> y (*s)
    """
    return as_array(x) * (180.0 / math.pi)


@composite
def isnan(x: Any) -> Any:
    """Where a value is not a number.

    Shapes: x (*s) -> y (*s)
    """
    return is_nan(as_array(x))


@composite
def isfinite(x: Any) -> Any:
    """Where a value is neither infinite nor NaN.

    Shapes: x (*s) -> y (*s)
    """
    return is_finite(as_array(x))


@composite
def isinf(x: Any) -> Any:
    """Where a value is infinite.

    Shapes: x (*s) -> y (*s)
    """
    x = as_array(x)
    return logical_not(logical_or(is_finite(x), is_nan(x)))


@composite
def nan_to_num(
    x: Any, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Any:
    """Numbers in the place of NaN and of the infinities (the largest ones, without others given).

    Shapes: x (*s) -> y (*s)
    """
    x = as_array(x)
    largest = float(np.finfo(dtype_name(x.dtype)).max)
    infinite = isinf(x)
    x = where(is_nan(x), nan, x)
    x = where(logical_and(infinite, greater(x, 0)), largest if posinf is None else posinf, x)
    return where(logical_and(infinite, less(x, 0)), -largest if neginf is None else neginf, x)


@composite
def isclose(
    x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Any:
    """Where |x1 - x2| <= atol + rtol |x2|.

    Shapes: x1 (*s), x2 (*s) -> y (*s)
    """
    x1, x2 = as_array(x1), as_array(x2)
    near = logical_or(equal(x1, x2), absolute(x1 - x2) <= atol + rtol * absolute(x2))
    return logical_or(near, logical_and(is_nan(x1), is_nan(x2))) if equal_nan else near


@composite
def allclose(
    x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Any:
    """Whether all numbers are close in the sense of ``isclose``.

    Shapes: x1 (*s), x2 (*s) -> y ()
    """
    return every(isclose(x1, x2, rtol, atol, equal_nan))


@composite
def logical_xor(x1: Any, x2: Any) -> Any:
    """Where exactly one of two arrays is true.

    Shapes: x1 (*s), x2 (*s) -> y (*s)
    """
    return not_equal(cast(as_array(x1), dtype="bool"), cast(as_array(x2), dtype="bool"))


@composite
def log_sigmoid(x: Any) -> Any:
    """y = ln(1 / (1 + e^-x)), without overflow

    Shapes: x (*s) -> y (*s)
    """
    return -softplus(-floating(as_array(x)))


@composite
def fabs(x: Any) -> Any:
    """The size of a number without its sign, as a float.

    Shapes: x (*s) -> y (*s)
    """
    return absolute(floating(as_array(x)))


@composite
def saturate_cast(x: Any, dtype: Any) -> Any:
    """Another type; what it cannot hold becomes its smallest or largest number.

    Shapes: x (*s) -> y (*s)
    """
    name = dtype_name(dtype)
    kind = np.iinfo if np.dtype(name).kind in "iu" else np.finfo
    limits: Any = kind(name)
    return cast(clip(as_array(x), float(limits.min), float(limits.max)), dtype=name)
