"""``tf.io.gfile``: files and folders, here those of this computer only."""

from __future__ import annotations

import glob as patterns
import shutil
from pathlib import Path
from typing import Any


def GFile(name: Any, mode: str = "r") -> Any:
    """An open file."""
    return Path(name).open(mode)


def exists(path: Any) -> bool:
    """Whether there is a file or folder."""
    return Path(path).exists()


def isdir(path: Any) -> bool:
    """Whether there is a folder."""
    return Path(path).is_dir()


def glob(pattern: Any) -> list[str]:
    """The files whose names match a pattern."""
    return sorted(patterns.glob(str(pattern)))  # noqa: PTH207  # the pattern may be absolute


def listdir(path: Any) -> list[str]:
    """The names in a folder."""
    return sorted(each.name for each in Path(path).iterdir())


def makedirs(path: Any) -> None:
    """Make a folder and those above it."""
    Path(path).mkdir(parents=True, exist_ok=True)


mkdir = makedirs


def remove(path: Any) -> None:
    """Delete a file."""
    Path(path).unlink()


def rmtree(path: Any) -> None:
    """Delete a folder with all that is in it."""
    shutil.rmtree(path)


def copy(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Copy a file."""
    shutil.copyfile(src, dst)


__all__ = [
    "GFile", "copy", "exists", "glob", "isdir", "listdir", "makedirs", "mkdir", "remove", "rmtree",
]  # fmt: skip
