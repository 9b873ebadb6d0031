"""Convolution over any number of spatial axes, its two gradients, and its transpose.

The three primitives are bilinear and closed under differentiation: the gradient of each is written
with the other two, so that gradients of any order exist. Channels come last, padding is explicit;
``explicit_padding`` translates Keras's names. The layers are in ``lernwerk/layers``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from lernwerk.errors import ArgumentError, ShapeError, check_name
from lernwerk.ops.depthwise import (
    depthwise_forward,
    depthwise_input_gradient,
    depthwise_kernel_gradient,
)
from lernwerk.ops.primitive import Array, Sample, composite, primitive, sample
from lernwerk.ops.shape_line import Shape
from lernwerk.ops.windows import (
    MATRIX_BYTES,
    Padding,
    batch_parts,
    cropped,
    explicit_padding,
    offsets,
    padded,
    padded_shape,
    spans,
    window_counts,
    window_view,
)

__all__ = [
    "convolution",
    "convolution_input_gradient",
    "convolution_kernel_gradient",
    "convolution_transpose",
    "explicit_padding",
]

_SOURCE = "Dumoulin & Visin 2016, arXiv:1603.07285; Chellapilla et al. 2006, IWFHR (columns)"


def _geometries() -> Iterator[tuple[Shape, Shape, dict[str, Any]]]:
    """Shapes of x and w with attributes: one, two and three axes, every option at least once."""
    yield (2, 5, 2), (3, 2, 3), _options((1,), ((2, 0),), (1,))
    yield (2, 5, 4, 2), (3, 2, 2, 3), _options((2, 1), ((1, 1), (0, 1)), (1, 2))
    yield (2, 4, 4, 4), (2, 2, 2, 6), _options((1, 1), ((0, 0), (0, 0)), (1, 1), groups=2)
    yield (2, 4, 3, 2), (2, 2, 1, 4), _options((2, 1), ((1, 0), (0, 0)), (1, 1), groups=2)
    yield (1, 3, 3, 2, 1), (2, 2, 2, 1, 2), _options((1,) * 3, ((0, 0),) * 3, (1,) * 3)
    yield (2, 3, 2, 3), (1, 1, 3, 2), _options((1, 1), ((0, 0), (0, 0)), (1, 1))


def _options(strides: Shape, padding: Padding, dilation: Shape, groups: int = 1) -> dict[str, Any]:
    return {"strides": strides, "padding": padding, "dilation": dilation, "groups": groups}


def _output_shape(
    x: Shape, w: Shape, *, strides: Shape, padding: Padding, dilation: Shape, groups: int,
    where: str = "convolution",
) -> Shape:  # fmt: skip
    rank = len(w) - 2
    if len(x) != rank + 2:
        raise ShapeError(
            where, f"an input with {rank + 2} axes (batch, {rank} spatial, channels)", x,
            "Pictures without colour need a channel axis: x.reshape(*x.shape, 1).",
        )  # fmt: skip
    if groups < 1 or w[-1] % groups:
        raise ArgumentError(where, f"groups that divide the {w[-1]} output channels", groups)
    if x[-1] != w[-2] * groups:
        per_group = f" ({w[-2]} in each of {groups} groups)" if groups > 1 else ""
        raise ShapeError(
            where, f"an input with {w[-2] * groups} channels{per_group} for a kernel of shape {w}",
            f"{x[-1]} channels in {x}", "Channels are the last axis.",
        )  # fmt: skip
    return (x[0], *window_counts(where, x[1:-1], w[:-2], strides, padding, dilation), w[-1])


def _input_gradient_shape(g: Shape, w: Shape, *, input_shape: Shape, **options: Any) -> Shape:
    where = "convolution_input_gradient"
    _check_gradient(where, g, _output_shape(input_shape, w, where=where, **options))
    return input_shape


def _kernel_gradient_shape(x: Shape, g: Shape, *, kernel_shape: Shape, **options: Any) -> Shape:
    where = "convolution_kernel_gradient"
    _check_gradient(where, g, _output_shape(x, kernel_shape, where=where, **options))
    return kernel_shape


def _check_gradient(where: str, g: Shape, expected: Shape) -> None:
    if tuple(g) != expected:
        raise ShapeError(where, f"a gradient of shape {expected}", tuple(g))


def _convolution_samples(random: np.random.Generator) -> Iterator[Sample]:
    for x, w, options in _geometries():
        yield sample(random.normal(size=x), random.normal(size=w), **options)


def _input_gradient_samples(random: np.random.Generator) -> Iterator[Sample]:
    for x, w, options in _geometries():
        g = random.normal(size=_output_shape(x, w, **options))
        yield sample(g, random.normal(size=w), input_shape=x, **options)


def _kernel_gradient_samples(random: np.random.Generator) -> Iterator[Sample]:
    for x, w, options in _geometries():
        g = random.normal(size=_output_shape(x, w, **options))
        yield sample(random.normal(size=x), g, kernel_shape=w, **options)


def _convolution_gradient(g: Any, y: Any, x: Any, w: Any, **options: Any) -> tuple[Any, ...]:
    return (
        lambda: convolution_input_gradient(g, w, input_shape=tuple(x.shape), **options),
        lambda: convolution_kernel_gradient(x, g, kernel_shape=tuple(w.shape), **options),
    )


def _input_gradient_gradient(
    h: Any, y: Any, g: Any, w: Any, *, input_shape: Shape, **options: Any
) -> tuple[Any, ...]:
    return (
        lambda: convolution(h, w, **options),
        lambda: convolution_kernel_gradient(h, g, kernel_shape=tuple(w.shape), **options),
    )


def _kernel_gradient_gradient(
    h: Any, y: Any, x: Any, g: Any, *, kernel_shape: Shape, **options: Any
) -> tuple[Any, ...]:
    return (
        lambda: convolution_input_gradient(g, h, input_shape=tuple(x.shape), **options),
        lambda: convolution(x, h, **options),
    )


def _is_pointwise(size: Shape, strides: Shape, padding: Padding, groups: int) -> bool:
    """Whether every window is one pixel: then a convolution is a matrix product of all pixels."""
    return groups == math.prod(size) == math.prod(strides) == 1 and not np.any(padding)


def _rows(x: Array) -> Array:
    """All pixels as the rows of a matrix."""
    return x.reshape(-1, x.shape[-1])


def _grouped(x: Array, groups: int) -> Array:
    """Rows (m, channels) as a stack of matrices, one for each group: a view (groups, m, c)."""
    return x.reshape(-1, groups, x.shape[-1] // groups).swapaxes(0, 1)


def _grouped_kernel(w: Array, groups: int) -> Array:
    """A kernel (*k, c, o) as matrices (groups, k * c, o / groups)."""
    return _grouped(w.reshape(-1, w.shape[-1]), groups)


def _columns(
    x: Array, size: Shape, counts: Shape, strides: Shape, dilation: Shape, groups: int
) -> Iterator[tuple[slice, Array]]:
    """Parts of the batch with their windows as the rows of matrices (groups, m, k * c).

    Copying moves runs of neighbouring channels (and pixels); the parts are so small that the matrix
    product finds the windows in the cache, and memory does not grow with the batch.
    """
    channels = x.shape[-1] // groups
    places = math.prod(size)
    row = (groups, places * channels)
    view = window_view(x, size, strides, dilation)  # (b, *m, *k, c)
    view = view.reshape(*view.shape[:-1], groups, channels)
    view = np.moveaxis(view, -2, 1 + len(counts))  # (b, *m, groups, *k, c)
    each = math.prod(counts) * places * x.shape[-1] * x.itemsize
    for part in batch_parts(len(x), each, MATRIX_BYTES):
        windows = view[part]
        matrix = np.ascontiguousarray(windows).reshape(-1, *row)
        yield part, matrix.swapaxes(0, 1)


@primitive(
    gradient=_convolution_gradient,
    samples=_convolution_samples,
    source=_SOURCE,
    shapes=_output_shape,
)
def convolution(
    x: Array, w: Array, *, strides: Shape, padding: Padding, dilation: Shape, groups: int
) -> Array:
    """Slide a kernel over the spatial axes (a cross-correlation, as in all of deep learning).

    y[b, p, o] = sum over q, i of x_padded[b, p * strides + q * dilation, i] * w[q, i, o]

    With groups, input and output channels are cut into as many parts, each convolved by itself.

    Shapes: x (b, *n, c), w (*k, i, o) -> y (b, *m, o)
    where c = i * groups and m = (n + padding - ((k - 1) * dilation + 1)) // strides + 1.
    Raises ShapeError for other channels and for inputs smaller than the kernel.
    """
    size, dtype = w.shape[:-2], np.result_type(x, w)
    if _is_pointwise(size, strides, padding, groups):
        return np.matmul(_rows(x), _rows(w)).reshape(*x.shape[:-1], w.shape[-1])
    counts = window_counts("convolution", x.shape[1:-1], size, strides, padding, dilation)
    x = padded(x, padding)
    if w.shape[-2] == 1 < groups:
        return depthwise_forward(x, w, counts, strides, dilation)
    y = np.empty((len(x), *counts, w.shape[-1]), dtype)
    kernel = _grouped_kernel(w, groups)
    for part, columns in _columns(x, size, counts, strides, dilation, groups):
        np.matmul(columns, kernel, out=_grouped(y[part], groups))
    return y


@primitive(
    gradient=_input_gradient_gradient,
    samples=_input_gradient_samples,
    source=_SOURCE,
    shapes=_input_gradient_shape,
)
def convolution_input_gradient(
    g: Array, w: Array, *, input_shape: Shape, strides: Shape, padding: Padding, dilation: Shape,
    groups: int,
) -> Array:  # fmt: skip
    """Carry the gradient of a convolution's output back to its input.

    dx_padded[b, p * strides + q * dilation, i] = sum over p, q, o of g[b, p, o] * w[q, i, o]

    Shapes: g (b, *m, o), w (*k, i, o) -> dx (*input_shape)
    """
    size = w.shape[:-2]
    if _is_pointwise(size, strides, padding, groups):
        return np.matmul(_rows(g), _rows(w).T).reshape(input_shape)
    x = np.zeros(padded_shape(input_shape, padding), np.result_type(g, w))
    counts = g.shape[1:-1]
    if w.shape[-2] == 1 < groups:
        depthwise_input_gradient(x, g, w, strides, dilation)
        return cropped(x, padding)
    each = math.prod(counts) * (g.shape[-1] + x.shape[-1]) * g.itemsize
    for part in batch_parts(len(g), each, MATRIX_BYTES):
        rows = _grouped(g[part], groups)
        share = np.empty((len(g[part]), *counts, x.shape[-1]), x.dtype)
        for place, window in offsets(size, counts, strides, dilation):
            kernel = _grouped(w[place], groups)  # (groups, i, o)
            np.matmul(rows, kernel.swapaxes(1, 2), out=_grouped(share, groups))
            x[part][window] += share
    return cropped(x, padding)


@primitive(
    gradient=_kernel_gradient_gradient,
    samples=_kernel_gradient_samples,
    source=_SOURCE,
    shapes=_kernel_gradient_shape,
)
def convolution_kernel_gradient(
    x: Array, g: Array, *, kernel_shape: Shape, strides: Shape, padding: Padding, dilation: Shape,
    groups: int,
) -> Array:  # fmt: skip
    """Carry the gradient of a convolution's output back to its kernel.

    dw[q, i, o] = sum over b, p of x_padded[b, p * strides + q * dilation, i] * g[b, p, o]

    Shapes: x (b, *n, c), g (b, *m, o) -> dw (*kernel_shape)
    """
    size = kernel_shape[:-2]
    if _is_pointwise(size, strides, padding, groups):
        return np.matmul(_rows(x).T, _rows(g)).reshape(kernel_shape)
    x = padded(x, padding)
    counts = g.shape[1:-1]
    if kernel_shape[-2] == 1 < groups:
        return depthwise_kernel_gradient(x, g, kernel_shape, strides, dilation)
    w = np.zeros(kernel_shape, np.result_type(x, g))
    stacked = _grouped_kernel(w, groups)  # a view of w
    for part, columns in _columns(x, size, counts, strides, dilation, groups):
        stacked += np.matmul(columns.swapaxes(1, 2), _grouped(g[part], groups))
    return w


@composite
def convolution_transpose(
    x: Any, w: Any, *, strides: Shape, padding: str, dilation: Shape | None = None,
    output_padding: Shape | None = None,
) -> Any:  # fmt: skip
    """Spread each pixel over a window: the transpose of a convolution, for larger outputs.

    The result is what a convolution with this kernel would send back as its input gradient.

    Shapes: x (b, *n, c), w (*k, o, c) -> y (b, *m, o); m = n * strides for 'same',
    n * strides + max(k - strides, 0) for 'valid', k being what the (dilated) kernel covers.
    With ``output_padding``: (n - 1) * strides + (k % 2 for 'same', k for 'valid') + output_padding.
    Raises ArgumentError for other paddings, ShapeError for other channels.
    Source: Zeiler et al. 2010, CVPR; keras.io/api/layers/convolution_layers/convolution2d_transpose
    """
    where = "convolution_transpose"
    check_name(where, "kind of padding", padding, ("same", "valid"))
    size = tuple(w.shape[:-2])
    dilation = dilation or (1,) * len(size)
    extra: tuple[int | None, ...] = output_padding or (None,) * len(size)
    if len(x.shape) != len(w.shape) or x.shape[-1] != w.shape[-1]:
        raise ShapeError(
            where, f"an input with {len(w.shape)} axes and {w.shape[-1]} channels",
            tuple(x.shape), "The kernel is (*size, output channels, input channels).",
        )  # fmt: skip
    layout = [
        _transposed_axis(n, k, s, padding == "same", e)
        for n, k, s, e in zip(x.shape[1:-1], spans(size, dilation), strides, extra, strict=True)
    ]
    return convolution_input_gradient(
        x, w, input_shape=(x.shape[0], *(length for length, _ in layout), w.shape[-2]),
        strides=strides, padding=tuple(pair for _, pair in layout), dilation=dilation, groups=1,
    )  # fmt: skip


def _transposed_axis(
    n: int, k: int, s: int, same: bool, extra: int | None
) -> tuple[int, tuple[int, int]]:
    """Length of the output along one axis, and the padding of the convolution it came from."""
    if extra is None:
        length = n * s if same else n * s + max(k - s, 0)
        before = max(k - s, 0) // 2 if same else 0
    else:
        length = (n - 1) * s + extra + (k % 2 if same else k)
        before = max((k - k % 2 - extra) // 2, 0) if same else 0
    return length, (before, max((n - 1) * s + k - length - before, 0))
