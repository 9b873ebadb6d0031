"""Comparisons, logic and where against NumPy and JAX."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from lernwerk import ops

NAMES = {
    "equal": "__eq__",
    "not_equal": "__ne__",
    "less": "__lt__",
    "less_equal": "__le__",
    "greater": "__gt__",
    "greater_equal": "__ge__",
}


@pytest.mark.parametrize("name", NAMES)
def test_comparisons_follow_python(name: str) -> None:
    values = [0.0, 1.0, -1.0, float("nan"), float("inf")]
    a, b = np.meshgrid(values, values)
    y = ops.REGISTRY[name](a, b)
    assert y.dtype == bool
    expected = [getattr(p, NAMES[name])(q) for p, q in zip(a.ravel(), b.ravel(), strict=True)]
    np.testing.assert_array_equal(y.ravel(), expected)


def test_logic_follows_python_for_booleans_and_numbers() -> None:
    for a in (False, True, 0, 2, 0.0, -0.5):
        assert ops.logical_not(np.array(a)) == (not a)
        for b in (False, True, 0, 2):
            assert ops.logical_and(np.array(a), np.array(b)) == (bool(a) and bool(b))
            assert ops.logical_or(np.array(a), np.array(b)) == (bool(a) or bool(b))


def test_is_nan_and_is_finite() -> None:
    x = np.array([1.0, np.nan, np.inf, -np.inf], np.float32)
    np.testing.assert_array_equal(ops.is_nan(x), [False, True, False, False])
    np.testing.assert_array_equal(ops.is_finite(x), [True, False, False, False])
    np.testing.assert_array_equal(ops.is_finite(np.array([1, 2])), [True, True])


def test_where_agrees_with_jax(agrees_with_jax: Any) -> None:
    for sample in ops.where.samples(np.random.default_rng(1)):
        agrees_with_jax(ops.where, jnp.where, *sample.inputs)


def test_where_keeps_the_gradient_of_the_other_side_clean() -> None:
    condition, a = np.array([True, False]), np.array([np.nan, 1.0])
    _, of_a, of_b = ops.where.gradient(np.array([np.inf, 2.0]), None, condition, a, a)
    np.testing.assert_array_equal(of_a(), [np.inf, 0])
    np.testing.assert_array_equal(of_b(), [0, 2])


def test_where_keeps_float32_beside_python_numbers() -> None:
    x = np.ones(2, np.float32)
    assert ops.where(np.array([True, False]), x, 0.0).dtype == np.float32
