"""Every activation against real Keras: values, gradients, second derivatives, names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lernwerk import activations, ops
from lernwerk.core.compiled import compiled
from lernwerk.core.gradient import gradient
from lernwerk.core.tensor import Tensor
from lernwerk.errors import ArgumentError

CASES: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in activations.NAMES),
    ("relu", {"negative_slope": 0.1}),
    ("relu", {"max_value": 1.5}),
    ("relu", {"threshold": 0.5}),
    ("relu", {"negative_slope": 0.2, "max_value": 2.0, "threshold": 1.0}),
    ("leaky_relu", {"negative_slope": 0.01}),
    ("elu", {"alpha": 0.5}),
    ("gelu", {"approximate": True}),
    ("softmax", {"axis": 0}),
    ("log_softmax", {"axis": 0}),
]
X = np.float32(np.random.default_rng(5).normal(size=(4, 5)) * 3)
WEIGHTS = np.float32(np.random.default_rng(6).normal(size=(4, 5)))


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_values_and_gradients_are_those_of_keras(
    keras: Any, name: str, arguments: dict[str, Any]
) -> None:
    import jax

    ours, theirs = getattr(activations, name), getattr(keras.activations, name)
    x = Tensor(X)
    y = ours(x, **arguments)
    np.testing.assert_allclose(y.numpy(), theirs(X, **arguments), rtol=2e-5, atol=2e-6)
    (g,) = gradient(ops.sum(y * WEIGHTS), [x])
    expected = jax.grad(lambda x: (theirs(x, **arguments) * WEIGHTS).sum())(X)
    np.testing.assert_allclose(g.numpy(), expected, rtol=2e-5, atol=5e-6)


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_compiled_is_eager(agrees: Any, name: str, arguments: dict[str, Any]) -> None:
    function = getattr(activations, name)
    traced = compiled(lambda x: function(x, **arguments))(X)
    agrees(traced.numpy(), function(X, **arguments).numpy())


def test_large_numbers_do_not_overflow() -> None:
    x = Tensor(np.float32([-1000.0, 1000.0]))
    for name in activations.NAMES:
        if name != "exponential":
            y = getattr(activations, name)(x)
            assert np.isfinite(y.numpy()).all(), name
            (g,) = gradient(ops.sum(y), [x])
            assert np.isfinite(g.numpy()).all(), name


def test_get(keras: Any) -> None:
    for name in activations.NAMES:
        assert activations.get(name) is getattr(activations, name)
        assert keras.activations.get(name).__name__ == activations.get(name).__name__
    assert activations.get(None) is activations.linear
    assert activations.get(activations.tanh) is activations.tanh
    with pytest.raises(ArgumentError, match=r"got 'relo'\. Did you mean 'relu'\?"):
        activations.get("relo")


def test_softmax_and_sigmoid_keep_their_origin() -> None:
    """The losses look for it: see ``losses.crossentropy``."""
    assert activations.softmax(X).origin.primitive is ops.softmax
    assert activations.sigmoid(X).origin.primitive is ops.sigmoid
