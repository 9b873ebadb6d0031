"""The statistics of dropout: share of zeros, scale, shared masks, masks of recurrent layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lernwerk import layers


def ones(*shape: int) -> np.ndarray:
    return np.ones(shape, "float32")


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_a_share_is_zero_and_the_rest_is_scaled_up(rate: float) -> None:
    y = layers.Dropout(rate, seed=1)(ones(200, 100), training=True).numpy()
    assert set(np.unique(y)) == {np.float32(0), np.float32(1) / np.float32(1 - rate)}
    assert abs((y == 0).mean() - rate) < 0.01
    assert abs(y.mean() - 1) < 0.05


def test_the_mask_changes_from_call_to_call_but_not_with_the_seed() -> None:
    first, second = layers.Dropout(0.5, seed=3), layers.Dropout(0.5, seed=3)
    x = ones(30, 30)
    a, b = (first(x, training=True).numpy() for _ in range(2))
    assert (a != b).any()
    np.testing.assert_array_equal(second(x, training=True).numpy(), a)


@pytest.mark.parametrize("noise_shape", [(None, 1, 5), (40, 1, 5), (1, 6, 1)])
def test_noise_shape_shares_the_mask(noise_shape: Any) -> None:
    y = layers.Dropout(0.5, noise_shape=noise_shape, seed=2)(ones(40, 6, 5), training=True).numpy()
    for axis, length in enumerate(noise_shape):
        if length == 1:
            assert (y == y.take([0], axis=axis)).all()
        else:
            assert (y != y.take([0], axis=axis)).any()


def test_nothing_happens_outside_training_or_at_rate_0() -> None:
    x = ones(4, 4)
    np.testing.assert_array_equal(layers.Dropout(0.9)(x).numpy(), x)
    np.testing.assert_array_equal(layers.Dropout(0)(x, training=True).numpy(), x)


def test_dropout_on_the_inputs_of_a_recurrent_layer_is_one_mask_for_all_steps() -> None:
    layer = layers.SimpleRNN(1, dropout=0.5, return_sequences=True, seed=1)
    layer.build_for((None, 4, 1))
    layer.set_weights([ones(1, 1), 0 * ones(1, 1), 0 * ones(1)])
    y = layer(ones(1000, 4, 1), training=True).numpy()[..., 0]
    assert (y == y[:, :1]).all()
    assert abs((y[:, 0] == 0).mean() - 0.5) < 0.06
    np.testing.assert_allclose(y.max(), np.tanh(2), rtol=1e-6)


@pytest.mark.parametrize("name", ["SimpleRNN", "LSTM", "GRU"])
def test_recurrent_dropout_is_one_mask_for_all_steps_and_none_outside_training(name: str) -> None:
    layer = getattr(layers, name)(1, recurrent_dropout=0.5, return_sequences=True, seed=5)
    plain = getattr(layers, name)(1, return_sequences=True)
    x = np.random.default_rng(0).normal(size=(400, 5, 2)).astype("float32")
    layer.build_for(x.shape)
    plain.build_for(x.shape)
    plain.set_weights(layer.get_weights())
    np.testing.assert_allclose(layer(x).numpy(), plain(x).numpy(), atol=1e-6)
    dropped = layer(x, training=True).numpy()
    np.testing.assert_allclose(dropped[:, 0], plain(x).numpy()[:, 0], atol=1e-6)
    assert (np.abs(dropped[:, -1] - plain(x).numpy()[:, -1]) > 1e-4).mean() > 0.8


def test_the_state_s_mask_of_a_simple_network_is_0_or_2_in_equal_parts() -> None:
    layer = layers.SimpleRNN(1, activation="linear", recurrent_dropout=0.5, seed=8)
    layer.build_for((None, 2, 1))
    layer.set_weights([ones(1, 1), ones(1, 1), 0 * ones(1)])
    y = layer(ones(2000, 2, 1), training=True).numpy()[:, 0]
    assert set(np.unique(y)) == {1.0, 3.0}
    assert abs((y == 1).mean() - 0.5) < 0.05
