"""Every activation against real Keras: values, gradients, second derivatives, names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lernwerk import Model, activations, layers, ops
from lernwerk.core.compiled import compiled
from lernwerk.core.gradient import gradient
from lernwerk.core.tensor import Tensor
from lernwerk.errors import ArgumentError, ShapeError

CASES: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in activations.NAMES if name not in ("glu", "threshold")),
    ("relu", {"negative_slope": 0.1}),
    ("relu", {"max_value": 1.5}),
    ("relu", {"threshold": 0.5}),
    ("relu", {"negative_slope": 0.2, "max_value": 2.0, "threshold": 1.0}),
    ("leaky_relu", {"negative_slope": 0.01}),
    ("elu", {"alpha": 0.5}),
    ("gelu", {"approximate": True}),
    ("softmax", {"axis": 0}),
    ("log_softmax", {"axis": 0}),
    ("celu", {"alpha": 0.5}),
    ("glu", {"axis": 0}),
    ("glu", {"axis": -2}),
    ("hard_shrink", {"threshold": 1.5}),
    ("soft_shrink", {"threshold": 1.5}),
    ("squareplus", {"b": 0.5}),
    ("threshold", {"threshold": 0.3, "default_value": -2.0}),
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
    weights = WEIGHTS[: len(y)]
    (g,) = gradient(ops.sum(y * weights), [x])
    expected = jax.grad(lambda x: (theirs(x, **arguments) * weights).sum())(X)
    np.testing.assert_allclose(g.numpy(), expected, rtol=2e-5, atol=5e-6)


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_compiled_is_eager(agrees: Any, name: str, arguments: dict[str, Any]) -> None:
    function = getattr(activations, name)
    traced = compiled(lambda x: function(x, **arguments))(X)
    agrees(traced.numpy(), function(X, **arguments).numpy())


def test_large_numbers_do_not_overflow() -> None:
    x = Tensor(np.float32([-1000.0, 1000.0]))
    for name in set(activations.NAMES) - {"exponential", "threshold"}:
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
    assert set(activations.NAMES) >= set(keras.src.activations.ALL_OBJECTS_DICT)
    with pytest.raises(ArgumentError, match=r"got 'relo'\. Did you mean 'relu'\?"):
        activations.get("relo")


def test_softmax_and_sigmoid_keep_their_origin() -> None:
    """The losses look for it: see ``losses.crossentropy``."""
    assert activations.softmax(X).origin.primitive is ops.softmax
    assert activations.sigmoid(X).origin.primitive is ops.sigmoid


def test_sparsemax_is_the_projection_on_probabilities() -> None:
    """With one tau for all: y = max(x - tau, 0) and sum(y) = 1, which has one solution."""
    for axis in (0, 1, -1):
        x = X / 5
        y = activations.sparsemax(x, axis=axis).numpy()
        np.testing.assert_allclose(y.sum(axis), 1.0, rtol=1e-6)
        tau = np.where(y > 0, x - y, -np.inf).max(axis, keepdims=True)
        np.testing.assert_allclose(y, np.maximum(x - tau, 0), atol=1e-6)
        assert ((y > 0).sum(axis) > 1).any()


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_symbolic_tensors_take_part(name: str, arguments: dict[str, Any]) -> None:
    function = getattr(activations, name)
    arguments = {**arguments, **({"axis": 1} if arguments.get("axis") in (0, -2) else {})}
    x = layers.Input((4, 5))
    y = function(x, **arguments)
    data = np.stack([X, -X])
    expected = function(data, **arguments).numpy()
    assert y.shape == (None, *expected.shape[1:])
    np.testing.assert_array_equal(Model(x, y)(data).numpy(), expected)


def test_written_forms(keras: Any) -> None:
    assert activations.serialize(activations.relu) == keras.activations.serialize(
        keras.activations.relu
    )
    assert activations.deserialize("relu") is activations.relu
    written = {"class_name": "function", "config": "tanh"}
    assert activations.deserialize(written) is activations.tanh
    layer = layers.Activation("relu")
    assert activations.get(layer) is layer
    again = activations.get(activations.serialize(layer))
    assert (type(again), again.name) == (layers.Activation, layer.name)

    def cubed(x: Any) -> Any:
        return x**3

    assert activations.get(cubed) is cubed
    assert activations.serialize(cubed) == "cubed"
    assert activations.get("cubed", {"cubed": cubed}) is cubed


def test_glu_needs_two_halves() -> None:
    with pytest.raises(ShapeError) as caught:
        activations.glu(X)
    assert str(caught.value) == "glu: expected x of even length on axis -1, got (4, 5)."
    with pytest.raises(ShapeError):
        activations.glu(X, axis=2)
