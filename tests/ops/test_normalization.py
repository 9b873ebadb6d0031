"""Normalization against the real Keras and JAX: values, gradients, precision, messages."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lernwerk import ops
from lernwerk.core import Tensor, gradient
from lernwerk.errors import ShapeError
from lernwerk.ops.primitive import Spec

SHAPES = [(6, 3), (4, 5, 3), (2, 4, 3, 5), (2, 2, 3, 2, 3)]
EPSILON = 1e-3


def arrays(shape: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    random = np.random.default_rng(8)
    return random.normal(3.0, 2.0, shape), *random.normal(size=(2, shape[-1]))


def batch_of_jax(x: Any, scale: Any, offset: Any) -> tuple[Any, Any, Any]:
    axes = tuple(range(x.ndim - 1))
    mean, variance = x.mean(axes), x.var(axes)
    y = jax.nn.standardize(x, axis=axes, epsilon=EPSILON) * scale + offset
    return y, mean, variance


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("used", [(0,), (1,), (2,), (0, 1, 2)])
def test_batch_normalization_agrees_with_jax(shape: Any, used: Any) -> None:
    inputs = arrays(shape)
    random = np.random.default_rng(2)
    with jax.enable_x64(True):
        expected, back = jax.vjp(batch_of_jax, *map(jnp.asarray, inputs))
        g = [random.normal(size=e.shape) * (i in used) for i, e in enumerate(expected)]
        wanted = back(tuple(map(jnp.asarray, g)))
    tensors = [Tensor(each) for each in inputs]
    outputs = ops.batch_normalization(*tensors, epsilon=EPSILON)
    for found, value in zip(outputs, expected, strict=True):
        np.testing.assert_allclose(found.numpy(), value, rtol=1e-11)
    loss = sum((outputs[i] * g[i]).sum() for i in used)
    for found, value in zip(gradient(loss, tensors), wanted, strict=True):
        zero = np.zeros(value.shape) if found is None else found.numpy()
        np.testing.assert_allclose(zero, value, rtol=1e-9, atol=1e-11)


def test_batch_normalization_agrees_with_the_layer_of_keras(keras: Any) -> None:
    x, scale, offset = (each.astype("float32") for each in arrays((4, 5, 3)))
    layer = keras.layers.BatchNormalization(momentum=0.0)
    layer.build(x.shape)
    layer.set_weights([scale, offset, np.zeros(3), np.ones(3)])
    expected = layer(x, training=True)
    y, mean, variance = ops.batch_normalization(x, scale, offset, epsilon=EPSILON)
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(mean, layer.moving_mean, rtol=1e-5)
    np.testing.assert_allclose(variance, layer.moving_variance, rtol=1e-4)


def layer_of_jax(x: Any, scale: Any, offset: Any) -> Any:
    # Not jax.nn.standardize, which takes the variance in one pass, too coarse in float32.
    mean, variance = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    return (x - mean) / jnp.sqrt(variance + EPSILON) * scale + offset


@pytest.mark.parametrize("shape", SHAPES)
def test_layer_normalization_agrees_with_jax(agrees_with_jax: Any, shape: Any) -> None:
    agrees_with_jax(ops.layer_normalization, layer_of_jax, *arrays(shape), epsilon=EPSILON)


def test_layer_normalization_agrees_with_the_layer_of_keras(keras: Any) -> None:
    x, scale, offset = (each.astype("float32") for each in arrays((4, 5, 3)))
    layer = keras.layers.LayerNormalization()
    layer.build(x.shape)
    layer.set_weights([scale, offset])
    y = ops.layer_normalization(x, scale, offset, epsilon=EPSILON)
    np.testing.assert_allclose(y, layer(x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", [(4096, 4), (64, 64, 4)])
def test_float32_is_precise_far_from_zero(shape: Any) -> None:
    x = arrays(shape)[0]
    single = (x + 1000.0).astype("float32")
    exact = single.astype("float64")
    ones = np.ones(4), np.zeros(4)
    for name in ("batch_normalization", "layer_normalization"):
        primitive = getattr(ops, name)
        found = primitive(single, *(each.astype("float32") for each in ones), epsilon=EPSILON)
        expected = primitive(exact, *ones, epsilon=EPSILON)
        y, wanted = (v[0] if isinstance(v, tuple) else v for v in (found, expected))
        assert y.dtype == np.float32
        np.testing.assert_allclose(y, wanted, atol=1e-3)


def test_long_sums_are_precise_in_float32() -> None:
    x = np.random.default_rng(1).uniform(0.0, 1.0, (256, 400, 2)).astype("float32")
    ones = np.ones(2, "float32")
    _, mean, variance = ops.batch_normalization(x, ones, ones, epsilon=EPSILON)
    np.testing.assert_allclose(mean, x.mean((0, 1), dtype=float), rtol=1e-6)
    np.testing.assert_allclose(variance, x.var((0, 1), dtype=float), rtol=1e-5)


def test_constant_input_gives_the_offset() -> None:
    x, offset = np.full((4, 3), 7.0, "float32"), np.arange(3, dtype="float32")
    for name in ("batch_normalization", "layer_normalization"):
        y = getattr(ops, name)(x, np.ones(3, "float32"), offset, epsilon=EPSILON)
        y = y[0] if isinstance(y, tuple) else y
        np.testing.assert_array_equal(y, np.broadcast_to(offset, (4, 3)))


@pytest.mark.parametrize("name", ["batch_normalization", "layer_normalization"])
def test_message(name: str) -> None:
    specs = [Spec(shape, np.dtype(float)) for shape in ((2, 3), (4,), (4,))]
    with pytest.raises(ShapeError) as caught:
        getattr(ops, name).infer(specs, {"epsilon": EPSILON})
    assert str(caught.value) == f"{name}: expected scale (c) with c = 3, got (4,)."
