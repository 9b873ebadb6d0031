"""Reductions by kernels: every place of the reduced axes, long rows and columns, NaN, precision."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from native_running import run_node
from native_shapes import check, numbers

from lernwerk.ops.primitive import REGISTRY

FLOATS = ("sum", "prod", "max", "min")
ALONG = ("cumsum", "argmax", "argmin")


@st.composite
def blocks(draw: st.DrawFn) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """A shape and neighbouring axes of it."""
    shape = tuple(draw(st.lists(st.integers(0, 9), min_size=1, max_size=4)))
    first = draw(st.integers(0, len(shape)))
    return shape, tuple(range(first, draw(st.integers(first, len(shape)))))


@settings(deadline=None)
@given(blocks(), st.booleans())
def test_any_block_of_axes(block: tuple[tuple[int, ...], tuple[int, ...]], keepdims: bool) -> None:
    shape, axes = block
    options = {"axis": axes, "keepdims": keepdims}
    whole = np.random.default_rng(0).integers(-9, 9, shape).astype(np.int32)
    check("sum", whole, **options)
    for name in ("sum", "any", "all"):
        check(name, whole > 0, **options)
    for name in FLOATS:
        if name in ("sum", "prod") or all(shape[axis] for axis in axes):
            check(name, numbers(shape), **options)


@settings(deadline=None)
@given(blocks(), st.data())
def test_any_axis(block: tuple[tuple[int, ...], Any], data: st.DataObject) -> None:
    shape = block[0]
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    x = np.round(numbers(shape))
    for name in ALONG if shape[axis] else ("cumsum",):
        check(name, x, axis=axis)
    check("cumsum", x.astype(np.int32), axis=axis)
    check("cumsum", x > 0, axis=axis)


@pytest.mark.parametrize(
    ("shape", "axes"),
    [
        ((300_007,), (0,)),
        ((3, 100_003), (1,)),
        ((1009, 211), (1,)),
        ((70_001, 64), (0,)),
        ((70_001, 3), (0,)),
        ((101, 5003), (0,)),
        ((2, 4001, 77), (1,)),
        ((128, 24, 24, 37), (0, 1, 2)),
        ((40, 97, 131), (1,)),
    ],
)
def test_several_chunks(shape: tuple[int, ...], axes: tuple[int, ...]) -> None:
    x = numbers(shape)
    for name in ("sum", "max", "min"):
        check(name, x, axis=axes, rtol=1e-4, atol=2e-3)
    check("prod", 1 + x * np.float32(1e-4), axis=axes, rtol=5e-3)
    check("sum", (x * 1000).astype(np.int32), axis=axes)
    check("any", x > 4, axis=axes)
    check("all", x < 4, axis=axes)
    if len(axes) == 1:
        check("argmax", np.round(x), axis=axes[0])
        check("argmin", np.round(x), axis=axes[0])
        check("cumsum", x, axis=axes[0], rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("values", [(np.nan, 1.0), (np.inf, -np.inf), (-np.inf, np.nan, np.inf)])
@pytest.mark.filterwarnings("ignore:invalid value")  # inf - inf
def test_nan_and_infinity(axis: int, values: tuple[float, ...]) -> None:
    random = np.random.default_rng(0)
    for shape in ((41, 39), (7, 300), (300, 3)):
        x = np.where(random.random(shape) < 0.05, random.choice(values, shape), 0.5)
        for name in (*FLOATS, *ALONG):
            check(name, x.astype(np.float32), axis=axis)
        only = np.full(shape, values[0], np.float32)
        check("argmax", only, axis=axis)
        check("max", only, axis=axis)


@pytest.mark.parametrize("shape", [(1_000_003,), (250_001, 5), (31_250, 32)])
def test_sums_are_as_precise_as_numpy(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).random(shape).astype(np.float32)
    found = run_node(REGISTRY["sum"], [x], {"axis": 0})
    assert found is not None
    exact = x.sum(axis=0, dtype=np.float64)
    error = np.abs(found[0] - exact).max()
    unit = np.spacing(np.float32(exact.max()))
    assert error <= max(np.abs(x.sum(axis=0) - exact).max(), 2 * unit)


@pytest.mark.parametrize("name", FLOATS)
def test_axes_apart_stay_with_numpy(name: str) -> None:
    x = numbers((2, 3, 4))
    assert run_node(REGISTRY[name], [x], {"axis": (0, 2)}) is None
    check(name, x[:, :1], axis=(0, 2))
