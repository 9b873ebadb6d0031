"""Elementwise arithmetic and functions of one or two arrays, with NumPy's broadcasting.

Comparisons and selections are in ``comparison.py``; activations that are a composite of these are
in ``lernwerk/activations.py``. Functions with fractions turn integers into float32.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lernwerk.ops.common import floating, floating_dtype, is_whole, no_gradient
from lernwerk.ops.comparison import equal, greater, greater_equal, where
from lernwerk.ops.error_function import error_function
from lernwerk.ops.primitive import Array, Dtype, Primitive, Sample, namespace, primitive, sample

_CALCULUS = "Bronstein et al., Handbook of Mathematics, differentiation rules"
_ARRAY_API = "Python array API standard 2024.12, element-wise functions"


def _pairs(random: np.random.Generator) -> Iterator[Sample]:
    """Two arrays of one shape, and two that broadcast; values away from 0 and from each other."""
    yield sample(random.uniform(1, 2, (2, 3)), random.uniform(3, 4, (2, 3)))
    yield sample(random.uniform(1, 2, (2, 1, 3)), random.uniform(3, 4, (4, 1)))


def _quotients(random: np.random.Generator) -> Iterator[Sample]:
    """Pairs whose quotient is 2.5 to 2.8 or their negative: away from the jumps at integers."""
    yield sample(random.uniform(5, 5.3, (2, 3)), random.uniform(1.9, 2, (2, 3)))
    yield sample(-random.uniform(5, 5.3, (2, 1, 3)), random.uniform(1.9, 2, (4, 1)))


def _between(low: float, high: float) -> Callable[[np.random.Generator], Iterator[Sample]]:
    def samples(random: np.random.Generator) -> Iterator[Sample]:
        yield sample(random.uniform(low, high, (3, 4)))
        yield sample(random.uniform(low, high, (2, 1, 3)))
        yield sample(random.uniform(low, high, ()))

    return samples


def _signed(random: np.random.Generator) -> Iterator[Sample]:
    """Values of both signs whose distance from every integer is at least 0.2, except from 0.5."""
    for shape in ((3, 4), (2, 1, 3)):
        yield sample(random.integers(-3, 3, shape) + random.uniform(0.2, 0.4, shape))
        yield sample(random.integers(-3, 3, shape) + random.uniform(0.6, 0.8, shape))


def _function(
    gradient: Callable[..., Any],
    samples: Callable[[np.random.Generator], Iterator[Sample]],
    source: str = _CALCULUS,
) -> Callable[..., Primitive]:
    """A primitive of one array whose result has fractions."""
    return primitive(gradient=gradient, samples=samples, source=source, dtypes=floating_dtype)


@primitive(gradient=lambda g, y, a, b: (g, g), samples=_pairs, source=_CALCULUS, broadcasts=True)
def add(a: Array, b: Array) -> Array:
    """Add two arrays.

    y = a + b

    Shapes: a (*s), b (*s) -> y (*s)
    """
    return a + b


@primitive(
    gradient=lambda g, y, a, b: (g, lambda: -g),
    samples=_pairs,
    source=_CALCULUS,
    broadcasts=True,
)
def subtract(a: Array, b: Array) -> Array:
    """Subtract the second array from the first.

    y = a - b

    Shapes: a (*s), b (*s) -> y (*s)
    """
    return a - b


@primitive(
    gradient=lambda g, y, a, b: (lambda: g * b, lambda: g * a),
    samples=_pairs,
    source=_CALCULUS,
    broadcasts=True,
)
def multiply(a: Array, b: Array) -> Array:
    """Multiply two arrays element by element.

    y = a * b

    Shapes: a (*s), b (*s) -> y (*s)
    """
    return a * b


@primitive(
    gradient=lambda g, y, a, b: (lambda: g / b, lambda: -(g * y / b)),
    samples=_pairs,
    source=_CALCULUS,
    dtypes=floating_dtype,
    broadcasts=True,
)
def divide(a: Array, b: Array) -> Array:
    """Divide the first array by the second.

    y = a / b

    Shapes: a (*s), b (*s) -> y (*s)
    Differs: two integer arrays give float32, as in Keras; NumPy gives float64.
    """
    return floating(a) / floating(b)


def _power_gradient(g: Any, y: Any, a: Any, b: Any) -> tuple[Any, ...]:
    def of_base() -> Any:
        # b = 0 gives 0 also at a = 0, where a^(b - 1) is infinite.
        return g * b * power(a, where(equal(b, 0), 1, b - 1))

    def of_exponent() -> Any:
        # log(a) is real for a > 0 only; for other bases the exponent is a constant.
        positive = greater(a, 0)
        return where(positive, g * y * log(where(positive, a, 1)), 0.0)

    return of_base, of_exponent


@primitive(gradient=_power_gradient, samples=_pairs, source=_CALCULUS, broadcasts=True)
def power(a: Array, b: Array) -> Array:
    """Raise the first array to the power of the second.

    y = a^b; dy/da = b a^(b - 1); dy/db = a^b log(a), taken as 0 where a <= 0

    Shapes: a (*s), b (*s) -> y (*s)
    """
    return a**b


@primitive(gradient=lambda g, y, x: (-g,), samples=_between(-2, 2), source=_CALCULUS)
def negative(x: Array) -> Array:
    """Change the sign.

    y = -x

    Shapes: x (*s) -> y (*s)
    """
    return -x


@primitive(gradient=no_gradient, samples=_signed, source=_ARRAY_API)
def sign(x: Array) -> Array:
    """Tell the sign of a number: -1, 0 or 1.

    y = x / |x|, and 0 where x = 0

    Shapes: x (*s) -> y (*s)
    """
    return namespace(x).sign(x)


@primitive(gradient=lambda g, y, x: (g * sign(x),), samples=_signed, source=_CALCULUS)
def absolute(x: Array) -> Array:
    """Take the size of a number without its sign; the gradient at 0 is 0.

    y = |x|

    Shapes: x (*s) -> y (*s)
    """
    return abs(x)


@_function(lambda g, y, x: (g * y,), _between(-2, 2))
def exp(x: Array) -> Array:
    """Raise e to the power of x.

    y = e^x

    Shapes: x (*s) -> y (*s)
    """
    return namespace(x).exp(floating(x))


@_function(lambda g, y, x: (g * (y + 1.0),), _between(-2, 2))
def expm1(x: Array) -> Array:
    """Compute e^x - 1 without losing digits where x is small.

    y = e^x - 1

    Shapes: x (*s) -> y (*s)
    """
    return namespace(x).expm1(floating(x))


@_function(lambda g, y, x: (g / x,), _between(0.5, 3))
def log(x: Array) -> Array:
    """Take the natural logarithm.

    y = ln(x)

    Shapes: x (*s) -> y (*s)
    """
    return namespace(x).log(floating(x))


@_function(lambda g, y, x: (g / (x + 1.0),), _between(-0.5, 3))
def log1p(x: Array) -> Array:
    """Compute ln(1 + x) without losing digits where x is small.

    y = ln(1 + x)

    Shapes: x (*s) -> y (*s)
    """
    return namespace(x).log1p(floating(x))


@_function(lambda g, y, x: (g * 0.5 / y,), _between(0.5, 3))
def sqrt(x: Array) -> Array:
    """Take the square root; the gradient at 0 is infinite.

    y = sqrt(x)

    Shapes: x (*s) -> y (*s)
    """
    return namespace(x).sqrt(floating(x))


@primitive(gradient=lambda g, y, x: (g * 2.0 * x,), samples=_between(-2, 2), source=_CALCULUS)
def square(x: Array) -> Array:
    """Multiply each element by itself.

    y = x^2

    Shapes: x (*s) -> y (*s)
    """
    return x * x


def _sin_gradient(g: Any, y: Any, x: Any) -> tuple[Any]:
    return (g * cos(x),)


@_function(_sin_gradient, _between(-3, 3))
def sin(x: Array) -> Array:
    """Take the sine of an angle in radians.

    y = sin(x)

    Shapes: x (*s) -> y (*s)
    """
    return namespace(x).sin(floating(x))


@_function(lambda g, y, x: (-(g * sin(x)),), _between(-3, 3))
def cos(x: Array) -> Array:
    """Take the cosine of an angle in radians.

    y = cos(x)

    Shapes: x (*s) -> y (*s)
    """
    return namespace(x).cos(floating(x))


@_function(lambda g, y, x: (g * (y * y + 1.0),), _between(-1, 1))
def tan(x: Array) -> Array:
    """Take the tangent of an angle in radians.

    y = sin(x) / cos(x)

    Shapes: x (*s) -> y (*s)
    """
    return namespace(x).tan(floating(x))


@_function(lambda g, y, x: (g / (x * x + 1.0),), _between(-3, 3))
def arctan(x: Array) -> Array:
    """Find the angle in radians, between -pi/2 and pi/2, of a tangent.

    tan(y) = x

    Shapes: x (*s) -> y (*s)
    """
    return namespace(x).arctan(floating(x))


@_function(lambda g, y, x: (g * (1.0 - y * y),), _between(-3, 3))
def tanh(x: Array) -> Array:
    """Squash numbers into (-1, 1) by the hyperbolic tangent.

    y = (e^x - e^-x) / (e^x + e^-x)

    Shapes: x (*s) -> y (*s)
    """
    return namespace(x).tanh(floating(x))


@_function(lambda g, y, x: (g * y * (1.0 - y),), _between(-4, 4))
def sigmoid(x: Array) -> Array:
    """Squash numbers into (0, 1) by the logistic function.

    y = 1 / (1 + e^-x), computed with e^-|x|, which cannot overflow

    Shapes: x (*s) -> y (*s)
    """
    xp, x = namespace(x), floating(x)
    small = xp.exp(-abs(x))
    return xp.where(x < 0, small, 1.0) / (small + 1.0)


@_function(lambda g, y, x: (g * sigmoid(x),), _between(-4, 4), "Dugas et al. 2001, NIPS 13")
def softplus(x: Array) -> Array:
    """Bend the line y = x smoothly to zero for negative x.

    y = ln(1 + e^x), computed as max(x, 0) + ln(1 + e^-|x|), which cannot overflow

    Shapes: x (*s) -> y (*s)
    """
    xp, x = namespace(x), floating(x)
    return xp.maximum(x, 0.0) + xp.log1p(xp.exp(-abs(x)))


@_function(
    lambda g, y, x: (g * exp(-(x * x)) * (2.0 / math.sqrt(math.pi)),),
    _between(-2, 2),
    "Cody 1969, Math. Comp. 23, 631-637",
)
def erf(x: Array) -> Array:
    """Integrate the bell curve: the error function.

    y = 2 / sqrt(pi) * integral of e^(-t^2) from 0 to x; within 1e-15 of it in float64

    Shapes: x (*s) -> y (*s)
    """
    return error_function(floating(x), namespace(x))


@primitive(
    gradient=lambda g, y, x: (where(greater(x, 0), g, 0.0),),
    samples=_signed,
    source="Nair & Hinton 2010, Rectified linear units improve restricted Boltzmann machines",
)
def relu(x: Array) -> Array:
    """Keep positive numbers and set negative ones to zero; the gradient at 0 is 0.

    y = max(x, 0)

    Shapes: x (*s) -> y (*s)
    """
    return namespace(x).maximum(x, 0)


@primitive(gradient=no_gradient, samples=_signed, source=_ARRAY_API)
def floor(x: Array) -> Array:
    """Round down to a whole number; the gradient is 0.

    y = the largest integer <= x

    Shapes: x (*s) -> y (*s)
    """
    return namespace(x).floor(x)


@primitive(gradient=no_gradient, samples=_signed, source=_ARRAY_API)
def ceil(x: Array) -> Array:
    """Round up to a whole number; the gradient is 0.

    y = the smallest integer >= x

    Shapes: x (*s) -> y (*s)
    """
    return namespace(x).ceil(x)


@primitive(gradient=no_gradient, samples=_signed, source=_ARRAY_API)
def round(x: Array) -> Array:
    """Round to the nearest whole number, halves to the even one; the gradient is 0.

    y = the integer nearest to x

    Shapes: x (*s) -> y (*s)
    """
    return namespace(x).round(x)


@primitive(
    gradient=lambda g, y, a, b: (
        lambda: where(greater_equal(a, b), g, 0.0),
        lambda: where(greater_equal(a, b), 0.0, g),
    ),
    samples=_pairs,
    source=_CALCULUS,
    broadcasts=True,
)
def maximum(a: Array, b: Array) -> Array:
    """Take the larger of two numbers, element by element.

    y = max(a, b)

    Shapes: a (*s), b (*s) -> y (*s)
    Differs: where a = b the whole gradient goes to a; JAX gives half of it to each.
    """
    return namespace(a, b).maximum(a, b)


@primitive(
    gradient=lambda g, y, a, b: (
        lambda: where(greater_equal(b, a), g, 0.0),
        lambda: where(greater_equal(b, a), 0.0, g),
    ),
    samples=_pairs,
    source=_CALCULUS,
    broadcasts=True,
)
def minimum(a: Array, b: Array) -> Array:
    """Take the smaller of two numbers, element by element.

    y = min(a, b)

    Shapes: a (*s), b (*s) -> y (*s)
    Differs: where a = b the whole gradient goes to a; JAX gives half of it to each.
    """
    return namespace(a, b).minimum(a, b)


@primitive(gradient=no_gradient, samples=_quotients, source=_ARRAY_API, broadcasts=True)
def floor_divide(a: Array, b: Array) -> Array:
    """Divide and round down; the gradient is 0.

    y = floor(a / b)

    Shapes: a (*s), b (*s) -> y (*s)
    """
    return a // b


@primitive(
    gradient=lambda g, y, a, b: (g, lambda: -(g * floor_divide(a, b))),
    samples=_quotients,
    source=_ARRAY_API,
    broadcasts=True,
)
def remainder(a: Array, b: Array) -> Array:
    """Take what is left of a division; it has the sign of the divisor.

    y = a - b floor(a / b)

    Shapes: a (*s), b (*s) -> y (*s)
    """
    return a % b


def _casts(random: np.random.Generator) -> Iterator[Sample]:
    yield sample(random.normal(size=(2, 3)), dtype="float64")
    yield sample(random.integers(-5, 5, (2, 1, 3)), dtype="float32")
    yield sample(random.integers(-5, 5, ()) * 1.0, dtype="int32")


def _cast_dtype(_: Dtype, *, dtype: str) -> Dtype:
    return np.dtype(dtype)


def _cast_gradient(g: Any, y: Any, x: Any, *, dtype: str) -> tuple[Any]:
    if is_whole(np.dtype(dtype)) or is_whole(x.dtype):
        return (None,)
    return (cast(g, dtype=x.dtype.name),)


@primitive(gradient=_cast_gradient, samples=_casts, source=_ARRAY_API, dtypes=_cast_dtype)
def cast(x: Array, *, dtype: str) -> Array:
    """Change the type of the numbers; fractions are cut off where the new type has none.

    y = x as ``dtype``; no gradient passes through integers and bool

    Shapes: x (*s) -> y (*s)
    """
    return namespace(x).asarray(x, dtype=dtype)


def _whole(random: np.random.Generator) -> Iterator[Sample]:
    """Integers: central differences would contradict a gradient stopped on purpose."""
    yield sample(random.integers(-5, 5, (2, 3)))
    yield sample(random.integers(-5, 5, ()))


@primitive(gradient=no_gradient, samples=_whole, source="Keras 3, keras.ops.stop_gradient")
def stop_gradient(x: Array) -> Array:
    """Pass a value on as a constant: no gradient flows back.

    y = x

    Shapes: x (*s) -> y (*s)
    """
    return x


@primitive(gradient=lambda g, y, x: (g,), samples=_between(-2, 2), source=_CALCULUS)
def identity(x: Array) -> Array:
    """Pass a value on unchanged.

    y = x

    Shapes: x (*s) -> y (*s)
    """
    return x
