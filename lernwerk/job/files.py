"""Text files that are written whole or not at all.

A crash, a full disk or a missing right leaves the earlier file as it was.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from lernwerk.errors import FileError


def write_text(path: str | os.PathLike[str], text: str) -> Path:
    """Write UTF-8 text beside its place and move it there in one step.

    Raises FileError where the folder is missing or the disk refuses.
    """
    target = Path(path)
    try:
        _replace(target, text)
    except OSError as error:
        reason = error.strerror or str(error)
        hint = "Nothing was changed; free some space or choose another folder."
        raise FileError(str(target), "a file that can be written", reason, hint) from error
    return target


def _replace(target: Path, text: str) -> None:
    # The process in the name keeps two trainings into one folder out of each other's way.
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        with partial.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise
