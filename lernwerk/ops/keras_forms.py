"""Keras's own arguments of operations whose definition here has others.

A primitive is called as Keras calls it where its own form does not fit: see ``keras_form`` in
``primitive.py``. The mathematics is where the primitive is defined.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk.errors import check_name
from lernwerk.ops.common import as_array, dtype_name
from lernwerk.ops.comparison import where
from lernwerk.ops.elementwise import (
    cast,
    divide,
    identity,
    maximum,
    minimum,
    multiply,
    round,
    sqrt,
)
from lernwerk.ops.indexing import gather, one_hot
from lernwerk.ops.normalization import batch_normalization, layer_normalization
from lernwerk.ops.primitive import composite, plain
from lernwerk.ops.reduce import max, mean, min, prod, variance
from lernwerk.ops.shape import flip, moveaxis, pad, reshape, several, slice
from lernwerk.ops.sorting import searchsorted, top_k

_PADDINGS = ("reflect", "symmetric", "edge", "wrap")


@flip.keras_form
def _flip_as_keras(x: Any, axis: int | tuple[int, ...] | None = None) -> Any:
    x = as_array(x)
    return flip(x, axes=tuple(range(x.ndim)) if axis is None else several(plain(axis)))


@reshape.keras_form
def _reshape_as_keras(x: Any, newshape: Any) -> Any:
    return reshape(as_array(x), shape=several(plain(newshape)))


@slice.keras_form
def _slice_as_keras(inputs: Any, start_indices: Any, shape: Any) -> Any:
    starts = tuple(int(start) for start in start_indices)
    lengths = zip(starts, shape, inputs.shape, strict=True)
    stops = tuple(n if length == -1 else start + int(length) for start, length, n in lengths)
    return slice(inputs, starts=starts, stops=stops, steps=(1,) * len(starts))


@pad.keras_form
def _pad_as_keras(
    x: Any, pad_width: Any, mode: str = "constant", constant_values: float | None = None
) -> Any:
    x, widths = as_array(x), plain(pad_width)
    if isinstance(widths, int):
        widths = (widths, widths)
    if isinstance(widths[0], int):
        widths = (widths,) * x.ndim
    if mode == "constant":
        return pad(x, widths=widths, value=constant_values or 0.0)
    check_name("pad", "mode", mode, ("constant", *_PADDINGS))
    for axis, pair in enumerate(widths):
        places = np.pad(np.arange(x.shape[axis]), pair, mode)  # type: ignore[call-overload]
        x = gather(x, places, axis=axis)
    return x


@one_hot.keras_form
def _one_hot_as_keras(
    x: Any, num_classes: int, axis: int = -1, dtype: Any = None, sparse: bool = False
) -> Any:
    y = one_hot(as_array(x), depth=int(num_classes), dtype=dtype_name(dtype))
    return y if axis == -1 else moveaxis(y, -1, axis)


@top_k.keras_form
def _top_k_as_keras(x: Any, k: int, sorted: bool = True) -> Any:
    return top_k(as_array(x), k=int(k))


@round.keras_form
def _round_as_keras(x: Any, decimals: int = 0) -> Any:
    factor = 10.0**decimals
    return divide(round(multiply(as_array(x), factor)), factor)


@max.keras_form
def _max_as_keras(
    x: Any, axis: Any = None, keepdims: bool = False, initial: float | None = None
) -> Any:
    y = max(as_array(x), axis=plain(axis), keepdims=keepdims)
    return y if initial is None else maximum(y, initial)


@min.keras_form
def _min_as_keras(
    x: Any, axis: Any = None, keepdims: bool = False, initial: float | None = None
) -> Any:
    y = min(as_array(x), axis=plain(axis), keepdims=keepdims)
    return y if initial is None else minimum(y, initial)


@prod.keras_form
def _prod_as_keras(x: Any, axis: Any = None, keepdims: bool = False, dtype: Any = None) -> Any:
    y = prod(as_array(x), axis=plain(axis), keepdims=keepdims)
    return y if dtype is None else cast(y, dtype=dtype_name(dtype))


@where.keras_form
def _where_as_keras(condition: Any, x1: Any = None, x2: Any = None) -> Any:
    if x1 is None:  # the places where it holds: their number is known for arrays only
        return tuple(np.nonzero(np.asarray(condition)))
    return where(condition, x1, x2)


@layer_normalization.keras_form
@composite
def _layer_normalization_as_keras(
    x: Any, gamma: Any = None, beta: Any = None, axis: int = -1, epsilon: float | None = None
) -> Any:
    x = as_array(x)
    axes = several(axis)
    centred = x - mean(x, axis=axes, keepdims=True)
    deviation = sqrt(variance(x, axis=axes, keepdims=True) + (1e-3 if epsilon is None else epsilon))
    y = centred / deviation
    y = y if gamma is None else y * gamma
    return y if beta is None else y + beta


@batch_normalization.keras_form
@composite
def _batch_normalization_as_keras(
    x: Any, mean: Any, variance: Any, axis: int, offset: Any = None, scale: Any = None,
    epsilon: float = 1e-3,
) -> Any:  # fmt: skip
    x = as_array(x)
    shape = tuple(x.shape[axis] if i == axis % x.ndim else 1 for i in range(x.ndim))
    centred = x - reshape(as_array(mean), shape=shape)
    y = centred / sqrt(reshape(as_array(variance), shape=shape) + epsilon)
    y = y if scale is None else y * reshape(as_array(scale), shape=shape)
    return y if offset is None else y + reshape(as_array(offset), shape=shape)


@identity.keras_form
def _identity_as_keras(n: int, dtype: Any = None) -> Any:
    from lernwerk.ops.creation import eye

    return eye(n, dtype=dtype)


@searchsorted.keras_form
def _searchsorted_as_keras(sorted_sequence: Any, values: Any, side: str = "left") -> Any:
    return searchsorted(as_array(sorted_sequence), as_array(values), side=side)
