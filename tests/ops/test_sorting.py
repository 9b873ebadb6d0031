"""sort, argsort and top_k against NumPy and JAX, with many equal values."""

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
from lernwerk.errors import ShapeError
from lernwerk.ops.primitive import Spec

FEW_VALUES = st.sampled_from([0.0, 1.0, -1.0, 2.5, float("inf")])
ARRAYS = hnp.arrays(np.float32, hnp.array_shapes(max_dims=3, max_side=6), elements=FEW_VALUES)


def test_sort_agrees_with_jax(agrees_with_jax: Any) -> None:
    for sample in ops.sort.samples(np.random.default_rng(5)):
        attributes = {**ops.sort.defaults, **sample.attributes}
        agrees_with_jax(ops.sort, partial(jnp.sort, **attributes), *sample.inputs, **attributes)


@given(ARRAYS, st.data())
def test_sorting_is_stable(x: Any, data: Any) -> None:
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    order = ops.argsort(x, axis=axis)
    assert order.dtype == np.int32
    np.testing.assert_array_equal(order, np.argsort(x, axis=axis, kind="stable"))
    np.testing.assert_array_equal(ops.sort(x, axis=axis), np.sort(x, axis=axis))


@given(ARRAYS, st.data())
def test_top_k_agrees_with_jax(x: Any, data: Any) -> None:
    k = data.draw(st.integers(1, x.shape[-1]))
    values, indices = ops.top_k(x, k=k)
    expected, places = jax.lax.top_k(x, k)
    assert indices.dtype == np.int32
    np.testing.assert_array_equal(values, expected)
    np.testing.assert_array_equal(indices, places)


@pytest.mark.parametrize("dtype", [np.uint8, np.int64])
def test_top_k_of_integers_has_no_trouble_with_signs(dtype: Any) -> None:
    x = np.array([0, np.iinfo(dtype).max, np.iinfo(dtype).min, 3], dtype)
    values, indices = ops.top_k(x, k=3)
    np.testing.assert_array_equal(values, [np.iinfo(dtype).max, 3, 0])
    assert indices.tolist() == [1, 3, 0]
    assert values.dtype == dtype


def test_gradient_of_top_k_goes_to_the_chosen_elements() -> None:
    x = np.array([[3.0, 1.0, 2.0]])
    y = ops.top_k(x, k=2)
    (gradient,) = ops.top_k.gradient((np.array([[10.0, 20.0]]), None), y, x, k=2)
    np.testing.assert_array_equal(gradient, [[10, 0, 20]])
    assert ops.top_k.gradient((None, None), y, x, k=2) == (None,)


@pytest.mark.parametrize("shape", [(), (4, 2)])
def test_message_for_too_few_elements(shape: Any) -> None:
    if not shape:
        expected = "top_k: expected x (*b, n) (1 axes or more), got ()."
    else:
        expected = (
            "top_k: expected an array whose last axis has at least k = 3 elements, got (4, 2)."
        )
    with pytest.raises(ShapeError) as caught:
        ops.top_k.infer([Spec(shape, np.dtype("float32"))], {"k": 3})
    assert str(caught.value) == expected
