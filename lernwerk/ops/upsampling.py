"""Enlarging by whole factors: repeated pixels, or weighted sums of the pixels around each place.

Composites, no primitives: the weighted sums are the input gradient of a depthwise convolution whose
kernel holds the weights, so that its kernels and gradients serve here too.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from lernwerk.errors import ShapeError, check_name
from lernwerk.ops.convolution import convolution_input_gradient
from lernwerk.ops.elementwise import multiply
from lernwerk.ops.primitive import Array, composite
from lernwerk.ops.resampling import INTERPOLATIONS, KERNELS
from lernwerk.ops.shape import repeat
from lernwerk.ops.shape_line import Shape

__all__ = ["METHODS", "upsample"]


METHODS = INTERPOLATIONS
_RADII = {"bilinear": 1, "bicubic": 2, "lanczos3": 3, "lanczos5": 5}  # how far a pixel counts


@composite
def upsample(x: Any, *, factors: Shape, method: str = "nearest") -> Any:
    """Enlarge the spatial axes by whole factors.

    nearest: y[p] = x[p // s]. Else y[p] = sum over i of x[i] * f((p + 1/2) / s - 1/2 - i), divided
    by the sum of the weights; pixels beyond the edge do not count. f is a triangle (bilinear),
    Keys's cubic with a = -1/2 (bicubic), or sinc(d) sinc(d / r) for |d| < r (lanczos3, lanczos5).

    Shapes: x (b, *n, c) -> y (b, *m, c), m = n * factors
    Raises ArgumentError for another method, ShapeError for another number of axes.
    Source: keras.io/api/layers/reshaping_layers/up_sampling2d; Keys 1981, IEEE ASSP 29,
    1153-1160; Duchon 1979, J. Appl. Meteorology 18, 1016-1022
    """
    check_name("upsample", "method", method, METHODS)
    if len(x.shape) != len(factors) + 2:
        raise ShapeError("upsample", f"an input with {len(factors) + 2} axes", tuple(x.shape))
    if method == "nearest":
        for axis in range(len(factors), 0, -1):
            x = repeat(x, repeats=factors[axis - 1], axis=axis)
        return x
    return _weighted(x, factors, method)


def _weighted(x: Any, factors: Shape, method: str) -> Any:
    """The weighted sums of all axes at once: weights of several axes are multiplied."""
    channels, dtype, n = x.shape[-1], x.dtype, x.shape[1:-1]
    axes = [_weights(s, method) for s in factors]
    before = [_reach(s, method) for s in factors]
    lengths = [length * s for length, s in zip(n, factors, strict=True)]
    kernel = np.repeat(_product(axes)[..., None, None], channels, axis=-1)
    y = convolution_input_gradient(
        x, kernel.astype(dtype), input_shape=(x.shape[0], *lengths, channels), strides=factors,
        padding=tuple((low, low) for low in before),
        dilation=(1,) * len(factors), groups=channels,
    )  # fmt: skip
    totals = [_total(*each) for each in zip(n, factors, axes, before, strict=True)]
    return multiply(y, (1 / _product(totals))[None, ..., None].astype(dtype))


def _reach(s: int, method: str) -> int:
    """By how many places of the output a pixel reaches back before its own first place."""
    return int(np.ceil(_RADII[method] * s - s / 2 - 0.5))


@functools.cache
def _weights(s: int, method: str) -> Array:
    """The weight of a pixel at each place of the output that it reaches."""
    places = np.arange(-_reach(s, method), s + _reach(s, method))
    return KERNELS[method](np.abs((places + 0.5) / s - 0.5))


def _total(n: int, s: int, weights: Array, before: int) -> Array:
    """The sum of the weights at each place of the output."""
    y = np.zeros(n * s + len(weights) - s)
    for i in range(n):
        y[i * s : i * s + len(weights)] += weights
    return y[before : before + n * s]


def _product(axes: list[Array]) -> Array:
    """The outer product of vectors."""
    return functools.reduce(np.multiply.outer, axes)
