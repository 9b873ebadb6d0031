"""Files that are fetched once: from mirrors, checked, moved into place in one step.

All data sets that do not travel inside the package use this. It never unpacks anything and never
touches a file that is already there; a download that fails leaves nothing behind.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from lernwerk.errors import FileError
from lernwerk.utils.atomic import write_atomically

Progress = Callable[[str, int, int | None], None]
"""Called with the file's name, the bytes so far and all bytes (None where the server is silent)."""

TIMEOUT = 30.0  # seconds without a byte; a dead mirror must not hold up the next one
CHUNK = 1 << 18  # bytes; small enough for a lively display, large enough to cost nothing


@dataclass(frozen=True)
class RemoteFile:
    """One published file: its name, the addresses to try in turn and its checksum.

    The checksum is SHA-256 (64 digits) or MD5 (32), as published; None where there is none.
    """

    name: str
    addresses: tuple[str, ...]
    checksum: str | None = None


class _Failed(Exception):
    """A mirror did not deliver the published file; the text says why."""


def fetch(file: RemoteFile, folder: Path, progress: Progress | None = None) -> Path:
    """The path of the file in ``folder``; downloaded first where it is not there yet.

    Tries the mirrors in order. Raises FileError, naming what went wrong with each and where to put
    the file by hand, where none delivers it or the folder cannot be written.
    """
    target = folder / file.name
    if target.exists():
        return target
    _make_folder(folder)
    failures = []
    for address in file.addresses:
        try:
            return _fetch_from(address, file, target, progress or show_progress)
        except (FileError, _Failed) as error:
            failures.append(f"{_host(address)}: {_reason(error)}")
    raise FileError(
        file.name,
        f"a download from one of {len(file.addresses)} addresses",
        "; ".join(failures),
        f"Download it by hand ({file.addresses[0]}) and put it into {folder}",
    )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(
            str(folder),
            "a folder for downloads",
            _reason(error),
            "Choose another one with the environment variable LERNWERK_CACHE.",
        ) from None


def _fetch_from(address: str, file: RemoteFile, target: Path, progress: Progress) -> Path:
    with write_atomically(target) as partial:
        try:
            with partial.open("wb") as sink:
                found = _copy(address, sink, file, progress)
        except (OSError, ValueError) as error:
            raise _Failed(_reason(error)) from error
        if file.checksum is not None and found != file.checksum:
            raise _Failed(f"another file ({_algorithm(file.checksum)} {found[:12]}... instead of "
                          f"{file.checksum[:12]}...)")  # fmt: skip
    return target


def has_checksum(path: Path, checksum: str) -> bool:
    """Whether a file is the one that was published with this checksum."""
    digest = _digest(checksum)
    with path.open("rb") as source:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest() == checksum


def _algorithm(checksum: str | None) -> str:
    return "MD5" if checksum is not None and len(checksum) == 32 else "SHA-256"


def _digest(checksum: str | None) -> Any:
    # MD5 only where nothing better was published: it finds broken files, not forged ones.
    if _algorithm(checksum) == "MD5":
        return hashlib.md5(usedforsecurity=False)
    return hashlib.sha256()


def _copy(address: str, sink: IO[bytes], file: RemoteFile, progress: Progress) -> str:
    from urllib.request import Request, urlopen

    request = Request(address, headers={"User-Agent": "lernwerk"})
    digest = _digest(file.checksum)
    done = 0
    with urlopen(request, timeout=TIMEOUT) as answer:
        length = answer.headers.get("Content-Length")
        total = int(length) if length else None
        while chunk := answer.read(CHUNK):
            sink.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            progress(file.name, done, total)
    return str(digest.hexdigest())


def show_progress(name: str, done: int, total: int | None) -> None:
    """One line on the terminal that is written over; silent where stderr is no terminal."""
    if not sys.stderr.isatty():
        return
    size = f" of {total / 1e6:.1f}" if total else ""
    end = "\n" if done == total else ""
    print(f"\rDownloading {name}: {done / 1e6:.1f}{size} MB", end=end, file=sys.stderr, flush=True)


def _host(address: str) -> str:
    from urllib.parse import urlsplit

    return urlsplit(address).netloc or address


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
    return str(reason) or type(error).__name__
