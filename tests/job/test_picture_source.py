"""Folders of pictures, with broken, foreign and empty parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lernwerk import datasets
from lernwerk.errors import DataError, FileError
from lernwerk.job.picture_source import load_pictures


def picture(path: Path, value: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((5, 6), value, np.uint8)).save(path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two classes of three pictures each."""
    for name in ("cat", "dog"):
        for i in range(3):
            picture(tmp_path / "pets" / name / f"{i}.png", i)
    return tmp_path / "pets"


def test_digits_as_pngs(tmp_path: Path) -> None:
    data = datasets.load("digits")
    for i in range(60):
        path = tmp_path / "digits" / str(data.y[i]) / f"{i:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(data.x[i] * 15).save(path)
    raw = load_pictures(tmp_path / "digits")
    assert (raw.name, raw.kind, raw.task) == ("digits", "pictures", "classification")
    assert raw.class_names == tuple("0123456789")
    assert len(raw.inputs) == len(raw) == 60
    for path, target in zip(raw.inputs, raw.targets, strict=True):
        assert str(data.y[int(path.stem)]) == target == path.parent.name
    assert raw.notes == [] == raw.skipped
    assert raw.take([2, 0]) == [raw.inputs[2], raw.inputs[0]]


def test_broken_and_foreign_files_are_left_out_and_named(folder: Path) -> None:
    (folder / "cat" / "a.jpg").write_bytes(b"")
    (folder / "cat" / "notes.txt").write_text("text")
    (folder / "dog" / "0.png").write_bytes(b"no picture")
    (folder / "dog" / "inner").mkdir()
    (folder / "dog" / ".DS_Store").write_text("")
    (folder / "dog" / "Thumbs.db").write_text("")
    (folder / "README.md").write_text("")
    (folder / ".git").mkdir()
    (folder / "__MACOSX").mkdir()
    raw = load_pictures(folder)
    assert raw.skipped == [
        ("cat/notes.txt", "no picture by its name"),
        ("cat/a.jpg", "an empty file"),
        ("dog/inner", "a folder"),
        ("dog/0.png", "a file that is no picture"),
    ]
    assert raw.notes == [
        "4 files were left out: cat/notes.txt (no picture by its name), cat/a.jpg (an empty file), "
        "dog/inner (a folder), ..."
        "."
    ]
    assert [path.name for path in raw.inputs] == ["0.png", "1.png", "2.png", "1.png", "2.png"]


def test_one_broken_file(folder: Path) -> None:
    (folder / "cat" / "0.png").write_bytes(b"")
    assert load_pictures(folder).notes == ["1 file was left out: cat/0.png (an empty file)."]


def refusal(folder: Path) -> str:
    with pytest.raises(DataError) as error:
        load_pictures(folder)
    return str(error.value)


def test_empty_class(folder: Path) -> None:
    (folder / "owl").mkdir()
    assert refusal(folder) == (
        f"{folder / 'owl'}: expected pictures of the class 'owl', got an empty folder. "
        "Put some into it, or remove the folder if it is no class."
    )


def test_class_of_other_files(folder: Path) -> None:
    (folder / "owl").mkdir()
    (folder / "owl" / "owl.txt").write_text("")
    assert "expected pictures of the class 'owl', got only files of other kinds." in refusal(folder)


def test_class_without_a_readable_picture(folder: Path) -> None:
    for i in range(3):
        (folder / "cat" / f"{i}.png").write_bytes(b"")
    assert refusal(folder) == (
        f"{folder / 'cat'}: expected pictures of the class 'cat', got 3 unreadable files "
        "(0.png: an empty file). Put some into it, or remove the folder if it is no class."
    )


def test_classes_one_folder_deeper(folder: Path) -> None:
    outer = folder.parent
    assert refusal(outer) == (
        f"{outer}: expected one sub-folder of pictures per class, two at least, got only 'pets'. "
        f"The classes seem to lie one folder deeper: use {folder}"
    )
    (outer / "test" / "cat").mkdir(parents=True)
    assert refusal(outer) == (
        f"{folder}: expected pictures of the class 'pets', got only folders. "
        f"If the classes lie one folder deeper, use {folder}"
    )


def test_a_single_class(tmp_path: Path) -> None:
    picture(tmp_path / "cat" / "a.png")
    assert refusal(tmp_path) == (
        f"{tmp_path}: expected one sub-folder of pictures per class, two at least, got only 'cat'. "
        "Add the pictures of a second class."
    )


def test_no_sub_folders(tmp_path: Path) -> None:
    assert refusal(tmp_path) == (
        f"{tmp_path}: expected one sub-folder of pictures per class, got an empty folder."
    )
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "data.csv").write_text("a,b\n")
    assert refusal(tmp_path) == (
        f"{tmp_path}: expected one sub-folder of pictures per class, got 'data.csv' and no "
        f"sub-folder. Train on the file: {tmp_path / 'data.csv'}"
    )
    picture(tmp_path / "a.png")
    assert refusal(tmp_path) == (
        f"{tmp_path}: expected one sub-folder of pictures per class, got 1 picture and no "
        f"sub-folder. Sort them into folders named after their classes, such as {tmp_path}/cat "
        f"and {tmp_path}/dog."
    )


def test_classes_of_one_picture_each(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        picture(tmp_path / name / "1.png")
    assert refusal(tmp_path) == (
        f"{tmp_path}: expected classes that repeat in the target 'folder', got 3 different ones in "
        "3 rows. Choose another column with --target."
    )


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(FileError) as error:
        load_pictures(tmp_path / "nothing")
    assert str(error.value) == (
        f"{tmp_path / 'nothing'}: expected a readable folder, got No such file or directory."
    )
