"""Index kernels: any axis, negative indices, indices beyond the axis, several chunks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from native_running import run_node
from native_shapes import check, numbers

from lernwerk.ops.primitive import REGISTRY

Shape = tuple[int, ...]


def _indices(shape: Shape, length: int, dtype: str = "int32") -> Any:
    return np.random.default_rng(1).integers(-length, length, shape).astype(dtype)


def _check_axis(shape: Shape, axis: int, picks: Shape, dtype: str = "int32") -> None:
    """All four operations with indices of shape ``picks`` along one axis."""
    length, before, after = shape[axis], shape[:axis], shape[axis + 1 :]
    x = numbers(shape)
    indices = _indices(picks, length, dtype)
    check("gather", x, indices, axis=axis)
    check("gather", x > 0, indices, axis=axis)
    check("gather", x.astype(np.int64), indices, axis=axis)
    updates = numbers((*before, *picks, *after))
    check("scatter_add", indices, updates, length=length, axis=axis, atol=1e-4)
    along = (*before, int(np.prod(picks)), *after)
    indices = _indices(along, length, dtype)
    check("take_along_axis", x, indices, axis=axis)
    check("add_along_axis", indices, numbers(along), length=length, axis=axis, atol=1e-4)


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=4).map(tuple),
    st.lists(st.integers(0, 5), max_size=2).map(tuple),
    st.sampled_from(["int32", "int64"]),
    st.data(),
)
def test_any_axis(shape: Shape, picks: Shape, dtype: str, data: st.DataObject) -> None:
    axis = data.draw(st.integers(0, len(shape) - 1))
    if shape[axis] == 0:
        picks = (0,)
        shape = (*shape[:axis], 1, *shape[axis + 1 :])
    _check_axis(shape, axis, picks, dtype)


@pytest.mark.parametrize(
    ("shape", "axis", "count"),
    [
        ((5000, 64), 0, 12_800),
        ((5000, 3), 0, 50_000),
        ((200_000,), 0, 100_000),
        ((64, 50, 31), 1, 211),
        ((997, 101), 1, 89),
    ],
)
def test_several_chunks(shape: Shape, axis: int, count: int) -> None:
    _check_axis(shape, axis, (count,))


@pytest.mark.parametrize("wrong", [3, -4])
@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_beyond_the_axis(wrong: int, dtype: str) -> None:
    indices = np.array([0, wrong, 1], dtype)
    x = numbers((3, 2))
    assert run_node(REGISTRY["gather"], [x, indices], {}) is None
    assert run_node(REGISTRY["scatter_add"], [indices, x], {"length": 3}) is None
    along = np.stack([indices, indices], axis=1)
    assert run_node(REGISTRY["take_along_axis"], [x, along], {"axis": 0}) is None
    options = {"length": 3, "axis": 0}
    assert run_node(REGISTRY["add_along_axis"], [along, x], options) is None


def test_nothing_to_pick_from() -> None:
    x, indices = numbers((0, 2)), np.zeros(1, np.int32)
    assert run_node(REGISTRY["gather"], [x, indices], {}) is None
    check("gather", x, indices[:0])


@pytest.mark.parametrize("shape", [(), (0,), (3, 5), (30_011,)])
@pytest.mark.parametrize("depth", [0, 1, 7, 10])
@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_one_hot(shape: Shape, depth: int, dtype: str) -> None:
    check("one_hot", _indices(shape, depth + 2, dtype), depth=depth)
