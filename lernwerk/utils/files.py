"""Files from the network: fetched once, checked, and unpacked where they are archives."""

from __future__ import annotations

import os
import tarfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from lernwerk import settings
from lernwerk.errors import ArgumentError, FileError, check_name

_KINDS = ("auto", "tar", "zip")


def get_file(
    fname: Any = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: str | None = "auto",
    cache_dir: Any = None,
    force_download: bool = False,
) -> str:
    """The path of a file from the network, downloaded where it is not in the cache yet.

    ``origin`` is its address, ``fname`` its name in the cache (default: that of the address),
    ``file_hash`` its SHA-256 or MD5. With ``extract`` the archive (tar, zip) is unpacked and the
    path is that of the folder. The cache is LERNWERK_CACHE, or ``cache_dir``.
    Raises FileError where the file cannot be fetched, is another one, or holds unsafe paths.
    """
    if origin is None:
        raise ArgumentError("get_file", "origin, the address of the file", None)
    check_name("get_file", "archive_format", archive_format or "auto", _KINDS)
    name = _name(fname, origin)
    unpack = extract or untar
    folder = Path(cache_dir or settings.get("cache")).expanduser() / cache_subdir
    target, unpacked = _places(folder, name, given=bool(fname), unpack=unpack)
    if force_download:
        target.unlink(missing_ok=True)
    _fetched(target, origin, file_hash or md5_hash)
    if not unpack:
        return str(target)
    if not unpacked.exists():
        extract_archive(target, unpacked, "tar" if untar else archive_format or "auto")
    return str(unpacked)


def _name(fname: Any, origin: str) -> str:
    name = os.fspath(fname) if fname else PurePosixPath(urlsplit(origin).path).name
    if not name:
        raise ArgumentError("get_file", "an address that ends with a file's name", repr(origin),
                            "Give fname='...'.")  # fmt: skip
    if Path(name).name != name:
        raise ArgumentError("get_file", "fname without folders", repr(name),
                            "Folders are given by cache_dir and cache_subdir.")  # fmt: skip
    return name


def _places(folder: Path, name: str, given: bool, unpack: bool) -> tuple[Path, Path]:
    """Where the file goes, and where its contents; the names are Keras 3's."""
    if not unpack:
        return folder / name, folder / name
    if given and "." in name:
        return folder / name, folder / f"{name.partition('.')[0]}_extracted"
    return folder / f"{name}_archive", folder / name


def _fetched(target: Path, origin: str, checksum: str | None) -> None:
    from lernwerk.datasets.download import RemoteFile, fetch, has_checksum

    if target.exists() and checksum is not None and not has_checksum(target, checksum):
        target.unlink()  # incomplete or outdated
    fetch(RemoteFile(target.name, (origin,), checksum), target.parent)


def extract_archive(path: Path, folder: Path, kind: str = "auto") -> None:
    """Unpack a tar (also compressed) or zip file into a new folder, or leave nothing behind.

    Raises FileError for other files and for members that would land outside the folder.
    """
    partial = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    try:
        if kind in ("auto", "tar") and tarfile.is_tarfile(path):
            with tarfile.open(path) as archive:
                _check_members(path, [m.name for m in archive.getmembers()])
                archive.extractall(partial, filter="data")
        elif kind in ("auto", "zip") and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                _check_members(path, archive.namelist())
                archive.extractall(partial)
        else:
            raise FileError(str(path), "a tar or zip file", "a file of another kind")
        partial.rename(folder)
    except tarfile.TarError as error:
        raise FileError(str(path), "an archive with safe paths", str(error)) from None
    finally:
        _remove(partial)


def _check_members(path: Path, names: list[str]) -> None:
    for name in names:
        parts = PurePosixPath(name.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or ":" in parts.parts[:1]:
            raise FileError(str(path), "an archive with paths inside it", repr(name))


def _remove(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
