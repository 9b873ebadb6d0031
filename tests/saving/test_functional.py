"""Functional models in files: both ways with the real Keras, and there and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from functional_cases import CASES, STEPS, filled, flat

import lernwerk
from lernwerk.saving import load_model

# Keras reads its own variables in a way that NumPy 2 remarks on.
pytestmark = pytest.mark.filterwarnings("ignore:.*copy keyword:DeprecationWarning")
CLOSE = {"rtol": 1e-4, "atol": 1e-5}


def _agree(ours: Any, theirs: Any, x: Any) -> None:
    for one, two in zip(flat(ours.predict(x, verbose=0)), flat(theirs(x)), strict=True):
        np.testing.assert_allclose(one, two, **CLOSE)


@pytest.mark.parametrize("name", CASES)
def test_there_and_back(name: str, tmp_path: Path) -> None:
    make, x = CASES[name]
    model = filled(make(lernwerk))
    model.save(tmp_path / "m.keras")
    loaded = load_model(tmp_path / "m.keras")
    expected = flat(model.predict(x))
    for one, two in zip(flat(loaded.predict(x)), expected, strict=True):
        np.testing.assert_array_equal(one, two)
    assert loaded.get_config() == model.get_config()
    assert [each.path for each in loaded.weights] == [each.path for each in model.weights]


@pytest.mark.parametrize("name", CASES)
def test_keras_opens_our_file(name: str, keras: Any, tmp_path: Path) -> None:
    make, x = CASES[name]
    model = filled(make(lernwerk))
    model.save(tmp_path / "m.keras")
    _agree(model, keras.saving.load_model(tmp_path / "m.keras"), x)


@pytest.mark.parametrize("name", CASES)
def test_we_open_the_file_of_keras(name: str, keras: Any, tmp_path: Path) -> None:
    make, x = CASES[name]
    model = filled(make(keras))
    model.save(tmp_path / "m.keras")
    loaded = load_model(tmp_path / "m.keras")
    _agree(loaded, model, x)
    assert [each.name for each in loaded.layers] == [each.name for each in model.layers]
    assert loaded.count_params() == model.count_params()


@pytest.mark.parametrize("name", sorted(CASES.keys() - {"ellipsis"}))
def test_old_files_go_both_ways(name: str, keras: Any, tmp_path: Path) -> None:
    make, x = CASES[name]
    theirs, ours = filled(make(keras)), filled(make(lernwerk))
    theirs.save(tmp_path / "theirs.h5")
    _agree(load_model(tmp_path / "theirs.h5"), theirs, x)
    ours.save(tmp_path / "ours.h5")
    _agree(ours, keras.saving.load_model(tmp_path / "ours.h5"), x)
    _agree(load_model(tmp_path / "ours.h5"), theirs, x)


@pytest.mark.parametrize("name", CASES)
def test_weights_go_both_ways(name: str, keras: Any, tmp_path: Path) -> None:
    make, _ = CASES[name]
    theirs, ours = filled(make(keras)), filled(make(lernwerk))
    theirs.set_weights([w * 2 for w in theirs.get_weights()])
    theirs.save_weights(tmp_path / "theirs.weights.h5")
    ours.save_weights(tmp_path / "ours.weights.h5")
    before = ours.get_weights()
    ours.load_weights(tmp_path / "theirs.weights.h5")
    for one, two in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
    theirs.load_weights(tmp_path / "ours.weights.h5")
    for one, two in zip(theirs.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, two)


def _layers_inside(k: Any) -> dict[str, Any]:
    """Layers that hold layers or cells, as functions of a sequence."""
    made = k.layers
    return {
        "bidirectional": lambda x: made.Bidirectional(made.LSTM(3))(x),
        "time_distributed": lambda x: made.TimeDistributed(made.Dense(3))(x),
        "cell": lambda x: made.RNN(made.GRUCell(2))(x),
        "cells": lambda x: made.RNN([made.GRUCell(2), made.LSTMCell(3)])(x),
        "gru_before": lambda x: made.GRU(3, reset_after=False)(x),
        "states": lambda x: made.LSTM(3)(x, initial_state=made.LSTM(3, return_state=True)(x)[1:]),
        "masked": lambda x: made.LSTM(2)(made.Masking()(x)),
        "spectral": lambda x: made.SpectralNormalization(made.Dense(3))(x),
        "grouped": lambda x: made.GroupQueryAttention(4, 4, 2)(x, x),
        "additive": lambda x: made.AdditiveAttention()([x, x]),
        "model_in_time": lambda x: made.TimeDistributed(
            k.Sequential([k.Input((3,)), made.Dense(2)])
        )(x),
    }


@pytest.mark.parametrize("name", _layers_inside(lernwerk))
def test_layers_inside_layers_go_both_ways(name: str, keras: Any, tmp_path: Path) -> None:
    for ours, load in ((lernwerk, keras.saving.load_model), (keras, load_model)):
        entry = ours.Input((5, 3))
        model = filled(ours.Model(entry, _layers_inside(ours)[name](entry)))
        model.save(tmp_path / "m.keras")
        loaded = load(tmp_path / "m.keras")
        np.testing.assert_allclose(
            np.asarray(loaded(STEPS)), np.asarray(model(STEPS)), rtol=1e-3, atol=1e-5
        )
