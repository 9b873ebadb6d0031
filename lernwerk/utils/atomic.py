"""Files that are written whole or not at all; every writer of this package goes through here.

The content is written to a file beside its place, forced to the disk, and moved there in one step.
A crash, a full disk or a missing right leaves the earlier file as it was.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from lernwerk.errors import FileError

_numbers = itertools.count()


@contextlib.contextmanager
def write_atomically(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path in the same folder; what is written there becomes the file at ``path``.

    Where the body raises, the temporary file is removed and ``path`` stays as it was. Links are
    followed and the rights of an earlier file are kept.
    Raises FileError where the folder is missing or the disk refuses.
    """
    target = Path(os.path.realpath(path))
    # Process and number in the name keep two writers of one file out of each other's way.
    partial = target.with_name(f".{target.name}.{os.getpid()}.{next(_numbers)}.partial")
    try:
        yield partial
        _settle(partial, target)
    except BaseException as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        if isinstance(error, OSError) and not isinstance(error, FileError):
            raise _refusal(path, target, error) from error
        raise


def write_text(path: str | os.PathLike[str], text: str) -> Path:
    """Write a text file in UTF-8, whole or not at all; FileError where the disk refuses."""
    with write_atomically(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="")
    return Path(path)


def _settle(partial: Path, target: Path) -> None:
    if target.exists():
        shutil.copymode(target, partial)
    descriptor = os.open(partial, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    partial.replace(target)
    _settle_folder(target.parent)


def _settle_folder(folder: Path) -> None:
    """Force the new name to the disk, where the system can do that for folders."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _refusal(path: str | os.PathLike[str], target: Path, error: OSError) -> FileError:
    reason = error.strerror or str(error) or type(error).__name__
    if not target.parent.is_dir():
        hint = f"Make the folder first: mkdir -p '{target.parent}'."
    else:
        hint = "Nothing was changed; free some space or choose another folder."
    return FileError(os.fspath(path), "a file that can be written", reason, hint)
