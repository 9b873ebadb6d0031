"""Arrays from .npz files, and the many ways in which they are unusable."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lernwerk.errors import DataError, FileError, LernwerkError
from lernwerk.job.array_source import load_arrays

X = np.arange(40.0).reshape(10, 4)
Y = np.array([0, 1] * 5)


def write(folder: Path, **arrays: Any) -> Path:
    np.savez(folder / "d.npz", **arrays)
    return folder / "d.npz"


def test_features(tmp_path: Path) -> None:
    raw = load_arrays(write(tmp_path, x=X, y=Y))
    assert (raw.name, raw.kind, raw.task) == ("d", "arrays", "classification")
    np.testing.assert_array_equal(raw.inputs, X)
    assert raw.class_names == ("0", "1")
    np.testing.assert_array_equal(raw.take([1, 0]), X[[1, 0]])


def test_names_in_capitals_and_others(tmp_path: Path) -> None:
    raw = load_arrays(write(tmp_path, X=X, Y=Y, ids=Y, more=X))
    assert raw.notes == ["Arrays besides x and y were ignored: ids, more."]


def test_pictures(tmp_path: Path) -> None:
    for shape, kind in [
        ((10, 8, 8), "pictures"),
        ((10, 8, 8, 3), "pictures"),
        ((10, 8, 8, 5), "arrays"),
        ((10, 1, 64), "arrays"),
    ]:
        raw = load_arrays(write(tmp_path, x=np.zeros(shape, np.uint8), y=Y))
        assert raw.kind == kind
        notes = ["x is uint8 of the shape of pictures, so its rows are taken for pictures."]
        assert raw.notes == (notes if kind == "pictures" else [])


def test_keras_form(tmp_path: Path) -> None:
    raw = load_arrays(write(tmp_path, x_train=X[:7], y_train=Y[:7], x_test=X[7:], y_test=Y[7:]))
    np.testing.assert_array_equal(raw.inputs, X)
    assert raw.given_split == 7


def test_one_hot_and_column_targets(tmp_path: Path) -> None:
    raw = load_arrays(write(tmp_path, x=X, y=np.eye(2)[Y]))
    np.testing.assert_array_equal(raw.targets, Y)
    assert raw.notes == ["y was one-hot with 2 columns; the column numbers are the classes."]
    np.testing.assert_array_equal(load_arrays(write(tmp_path, x=X, y=Y[:, None])).targets, Y)


def test_text_and_bytes_as_targets(tmp_path: Path) -> None:
    names = np.array(["ja", "nein"])[Y]
    assert load_arrays(write(tmp_path, x=X, y=names)).class_names == ("ja", "nein")
    assert load_arrays(write(tmp_path, x=X, y=names.astype("S"))).class_names == ("ja", "nein")


def test_regression_and_override(tmp_path: Path) -> None:
    assert load_arrays(write(tmp_path, x=X, y=Y + 0.5 * X[:, 0])).task == "regression"
    assert load_arrays(write(tmp_path, x=X, y=Y), "regression").task == "regression"


def test_one_number_per_row_and_truth_values(tmp_path: Path) -> None:
    assert load_arrays(write(tmp_path, x=X[:, 0], y=Y)).inputs.shape == (10, 1)
    assert load_arrays(write(tmp_path, x=X > 5, y=Y)).inputs.dtype == np.uint8


NAN = X.copy()
NAN[3, 1] = np.nan
NAN[4, 2] = np.inf


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"a": X}, "d.npz: expected an array 'x', got 'a'. Save both: np.savez(file, x=x, y=y)"),
        ({"x": X}, "d.npz: expected an array 'y', got 'x'. Save both: np.savez(file, x=x, y=y)"),
        ({}, "d.npz: expected an array 'x', got no arrays. "
         "Save both: np.savez(file, x=x, y=y)"),
        ({"x": X, "y": Y[:9]}, "d.npz: expected as many rows in y as in x (10), got 9."),
        ({"x": X[:0], "y": Y[:0]}, "d.npz: expected rows in x and y, got none."),
        ({"x": np.array(1.0), "y": Y}, "d.npz: expected x with one row per example, got a single "
         "value."),
        ({"x": np.zeros((10, 0)), "y": Y}, "d.npz: expected values in x, got the shape (10, 0)."),
        ({"x": np.array(["a"] * 10), "y": Y},
         "d.npz: expected numbers in x, got <U1. Texts belong into a table: save a CSV."),
        ({"x": X + 1j, "y": Y},
         "d.npz: expected numbers in x, got complex128. Texts belong into a table: save a CSV."),
        ({"x": NAN, "y": Y},
         "d.npz: expected finite numbers in x, got nan at x[3, 1] (2 such in all). Replace or "
         "remove them first: np.nan_to_num(x), or x[np.isfinite(x).all(axis=1)]."),
        ({"x": X, "y": NAN[:, 1]}, "d.npz: expected finite numbers in y, got nan at y[3]."),
        ({"x": X, "y": X}, "d.npz: expected one target per row, y of shape (rows), got shape "
         "(10, 4)."),
        ({"x": X, "y": Y + 1j}, "d.npz: expected numbers or text in y, got complex128."),
        ({"x": X, "y": Y * 0}, "d.npz: expected a target 'y' with at least two different values, "
         "got '0' in every row."),
        ({"x_train": X, "y_train": Y, "x_test": X[:, :3], "y_test": Y},
         "d.npz: expected x_test of the same shape as x_train (10, 4) but for the rows, got "
         "(10, 3)."),
        ({"x_train": X, "y_train": Y[:9], "x_test": X, "y_test": np.append(Y, 1)},
         "d.npz: expected as many rows in y_train as in x_train (10), got 9."),
    ],
)  # fmt: skip
def test_unusable_arrays(tmp_path: Path, arrays: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError) as error:
        load_arrays(write(tmp_path, **arrays))
    assert str(error.value) == message


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    path = write(tmp_path, x=np.array([{"a": 1}] * 10, dtype=object), y=Y)
    with pytest.raises(FileError) as error:
        load_arrays(path)
    assert str(error.value) == (
        f"{path}: expected arrays of numbers or text, got one of Python objects (pickled). "
        "Give it a plain type before saving: x.astype('float32')."
    )


def test_damaged_and_foreign_files(tmp_path: Path) -> None:
    path = write(tmp_path, x=X, y=Y)
    whole = path.read_bytes()
    with zipfile.ZipFile(tmp_path / "other.npz", "w") as file:
        file.writestr("x.npy", b"nonsense")
        file.writestr("y.npy", b"nonsense")
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.npz").write_bytes(b"a,b\n1,2\n")
    (tmp_path / "empty.npz").write_bytes(b"")
    with (tmp_path / "single.npz").open("wb") as sink:
        np.save(sink, X)
    messages = {
        "other.npz": "expected only arrays in an .npz, got something else as 'x'.",
        "cut.npz": "expected a readable .npz, got a damaged one (",
        "text.npz": "expected an .npz file, got something else.",
        "empty.npz": "expected an .npz file, got something else.",
        "single.npz": "expected an .npz with x and y, got a single array. "
        "Save both: np.savez(file, x=x, y=y)",
        "missing.npz": "expected a readable .npz, got No such file or directory.",
    }
    for name, message in messages.items():
        with pytest.raises(LernwerkError) as error:
            load_arrays(tmp_path / name)
        assert str(error.value).startswith(f"{tmp_path / name}: {message}")
        assert "\n" not in str(error.value)
