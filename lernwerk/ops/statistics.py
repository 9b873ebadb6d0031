"""Statistics under Keras's names, as composites: moments, order, counts, segments, norms."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk.errors import ArgumentError
from lernwerk.ops.broadcasting import reshape, sum
from lernwerk.ops.common import as_array, dtype_name, floating, positive_axes, positive_axis
from lernwerk.ops.comparison import greater_equal, not_equal, where
from lernwerk.ops.elementwise import absolute, cast, multiply, power, sqrt, square
from lernwerk.ops.indexing import gather, scatter_add, take_along_axis
from lernwerk.ops.primitive import composite, plain
from lernwerk.ops.reduce import any as some
from lernwerk.ops.reduce import max, mean, min, standard_deviation, variance
from lernwerk.ops.shape import concatenate, flip, moveaxis, pad, slice, transpose
from lernwerk.ops.sorting import argsort, searchsorted, sort, top_k


@composite
def var(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The mean squared distance from the mean.

    Shapes: x (*s) -> y (*r)
    """
    return variance(floating(as_array(x)), axis=plain(axis), keepdims=keepdims)


@composite
def std(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The root of the variance.

    Shapes: x (*s) -> y (*r)
    """
    return standard_deviation(floating(as_array(x)), axis=plain(axis), keepdims=keepdims)


@composite
def amax(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest element along axes.

    Shapes: x (*s) -> y (*r)
    """
    return max(as_array(x), axis=plain(axis), keepdims=keepdims)


@composite
def amin(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The smallest element along axes.

    Shapes: x (*s) -> y (*r)
    """
    return min(as_array(x), axis=plain(axis), keepdims=keepdims)


@composite
def ptp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest element less the smallest.

    Shapes: x (*s) -> y (*r)
    """
    return amax(x, axis, keepdims) - amin(x, axis, keepdims)


@composite
def average(x: Any, axis: Any = None, weights: Any = None) -> Any:
    """The mean, or the weighted mean: y = sum(x w) / sum(w)

    Shapes: x (*s), w (*s) or the length of the axis -> y (*r)
    """
    x = floating(as_array(x))
    if weights is None:
        return mean(x, axis=plain(axis))
    w = as_array(weights)
    if len(w.shape) < x.ndim and axis is not None:
        at = positive_axis("average", axis, x.ndim)
        w = reshape(w, shape=tuple(-1 if i == at else 1 for i in range(x.ndim)))
    spread = multiply(x * 0.0 + 1.0, w)
    return sum(x * w, axis=plain(axis)) / sum(spread, axis=plain(axis))


@composite
def moments(
    x: Any, axes: Any, keepdims: bool = False, synchronized: bool = False
) -> tuple[Any, Any]:
    """Mean and variance over axes.

    Shapes: x (*s) -> mean (*r), variance (*r)
    """
    return mean(as_array(x), axis=plain(axes), keepdims=keepdims), var(x, axes, keepdims)


@composite
def quantile(
    x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False
) -> Any:
    """The number below which a share ``q`` of the elements lies, by linear interpolation.

    Shapes: x (*s), q () or (n) -> y (*r) or (n, *r)
    Raises ArgumentError for other methods of interpolation than "linear".
    """
    if method != "linear":
        raise ArgumentError("quantile", "method 'linear'", repr(method))
    x = floating(as_array(x))
    axes = positive_axes("quantile", plain(axis), x.ndim)
    others = tuple(i for i in range(x.ndim) if i not in axes)
    kept = tuple(x.shape[i] for i in others)
    rows = reshape(transpose(x, axes=(*others, *axes)), shape=(*kept, -1))
    ordered, shares = sort(rows, axis=-1), np.asarray(q, np.float64)
    positions = shares.reshape(-1) * (ordered.shape[-1] - 1)
    low = np.floor(positions).astype(np.int32)
    high = np.minimum(low + 1, ordered.shape[-1] - 1)
    part = (positions - low).astype(np.dtype(x.dtype))
    below, above = gather(ordered, low, axis=-1), gather(ordered, high, axis=-1)
    found = moveaxis(below + (above - below) * part, -1, 0)
    reduced = tuple(1 if i in axes else n for i, n in enumerate(x.shape)) if keepdims else kept
    return reshape(found, shape=(*shares.shape, *reduced))


@composite
def percentile(
    x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False
) -> Any:
    """The number below which ``q`` percent of the elements lie; see ``quantile``.

    Shapes: x (*s), q () or (n) -> y (*r) or (n, *r)
    """
    return quantile(x, np.asarray(q) / 100.0, axis, method, keepdims)


@composite
def median(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The number in the middle, the mean of the two middle ones.

    Shapes: x (*s) -> y (*r)
    """
    return quantile(x, 0.5, axis, keepdims=keepdims)


@composite
def count_nonzero(x: Any, axis: Any = None) -> Any:
    """How many elements are not zero.

    Shapes: x (*s) -> y (*r)
    """
    return sum(cast(not_equal(as_array(x), 0), dtype="int32"), axis=plain(axis))


@composite
def cumprod(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """Multiply the elements along an axis and keep every intermediate product, by doubling.

    y[i] = x[0] * ... * x[i]; without an axis all elements row by row

    Shapes: x (*s) -> y (*s)
    """
    x = as_array(x)
    x = x if dtype is None else cast(x, dtype=dtype_name(dtype))
    x, axis = (reshape(x, shape=(-1,)), 0) if axis is None else (x, axis)
    at, reach = positive_axis("cumprod", axis, x.ndim), 1
    while reach < x.shape[at]:
        widths = tuple((reach if i == at else 0, 0) for i in range(x.ndim))
        longer = pad(x, widths=widths, value=1.0)
        starts, steps = (0,) * x.ndim, (1,) * x.ndim
        x = x * slice(longer, starts=starts, stops=tuple(x.shape), steps=steps)
        reach *= 2
    return x


@composite
def diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    """The differences of neighbours, ``n`` times over: y[i] = a[i + 1] - a[i]

    Shapes: a (*s) -> y (*r)
    """
    y = as_array(a)
    at = positive_axis("diff", axis, y.ndim)
    for _ in range(n):
        length = y.shape[at]
        later, earlier = (
            gather(y, np.arange(start, start + length - 1), axis=at) for start in (1, 0)
        )
        y = later - earlier
    return y


@composite
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """The length of vectors: sqrt(sum x^2), or sum |x| (ord 1), max |x| (inf), (sum |x|^p)^(1/p).

    Shapes: x (*s) -> y (*r)
    Raises ArgumentError for the norms of matrices other than "fro".
    """
    x, axis = floating(as_array(x)), plain(axis)
    matrix = isinstance(axis, tuple) and len(axis) == 2
    if ord in (None, "fro", "euclidean") or (ord == 2 and not matrix):
        return sqrt(sum(square(x), axis=axis, keepdims=keepdims))
    if matrix or isinstance(ord, str):
        raise ArgumentError("norm", "ord None or 'fro' for matrices", repr(ord))
    if ord in (np.inf, -np.inf):
        return (max if ord > 0 else min)(absolute(x), axis=axis, keepdims=keepdims)
    if ord == 0:
        return cast(sum(cast(not_equal(x, 0), dtype="int32"), axis=axis), dtype="float32")
    total = sum(power(absolute(x), float(ord)), axis=axis, keepdims=keepdims)
    return total if ord == 1 else power(total, 1.0 / ord)


@composite
def in_top_k(targets: Any, predictions: Any, k: int) -> Any:
    """Whether the class number of a target is among the ``k`` largest predictions.

    Shapes: targets (b), predictions (b, n) -> y (b)
    """
    targets, predictions = as_array(targets), as_array(predictions)
    places = reshape(cast(targets, dtype="int32"), shape=(-1, 1))
    own = take_along_axis(predictions, places, axis=1)
    largest, _ = top_k(predictions, k=int(k))
    return greater_equal(own, largest[:, -1:])[:, 0]


def _segments(segment_ids: Any, num_segments: int | None) -> int:
    return int(np.max(np.asarray(segment_ids))) + 1 if num_segments is None else int(num_segments)


@composite
def segment_sum(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Any:
    """Add up the rows of each segment: y[k] = sum of data[i] with segment_ids[i] = k

    Shapes: data (n, *s), segment_ids (n) -> y (num_segments, *s)
    """
    count = _segments(segment_ids, num_segments)
    return scatter_add(as_array(segment_ids), as_array(data), length=count)


@composite
def segment_max(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Any:
    """The largest row element of each segment; -inf (the smallest integer) where it is empty.

    Shapes: data (n, *s), segment_ids (n) -> y (num_segments, *s)
    """
    count, data, ids = _segments(segment_ids, num_segments), as_array(data), as_array(segment_ids)
    whole = np.dtype(data.dtype).kind in "iu"
    lowest = int(np.iinfo(data.dtype).min) if whole else -np.inf
    found = []
    for k in range(count):
        own = reshape(ids == k, shape=(-1, *(1 for _ in data.shape[1:])))
        found.append(max(where(own, data, lowest), axis=0, keepdims=True))
    return concatenate(*found, axis=0)


@composite
def bincount(x: Any, weights: Any = None, minlength: int = 0, sparse: bool = False) -> Any:
    """How often each integer occurs, or the sum of its weights.

    Shapes: x (n) -> y (m), m the largest integer + 1, at least ``minlength``
    """
    numbers = as_array(x)
    length = int(np.maximum(np.max(np.asarray(numbers), initial=-1) + 1, minlength))
    ones = np.ones(numbers.shape, np.int32) if weights is None else as_array(weights)
    return scatter_add(numbers, ones, length=length)


@composite
def digitize(x: Any, bins: Any) -> Any:
    """The number of the interval in which each value lies, with the borders given in ``bins``.

    Shapes: x (*s), bins (n) -> y (*s)
    """
    return searchsorted(as_array(bins), as_array(x), side="right")


@composite
def isin(x1: Any, x2: Any, assume_unique: bool = False, invert: bool = False) -> Any:
    """Where an element of the first array occurs in the second.

    Shapes: x1 (*s), x2 (*r) -> y (*s)
    """
    first, second = as_array(x1), as_array(x2)
    each = reshape(first, shape=(*first.shape, 1)) == reshape(second, shape=(-1,))
    found = some(each, axis=-1)
    return found == False if invert else found  # noqa: E712


@composite
def argpartition(x: Any, kth: int, axis: int = -1) -> Any:
    """The places of the elements so that the smaller ones come before place ``kth``: here sorted.

    Shapes: x (*s) -> y (*s)
    """
    return argsort(as_array(x), axis=axis)


@composite
def histogram(x: Any, bins: int = 10, range: Any = None) -> tuple[Any, Any]:
    """How many numbers fall into each of ``bins`` equal intervals, and their borders.

    Shapes: x (*s) -> counts (bins), borders (bins + 1)
    """
    numbers = np.asarray(as_array(x))
    counts, borders = np.histogram(numbers, bins, range)
    return counts.astype(np.int32), borders.astype(np.float32)


def unique(x: Any, **options: Any) -> Any:
    """The different values in rising order, by NumPy: their number is known for arrays only."""
    known = ("return_index", "return_inverse", "return_counts", "axis")
    return np.unique(np.asarray(x), **{k: v for k, v in options.items() if k in known})


@composite
def trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    """The area under a line through points, by trapezoids.

    Shapes: y (*s) -> area (*r)
    """
    y = moveaxis(as_array(y), axis, -1)
    widths = dx if x is None else diff(as_array(x))
    return sum((y[..., 1:] + y[..., :-1]) * 0.5 * widths, axis=-1)


@composite
def corrcoef(x: Any) -> Any:
    """The correlations of the rows of a matrix.

    Shapes: x (n, m) -> y (n, n)
    """
    x = floating(as_array(x))
    centred = x - mean(x, axis=1, keepdims=True)
    covariance = centred @ transpose(centred)
    deviation = sqrt(sum(square(centred), axis=1, keepdims=True))
    return covariance / (deviation * transpose(deviation))


@composite
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """The powers of each number of a vector as a row, the highest first.

    Shapes: x (n) -> y (n, N)
    """
    x = as_array(x)
    count = x.shape[0] if N is None else N
    columns = [reshape(power(x, k), shape=(-1, 1)) for k in range(count)]
    y = concatenate(*columns, axis=1)
    return y if increasing else flip(y, axes=(1,))
