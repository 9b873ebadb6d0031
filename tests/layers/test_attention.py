"""Attention against real Keras: outputs, scores, gradients, masks, configs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lernwerk
from lernwerk import layers
from lernwerk.core.gradient import gradient
from lernwerk.core.tensor import Tensor
from lernwerk.errors import ArgumentError, ShapeError

HEADS = {"num_heads": 2, "key_dim": 3}
GROUPS = {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2}


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


QUERY, VALUE, KEY = numbers(3, 4, 5), numbers(3, 6, 7, seed=1), numbers(3, 6, 8, seed=2)
PICTURE, OTHER = numbers(2, 4, 3, 5), numbers(2, 4, 6, 7, seed=1)
ALLOWED = np.random.default_rng(3).random((3, 4, 6)) > 0.4
ALLOWED[0, 1] = False  # a step that may look at nothing
STEPS, VALUES = np.arange(4) < [[4], [2], [3]], np.arange(6) < [[6], [4], [1]]


def compared(keras: Any, name: str, options: dict[str, Any], given: Any, **call: Any) -> Any:
    """Outputs and gradients of a layer and of Keras's with the same weights are the same."""
    import jax

    mine, real = (getattr(p, name)(**options) for p in (layers, keras.layers))
    mine(*given, **call)
    real(*given, **call)
    assert [(w.name, w.shape) for w in mine.weights] == [(w.name, w.shape) for w in real.weights]
    random = np.random.default_rng(5)
    weights = [random.normal(size=w.shape).astype("float32") / 2 for w in mine.weights]
    mine.set_weights(weights)
    real.set_weights(weights)
    found, expected = _listed(mine(*given, **call)), _listed(real(*given, **call))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one.numpy(), np.asarray(other), atol=5e-6)

    def total(trained: Any) -> Any:
        return (_listed(real.stateless_call(trained, [], *given, **call)[0])[0] ** 2).sum()

    theirs = jax.grad(total)([v.value for v in real.trainable_variables])
    own = gradient((found[0] ** 2).sum(), mine.trainable_variables)
    for one, other in zip(own, theirs, strict=True):
        scale = max(1.0, float(np.abs(other).max()))
        actual = np.zeros(other.shape) if one is None else one.numpy()
        np.testing.assert_allclose(actual / scale, np.asarray(other) / scale, atol=2e-5)
    return mine


def _listed(outputs: Any) -> list[Any]:
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]


SCORES = {"return_attention_scores": True}


@pytest.mark.parametrize(
    ("options", "given", "call"),
    [
        ({}, (QUERY, VALUE, KEY), {}),
        ({}, (QUERY, QUERY), {"use_causal_mask": True}),
        ({}, (QUERY, VALUE, KEY), {"attention_mask": ALLOWED}),
        ({}, (QUERY, VALUE), {"attention_mask": ALLOWED.astype("int32"), **SCORES}),
        ({"value_dim": 4, "output_shape": 9, "use_bias": False}, (QUERY, VALUE, KEY), SCORES),
        ({"output_shape": (2, 3), "use_gate": True}, (QUERY, VALUE), {}),
        ({"sliding_window": 2, "flash_attention": False}, (QUERY, QUERY), SCORES),
        ({"attention_axes": 2}, (PICTURE, OTHER), SCORES),
        ({"attention_axes": (1, 2)}, (PICTURE, OTHER), SCORES),
        ({}, (PICTURE, OTHER), {"attention_mask": np.ones((2, 4, 3, 4, 6)) > 0}),
        ({"attention_axes": [-2]}, (PICTURE, OTHER), {}),
    ],
)
def test_multi_head_attention(
    keras: Any, options: dict[str, Any], given: Any, call: dict[str, Any]
) -> None:
    compared(keras, "MultiHeadAttention", {**HEADS, **options}, given, **call)


@pytest.mark.parametrize(
    ("options", "call"),
    [({}, {}), ({"use_gate": True, "use_bias": False}, {"attention_mask": ALLOWED, **SCORES})],
)
def test_grouped_query_attention(keras: Any, options: Any, call: Any) -> None:
    compared(keras, "GroupQueryAttention", {**GROUPS, **options}, (QUERY, VALUE), **call)


@pytest.mark.parametrize("call", [{}, {"use_causal_mask": True, **SCORES},
                                  {"mask": [STEPS, VALUES]}])  # fmt: skip
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("Attention", {}), ("Attention", {"use_scale": True}),
        ("Attention", {"score_mode": "concat"}),
        ("Attention", {"score_mode": "concat", "use_scale": True}),
        ("AdditiveAttention", {}), ("AdditiveAttention", {"use_scale": False}),
    ],
)  # fmt: skip
def test_attention(keras: Any, name: str, options: dict[str, Any], call: dict[str, Any]) -> None:
    tensors = [QUERY, numbers(3, 6, 5, seed=1), numbers(3, 6, 5, seed=2)]
    compared(keras, name, options, (tensors,), **call)
    if not call:
        compared(keras, name, options, (tensors[:2],))


def test_masks_of_embeddings_reach_the_attention(keras: Any) -> None:
    def model(package: Any) -> Any:
        p = package.layers
        inputs = p.Input((5,), dtype="int32")
        x = p.Embedding(9, 4, mask_zero=True)(inputs)
        y = p.MultiHeadAttention(2, 3)(p.Dense(4)(x), p.LayerNormalization()(x))
        z = p.Attention()([p.Dense(4)(x), p.Activation("tanh")(x)])
        return package.Model(inputs, p.GlobalAveragePooling1D()(p.Concatenate()([y, z])))

    mine, real = model(lernwerk), model(keras)
    mine.set_weights(real.get_weights())
    x = np.array([[3, 1, 0, 0, 0], [2, 8, 4, 1, 5], [7, 0, 0, 0, 0]], "int32")
    np.testing.assert_allclose(mine.predict(x), real.predict(x, verbose=0), atol=5e-6)


def test_a_decoder_s_attention_trains_as_keras_s(keras: Any) -> None:
    """Two inputs, a causal mask, a dict of weights that move by one step of descent."""

    def model(package: Any) -> Any:
        p = package.layers
        encoded, inputs = p.Input((6, 7)), p.Input((4, 5))
        y = p.MultiHeadAttention(2, 3)(inputs, inputs, use_causal_mask=True)
        y = p.MultiHeadAttention(2, 3)(query=y, value=encoded, key=encoded)
        return package.Model([encoded, inputs], p.Dense(1)(y))

    mine, real = model(lernwerk), model(keras)
    mine.set_weights(real.get_weights())
    target = numbers(3, 4, 1)
    for package, each in ((lernwerk, mine), (keras, real)):
        each.compile(package.optimizers.SGD(0.1), "mse")
        each.train_on_batch([VALUE, QUERY], target)
    for one, other in zip(mine.get_weights(), real.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=5e-6)


@pytest.mark.parametrize(
    ("name", "options", "given"),
    [
        ("MultiHeadAttention", {**HEADS, "dropout": 0.5}, (QUERY, VALUE)),
        ("GroupQueryAttention", {**GROUPS, "dropout": 0.5}, (QUERY, VALUE)),
        ("Attention", {"dropout": 0.5}, ([QUERY, numbers(3, 6, 5)],)),
    ],
)
def test_dropout_of_the_scores_in_training(name: str, options: dict[str, Any], given: Any) -> None:
    layer = getattr(layers, name)(**options, seed=2)
    plain = layer(*given).numpy()
    np.testing.assert_array_equal(plain, layer(*given, training=False).numpy())
    assert (plain != layer(*given, training=True).numpy()).any()
    config = json.loads(json.dumps(layer.get_config()))
    assert type(layer).from_config(config).get_config() == layer.get_config()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("MultiHeadAttention", {**HEADS, "output_shape": 4, "attention_axes": (1,)}),
        ("MultiHeadAttention", {**HEADS, "value_dim": 5, "activity_regularizer": "l2"}),
        ("GroupQueryAttention", {**GROUPS, "use_gate": True, "sliding_window": 3}),
    ],
)
def test_configs_go_both_ways(keras: Any, name: str, options: dict[str, Any]) -> None:
    mine = getattr(layers, name)(**options)
    config = json.loads(json.dumps(mine.get_config()))
    theirs = getattr(keras.layers, name).from_config(config).get_config()
    assert set(config) == set(theirs)
    again = getattr(layers, name).from_config(json.loads(json.dumps(theirs, default=list)))
    assert again.get_config() == mine.get_config()


def test_the_shape_of_the_output_is_known_beforehand(keras: Any) -> None:
    shapes = (None, None, 5), (None, 6, 7)
    for options in ({}, {"output_shape": (2, 4)}):
        mine, real = (p.MultiHeadAttention(**HEADS, **options) for p in (layers, keras.layers))
        assert mine.compute_output_shape(*shapes) == tuple(real.compute_output_shape(*shapes))


def test_penalties_are_on_the_projections(keras: Any) -> None:
    mine, real = (
        p.MultiHeadAttention(**HEADS, kernel_regularizer="l2", activity_regularizer="l1")
        for p in (layers, keras.layers)
    )
    mine(QUERY, VALUE)
    real(QUERY, VALUE)
    mine.set_weights(real.get_weights())
    mine(QUERY, VALUE)
    real(QUERY, VALUE)
    total = float(sum(loss.item() for loss in mine.losses))
    assert total == pytest.approx(float(sum(real.losses)), rel=1e-5)


@pytest.mark.parametrize(
    ("make", "kind", "text"),
    [
        (lambda: layers.Attention(name="layer")(QUERY), ShapeError,
         "layer: expected a list [query, value] or [query, value, key], got one tensor. "
         "Attention()([query, value])"),
        (lambda: layers.AdditiveAttention(name="layer")([QUERY] * 4), ShapeError,
         "layer: expected a list [query, value] or [query, value, key], got 4 tensors. "
         "AdditiveAttention()([query, value])"),
        (lambda: layers.Attention(score_mode="cosine", name="layer"), ArgumentError,
         "layer: expected the name of a known score_mode, got 'cosine'. Known: concat, dot."),
        (lambda: layers.MultiHeadAttention(2, 3, output_shape="4", name="layer"), ArgumentError,
         "layer: expected output_shape as an integer or several, got '4'."),
        (lambda: layers.MultiHeadAttention(2, 3, name="layer")(QUERY, VALUE, QUERY), ShapeError,
         "layer: expected value and key with equally many steps, got value (None, 6, 7) and key "
         "(None, 4, 5)."),
        (lambda: layers.GroupQueryAttention(3, 4, 3, name="layer"), ArgumentError,
         "layer: expected num_query_heads that 3 heads of key and value divide, got 4."),
    ],
)  # fmt: skip
def test_what_is_refused(make: Callable[[], Any], kind: type[Exception], text: str) -> None:
    with pytest.raises(kind) as refused:
        make()
    assert str(refused.value) == text


def test_scores_of_a_symbolic_call_are_outputs() -> None:
    inputs = layers.Input((4, 5))
    y, scores = layers.MultiHeadAttention(2, 3)(inputs, inputs, return_attention_scores=True)
    assert (y.shape, scores.shape) == ((None, 4, 5), (None, 2, 4, 4))
    found = lernwerk.Model(inputs, [y, scores]).predict(QUERY)
    np.testing.assert_allclose(found[1].sum(-1), np.ones((3, 2, 4)), rtol=1e-5)
    assert Tensor(QUERY).mask is None
