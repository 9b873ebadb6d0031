"""load_weights: strict where nothing else is asked for; by name, and without what does not fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lernwerk
from lernwerk import layers
from lernwerk.errors import FileError
from lernwerk.models import Sequential


def _model(*sizes: tuple[str, int]) -> Sequential:
    listed = [layers.Dense(units, name=name) for name, units in sizes]
    return Sequential([layers.Input((4,)), *listed])


@pytest.fixture(params=["w.weights.h5", "m.keras", "w.h5"])
def saved(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Sequential, Path]:
    """A model of two layers, and a file with its weights in each of the formats."""
    model, path = _model(("a", 3), ("b", 2)), tmp_path / request.param
    (model.save if path.suffix == ".keras" else model.save_weights)(path)
    return model, path


def _same(found: list[Any], expected: list[Any]) -> None:
    for one, two in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, two)


def test_names_do_not_matter_by_default(saved: Any) -> None:
    model, path = saved
    other = _model(("x", 3), ("y", 2))
    other.load_weights(path)
    _same(other.get_weights(), model.get_weights())


def test_by_name_finds_layers_at_other_places(saved: Any) -> None:
    model, path = saved
    other = Sequential([layers.Input((3,)), layers.Dense(2, name="b"), layers.Dense(2, name="c")])
    before = other.get_weights()
    with pytest.warns(UserWarning, match="weights that were left as they are") as warned:
        other.load_weights(path, by_name=True)
    text = str(warned[0].message)
    assert text.startswith(f"{path}: ")
    assert "layer c, which the file does not have" in text
    _same(other.get_weights(), [*model.get_weights()[2:], *before[2:]])


def test_what_is_missing_or_left_over_is_said(saved: Any) -> None:
    _, path = saved
    longer, shorter = _model(("a", 3), ("b", 2), ("c", 2)), _model(("a", 3))
    for model, said in ((longer, ("b", "c")), (shorter, ("a", "b"))):
        before = model.get_weights()
        with pytest.raises(FileError) as refused:
            model.load_weights(path)
        assert any(each in str(refused.value) for each in said)
        _same(model.get_weights(), before)


def test_skip_mismatch_leaves_what_does_not_fit(saved: Any) -> None:
    model, path = saved
    other = _model(("a", 3), ("wide", 5))
    before = other.get_weights()
    with pytest.raises(FileError, match=r"kernel of layer wide with shape \(3, 5\), got shape"):
        other.load_weights(path)
    with pytest.warns(UserWarning, match=r"kernel of layer wide with shape \(3, 5\) \(the file"):
        other.load_weights(path, skip_mismatch=True)
    _same(other.get_weights(), [*model.get_weights()[:2], *before[2:]])


def test_layers_inside_layers_are_found_by_the_name_of_the_outer(tmp_path: Path) -> None:
    def make(name: str) -> Any:
        entry = lernwerk.Input((4,))
        inner = Sequential([layers.Input((4,)), layers.Dense(3)], name=name)
        return lernwerk.Model(entry, layers.Dense(2, name="last")(inner(entry)))

    model, other = make("inner"), make("inner")
    model.save_weights(tmp_path / "w.weights.h5")
    other.load_weights(tmp_path / "w.weights.h5", by_name=True)
    _same(other.get_weights(), model.get_weights())
    third = make("stranger")
    with pytest.warns(UserWarning, match="layer stranger, which the file does not have"):
        third.load_weights(tmp_path / "w.weights.h5", by_name=True)
    _same(third.get_weights()[2:], model.get_weights()[2:])
