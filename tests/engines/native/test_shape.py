"""Kernels that move elements: any shape, every size of element, and more than one chunk."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from native_shapes import check

TYPES = ("float32", "bool", "int32", "int64", "float64", "uint8")
LENGTHS = st.integers(0, 6) | st.sampled_from([16, 17, 35, 70])
Shape = tuple[int, ...]


def counted(shape: Shape, dtype: str = "float32") -> Any:
    """Numbers that are all different where the type has room for that."""
    return np.arange(np.prod(shape, dtype=np.int64)).reshape(shape).astype(dtype)


@st.composite
def shapes(draw: st.DrawFn, least: int = 0) -> Shape:
    """Up to four axes, one of which may be long."""
    shape = draw(st.lists(st.integers(0, 6), min_size=least, max_size=4))
    if shape:
        shape[draw(st.integers(0, len(shape) - 1))] = draw(LENGTHS)
    return tuple(shape)


@settings(deadline=None)
@given(shapes(), st.sampled_from(TYPES), st.data())
def test_transpose(shape: Shape, dtype: str, data: st.DataObject) -> None:
    axes = data.draw(st.permutations(range(len(shape))))
    check("transpose", counted(shape, dtype), axes=tuple(axes))


@settings(deadline=None)
@given(shapes(), st.sampled_from(TYPES), st.data())
def test_slice_and_embed(shape: Shape, dtype: str, data: st.DataObject) -> None:
    starts = tuple(data.draw(st.integers(0, n)) for n in shape)
    stops = tuple(data.draw(st.integers(i, n)) for i, n in zip(starts, shape, strict=True))
    steps = tuple(data.draw(st.integers(1, 4)) for _ in shape)
    x = counted(shape, dtype)
    check("slice", x, starts=starts, stops=stops, steps=steps)
    part = x[tuple(map(slice, starts, stops, steps))]
    check("embed", part, shape=shape, starts=starts, steps=steps)


@settings(deadline=None)
@given(shapes(), st.sampled_from(TYPES), st.data())
def test_pad_flip_broadcast(shape: Shape, dtype: str, data: st.DataObject) -> None:
    x = counted(shape, dtype)
    value = data.draw(st.sampled_from([0.0, 1.0]))
    widths = tuple((data.draw(st.integers(0, 3)), data.draw(st.integers(0, 3))) for _ in shape)
    if shape:  # np.pad refuses an array without axes
        check("pad", x, widths=widths, value=value)
    axes = data.draw(st.lists(st.integers(0, len(shape) - 1), unique=True)) if shape else []
    check("flip", x, axes=tuple(axes))
    thin = tuple(1 if data.draw(st.booleans()) else n for n in shape)
    front = data.draw(st.lists(st.integers(0, 3), max_size=2))
    check("broadcast_to", counted(thin, dtype), shape=(*front, *shape))


@settings(deadline=None)
@given(shapes(1), st.sampled_from(TYPES), st.data())
def test_concatenate(shape: Shape, dtype: str, data: st.DataObject) -> None:
    axis = data.draw(st.integers(0, len(shape) - 1))
    lengths = data.draw(st.lists(st.integers(0, 5), min_size=1, max_size=4))
    parts = [counted((*shape[:axis], n, *shape[axis + 1 :]), dtype) for n in lengths]
    check("concatenate", *parts, axis=axis)


@pytest.mark.parametrize("dtype", ["float32", "bool", "int64"])
def test_several_chunks(dtype: str) -> None:
    x = counted((7, 211, 97), dtype)
    for axes in ((0, 2, 1), (2, 1, 0), (1, 0, 2), (2, 0, 1), (1, 2, 0)):
        check("transpose", x, axes=axes)
    check("transpose", counted((401, 509), dtype))
    check("flip", counted((300_007,), dtype), axes=(0,))
    check("flip", x, axes=(0, 1))
    check("slice", x, starts=(1, 0, 3), stops=(7, 211, 97), steps=(2, 1, 1))
    check("slice", x, starts=(0, 5, 0), stops=(7, 211, 97), steps=(1, 3, 2))
    check("embed", x, shape=(15, 300, 300), starts=(1, 2, 0), steps=(2, 1, 3))
    check("pad", x, widths=((1, 0), (0, 2), (3, 3)), value=1)
    check("pad", x, widths=((1, 0), (0, 2), (0, 0)))
    check("broadcast_to", counted((1, 211, 1), dtype), shape=(50, 211, 97))
    check("broadcast_to", counted((97,), dtype), shape=(3000, 97))
    check("concatenate", x, x[:3], x, axis=0)
    check("concatenate", x, x[..., :1], x[..., :13], axis=-1)
