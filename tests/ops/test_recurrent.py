"""Recurrent operations against the layers of the real Keras: values, gradients, masks, messages."""

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

BATCH, STEPS, INPUTS, UNITS = 3, 6, 4, 5
KINDS = {"lstm": ("LSTM", 4, 2), "gru": ("GRU", 3, 1), "simple_rnn": ("SimpleRNN", 1, 1)}
MASKS = {
    "all": np.ones((BATCH, STEPS), bool),
    "tails": np.arange(STEPS) < np.array([[6], [4], [1]]),
    "gaps": np.array([[1, 1, 0, 1, 0, 1], [0, 0, 1, 1, 1, 1], [1, 0, 1, 0, 0, 0]], bool),
}


def inputs_of(name: str) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Sequences with first states, and weights."""
    _, parts, states = KINDS[name]
    random = np.random.default_rng(6)
    columns = parts * UNITS
    bias = (2, columns) if name == "gru" else (columns,)
    sequence = [random.normal(size=(BATCH, STEPS, INPUTS))]
    sequence += list(random.normal(size=(states, BATCH, UNITS)))
    shapes = ((INPUTS, columns), (UNITS, columns), bias)
    return sequence, [random.normal(size=shape) * 0.6 for shape in shapes]


def layer_of(keras: Any, name: str) -> Any:
    layer = getattr(keras.layers, KINDS[name][0])(UNITS, return_sequences=True, return_state=True)
    layer.build((BATCH, STEPS, INPUTS))
    return layer


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("name", KINDS)
def test_values_and_gradients_agree_with_keras(keras: Any, name: str, mask: str) -> None:
    # float32, because parts of Keras on JAX are in float32 whatever the layer's type.
    sequence, weights = ([a.astype("float32") for a in part] for part in inputs_of(name))
    count = len(sequence)
    chosen = MASKS[mask]
    layer = layer_of(keras, name)
    others = [v.value for v in layer.non_trainable_variables]  # the dropout seed

    def function(*values: Any) -> Any:
        x, *states = values[:count]
        results, _ = layer.stateless_call(
            list(values[count:]), others, x, initial_state=list(states),
            mask=None if mask == "all" else jnp.asarray(chosen),
        )  # fmt: skip
        return tuple(results)

    expected, back = jax.vjp(function, *map(jnp.asarray, sequence + weights))
    random = np.random.default_rng(2)
    g = [random.normal(size=each.shape).astype("float32") for each in expected]
    wanted = back(tuple(map(jnp.asarray, g)))
    tensors = [Tensor(each) for each in sequence + weights]
    result = getattr(ops, name)(*tensors, chosen)
    results = result if isinstance(result, tuple) else (result,)
    found = [results[0], results[0][:, -1]]
    if name == "lstm":
        found.append(results[1][:, -1])
    for value, keras_value in zip(found, expected, strict=True):
        np.testing.assert_allclose(value.numpy(), keras_value, rtol=1e-5, atol=1e-6)
    loss = sum((value * each).sum() for value, each in zip(found, g, strict=True))
    for value, keras_value in zip(gradient(loss, tensors), wanted, strict=True):
        np.testing.assert_allclose(value.numpy(), keras_value, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", KINDS)
def test_masked_steps_repeat_the_state(name: str) -> None:
    sequence, weights = inputs_of(name)
    result = getattr(ops, name)(*sequence, *weights, MASKS["gaps"])
    outputs = result[0] if isinstance(result, tuple) else result
    np.testing.assert_array_equal(outputs[0, 2], outputs[0, 1])
    np.testing.assert_array_equal(outputs[1, 0], sequence[1][1])
    np.testing.assert_array_equal(outputs[2, 5], outputs[2, 2])


@pytest.mark.parametrize("name", KINDS)
def test_what_lies_in_masked_steps_does_not_matter(name: str) -> None:
    sequence, weights = inputs_of(name)
    spoilt = np.where(MASKS["gaps"][..., None], sequence[0], 1e6)
    first, second = (
        gradients(name, [x, *sequence[1:]], weights, MASKS["gaps"]) for x in (sequence[0], spoilt)
    )
    for a, b in zip(first, second, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def gradients(
    name: str, sequence: list[np.ndarray], weights: list[np.ndarray], mask: np.ndarray
) -> list[np.ndarray]:
    tensors = [Tensor(each) for each in sequence + weights]
    result = getattr(ops, name)(*tensors, mask)
    outputs = result[0] if isinstance(result, tuple) else result
    return [found.numpy() for found in gradient((outputs * outputs).sum(), tensors)]


@pytest.mark.parametrize("name", KINDS)
def test_float32_agrees_with_float64(name: str) -> None:
    sequence, weights = inputs_of(name)
    single = ([a.astype("float32") for a in part] for part in (sequence, weights))
    found = gradients(name, *single, MASKS["gaps"])
    expected = gradients(name, sequence, weights, MASKS["gaps"])
    for a, b in zip(found, expected, strict=True):
        assert a.dtype == np.float32
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", KINDS)
def test_large_inputs_saturate_without_overflow(name: str) -> None:
    sequence, weights = inputs_of(name)
    huge = [(1e4 * each).astype("float32") for each in sequence]
    small = [each.astype("float32") for each in weights]
    result = getattr(ops, name)(*huge[:1], *huge[1:], *small, MASKS["all"])
    outputs = result[0] if isinstance(result, tuple) else result
    assert np.isfinite(outputs).all()


@pytest.mark.parametrize(("name", "count"), [("lstm", 20), ("gru", 15)])
def test_message_of_wrong_kernels(name: str, count: int) -> None:
    sequence, _ = inputs_of(name)
    parts = KINDS[name][1]
    bias = (2, 12) if name == "gru" else (12,)
    shapes = [*(each.shape for each in sequence), (INPUTS, 12), (UNITS, 12), bias, (BATCH, STEPS)]
    with pytest.raises(ShapeError) as caught:
        getattr(ops, name).infer([Spec(shape, np.dtype(float)) for shape in shapes], {})
    text = f"{parts} * 5 = {count} columns in the kernels of 5 units, got 12."
    assert str(caught.value) == f"{name}: expected {text}"


@pytest.mark.parametrize("name", KINDS)
def test_message_of_a_wrong_mask(name: str) -> None:
    sequence, weights = inputs_of(name)
    shapes = [*(each.shape for each in sequence + weights), (BATCH, STEPS + 1)]
    with pytest.raises(ShapeError) as caught:
        getattr(ops, name).infer([Spec(shape, np.dtype(float)) for shape in shapes], {})
    assert str(caught.value) == f"{name}: expected mask (b, t) with t = 6, got (3, 7)."
