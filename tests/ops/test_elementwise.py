"""Elementwise operations against JAX and SciPy, and at the places where formulas break."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st

from lernwerk import ops

NAMES = {
    "add": jnp.add,
    "subtract": jnp.subtract,
    "multiply": jnp.multiply,
    "divide": jnp.divide,
    "power": jnp.power,
    "negative": jnp.negative,
    "absolute": jnp.abs,
    "sign": jnp.sign,
    "exp": jnp.exp,
    "expm1": jnp.expm1,
    "log": jnp.log,
    "log1p": jnp.log1p,
    "sqrt": jnp.sqrt,
    "square": jnp.square,
    "sin": jnp.sin,
    "cos": jnp.cos,
    "tan": jnp.tan,
    "arctan": jnp.arctan,
    "tanh": jnp.tanh,
    "sigmoid": jax.nn.sigmoid,
    "softplus": jax.nn.softplus,
    "erf": jax.scipy.special.erf,
    "relu": jax.nn.relu,
    "floor": jnp.floor,
    "ceil": jnp.ceil,
    "round": jnp.round,
    "maximum": jnp.maximum,
    "minimum": jnp.minimum,
    "remainder": jnp.remainder,
    "identity": lambda x: x,
}
EXTREMES = [-1e4, -100.0, -1.0, 0.0, 1.0, 100.0, 1e4]


@pytest.mark.parametrize("name", NAMES)
def test_value_and_gradients_agree_with_jax(name: str, agrees_with_jax: Any) -> None:
    primitive = ops.REGISTRY[name]
    for sample in primitive.samples(np.random.default_rng(3)):
        agrees_with_jax(primitive, NAMES[name], *sample.inputs, **sample.attributes)


def test_erf_agrees_with_scipy_to_the_last_digits() -> None:
    x = np.concatenate([np.linspace(-8, 8, 200_001), [0.0, 0.46875, -0.46875, 1e-300, np.inf]])
    np.testing.assert_allclose(ops.erf(x), scipy.special.erf(x), rtol=1e-15, atol=0)
    single = x.astype(np.float32)
    np.testing.assert_allclose(ops.erf(single), scipy.special.erf(single), rtol=5e-7, atol=0)
    assert ops.erf(single).dtype == np.float32
    assert np.isnan(ops.erf(np.array(np.nan)))


@pytest.mark.parametrize("name", ["sigmoid", "softplus", "tanh"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_inputs_neither_overflow_nor_warn(name: str, dtype: Any) -> None:
    x = np.array(EXTREMES, dtype)
    oracle = {"sigmoid": scipy.special.expit, "softplus": lambda v: np.logaddexp(0, v)}
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        y = ops.REGISTRY[name](x)
    expected = oracle.get(name, np.tanh)(x.astype(np.float64))
    np.testing.assert_allclose(y, expected, rtol=1e-6, atol=1e-37)
    assert y.dtype == dtype


def test_sigmoid_keeps_its_relative_precision_for_negative_inputs() -> None:
    x = np.linspace(-700, 700, 1001)
    np.testing.assert_allclose(ops.sigmoid(x), scipy.special.expit(x), rtol=1e-14, atol=0)


def test_power_of_a_negative_base_has_finite_gradients() -> None:
    a = np.array([-2.0, -1.0, 0.0, 3.0])
    with np.errstate(all="raise"):
        of_base, of_exponent = ops.power.gradient(np.ones(4), a**2.0, a, np.full(4, 2.0))
        np.testing.assert_allclose(of_base(), 2 * a)
        np.testing.assert_allclose(of_exponent(), [0, 0, 0, 9 * np.log(3)])


def test_power_zero_at_base_zero_has_gradient_zero() -> None:
    of_base, _ = ops.power.gradient(np.ones(1), np.ones(1), np.zeros(1), np.zeros(1))
    assert of_base() == 0


def test_relu_has_gradient_zero_at_zero() -> None:
    (gradient,) = ops.relu.gradient(np.ones(3), None, np.array([-1.0, 0.0, 1.0]))
    np.testing.assert_array_equal(gradient, [0, 0, 1])


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_ties_send_the_gradient_to_the_first_array(name: str) -> None:
    tie = np.array([2.0])
    of_a, of_b = ops.REGISTRY[name].gradient(np.array([5.0]), tie, tie, tie)
    assert of_a() == 5
    assert of_b() == 0


@pytest.mark.parametrize("name", ["exp", "log1p", "sqrt", "sigmoid", "softplus", "erf", "tanh"])
@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.uint8, np.bool_])
def test_functions_of_integers_give_float32(name: str, dtype: Any) -> None:
    x = np.array([0, 1], dtype)
    y = ops.REGISTRY[name](x)
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y, ops.REGISTRY[name](x.astype(np.float32)))


def test_division_of_integers_gives_float32() -> None:
    y = ops.divide(np.array([1, 2]), np.array([2, 4]))
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y, [0.5, 0.5])


@given(st.integers(-50, 50), st.integers(-9, 9).filter(bool))
def test_remainder_and_floor_divide_follow_python(a: int, b: int) -> None:
    for kind in (np.int32, np.float64):
        assert ops.floor_divide(kind(a), kind(b)) == a // b
        assert ops.remainder(kind(a), kind(b)) == a % b


def test_round_takes_halves_to_the_even_number() -> None:
    np.testing.assert_array_equal(ops.round(np.array([0.5, 1.5, -0.5, 2.6])), [0, 2, 0, 3])


def test_cast_cuts_fractions_off_and_blocks_gradients_of_integers() -> None:
    np.testing.assert_array_equal(ops.cast(np.array([1.9, -1.9]), dtype="int32"), [1, -1])
    x = np.array([1.5], np.float32)
    assert ops.cast.gradient(x, x, x, dtype="int32") == (None,)
    (gradient,) = ops.cast.gradient(np.array([2.0]), None, x, dtype="float64")
    assert gradient.dtype == np.float32


def test_stop_gradient_passes_the_value_only() -> None:
    x = np.array([1.0, 2.0])
    np.testing.assert_array_equal(ops.stop_gradient(x), x)
    assert ops.stop_gradient.gradient(x, x, x) == (None,)


def test_python_numbers_adapt_to_the_array() -> None:
    x = np.array([1.0, 2.0], np.float32)
    for name in ("add", "multiply", "divide", "power", "maximum", "remainder"):
        assert ops.REGISTRY[name](x, 2.0).dtype == np.float32
        assert ops.REGISTRY[name](3, x).dtype == np.float32
