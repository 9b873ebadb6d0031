"""gather, take_along_axis, their adjoints and one_hot against NumPy and JAX."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lernwerk import ops
from lernwerk.errors import ArgumentError, DataError, ShapeError
from lernwerk.ops.primitive import Spec

FLOAT64, INT64 = np.dtype("float64"), np.dtype("int64")


def _scatter_add(indices: Any, updates: Any, *, length: int, axis: int) -> Any:
    at = axis % (updates.ndim - indices.ndim + 1)
    shape = (*updates.shape[:at], length, *updates.shape[at + indices.ndim :])
    return jnp.zeros(shape, updates.dtype).at[(slice(None),) * at + (indices,)].add(updates)


def _add_along_axis(indices: Any, updates: Any, *, length: int, axis: int) -> Any:
    at = axis % updates.ndim
    shape = (*updates.shape[:at], length, *updates.shape[at + 1 :])
    grid = list(jnp.indices(updates.shape))
    grid[at] = indices
    return jnp.zeros(shape, updates.dtype).at[tuple(grid)].add(updates)


FUNCTIONS = {
    "gather": jnp.take,
    "take_along_axis": jnp.take_along_axis,
    "scatter_add": _scatter_add,
    "add_along_axis": _add_along_axis,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_value_and_gradient_agree_with_jax(name: str, agrees_with_jax: Any) -> None:
    primitive = ops.REGISTRY[name]
    for sample in primitive.samples(np.random.default_rng(3)):
        attributes = {**primitive.defaults, **sample.attributes}
        inputs = [
            np.where(x < 0, x + _length(name, sample, attributes), x) if x.dtype.kind == "i" else x
            for x in map(np.asarray, sample.inputs)
        ]  # JAX fills with NaN where an index is negative
        agrees_with_jax(primitive, partial(FUNCTIONS[name], **attributes), *inputs, **attributes)


def _length(name: str, sample: Any, attributes: Any) -> int:
    if "length" in attributes:
        return int(attributes["length"])
    return int(sample.inputs[0].shape[attributes["axis"]])


@given(st.data())
def test_scatter_add_is_the_adjoint_of_gather(data: Any) -> None:
    """<gather(x), u> = <x, scatter_add(u)>, exactly, for small integers."""
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=4))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    length = shape[axis]
    places = hnp.arrays(
        np.int32,
        hnp.array_shapes(min_dims=0, max_dims=2, max_side=4),
        elements=st.integers(-length, length - 1),
    )
    indices = data.draw(places)
    x = np.arange(np.prod(shape), dtype=np.float64).reshape(shape)
    picked = ops.gather(x, indices, axis=axis)
    updates = np.arange(1.0, picked.size + 1).reshape(picked.shape)
    back = ops.scatter_add(indices, updates, length=length, axis=axis)
    assert np.vdot(picked, updates) == np.vdot(x, back)


def test_scatter_add_keeps_float32_and_adds_repeated_indices() -> None:
    y = ops.scatter_add(np.array([1, 1, -1]), np.ones((3, 2), np.float32), length=3)
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y, [[0, 0], [2, 2], [1, 1]])


def test_scatter_add_of_nothing_gives_zeros() -> None:
    y = ops.scatter_add(np.zeros(0, np.int32), np.zeros((0, 2)), length=3)
    np.testing.assert_array_equal(y, np.zeros((3, 2)))


@pytest.mark.parametrize("index", [3, -4])
def test_adding_outside_is_refused(index: int) -> None:
    indices = np.array([0, index])
    for primitive, where in (
        (ops.scatter_add, "scatter_add"),
        (ops.add_along_axis, "add_along_axis"),
    ):
        with pytest.raises(ArgumentError) as caught:
            primitive(indices, np.ones(2), length=3, axis=0)
        assert str(caught.value) == f"{where}: expected indices in [-3, 2], got {index}."


def test_picking_outside_is_refused() -> None:
    with pytest.raises(DataError):
        ops.gather(np.zeros((3, 2)), np.array([3]))
    with pytest.raises(DataError):
        ops.take_along_axis(np.zeros(3), np.array([3]), axis=0)


@pytest.mark.parametrize("dtype", ["float32", "int32", "bool"])
def test_one_hot_agrees_with_jax(dtype: str) -> None:
    indices = np.array([[0, 2], [-1, 3]])
    y = ops.one_hot(indices, depth=3, dtype=dtype)
    assert y.dtype == dtype
    np.testing.assert_array_equal(y, jax.nn.one_hot(indices, 3, dtype=dtype))


@pytest.mark.parametrize(
    ("name", "shapes", "attributes", "text"),
    [
        (
            "gather",
            [(2, 3), (4,)],
            {"axis": 2},
            "gather: expected an axis in [-2, 1], got 2.",
        ),
        (
            "scatter_add",
            [(4,), (3, 2)],
            {"length": 5, "axis": 0},
            "scatter_add: expected updates with the axes (4,) from axis 0 on, got (3, 2).",
        ),
        (
            "take_along_axis",
            [(2, 3), (3, 1)],
            {"axis": 1},
            "take_along_axis: expected indices like (2, 3) but on axis 1, got (3, 1).",
        ),
        (
            "add_along_axis",
            [(2, 3), (3, 1)],
            {"length": 4, "axis": 1},
            "add_along_axis: expected updates (*i) with i = (2, 3), got (3, 1).",
        ),
    ],
)
def test_messages(name: str, shapes: Any, attributes: Any, text: str) -> None:
    floats_first = name in ("gather", "take_along_axis")
    dtypes = (FLOAT64, INT64) if floats_first else (INT64, FLOAT64)
    specs = [Spec(shape, dtype) for shape, dtype in zip(shapes, dtypes, strict=True)]
    with pytest.raises(ShapeError) as caught:
        ops.REGISTRY[name].infer(specs, attributes)
    assert str(caught.value) == text
