"""Pooling against JAX and the real Keras, with gradients, ties, whole numbers and messages."""

from __future__ import annotations

import importlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lernwerk import ops
from lernwerk.core import Tensor, gradient
from lernwerk.errors import ArgumentError, ShapeError
from lernwerk.ops.primitive import Spec

FLOAT64 = np.dtype("float64")
PLAIN = {"size": (2,), "strides": (2,), "padding": ((0, 0),)}


@st.composite
def cases(draw: Any) -> tuple[np.ndarray, dict[str, Any]]:
    rank = draw(st.integers(1, 3))

    def each(low: int, high: int) -> tuple[int, ...]:
        return tuple(draw(st.integers(low, high)) for _ in range(rank))

    size, strides = each(1, 3), each(1, 3)
    padding = tuple((draw(st.integers(0, k - 1)), draw(st.integers(0, k - 1))) for k in size)
    lengths = (k + more for k, more in zip(size, each(0, 4), strict=True))
    random = np.random.default_rng(draw(st.integers(0, 99)))
    x = random.normal(size=(draw(st.integers(1, 3)), *lengths, draw(st.integers(1, 3))))
    return x, {"size": size, "strides": strides, "padding": padding}


def reduced(x: Any, start: float, function: Any, options: dict[str, Any]) -> jax.Array:
    return jax.lax.reduce_window(
        x, start, function, (1, *options["size"], 1), (1, *options["strides"], 1),
        ((0, 0), *options["padding"], (0, 0)),
    )  # fmt: skip


def max_of_jax(x: Any, options: dict[str, Any]) -> jax.Array:
    return reduced(x, -jnp.inf, jax.lax.max, options)


def average_of_jax(x: Any, options: dict[str, Any]) -> jax.Array:
    total = reduced(x, 0.0, jax.lax.add, options)
    return total / reduced(jnp.ones_like(x), 0.0, jax.lax.add, options)


def agrees(primitive: Any, function: Any, x: np.ndarray, options: dict[str, Any]) -> None:
    with jax.enable_x64(True):
        expected, back = jax.vjp(lambda a: function(a, options), jnp.asarray(x))
        g = np.random.default_rng(1).normal(size=expected.shape)
        (dx,) = back(jnp.asarray(g))
    tensor = Tensor(x)
    y = primitive(tensor, **options)
    (found,) = gradient(y, [tensor], g)
    np.testing.assert_allclose(y.numpy(), expected, rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(found.numpy(), dx, rtol=1e-11, atol=1e-11)


@settings(deadline=None, max_examples=15)
@given(cases())
def test_max_pooling_agrees_with_jax(case: Any) -> None:
    agrees(ops.max_pooling, max_of_jax, *case)


@settings(deadline=None, max_examples=15)
@given(cases())
def test_average_pooling_agrees_with_jax(case: Any) -> None:
    agrees(ops.average_pooling, average_of_jax, *case)


@pytest.mark.parametrize("kind", ["same", "valid"])
@pytest.mark.parametrize("name", ["max", "average"])
def test_named_padding_agrees_with_keras(keras: Any, name: str, kind: Any) -> None:
    x = np.random.default_rng(3).normal(size=(2, 7, 8, 3)).astype("float32")
    expected = getattr(keras.ops, f"{name}_pool")(x, (3, 2), strides=(2, 3), padding=kind)
    padding = ops.explicit_padding(kind, (7, 8), (3, 2), (2, 3), (1, 1))
    y = getattr(ops, f"{name}_pooling")(x, size=(3, 2), strides=(2, 3), padding=padding)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, expected, rtol=1e-6, atol=1e-6)


def test_of_equal_maxima_the_first_gets_the_gradient() -> None:
    x = np.zeros((1, 2, 4, 1))
    options = {"size": (2, 2), "strides": (1, 2), "padding": ((0, 0), (0, 0))}
    agrees(ops.max_pooling, max_of_jax, x, options)
    dx = ops.max_pooling_gradient(x, np.zeros((1, 1, 2, 1)), np.ones((1, 1, 2, 1)), **options)
    np.testing.assert_array_equal(dx[0, :, :, 0], [[1, 0, 1, 0], [0, 0, 0, 0]])


def test_pick_is_the_adjoint_of_the_gradient() -> None:
    random = np.random.default_rng(4)
    x = random.integers(0, 3, size=(2, 7, 6, 2))
    options = {"size": (3, 2), "strides": (2, 1), "padding": ((1, 0), (0, 1))}
    y = ops.max_pooling(x, **options)
    g, values = random.normal(size=y.shape), random.normal(size=x.shape)
    np.testing.assert_array_equal(ops.max_pooling_pick(x, y, x, **options), y)
    left = np.vdot(ops.max_pooling_gradient(x, y, g, **options), values)
    np.testing.assert_allclose(left, np.vdot(g, ops.max_pooling_pick(x, y, values, **options)))


@pytest.mark.parametrize("dtype", ["int32", "uint8", "float32"])
def test_padding_is_never_the_maximum(dtype: str) -> None:
    x = np.arange(3).astype(dtype).reshape(1, 3, 1)
    if dtype != "uint8":
        x = x - np.asarray(5, dtype)
    y = ops.max_pooling(x, size=(2,), strides=(1,), padding=((1, 1),))
    assert y.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(y[0, :, 0], x[0, [0, 1, 2, 2], 0])


def test_parts_of_the_batch_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(4).normal(size=(5, 6, 2))
    y = ops.max_pooling(x, **PLAIN)
    whole = ops.max_pooling_gradient(x, y, y, **PLAIN)
    monkeypatch.setattr(importlib.import_module("lernwerk.ops.pooling"), "PASS_BYTES", 1)
    np.testing.assert_array_equal(ops.max_pooling_gradient(x, y, y, **PLAIN), whole)


@pytest.mark.parametrize("primitive", [ops.max_pooling, ops.average_pooling])
def test_windows_of_one_pixel_copy(primitive: Any) -> None:
    x = np.ones((1, 3, 1))
    y = primitive(x, size=(1,), strides=(1,), padding=((0, 0),))
    y[...] = 2
    assert (x == 1).all()


@pytest.mark.parametrize(
    ("shape", "changes", "text"),
    [
        ((2, 8), {}, "an input with 3 axes (batch, 1 spatial, channels), got (2, 8). Pictures"
         " without colour need a channel axis: x.reshape(*x.shape, 1)."),
        ((2, 1, 3), {}, "an input of at least 2 along axis 1, as a window covers 2, got 1."
         " Use padding='same' or a smaller kernel."),
        ((2, 8, 3), {"padding": ((2, 0),)},
         "padding smaller than the window (2,), got ((2, 0),)."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["max_pooling", "average_pooling"])
def test_messages(name: str, shape: Any, changes: Any, text: str) -> None:
    with pytest.raises(ShapeError) as caught:
        getattr(ops, name).infer([Spec(shape, FLOAT64)], {**PLAIN, **changes})
    assert str(caught.value) == f"{name}: expected {text}"


def test_message_of_the_average_gradient() -> None:
    with pytest.raises(ShapeError) as caught:
        ops.average_pooling_gradient.infer(
            [Spec((2, 3, 1), FLOAT64)], {**PLAIN, "input_shape": (2, 8, 1)}
        )
    text = "average_pooling_gradient: expected a gradient of shape (2, 4, 1), got (2, 3, 1)."
    assert str(caught.value) == text


def test_message_of_strides() -> None:
    with pytest.raises(ArgumentError) as caught:
        ops.max_pooling.infer([Spec((2, 8, 1), FLOAT64)], {**PLAIN, "strides": (0,)})
    assert str(caught.value) == "max_pooling: expected strides of at least 1, got (0,)."
