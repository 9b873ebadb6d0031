"""Depthwise convolution: as many groups as channels, each kernel seeing one channel.

There a matrix product would multiply matrices with a single row per channel; products of whole
arrays, one for each place in the window, are many times faster. No operations themselves: the
forms that ``convolution.py`` uses for this case. Arrays are padded already; with a multiplier
m > 1, output channel i * m + j comes from input channel i.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lernwerk.ops.primitive import Array
from lernwerk.ops.shape_line import Shape
from lernwerk.ops.windows import PASS_BYTES, batch_parts, offsets


def depthwise_forward(x: Array, w: Array, counts: Shape, strides: Shape, dilation: Shape) -> Array:
    """y[b, p, i * m + j] = sum over q of x[b, p + q, i] * w[q, 0, i * m + j]"""
    y = np.zeros((len(x), *counts, w.shape[-1]), np.result_type(x, w))
    for part in _parts(y):
        for place, window in offsets(w.shape[:-2], counts, strides, dilation):
            for channels in _channels(x, w):
                y[part][..., channels] += x[part][window] * _along_row(
                    w[place][0, channels], counts
                )
    return y


def depthwise_input_gradient(x: Array, g: Array, w: Array, strides: Shape, dilation: Shape) -> None:
    """Add to x, in place, the sum over q, j of g[b, p, i * m + j] * w[q, 0, i * m + j]."""
    counts = g.shape[1:-1]
    for part in _parts(g):
        for place, window in offsets(w.shape[:-2], counts, strides, dilation):
            for channels in _channels(x, w):
                x[part][window] += g[part][..., channels] * _along_row(
                    w[place][0, channels], counts
                )


def depthwise_kernel_gradient(
    x: Array, g: Array, kernel_shape: Shape, strides: Shape, dilation: Shape
) -> Array:
    """w[q, 0, i * m + j] = sum over b, p of x[b, p + q, i] * g[b, p, i * m + j]"""
    w = np.zeros(kernel_shape, np.result_type(x, g))
    axes = list(range(x.ndim))
    for part in _parts(g):
        for place, window in offsets(kernel_shape[:-2], g.shape[1:-1], strides, dilation):
            for channels in _channels(x, w):
                share = np.einsum(x[part][window], axes, g[part][..., channels], axes, axes[-1:])
                w[place][0, channels] += share
    return w


def _along_row(w: Array, counts: Shape) -> Array:
    """Weights (c) written out for a row of pixels: the products then run over whole rows."""
    return np.tile(w, (counts[-1], 1))


def _channels(x: Array, w: Array) -> Iterator[slice]:
    """For each j < m the output channels i * m + j, in the order of the input channels i."""
    multiplier = w.shape[-1] // x.shape[-1]
    for j in range(multiplier):
        yield slice(j, None, multiplier)


def _parts(y: Array) -> Iterator[slice]:
    return batch_parts(len(y), y[:1].nbytes * 3, PASS_BYTES)
