"""Reductions against NumPy, SciPy and JAX; ties, zeros, integers and messages."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lernwerk import ops
from lernwerk.errors import ArgumentError, ShapeError
from lernwerk.ops.primitive import Spec

FUNCTIONS = {
    "sum": jnp.sum,
    "max": jnp.max,
    "min": jnp.min,
    "prod": jnp.prod,
    "cumsum": jnp.cumsum,
}
FLOAT64 = np.dtype("float64")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_value_and_gradient_agree_with_jax(name: str, agrees_with_jax: Any) -> None:
    primitive = ops.REGISTRY[name]
    for sample in primitive.samples(np.random.default_rng(3)):
        attributes = {**primitive.defaults, **sample.attributes}
        agrees_with_jax(
            primitive, partial(FUNCTIONS[name], **attributes), *sample.inputs, **attributes
        )


@given(
    hnp.arrays(np.int64, hnp.array_shapes(max_dims=4, max_side=4), elements=st.integers(-3, 3)),
    st.data(),
)
def test_any_axes_follow_numpy(x: Any, data: Any) -> None:
    axes = data.draw(hnp.valid_tuple_axes(x.ndim, min_size=1))
    keepdims = data.draw(st.booleans())
    for name in ("sum", "max", "min", "any", "all"):
        primitive = ops.REGISTRY[name]
        y = primitive(x, axis=axes, keepdims=keepdims)
        np.testing.assert_array_equal(y, getattr(np, name)(x, axis=axes, keepdims=keepdims))
        (spec,) = primitive.infer([Spec(x.shape, x.dtype)], {"axis": axes, "keepdims": keepdims})
        assert spec == Spec(np.shape(y), np.asarray(y).dtype)


@pytest.mark.parametrize(
    ("given_dtype", "expected"),
    [
        ("bool", "int32"),
        ("uint8", "int32"),
        ("int32", "int32"),
        ("int64", "int64"),
        ("float32", "float32"),
        ("float64", "float64"),
    ],
)
def test_sums_keep_their_kind_of_numbers(given_dtype: str, expected: str) -> None:
    x = np.ones(300).astype(given_dtype)
    for primitive in (ops.sum, ops.prod, ops.cumsum):
        assert primitive(x).dtype == expected
        (spec,) = primitive.infer([Spec(x.shape, x.dtype)], primitive.defaults)
        assert spec.dtype == expected
    assert ops.sum(x) == 300


def test_mean_of_integers_gives_float32_and_cannot_overflow() -> None:
    x = np.full(10_000_000, 255, np.uint8)
    y = ops.mean(x)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, 255, rtol=1e-6)


@pytest.mark.parametrize("name", ["max", "min"])
def test_ties_share_the_gradient_as_in_jax(name: str, agrees_with_jax: Any) -> None:
    x = np.array([[1.0, 2.0, 2.0], [3.0, 3.0, 3.0], [1.0, 1.0, 2.0]])
    for axis in (None, 0, 1):
        agrees_with_jax(ops.REGISTRY[name], partial(FUNCTIONS[name], axis=axis), x, axis=axis)


@given(hnp.arrays(np.float64, st.integers(1, 9), elements=st.sampled_from([0.0, 0.0, 1.5, -2.0])))
def test_gradient_of_prod_is_the_product_of_the_others(x: Any) -> None:
    (gradient,) = ops.prod.gradient(np.ones(()), np.prod(x), x, axis=None, keepdims=False)
    expected = [np.prod(np.delete(x, i)) for i in range(len(x))]
    np.testing.assert_allclose(gradient, expected, rtol=1e-13)


@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_places_of_extremes_are_the_first_and_int32(name: str) -> None:
    x = np.array([[1.0, 5.0, 5.0], [0.0, 0.0, 2.0]])
    for axis in (0, 1, -1, -2):
        y = ops.REGISTRY[name](x, axis=axis)
        assert y.dtype == np.int32
        np.testing.assert_array_equal(y, getattr(np, name)(x, axis=axis))


@pytest.mark.parametrize("axis", [None, 1, (0, -1)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_moments_follow_numpy(axis: Any, keepdims: bool) -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 4)) * 3 + 100
    options = {"axis": axis, "keepdims": keepdims}
    np.testing.assert_allclose(ops.mean(x, **options), np.mean(x, **options))
    np.testing.assert_allclose(ops.variance(x, **options), np.var(x, **options))
    np.testing.assert_allclose(ops.standard_deviation(x, **options), np.std(x, **options))
    np.testing.assert_allclose(
        ops.logsumexp(x, **options), scipy.special.logsumexp(x, **options), rtol=1e-14
    )


def test_logsumexp_of_extreme_inputs_neither_overflows_nor_warns() -> None:
    x = np.array([[1e4, 1e4], [-1e4, -1e4], [-1e4, 1e4], [np.inf, 0.0]], np.float32)
    with np.errstate(over="ignore"):  # e^inf of the last row
        y = ops.logsumexp(x, axis=-1)
    np.testing.assert_allclose(y, jax.nn.logsumexp(x, axis=-1), rtol=1e-6)
    assert y.dtype == np.float32


@pytest.mark.parametrize(
    ("axis", "error", "text"),
    [
        (2, ShapeError, "sum: expected an axis in [-2, 1], got 2."),
        ((0, -3), ShapeError, "sum: expected an axis in [-2, 1], got -3."),
        ((0, -2), ArgumentError, "sum: expected each axis once, got (0, -2)."),
    ],
)
def test_messages_for_axes(axis: Any, error: Any, text: str) -> None:
    with pytest.raises(error) as caught:
        ops.sum.infer([Spec((2, 3), FLOAT64)], {"axis": axis, "keepdims": False})
    assert str(caught.value) == text


def test_message_for_an_array_without_axes() -> None:
    with pytest.raises(ShapeError) as caught:
        ops.argmax.infer([Spec((), FLOAT64)], {"axis": -1})
    assert str(caught.value) == "argmax: expected an array with axes, got -1."
