"""A file is whole or as it was: full disk, missing right, crash in the middle."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lernwerk.errors import FileError
from lernwerk.utils.atomic import write_atomically


def test_the_content_takes_the_place_of_the_earlier_one(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    target.chmod(0o640)
    with write_atomically(target) as temporary:
        temporary.write_text("new")
        assert temporary.parent == tmp_path
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert target.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [target]


def test_an_error_in_the_body_leaves_everything(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(KeyboardInterrupt), write_atomically(target) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_an_error_of_ours_goes_through_as_it_is(tmp_path: Path) -> None:
    error = FileError("elsewhere", "x", "y")
    with pytest.raises(FileError) as caught, write_atomically(tmp_path / "a.txt"):
        raise error
    assert caught.value is error


def test_a_full_disk_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError) as caught, write_atomically(target) as temporary:
        temporary.write_text("new")
    assert str(caught.value) == (
        f"{target}: expected a file that can be written, got No space left on device. "
        "Nothing was changed; free some space or choose another folder."
    )
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    target = tmp_path / "no" / "a.txt"
    with pytest.raises(FileError) as caught, write_atomically(target) as temporary:
        temporary.write_text("new")
    assert str(caught.value) == (
        f"{target}: expected a file that can be written, got No such file or directory. "
        f"Make the folder first: mkdir -p '{target.parent}'."
    )


def test_a_folder_in_the_place(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    refused = pytest.raises(FileError, match="got Is a directory")
    with refused, write_atomically(tmp_path / "a") as temporary:
        temporary.write_text("new")
    assert list(tmp_path.iterdir()) == [tmp_path / "a"]


def test_a_missing_right(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    tmp_path.chmod(0o500)
    refused = pytest.raises(FileError, match="got Permission denied")
    with refused, write_atomically(tmp_path / "a") as temporary:
        temporary.write_text("new")
    tmp_path.chmod(0o700)


def test_links_are_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "a.txt", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    with write_atomically(link) as temporary:
        temporary.write_text("new")
    assert link.is_symlink()
    assert target.read_text() == "new"


_LIMITED = """
import resource, sys
from lernwerk import layers
from lernwerk.errors import FileError
from lernwerk.models import Sequential
from lernwerk.saving import save_model, save_weights

model = Sequential([layers.Input((200,)), layers.Dense(200)])
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
for save, name in ((save_model, "m.keras"), (save_weights, "m.weights.h5")):
    try:
        save(model, sys.argv[1] + "/" + name)
    except FileError as error:
        print(error)
"""


def test_a_model_that_does_not_fit_leaves_the_earlier_file(tmp_path: Path) -> None:
    targets = [tmp_path / "m.keras", tmp_path / "m.weights.h5"]
    for target in targets:
        target.write_bytes(b"earlier")
    command = [sys.executable, "-c", _LIMITED, str(tmp_path)]
    path = os.pathsep.join(sys.path)
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}, check=True
    )
    lines = done.stdout.splitlines()
    assert [line.partition(": ")[0] for line in lines] == [str(target) for target in targets]
    for line, target in zip(lines, targets, strict=True):
        assert "expected a file that can be written, got File too large. Nothing was" in line
        assert target.read_bytes() == b"earlier"
    assert sorted(tmp_path.iterdir()) == sorted(targets)
