"""Softmax and the cross-entropies against JAX and SciPy, up to inputs of 10,000."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special

from lernwerk import ops
from lernwerk.errors import ShapeError
from lernwerk.ops.primitive import Spec


def _softmax_crossentropy(logits: Any, probabilities: Any) -> Any:
    return -jnp.sum(probabilities * jax.nn.log_softmax(logits), axis=-1)


def _sigmoid_crossentropy(logits: Any, targets: Any) -> Any:
    return -targets * jax.nn.log_sigmoid(logits) - (1 - targets) * jax.nn.log_sigmoid(-logits)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_agrees_with_jax(name: str, agrees_with_jax: Any) -> None:
    primitive = ops.REGISTRY[name]
    for sample in primitive.samples(np.random.default_rng(5)):
        attributes = {**primitive.defaults, **sample.attributes}
        function = partial(getattr(jax.nn, name), **attributes)
        agrees_with_jax(primitive, function, *sample.inputs, **attributes)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("softmax_crossentropy", _softmax_crossentropy),
        ("sigmoid_crossentropy", _sigmoid_crossentropy),
    ],
)
def test_crossentropy_agrees_with_jax(name: str, function: Any, agrees_with_jax: Any) -> None:
    primitive = ops.REGISTRY[name]
    for sample in primitive.samples(np.random.default_rng(5)):
        agrees_with_jax(primitive, function, *sample.inputs)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_logits_neither_overflow_nor_warn(dtype: Any) -> None:
    z = np.array([[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4], [1e4, 1e4, 1e4]], dtype)
    wide = z.astype(np.float64)
    p = np.eye(3, dtype=dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        results = {
            "softmax": ops.softmax(z),
            "log_softmax": ops.log_softmax(z),
            "categorical": ops.softmax_crossentropy(z, p),
            "binary": ops.sigmoid_crossentropy(z, p),
        }
    expected = {
        "softmax": scipy.special.softmax(wide, axis=-1),
        "log_softmax": scipy.special.log_softmax(wide, axis=-1),
        "categorical": -(p * scipy.special.log_softmax(wide, axis=-1)).sum(-1),
        "binary": -p * scipy.special.log_expit(wide) - (1 - p) * scipy.special.log_expit(-wide),
    }
    for name, y in results.items():
        assert y.dtype == dtype
        np.testing.assert_allclose(y, expected[name], rtol=1e-6, atol=1e-30)


def test_extreme_logits_have_finite_gradients() -> None:
    z = np.array([[1e4, -1e4, 0.0]], np.float32)
    t = np.array([[0.0, 1.0, 0.5]], np.float32)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        of_binary, _ = ops.sigmoid_crossentropy.gradient(np.ones_like(z), None, z, t)
        np.testing.assert_allclose(of_binary(), [[1.0, -1.0, 0.0]])
        of_logits, _ = ops.softmax_crossentropy.gradient(np.ones(1, np.float32), None, z, t)
        np.testing.assert_allclose(of_logits(), [[1.5, -1.0, -0.5]])


@pytest.mark.parametrize(
    "name", ["softmax", "log_softmax", "softmax_crossentropy", "sigmoid_crossentropy"]
)
def test_the_definition_says_the_same(name: str) -> None:
    primitive = ops.REGISTRY[name]
    for sample in primitive.samples(np.random.default_rng(2)):
        y = primitive(*sample.inputs, **sample.attributes)
        again = primitive.definition(*sample.inputs, **sample.attributes)
        np.testing.assert_allclose(y, again, rtol=1e-12)


def test_integer_targets_are_accepted() -> None:
    z = np.array([0.5, -0.5], np.float32)
    y = ops.sigmoid_crossentropy(z, np.array([1, 0]))
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, np.log1p(np.exp(-0.5)), rtol=1e-6)


def test_message_for_logits_and_probabilities_that_differ() -> None:
    float32 = np.dtype("float32")
    with pytest.raises(ShapeError) as caught:
        ops.softmax_crossentropy.infer([Spec((4, 3), float32), Spec((4, 2), float32)], {})
    text = "softmax_crossentropy: expected probabilities (*b, k) with k = 3, got (4, 2)."
    assert str(caught.value) == text
