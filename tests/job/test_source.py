"""What DATA may be, and the hint for what it cannot be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lernwerk.errors import ArgumentError, DataError, FileError
from lernwerk.job.source import KINDS, REMEDIES, load


def test_every_kind(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,x\n2,y\n3,x\n4,y\n")
    (tmp_path / "t.all-data").write_text("0.1,0.2,R\n0.3,0.4,M\n0.1,0.3,R\n0.2,0.2,M\n")
    np.savez(tmp_path / "d.npz", x=np.eye(4), y=[0, 1, 0, 1])
    for name in ("cat", "dog"):
        for i in range(2):
            (tmp_path / "pets" / name).mkdir(parents=True, exist_ok=True)
            Image.new("L", (4, 4), i).save(tmp_path / "pets" / name / f"{i}.png")
    assert load("iris").kind == "table"
    assert load(str(tmp_path / "t.csv"), "b").kind == "table"
    assert load(str(tmp_path / "t.all-data"), "3").class_names == ("M", "R")
    assert load(str(tmp_path / "d.npz")).kind == "arrays"
    assert load(str(tmp_path / "pets")).kind == "pictures"
    assert load(str(tmp_path / "d.npz"), task="regression").task == "regression"


def refusal(data: str, target: str | None = None) -> str:
    with pytest.raises((FileError, ArgumentError)) as error:
        load(data, target)
    return str(error.value)


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        ("digit", "Did you mean 'digits'?"),
        ("MNIST", "Did you mean 'mnist'?"),
        ("breast-cancer", "Did you mean 'breast_cancer'?"),
        ("xyz", "Named data sets: breast_cancer, diabetes, digits, iris, mnist, sonar, wine."),
        ("x" * 5000, "Named data sets: breast_cancer, diabetes, digits, iris, mnist, sonar, wine."),
    ],
)
def test_missing_names(
    data: str, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert refusal(data) == f"{data}: expected {KINDS}, got nothing of this name. {hint}"


def test_missing_file_beside_a_similar_one(tmp_path: Path) -> None:
    (tmp_path / "titanic.csv").write_text("")
    data = str(tmp_path / "titanik.csv")
    assert refusal(data) == (
        f"{data}: expected {KINDS}, got nothing of this name. "
        f"Did you mean '{tmp_path / 'titanic.csv'}'?"
    )


@pytest.mark.parametrize("suffix", REMEDIES)
def test_other_kinds_of_files(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"d{suffix}"
    path.write_text("a,b\n1,2\n")
    assert refusal(str(path)) == (
        f"{path}: expected {KINDS}, got a {suffix} file. {REMEDIES[suffix]}"
    )


def test_a_single_picture_and_a_file_without_suffix(tmp_path: Path) -> None:
    (tmp_path / "cat.jpg").write_bytes(b"")
    (tmp_path / "thing").write_bytes(b"\0\1")
    assert refusal(str(tmp_path / "cat.jpg")) == (
        f"{tmp_path / 'cat.jpg'}: expected {KINDS}, got a single picture. "
        "Give the folder that holds one sub-folder per class."
    )
    assert refusal(str(tmp_path / "thing")).endswith(f"{KINDS}, got a file without a suffix.")


def test_target_where_there_is_none_to_choose(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x=np.eye(4), y=[0, 1, 0, 1])
    assert refusal(str(tmp_path / "d.npz"), "y") == (
        f"{tmp_path / 'd.npz'}: expected no --target, got 'y'. Leave it out: y is the target."
    )
    assert refusal(str(tmp_path), "y") == (
        f"{tmp_path}: expected no --target, got 'y'. Leave it out: the sub-folders are the classes."
    )


def test_a_folder_called_like_a_data_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "iris").mkdir()
    assert load("iris").notes == [
        "'iris' is the named data set; for the file or folder of that name use ./iris"
    ]
    with pytest.raises(DataError, match="got an empty folder"):
        load("./iris")
