"""Sonar from the folder of data sets, from a download, and its refusals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lernwerk import datasets, settings
from lernwerk.datasets import sonar
from lernwerk.datasets.download import RemoteFile
from lernwerk.errors import FileError

HAS_SONAR = settings.get("data") is not None and (Path(settings.get("data")) / "sonar").is_dir()
needs_sonar = pytest.mark.skipif(
    not HAS_SONAR, reason="LERNWERK_DATA names no folder with sonar; the real file is not tested"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of data sets of this test, and no way to the network."""
    monkeypatch.setattr(sonar, "FILE", RemoteFile(sonar.NAME, ("file:///nowhere/x",)))
    settings.set("data", tmp_path / "data")
    settings.set("cache", tmp_path / "cache")
    (tmp_path / "data" / "sonar").mkdir(parents=True)
    yield tmp_path / "data" / "sonar"
    settings.set("data", None)
    settings.set("cache", None)


def row(label: str, value: float = 0.5) -> str:
    return ",".join([f"{value:.4f}"] * 60 + [label]) + "\n"


@needs_sonar
def test_the_real_file() -> None:
    data = datasets.load("sonar")
    assert data.x.shape == (208, 60)
    assert (data.x.min(), data.x.max()) == (0, 1)
    assert np.bincount(data.y).tolist() == [97, 111]  # as its publishers counted them
    assert data.x[0, :3].tolist() == [0.02, 0.0371, 0.0428]
    assert data.class_names == ("rock", "mine")


@needs_sonar
def test_forty_eight_rows_are_held_back() -> None:
    (x_train, y_train), (x_test, y_test) = sonar.load_data()
    assert (x_train.shape, x_test.shape) == ((160, 60), (48, 60))
    other = sonar.load_data(seed=5)[1][0]
    assert not np.array_equal(x_test, other)
    assert len(y_train) + len(y_test) == 208
    assert len(sonar.load_data(test_split=0.5)[1][1]) == 104


def test_letters_and_the_numbers_of_copies(folder: Path) -> None:
    for rock, mine in (("R", "M"), ("1", "-1")):
        (folder / sonar.NAME).write_text(row(rock) + row(mine) + row(mine))
        assert sonar.load().y.tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    ("text", "found"),
    [(row("X"), "'X'"), ("0.1,R\n", "cannot reshape"), (row("R").replace("0.5", "a"), "a")],
)
def test_another_file_is_refused(folder: Path, text: str, found: str) -> None:
    (folder / sonar.NAME).write_text(text)
    with pytest.raises(FileError, match=f"expected rows of 60 numbers and R or M, got .*{found}"):
        sonar.load()


def test_without_network_the_message_says_where_to_put_the_file(folder: Path) -> None:
    with pytest.raises(FileError, match=r"and put it into .*cache.sonar"):
        sonar.load()
