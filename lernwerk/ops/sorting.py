"""Sorting: values, order and the largest k, along one axis; all stable, NaN last.

Gradients go through the order, which is computed again in the rule: nothing is stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from lernwerk.errors import ShapeError, check_name
from lernwerk.ops.common import INT32, no_gradient, positive_axis
from lernwerk.ops.indexing import add_along_axis
from lernwerk.ops.primitive import Array, Dtype, Sample, namespace, primitive, sample
from lernwerk.ops.shape_line import Shape

_ARRAY_API = "Python array API standard 2024.12, sorting functions"


def _same_shape(x: Shape, *, axis: int) -> Shape:
    positive_axis("sort", axis, len(x))
    return x


def _samples(random: np.random.Generator) -> Iterator[Sample]:
    """Numbers at least 0.5 apart, so that a small step does not change their order."""
    yield sample(random.permutation(5) * 0.5)
    yield sample(random.permutation(24).reshape(2, 4, 3) * 0.5, axis=1)
    yield sample(random.permutation(6).reshape(2, 1, 3) * 0.5, axis=-2)


def _sort_gradient(g: Any, y: Any, x: Any, *, axis: int) -> tuple[Any]:
    order = argsort(x, axis=axis)
    return (add_along_axis(order, g, length=x.shape[axis], axis=axis),)


@primitive(gradient=_sort_gradient, samples=_samples, source=_ARRAY_API, shapes=_same_shape)
def sort(x: Array, *, axis: int = -1) -> Array:
    """Put the elements along an axis into rising order.

    y[0] <= y[1] <= ...

    Shapes: x (*s) -> y (*s)
    """
    return namespace(x).sort(x, axis=axis, stable=True)


@primitive(
    gradient=no_gradient, samples=_samples, source=_ARRAY_API, shapes=_same_shape, dtypes=INT32
)
def argsort(x: Array, *, axis: int = -1) -> Array:
    """Find the order that sorts the elements along an axis; equal ones keep their order.

    x[y[0]] <= x[y[1]] <= ..., as int32

    Shapes: x (*s) -> y (*s)
    """
    return namespace(x).argsort(x, axis=axis, stable=True).astype(INT32)


def _top_k_shapes(x: Shape, *, k: int) -> tuple[Shape, Shape]:
    if not x or not 1 <= k <= x[-1]:
        raise ShapeError("top_k", f"an array whose last axis has at least k = {k} elements", x)
    return (*x[:-1], k), (*x[:-1], k)


def _top_k_dtypes(x: Dtype, *, k: int) -> tuple[Dtype, Dtype]:
    return x, INT32


def _top_k_gradient(g: Any, y: Any, x: Any, *, k: int) -> tuple[Any]:
    if g[0] is None:
        return (None,)
    return (add_along_axis(y[1], g[0], length=x.shape[-1], axis=-1),)


def _top_k_samples(random: np.random.Generator) -> Iterator[Sample]:
    yield sample(random.permutation(5) * 0.5, k=2)
    yield sample(random.permutation(24).reshape(2, 3, 4) * 0.5, k=4)
    yield sample(random.permutation(6).reshape(2, 1, 3) * 0.5, k=1)


@primitive(
    gradient=_top_k_gradient,
    samples=_top_k_samples,
    source="Keras 3, keras.ops.top_k",
    shapes=_top_k_shapes,
    dtypes=_top_k_dtypes,
)
def top_k(x: Array, *, k: int) -> tuple[Array, Array]:
    """Find the k largest elements of the last axis, the largest first, and their places (int32).

    values[0] >= values[1] >= ..., values = x[indices]; of equal ones the first comes first

    Shapes: x (*b, n) -> values (*b, k), indices (*b, k)
    """
    xp = namespace(x)
    # Sorting the reversed array and reading it backwards keeps equal elements in order.
    backwards = xp.argsort(xp.flip(x, axis=-1), axis=-1, stable=True)[..., ::-1][..., :k]
    indices = (x.shape[-1] - 1 - backwards).astype(INT32)
    return xp.take_along_axis(x, indices, axis=-1), indices


def _search_samples(random: np.random.Generator) -> Iterator[Sample]:
    boundaries = np.sort(random.normal(size=5))
    yield sample(boundaries, random.normal(size=(3, 4)))
    yield sample(boundaries, boundaries[1:4], side="right")
    yield sample(np.array([1, 4, 6]), random.integers(0, 8, ()), side="left")


@primitive(
    gradient=no_gradient,
    samples=_search_samples,
    source=_ARRAY_API.replace("sorting", "searching"),
    dtypes=INT32,
)
def searchsorted(boundaries: Array, x: Array, *, side: str = "left") -> Array:
    """Find the place of each number among boundaries in rising order.

    y = how many boundaries are below x (side="left"), or not above x ("right"), as int32

    Shapes: boundaries (n), x (*s) -> y (*s)
    Raises ArgumentError for other sides.
    """
    check_name("searchsorted", "side", side, ("left", "right"))
    found = namespace(boundaries, x).searchsorted(boundaries, x, side=side)
    return np.asarray(found).astype(INT32)
