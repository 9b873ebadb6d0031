"""Cells as layers of their own: one step, its configs, its place in files."""

from __future__ import annotations

import inspect
import json
from typing import Any

import numpy as np
import pytest

import lernwerk
from lernwerk import layers
from lernwerk.core.tensor import Tensor

OPTIONS: dict[str, list[dict[str, Any]]] = {
    "SimpleRNNCell": [{}, {"use_bias": False, "activation": "relu"}],
    "LSTMCell": [{}, {"unit_forget_bias": False, "recurrent_activation": "hard_sigmoid"}],
    "GRUCell": [{}, {"reset_after": False, "use_bias": False}],
}
CASES = [(name, options) for name, several in OPTIONS.items() for options in several]


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


@pytest.mark.parametrize(("name", "options"), CASES)
def test_one_step_is_that_of_keras(keras: Any, name: str, options: dict[str, Any]) -> None:
    mine, real = (getattr(p, name)(3, **options) for p in (layers, keras.layers))
    states = [numbers(4, 3, seed=k) for k in range(2 if name == "LSTMCell" else 1)]
    x = numbers(4, 2)
    mine.build_for(x.shape)
    real.build(x.shape)
    assert [w.name for w in mine.weights] == [w.name for w in real.weights]
    mine.set_weights(real.get_weights())
    y, new = mine(x, list(map(Tensor, states)))
    expected, theirs = real(x, states)
    for one, other in zip([y, *new], [expected, *theirs], strict=True):
        np.testing.assert_allclose(one.numpy(), np.asarray(other), atol=2e-6)
    size = [3, 3] if name == "LSTMCell" else 3
    assert (mine.state_size, mine.output_size) == (size, 3)
    start = mine.get_initial_state(batch_size=4)
    assert [s.shape for s in start] == [(4, 3)] * len(states)


@pytest.mark.parametrize(("name", "options"), CASES)
def test_configs_go_both_ways(keras: Any, name: str, options: dict[str, Any]) -> None:
    mine = getattr(layers, name)(3, dropout=0.25, kernel_regularizer="l2", **options)
    config = json.loads(json.dumps(mine.get_config()))
    theirs = getattr(keras.layers, name).from_config(config).get_config()
    assert set(config) == set(theirs)
    again = getattr(layers, name).from_config(json.loads(json.dumps(theirs, default=list)))
    assert again.get_config() == mine.get_config()


@pytest.mark.parametrize("name", [*OPTIONS, "StackedRNNCells", "MultiHeadAttention",
                                  "GroupQueryAttention"])  # fmt: skip
def test_positional_arguments_are_in_keras_s_order(keras: Any, name: str) -> None:
    mine, real = (
        [p.name for p in inspect.signature(getattr(package, name).__init__).parameters.values()
         if p.kind is p.POSITIONAL_OR_KEYWORD]
        for package in (layers, keras.layers)
    )  # fmt: skip
    assert mine == real


def test_stacked_cells_take_a_step_and_have_a_config() -> None:
    cells = layers.StackedRNNCells([layers.LSTMCell(3), layers.GRUCell(2)], name="both")
    y, states = cells(numbers(4, 5), cells.get_initial_state(4))
    assert y.shape == (4, 2)
    assert [[s.shape for s in each] for each in states] == [[(4, 3), (4, 3)], [(4, 2)]]
    assert (cells.state_size, cells.output_size) == ([[3, 3], 2], 2)
    again = layers.StackedRNNCells.from_config(json.loads(json.dumps(cells.get_config())))
    assert again.get_config() == cells.get_config()


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's
def test_weights_of_cells_lie_where_keras_looks_for_them(keras: Any, tmp_path: Any) -> None:
    def model(package: Any) -> Any:
        p = package.layers
        return package.Sequential([
            package.Input((5, 3)),
            p.RNN([p.LSTMCell(4), p.GRUCell(3)], return_sequences=True),
            p.Bidirectional(p.LSTM(2, return_sequences=True)),
            p.TimeDistributed(p.Dense(3)), p.GRU(2),
        ])  # fmt: skip

    x = numbers(2, 5, 3)
    mine, real = model(lernwerk), model(keras)
    mine.save_weights(tmp_path / "ours.weights.h5")
    real.load_weights(tmp_path / "ours.weights.h5")
    np.testing.assert_allclose(mine.predict(x), real.predict(x, verbose=0), atol=2e-6)
    theirs = model(keras)
    theirs.save_weights(tmp_path / "theirs.weights.h5")
    mine.load_weights(tmp_path / "theirs.weights.h5")
    np.testing.assert_allclose(mine.predict(x), theirs.predict(x, verbose=0), atol=2e-6)
