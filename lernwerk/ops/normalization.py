"""Batch and layer normalization with their gradients in closed form.

Variances are biased and computed in two passes (mean first, then squared distances), which keeps
float32 exact for data far from zero. Moving averages, training and inference mode belong to the
layers; normalising with given moments is ordinary arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from lernwerk.ops.arriving import arriving
from lernwerk.ops.broadcasting import sum as total
from lernwerk.ops.elementwise import sqrt
from lernwerk.ops.primitive import Array, Sample, namespace, primitive, sample
from lernwerk.ops.reduce import mean


def _samples(random: np.random.Generator) -> Iterator[Sample]:
    for shape in ((5, 3), (3, 2, 2, 4)):
        x = random.normal(2.0, 1.5, shape)
        yield sample(x, *random.normal(size=(2, shape[-1])), epsilon=1e-2)


def _batch_normalization_definition(
    x: Any, scale: Any, offset: Any, *, epsilon: float
) -> tuple[Any, Any, Any]:
    axes = tuple(range(len(x.shape) - 1))
    average = mean(x, axis=axes)
    centred = x - average
    variance = mean(centred * centred, axis=axes)
    return centred / sqrt(variance + epsilon) * scale + offset, average, variance


def _batch_normalization_gradient(
    g: tuple[Any, ...], y: tuple[Any, ...], x: Any, scale: Any, offset: Any, *, epsilon: float
) -> tuple[Any, ...]:
    to_y, to_mean, to_variance = g
    made, average, variance = y
    dx, dscale, doffset = batch_normalization_gradient(
        x, scale, average, variance, arriving(to_y, made), epsilon=epsilon
    )
    count = float(math.prod(x.shape[:-1]))
    if to_mean is not None:
        dx = dx + to_mean / count
    if to_variance is not None:
        dx = dx + to_variance * (2.0 / count) * (x - average)
    return dx, dscale, doffset


def _gradient_definition(
    x: Any, scale: Any, average: Any, variance: Any, g: Any, *, epsilon: float
) -> tuple[Any, Any, Any]:
    axes = tuple(range(len(x.shape) - 1))
    count = float(math.prod(x.shape[:-1]))
    deviation = sqrt(variance + epsilon)
    standard = (x - average) / deviation
    dscale, doffset = total(g * standard, axis=axes), total(g, axis=axes)
    dx = scale / deviation * (g - (standard * dscale + doffset) / count)
    return dx, dscale, doffset


def _gradient_samples(random: np.random.Generator) -> Iterator[Sample]:
    for each in _samples(random):
        x, scale, offset = each.inputs
        _, average, variance = batch_normalization(x, scale, offset, **each.attributes)
        yield sample(x, scale, average, variance, random.normal(size=x.shape), **each.attributes)


def _channel_sums(*factors: Array) -> Array:
    """The sums over all axes but the last of an array or of the product of two.

    The axes between first and last are summed before the first: two short sums are more precise in
    float32 than one long one. Einsum makes no product array and is much faster than ``sum`` here.
    """
    shape = factors[0].shape
    blocks = (shape[0], math.prod(shape[1:-1]), shape[-1]) if len(shape) > 2 else (1, *shape)
    equation = ",".join(["bnc"] * len(factors)) + "->bc"
    shaped = [factor.reshape(blocks) for factor in factors]
    sums: Array = namespace(*factors).einsum(equation, *shaped).sum(0)
    return sums


@primitive(
    gradient=_batch_normalization_gradient,
    definition=_batch_normalization_definition,
    samples=_samples,
    source="Ioffe & Szegedy 2015, arXiv:1502.03167, algorithm 1",
)
def batch_normalization(
    x: Array, scale: Array, offset: Array, *, epsilon: float
) -> tuple[Array, Array, Array]:
    """Normalise each channel over the batch and all places, then scale and shift.

    y = (x - mean) / sqrt(variance + epsilon) * scale + offset

    Mean and (biased) variance are taken over all axes but the last and returned too.

    Shapes: x (*b, c), scale (c), offset (c) -> y (*b, c), mean (c), variance (c)
    """
    count = math.prod(x.shape[:-1])
    average = _channel_sums(x) / count
    y = x - average
    variance = _channel_sums(y, y) / count
    y = y * (scale / namespace(x).sqrt(variance + epsilon))
    y += offset
    return y, average, variance


@primitive(
    definition=_gradient_definition,
    samples=_gradient_samples,
    source="Ioffe & Szegedy 2015, arXiv:1502.03167, section 3",
)
def batch_normalization_gradient(
    x: Array, scale: Array, average: Array, variance: Array, g: Array, *, epsilon: float
) -> tuple[Array, Array, Array]:
    """Carry the gradient of the normalised output back to input, scale and offset.

    With n values in a channel, s = sqrt(variance + epsilon) and u = (x - mean) / s:
    dscale = sum(g * u), doffset = sum(g), dx = scale / s * (g - (u * dscale + doffset) / n)

    Shapes: x (*b, c), scale (c), average (c), variance (c), g (*b, c) -> dx (*b, c), dscale (c),
    doffset (c)
    """
    count = math.prod(x.shape[:-1])
    deviation = namespace(x).sqrt(variance + epsilon)
    centred = x - average
    dscale = _channel_sums(g, centred) / deviation
    doffset = _channel_sums(g)
    # In each channel dx is a straight line in g and x: coefficients first, then few passes.
    slope = scale / deviation
    dx = g * slope
    centred *= slope * dscale / (deviation * count)
    dx -= centred
    dx -= slope * doffset / count
    return dx, dscale, doffset


def _layer_normalization_definition(x: Any, scale: Any, offset: Any, *, epsilon: float) -> Any:
    return _standardised(x, epsilon)[0] * scale + offset


def _standardised(x: Any, epsilon: float) -> tuple[Any, Any]:
    """x with mean 0 and variance 1 along the last axis, and the deviation it was divided by."""
    centred = x - mean(x, axis=-1, keepdims=True)
    deviation = sqrt(mean(centred * centred, axis=-1, keepdims=True) + epsilon)
    return centred / deviation, deviation


def _layer_normalization_gradient(
    g: Any, y: Any, x: Any, scale: Any, offset: Any, *, epsilon: float
) -> tuple[Any, ...]:
    """With u = (x - mean) / s, s = sqrt(variance + epsilon) and h = g * scale:

    dx = (h - mean(h) - u * mean(h * u)) / s
    """
    axes = tuple(range(len(x.shape) - 1))
    standard, deviation = _standardised(x, epsilon)

    def to_x() -> Any:
        h = g * scale
        projection = standard * mean(h * standard, axis=-1, keepdims=True)
        return (h - mean(h, axis=-1, keepdims=True) - projection) / deviation

    return to_x, lambda: total(g * standard, axis=axes), lambda: total(g, axis=axes)


@primitive(
    gradient=_layer_normalization_gradient,
    definition=_layer_normalization_definition,
    samples=_samples,
    source="Ba, Kiros & Hinton 2016, arXiv:1607.06450",
)
def layer_normalization(x: Array, scale: Array, offset: Array, *, epsilon: float) -> Array:
    """Normalise each vector of the last axis, then scale and shift.

    y = (x - mean(x)) / sqrt(variance(x) + epsilon) * scale + offset, with the biased variance

    Shapes: x (*b, c), scale (c), offset (c) -> y (*b, c)
    """
    xp = namespace(x)
    y = x - x.mean(-1, keepdims=True)
    variance = xp.einsum("...c,...c->...", y, y)[..., None] / x.shape[-1]
    y = y / xp.sqrt(variance + epsilon)
    return y * scale + offset
