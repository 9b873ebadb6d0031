"""history.csv: every bit comes back, damaged files are refused, nothing is half written."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from lernwerk.errors import ArgumentError, FileError
from lernwerk.job.history_file import read_history, write_history

NUMBERS = some.floats(allow_nan=False)


@given(losses=some.lists(NUMBERS, max_size=8), seconds=some.lists(NUMBERS, max_size=8))
def test_numbers_come_back_exactly(
    tmp_path_factory: pytest.TempPathFactory, losses: list[float], seconds: list[float]
) -> None:
    path = tmp_path_factory.mktemp("history") / "history.csv"
    history = {"loss": losses, "val_loss": losses[::-1]}
    write_history(path, history, seconds)
    assert read_history(path) == (history, seconds)


def test_the_file_is_plain_csv(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    write_history(path, {"loss": [1.0, 0.1], 'a "metric", odd': [np.float32(0.1)]}, [2.5, 0.5])
    assert path.read_bytes() == (
        b'epoch,loss,"a ""metric"", odd",seconds\n1,1.0,0.10000000149011612,2.5\n2,0.1,,0.5\n'
    )


def test_values_that_are_not_finite_come_back(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    write_history(path, {"loss": [math.nan, math.inf, -math.inf]})
    history, seconds = read_history(path)
    np.testing.assert_array_equal(history["loss"], [math.nan, math.inf, -math.inf])
    assert seconds == []


def test_no_epoch_at_all(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    write_history(path, {})
    assert read_history(path) == ({}, [])


@pytest.mark.parametrize("name", ["epoch", "seconds"])
def test_names_of_the_file_itself_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        write_history(tmp_path / "history.csv", {name: [1.0]})
    assert str(caught.value) == f"history: expected measures not called '{name}', got '{name}'."


def test_an_earlier_file_survives_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "history.csv"
    write_history(path, {"loss": [1.0]})
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError) as caught:
        write_history(path, {"loss": [1.0, 2.0]})
    assert str(caught.value) == (
        f"{path}: expected a file that can be written, got No space left on device. "
        "Nothing was changed; free some space or choose another folder."
    )
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "history.csv"
    with pytest.raises(FileError, match="expected a file that can be written, got No such file"):
        write_history(path, {"loss": [1.0]})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "expected a history beginning with 'epoch', got ''."),
        (b"a,b\n1,2\n", "expected a history beginning with 'epoch', got 'a,b'."),
        (b"epoch,loss,seconds\n1,2.0\n", ", line 2: expected 3 values, got 2."),
        (b"epoch,loss,seconds\n1,2.0,1\n2,x,1\n", ", line 3: expected a number, got 'x'."),
        (b"\xff\xfe\x00", "expected a readable history, got something else."),
    ],
)
def test_damaged_files_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "history.csv"
    path.write_bytes(content)
    with pytest.raises(FileError) as caught:
        read_history(path)
    assert str(caught.value).startswith(str(path))
    assert str(caught.value).endswith(message)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="expected a readable history, got No such file"):
        read_history(tmp_path / "history.csv")
