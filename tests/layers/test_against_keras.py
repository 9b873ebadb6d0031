"""Every layer in several configurations against real Keras: outputs, gradients, weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

Agree = Callable[..., tuple[Any, Any]]


def numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def steps_mask() -> np.ndarray:
    """A mask (4, 6) that leaves out steps at the end, at the beginning and in between."""
    mask = np.ones((4, 6), bool)
    mask[0, 4:] = mask[1, :2] = mask[2, 1:4] = False
    mask[2, 5] = False
    return mask


FEED_FORWARD = [
    ("Dense", {"units": 4}, (5, 3)),
    ("Dense", {"units": 4, "activation": "relu", "use_bias": False}, (5, 3)),
    ("Dense", {"units": 4, "activation": "softmax"}, (2, 5, 3)),
    ("Dense", {"units": 1, "activation": "sigmoid"}, (2, 2, 5, 3)),
    ("Activation", {"activation": "elu"}, (4, 3)),
    ("Activation", {"activation": "softmax"}, (4, 2, 3)),
    ("Rescaling", {"scale": 1 / 255}, (2, 3)),
    ("Rescaling", {"scale": 2.0, "offset": -1.0}, (2, 3)),
    ("Normalization", {}, (4, 3)),
    ("Normalization", {"mean": [1.0, 2.0], "variance": [4.0, 0.0]}, (3, 2)),
    ("Normalization", {"mean": 3.0, "variance": 2.0}, (3, 2, 2)),
    ("Dropout", {"rate": 0.5}, (4, 3)),
    ("BatchNormalization", {}, (6, 3)),
    ("BatchNormalization", {"epsilon": 0.1, "center": False}, (2, 4, 3)),
    ("BatchNormalization", {"scale": False}, (2, 4, 4, 3)),
]

RECURRENT_OPTIONS = [
    {},
    {"return_sequences": True},
    {"return_state": True},
    {"return_sequences": True, "return_state": True, "go_backwards": True},
    {"go_backwards": True},
    {"use_bias": False, "return_sequences": True},
    {"activation": "relu", "return_sequences": True, "return_state": True},
    {"activation": "softsign", "use_bias": False},
]


@pytest.mark.parametrize(("name", "options", "shape"), FEED_FORWARD)
def test_outputs_gradients_and_weights_are_those_of_keras(
    agree: Agree, name: str, options: dict[str, Any], shape: tuple[int, ...]
) -> None:
    agree(name, options, numbers(*shape))


@pytest.mark.parametrize(
    ("options", "shape"),
    [
        ({}, (6, 3)),
        ({"momentum": 0.5, "epsilon": 0.01}, (2, 5, 3)),
        ({"momentum": 0.0, "center": False, "scale": False}, (2, 3, 4, 3)),
        ({"trainable": False}, (6, 3)),
    ],
)
def test_batch_normalization_in_training(
    agree: Agree, options: dict[str, Any], shape: tuple[int, ...]
) -> None:
    before = np.abs(numbers(*shape)).max()
    mine, _ = agree("BatchNormalization", options, 3 * numbers(*shape) + 1, training=True)
    assert before > 0
    assert len(mine.trainable_variables) == (0 if options.get("trainable") is False
                                             or "center" in options else 2)  # fmt: skip


def test_batch_normalization_in_training_moves_its_statistics(agree: Agree) -> None:
    x = 3 * numbers(50, 2) + 1
    mine, _ = agree("BatchNormalization", {"momentum": 0.0}, x, training=True)
    np.testing.assert_allclose(mine.get_weights()[2], x.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(mine.get_weights()[3], x.var(axis=0), rtol=1e-5)


@pytest.mark.parametrize("options", RECURRENT_OPTIONS)
@pytest.mark.parametrize("name", ["SimpleRNN", "LSTM", "GRU"])
def test_recurrent_layers(agree: Agree, name: str, options: dict[str, Any]) -> None:
    agree(name, {"units": 4, **options}, numbers(3, 6, 5))


@pytest.mark.parametrize("name", ["LSTM", "GRU"])
def test_recurrent_layers_with_another_gate_activation(agree: Agree, name: str) -> None:
    agree(name, {"units": 4, "recurrent_activation": "hard_sigmoid"}, numbers(3, 6, 5))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"return_sequences": True, "return_state": True},
        {"go_backwards": True, "return_sequences": True},
        {"activation": "relu", "return_sequences": True},
    ],
)
@pytest.mark.parametrize("name", ["SimpleRNN", "LSTM", "GRU"])
def test_recurrent_layers_skip_masked_steps(
    agree: Agree, name: str, options: dict[str, Any]
) -> None:
    agree(name, {"units": 3, **options}, numbers(4, 6, 2), mask=steps_mask())


@pytest.mark.parametrize("keepdims", [False, True])
def test_global_average_pooling_skips_masked_steps(agree: Agree, keepdims: bool) -> None:
    agree("GlobalAveragePooling1D", {"keepdims": keepdims}, numbers(4, 6, 2),
          mask=steps_mask())  # fmt: skip


@pytest.mark.parametrize("shape", [(4,), (3, 5), (2, 3, 2)])
def test_embedding(agree: Agree, shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(1).integers(0, 6, shape).astype("int32")
    agree("Embedding", {"input_dim": 6, "output_dim": 3}, x)


def test_unit_forget_bias_is_that_of_keras(keras: Any) -> None:
    from lernwerk import layers

    for unit_forget_bias in (True, False):
        mine = layers.LSTM(3, unit_forget_bias=unit_forget_bias)
        real = keras.layers.LSTM(3, unit_forget_bias=unit_forget_bias)
        mine.build_for((None, 4, 2))
        real.build((None, 4, 2))
        np.testing.assert_array_equal(mine.get_weights()[2], real.get_weights()[2])


def test_normalization_adapts_as_keras(keras: Any) -> None:
    from lernwerk import layers

    x = (10 * numbers(40, 3) + 5).astype("float32")
    mine, real = layers.Normalization(), keras.layers.Normalization()
    mine.adapt(x)
    real.adapt(x)
    for one, other in zip(mine.get_weights(), real.get_weights(), strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_allclose(one[()], other[()], rtol=2e-5)
    np.testing.assert_allclose(mine(x).numpy(), np.asarray(real(x)), atol=2e-6)


@pytest.mark.parametrize("name", ["SimpleRNN", "LSTM", "GRU"])
def test_a_model_passes_the_mask_of_its_embedding_on_as_keras(keras: Any, name: str) -> None:
    import lernwerk

    x = np.array([[3, 1, 0, 0], [2, 0, 4, 1], [0, 0, 1, 2]], "int32")

    def model(package: Any) -> Any:
        kinds = package.layers
        return package.Sequential([
            package.Input(shape=(4,), dtype="int32"),
            kinds.Embedding(5, 3, mask_zero=True), kinds.Dense(3), kinds.BatchNormalization(),
            kinds.Dropout(0.5), getattr(kinds, name)(3, return_sequences=True),
            kinds.Activation("tanh"), kinds.GlobalAveragePooling1D(), kinds.Dense(2),
        ])  # fmt: skip

    mine, real = model(lernwerk), model(keras)
    mine.set_weights(real.get_weights())
    np.testing.assert_allclose(mine.predict(x), np.asarray(real(x)), atol=1e-6)


def test_layers_that_change_the_steps_end_the_mask(keras: Any) -> None:
    import lernwerk

    x = np.array([[3, 1, 0, 0], [2, 0, 4, 1]], "int32")

    def model(package: Any) -> Any:
        kinds = package.layers
        return package.Sequential([
            package.Input(shape=(4,), dtype="int32"),
            kinds.Embedding(5, 3, mask_zero=True), kinds.Conv1D(3, 2), kinds.LSTM(2),
        ])  # fmt: skip

    mine = model(lernwerk)
    with pytest.warns(UserWarning, match="does not support masking"):
        real = model(keras)
    mine.set_weights(real.get_weights())
    np.testing.assert_allclose(mine.predict(x), np.asarray(real.layers[2](
        real.layers[1](np.asarray(real.layers[0].embeddings)[x]))), atol=1e-6)  # fmt: skip
