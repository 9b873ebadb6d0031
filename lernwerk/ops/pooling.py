"""Maximum and average pooling over any number of spatial axes, and what their gradients need.

Arrays are (b, *n, c), windows slide as in a convolution, padding is explicit and never counts:
a maximum ignores it, an average divides by the number of true pixels. ``max_pooling_gradient`` and
``max_pooling_pick`` are each other's adjoint, likewise the two averages, so that gradients of any
order exist. Pooling over whole axes is a reduction (``reduce.py``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from lernwerk.errors import ShapeError
from lernwerk.ops.primitive import Array, Dtype, Sample, primitive, sample
from lernwerk.ops.shape_line import Shape
from lernwerk.ops.windows import (
    PASS_BYTES,
    Padding,
    batch_parts,
    cropped,
    offsets,
    padded,
    padded_shape,
    window_counts,
)

_SOURCE = "LeCun et al. 1998, Proc. IEEE 86, 2278-2324; Boureau et al. 2010, ICML"


def _geometries() -> Iterator[tuple[Shape, dict[str, Any]]]:
    yield (2, 6, 2), _options((3,), (2,), ((1, 1),))
    yield (2, 4, 6, 2), _options((2, 3), (2, 3), ((0, 0), (0, 0)))
    yield (2, 4, 5, 2), _options((3, 2), (1, 2), ((1, 0), (0, 1)))
    yield (1, 4, 3, 4, 1), _options((2, 2, 2), (2, 1, 2), ((0, 0),) * 3)


def _options(size: Shape, strides: Shape, padding: Padding) -> dict[str, Any]:
    return {"size": size, "strides": strides, "padding": padding}


def _distinct(random: np.random.Generator, shape: Shape) -> Array:
    """Whole numbers without ties: the choice of a maximum then has no kink nearby."""
    return random.permutation(int(np.prod(shape))).reshape(shape)


def _output_shape(
    x: Shape, *, size: Shape, strides: Shape, padding: Padding, where: str = "pooling"
) -> Shape:
    if len(x) != len(size) + 2:
        raise ShapeError(
            where, f"an input with {len(size) + 2} axes (batch, {len(size)} spatial, channels)", x,
            "Pictures without colour need a channel axis: x.reshape(*x.shape, 1).",
        )  # fmt: skip
    for k, pair in zip(size, padding, strict=False):
        if max(pair) >= k:
            raise ShapeError(where, f"padding smaller than the window {size}", padding)
    return (x[0], *window_counts(where, x[1:-1], size, strides, padding, _ones(size)), x[-1])


def _max_shape(x: Shape, **options: Any) -> Shape:
    return _output_shape(x, where="max_pooling", **options)


def _pick_shape(_x: Shape, y: Shape, _values: Shape, **_: Any) -> Shape:
    return y


def _average_shape(x: Shape, **options: Any) -> Shape:
    return _output_shape(x, where="average_pooling", **options)


def _average_gradient_shape(g: Shape, *, input_shape: Shape, **options: Any) -> Shape:
    where = "average_pooling_gradient"
    expected = _output_shape(input_shape, where=where, **options)
    if tuple(g) != expected:
        raise ShapeError(where, f"a gradient of shape {expected}", tuple(g))
    return input_shape


def _last_dtype(*dtypes: Dtype, **_: Any) -> Dtype:
    return dtypes[-1]


def _ones(size: Shape) -> Shape:
    return (1,) * len(size)


def _along_axis(x: Array, axis: int, start: int, count: int, stride: int) -> Array:
    """Every stride-th slice along one axis, from ``start`` on."""
    window = slice(start, start + (count - 1) * stride + 1, stride)
    return x[(slice(None),) * axis + (window,)]


def _pooled(function: np.ufunc, x: Array, size: Shape, strides: Shape) -> Array:
    """Reduce all windows: over a box this is one axis after the other, k + k steps, not k * k."""
    for axis, (k, s) in enumerate(zip(size, strides, strict=True), start=1):
        count = (x.shape[axis] - k) // s + 1
        result = _along_axis(x, axis, 0, count, s)
        for start in range(1, k):
            shifted = _along_axis(x, axis, start, count, s)
            # The first result is still a view of x, the later ones are our own.
            result = function(result, shifted, out=result if start > 1 else None)
        x = result
    return x


def _spread(g: Array, shape: Shape, size: Shape, strides: Shape) -> Array:
    """The adjoint of a sum over windows: each value is added to all places of its window."""
    for axis in range(len(size), 0, -1):
        k, s, count = size[axis - 1], strides[axis - 1], g.shape[axis]
        x = np.zeros((*g.shape[:axis], shape[axis], *g.shape[axis + 1 :]), g.dtype)
        for start in range(k):
            _along_axis(x, axis, start, count, s)[...] += g
        g = x
    return g


def _counts(shape: Shape, dtype: Dtype, options: dict[str, Any]) -> Array:
    """How many true pixels each window has: (1, *m, 1)."""
    ones = np.ones((1, *shape[1:-1], 1), dtype)
    return _pooled(np.add, padded(ones, options["padding"]), options["size"], options["strides"])


def _lowest(dtype: Dtype) -> Any:
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


def _max_gradient(g: Any, y: Any, x: Any, **options: Any) -> tuple[Any, ...]:
    return (lambda: max_pooling_gradient(x, y, g, **options),)


def _max_gradient_gradient(
    h: Any, dx: Any, x: Any, y: Any, g: Any, **options: Any
) -> tuple[Any, ...]:
    return None, None, lambda: max_pooling_pick(x, y, h, **options)


def _max_pick_gradient(
    h: Any, v: Any, x: Any, y: Any, values: Any, **options: Any
) -> tuple[Any, ...]:
    return None, None, lambda: max_pooling_gradient(x, y, h, **options)


def _average_gradient(g: Any, y: Any, x: Any, **options: Any) -> tuple[Any, ...]:
    return (lambda: average_pooling_gradient(g, input_shape=tuple(x.shape), **options),)


def _average_gradient_gradient(
    h: Any, dx: Any, g: Any, *, input_shape: Shape, **options: Any
) -> tuple[Any, ...]:
    return (lambda: average_pooling(h, **options),)


def _max_samples(random: np.random.Generator) -> Iterator[Sample]:
    for shape, options in _geometries():
        yield sample(_distinct(random, shape).astype(float), **options)


def _max_gradient_samples(random: np.random.Generator) -> Iterator[Sample]:
    """x and y as whole numbers: the choice of the maximum is not differentiated."""
    for shape, options in _geometries():
        x = _distinct(random, shape)
        y = max_pooling(x, **options)
        yield sample(x, y, random.normal(size=y.shape), **options)


def _max_pick_samples(random: np.random.Generator) -> Iterator[Sample]:
    for shape, options in _geometries():
        x = _distinct(random, shape)
        yield sample(x, max_pooling(x, **options), random.normal(size=shape), **options)


def _average_samples(random: np.random.Generator) -> Iterator[Sample]:
    for shape, options in _geometries():
        yield sample(random.normal(size=shape), **options)


def _average_gradient_samples(random: np.random.Generator) -> Iterator[Sample]:
    for shape, options in _geometries():
        g = random.normal(size=_output_shape(shape, **options))
        yield sample(g, input_shape=shape, **options)


@primitive(
    gradient=_max_gradient,
    samples=_max_samples,
    source=_SOURCE,
    shapes=_max_shape,
)
def max_pooling(x: Array, *, size: Shape, strides: Shape, padding: Padding) -> Array:
    """Take the largest value of each window.

    y[b, p, c] = max over q < size of x_padded[b, p * strides + q, c]

    Shapes: x (b, *n, c) -> y (b, *m, c)
    where m = (n + padding - size) // strides + 1.
    Raises ShapeError for inputs smaller than the window.
    """
    y = _pooled(np.maximum, padded(x, padding, _lowest(x.dtype)), size, strides)
    return y.copy() if y.base is not None else y


def _first_maxima(
    x: Array, y: Array, size: Shape, strides: Shape, padding: Padding
) -> Iterator[tuple[slice, tuple[slice, ...], Array]]:
    """For parts of the batch and each place in the window: where the first maximum lies there."""
    x = padded(x, padding, _lowest(x.dtype))
    for part in batch_parts(len(y), x[:1].nbytes + y[:1].nbytes, PASS_BYTES):
        waiting = np.ones(y[part].shape, bool)
        for _, window in offsets(size, y.shape[1:-1], strides, _ones(size)):
            hit = x[part][window] == y[part]
            hit &= waiting
            waiting ^= hit
            yield part, window, hit


@primitive(
    gradient=_max_gradient_gradient,
    samples=_max_gradient_samples,
    source=_SOURCE,
    dtypes=_last_dtype,
)
def max_pooling_gradient(
    x: Array, y: Array, g: Array, *, size: Shape, strides: Shape, padding: Padding
) -> Array:
    """Send each gradient to the first maximum of its window; y is the maximum of x.

    dx_padded[b, p * strides + q, c] = sum over those p of g[b, p, c] whose first maximum is at q

    Shapes: x (b, *n, c), y (b, *m, c), g (b, *m, c) -> dx (b, *n, c)
    """
    dx = np.zeros(padded_shape(x.shape, padding), g.dtype)
    for part, window, hit in _first_maxima(x, y, size, strides, padding):
        dx[part][window] += hit * g[part]
    return cropped(dx, padding)


@primitive(
    gradient=_max_pick_gradient,
    samples=_max_pick_samples,
    source=_SOURCE,
    shapes=_pick_shape,
    dtypes=_last_dtype,
)
def max_pooling_pick(
    x: Array, y: Array, values: Array, *, size: Shape, strides: Shape, padding: Padding
) -> Array:
    """Pick from ``values`` what lies where each window of x has its first maximum y.

    v[b, p, c] = values_padded[b, p * strides + q, c], q being the place of the first maximum

    Shapes: x (b, *n, c), y (b, *m, c), values (b, *n, c) -> v (b, *m, c)
    """
    v = np.zeros(y.shape, values.dtype)
    values = padded(values, padding)
    for part, window, hit in _first_maxima(x, y, size, strides, padding):
        v[part] += hit * values[part][window]
    return v


@primitive(
    gradient=_average_gradient,
    samples=_average_samples,
    source=_SOURCE,
    shapes=_average_shape,
)
def average_pooling(x: Array, *, size: Shape, strides: Shape, padding: Padding) -> Array:
    """Take the mean of each window; padding is not counted.

    y[b, p, c] = mean over the true pixels q < size of x[b, p * strides + q, c]

    Shapes: x (b, *n, c) -> y (b, *m, c)
    where m = (n + padding - size) // strides + 1.
    Raises ShapeError for inputs smaller than the window.
    """
    total = _pooled(np.add, padded(x, padding), size, strides)
    return total / _counts(x.shape, x.dtype, _options(size, strides, padding))


@primitive(
    gradient=_average_gradient_gradient,
    samples=_average_gradient_samples,
    source=_SOURCE,
    shapes=_average_gradient_shape,
)
def average_pooling_gradient(
    g: Array, *, input_shape: Shape, size: Shape, strides: Shape, padding: Padding
) -> Array:
    """Share each gradient equally among the true pixels of its window.

    dx[b, p * strides + q, c] = sum over p of g[b, p, c] / (true pixels of window p)

    Shapes: g (b, *m, c) -> dx (*input_shape)
    """
    share = g / _counts(input_shape, g.dtype, _options(size, strides, padding))
    return cropped(_spread(share, padded_shape(input_shape, padding), size, strides), padding)
