"""The data sets inside the package against scikit-learn's copies and Keras's split."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lernwerk import datasets
from lernwerk.datasets import embedded
from lernwerk.datasets.dataset import Dataset
from lernwerk.errors import ArgumentError, FileError

TABLES = {"iris": {}, "wine": {}, "breast_cancer": {}, "diabetes": {"scaled": False}}
SMALL = [*TABLES, "digits"]


def module(name: str) -> Any:
    return import_module(f"lernwerk.datasets.{name}")


@pytest.mark.parametrize("name", TABLES)
def test_table_is_scikit_learns(name: str) -> None:
    sklearn = pytest.importorskip("sklearn.datasets", reason="scikit-learn is the oracle here")
    theirs = getattr(sklearn, f"load_{name}")(**TABLES[name])
    ours = datasets.load(name)
    np.testing.assert_array_equal(ours.x, theirs.data)
    np.testing.assert_array_equal(ours.y, theirs.target)
    assert ours.x.dtype == theirs.data.dtype
    assert list(ours.feature_names) == list(theirs.feature_names)
    if ours.class_names is not None:
        assert list(ours.class_names) == [str(text) for text in theirs.target_names]
    assert ours.task == ("regression" if name == "diabetes" else "classification")


def test_digits_are_scikit_learns() -> None:
    sklearn = pytest.importorskip("sklearn.datasets", reason="scikit-learn is the oracle here")
    theirs, ours = sklearn.load_digits(), datasets.load("digits")
    assert ours.x.dtype == np.uint8
    assert ours.x.shape == (1797, 8, 8)
    np.testing.assert_array_equal(ours.x, theirs.images)
    np.testing.assert_array_equal(ours.y, theirs.target)
    assert list(ours.feature_names) == list(theirs.feature_names)
    assert ours.class_names == tuple("0123456789")
    assert ours.image_shape == (8, 8)


@pytest.mark.parametrize("name", SMALL)
def test_split_is_complete_and_follows_the_seed(name: str) -> None:
    data = module(name).load()
    (x_train, y_train), (x_test, y_test) = module(name).load_data(test_split=0.25, seed=7)
    again = module(name).load_data(test_split=0.25, seed=7)
    assert len(x_train) == int(len(data.x) * 0.75)
    assert len(x_train) + len(x_test) == len(data.x)
    np.testing.assert_array_equal(x_train, again[0][0])
    np.testing.assert_array_equal(np.sort(np.append(y_train, y_test)), np.sort(data.y))
    other = module(name).load_data(test_split=0.25, seed=8)
    assert not np.array_equal(x_train, other[0][0])


def test_split_is_that_of_keras(
    keras: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from keras.src.datasets import boston_housing

    data = datasets.load("diabetes")
    np.savez(tmp_path / "data.npz", x=data.x, y=data.y)
    monkeypatch.setattr(boston_housing, "get_file", lambda *_, **__: str(tmp_path / "data.npz"))
    theirs = boston_housing.load_data(test_split=0.3, seed=42)
    ours = datasets.diabetes.load_data(test_split=0.3, seed=42)
    for (x, y), (keras_x, keras_y) in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(x, keras_x)
        np.testing.assert_array_equal(y, keras_y)


def test_share_of_the_test_part_is_checked() -> None:
    with pytest.raises(ArgumentError) as error:
        datasets.iris.load_data(test_split=1.0)
    assert str(error.value) == (
        "datasets.iris.load_data: expected test_split to be a number in [0, 1), got 1.0."
    )


def test_the_shared_object_cannot_be_spoilt() -> None:
    data = datasets.load("iris")
    with pytest.raises(ValueError, match="read-only"):
        data.x[0] = 0
    (x_train, _), _ = datasets.iris.load_data()
    x_train[0] = 0


def test_unknown_name_names_the_nearest() -> None:
    with pytest.raises(ArgumentError) as error:
        datasets.load("digit")
    assert str(error.value) == (
        "datasets.load: expected the name of a known data set, got 'digit'. Did you mean 'digits'?"
    )


def test_every_name_has_a_module_and_a_source() -> None:
    for name in set(datasets.NAMES) - {"mnist", "sonar"}:
        data = datasets.load(name)
        assert isinstance(data, Dataset)
        assert data.name == name
        assert len(data.source) > 40
        assert len(data.x) == len(data.y)
    assert len(datasets.mnist.SOURCE) > 40
    assert len(datasets.sonar.SOURCE) > 40


def test_damaged_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "FOLDER", tmp_path)
    (tmp_path / "iris.npz").write_bytes(b"nonsense")
    for name in ("wine", "iris"):
        with pytest.raises(FileError) as error:
            embedded.read(name)
        assert "expected the data set that belongs to Lernwerk" in str(error.value)
        assert str(error.value).endswith("pip install --force-reinstall lernwerk")
