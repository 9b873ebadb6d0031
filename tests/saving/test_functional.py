"""Functional models in files: both ways with the real Keras, and there and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from functional_cases import CASES, filled, flat

import lernwerk
from lernwerk import layers
from lernwerk.saving import load_model

# Keras reads its own variables in a way that NumPy 2 remarks on.
pytestmark = pytest.mark.filterwarnings("ignore:.*copy keyword:DeprecationWarning")
CLOSE = {"rtol": 1e-4, "atol": 1e-5}


def _agree(ours: Any, theirs: Any, x: Any) -> None:
    for one, two in zip(flat(ours.predict(x, verbose=0)), flat(theirs(x)), strict=True):
        np.testing.assert_allclose(one, two, **CLOSE)


def _case(name: str) -> tuple[Any, Any]:
    for needed in {"two_arguments": ["MultiHeadAttention"], "merged": ["Add", "Concatenate"]}.get(
        name, []
    ):
        if not hasattr(layers, needed):
            pytest.skip(f"{needed} is not there")
    return CASES[name]


@pytest.mark.parametrize("name", CASES)
def test_there_and_back(name: str, tmp_path: Path) -> None:
    make, x = _case(name)
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
    make, x = _case(name)
    model = filled(make(lernwerk))
    model.save(tmp_path / "m.keras")
    _agree(model, keras.saving.load_model(tmp_path / "m.keras"), x)


@pytest.mark.parametrize("name", CASES)
def test_we_open_the_file_of_keras(name: str, keras: Any, tmp_path: Path) -> None:
    make, x = _case(name)
    model = filled(make(keras))
    model.save(tmp_path / "m.keras")
    loaded = load_model(tmp_path / "m.keras")
    _agree(loaded, model, x)
    assert [each.name for each in loaded.layers] == [each.name for each in model.layers]
    assert loaded.count_params() == model.count_params()


@pytest.mark.parametrize("name", sorted(CASES.keys() - {"ellipsis"}))
def test_old_files_go_both_ways(name: str, keras: Any, tmp_path: Path) -> None:
    make, x = _case(name)
    theirs, ours = filled(make(keras)), filled(make(lernwerk))
    theirs.save(tmp_path / "theirs.h5")
    _agree(load_model(tmp_path / "theirs.h5"), theirs, x)
    ours.save(tmp_path / "ours.h5")
    _agree(ours, keras.saving.load_model(tmp_path / "ours.h5"), x)
    _agree(load_model(tmp_path / "ours.h5"), theirs, x)


@pytest.mark.parametrize("name", CASES)
def test_weights_go_both_ways(name: str, keras: Any, tmp_path: Path) -> None:
    make, _ = _case(name)
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
