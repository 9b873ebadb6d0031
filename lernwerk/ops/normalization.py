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
from lernwerk.ops.shape_line import Shape


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
    """With n values in a channel, s = sqrt(variance + epsilon) and u = (x - mean) / s:

    dscale = sum(g * u), doffset = sum(g),
    dx = scale / s * (g - doffset / n - u * dscale / n) + (dmean + 2 * dvariance * (x - mean)) / n

    which is, in each channel, a straight line in g and x: few passes over them are needed.
    """
    axes = tuple(range(len(x.shape) - 1))
    _, average, variance = y
    to_y, to_mean, to_variance = (arriving(each, made) for each, made in zip(g, y, strict=True))
    count = float(math.prod(x.shape[:-1]))
    deviation = sqrt(variance + epsilon)
    centred = x - average
    slope = scale / deviation
    to_scale = total(to_y * centred, axis=axes) / deviation
    to_offset = total(to_y, axis=axes)

    def to_x() -> Any:
        tilt = (to_variance * 2.0 - slope * to_scale / deviation) / count
        return to_y * slope + centred * tilt + (to_mean - slope * to_offset) / count

    return to_x, to_scale, to_offset


def _blocks(shape: Shape) -> Shape:
    """Three axes: sums over the middle one come first, which keeps float32 sums precise."""
    return (shape[0], math.prod(shape[1:-1]), shape[-1]) if len(shape) > 2 else (1, *shape)


def _channel_means(x: Array) -> Array:
    sums = namespace(x).einsum("bnc->bc", x.reshape(_blocks(x.shape))).sum(0)
    return sums / math.prod(x.shape[:-1])


def _channel_mean_squares(x: Array) -> Array:
    blocks = x.reshape(_blocks(x.shape))
    sums = namespace(x).einsum("bnc,bnc->bc", blocks, blocks).sum(0)
    return sums / math.prod(x.shape[:-1])


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
    average = _channel_means(x)
    y = x - average
    variance = _channel_mean_squares(y)
    y = y * (scale / namespace(x).sqrt(variance + epsilon))
    y += offset
    return y, average, variance


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
