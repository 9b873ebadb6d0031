"""The files of CIFAR-10 and CIFAR-100: a .tar.gz of pickled rows of 3072 bytes.

The archive is read as it is, nothing is unpacked to the disk; a folder that was unpacked before is
read too. Shared by cifar10.py and cifar100.py.
"""

from __future__ import annotations

import tarfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lernwerk import settings
from lernwerk.config import image_data_format
from lernwerk.datasets.dataset import Arrays
from lernwerk.datasets.download import RemoteFile
from lernwerk.datasets.places import find
from lernwerk.datasets.stored_arrays import read_pickle
from lernwerk.errors import FileError

HOST = "https://www.cs.toronto.edu/~kriz/"
SOURCE = (
    "A. Krizhevsky (2009), Learning multiple layers of features from tiny images, technical "
    "report, University of Toronto, " + HOST + "cifar.html"
)


def read(dataset: str, file: RemoteFile, folder: str, names: list[str], key: str) -> list[Arrays]:
    """Pictures uint8 (rows, 32, 32, 3) and labels uint8 (rows, 1) of each named part."""
    unpacked = _unpacked(dataset, folder)
    contents = _from_folder(unpacked, names) if unpacked else (
        _from_archive(find(dataset, file), folder, names)
    )  # fmt: skip
    return [_part(contents[name], f"{dataset}, {name}", key) for name in names]


def _unpacked(dataset: str, folder: str) -> Path | None:
    data = settings.get("data")
    roots = [] if data is None else [Path(data) / dataset, Path(data)]
    for root in (*roots, Path(settings.get("cache")) / dataset):
        if (root / folder).is_dir():
            return root / folder
    return None


def _from_folder(folder: Path, names: list[str]) -> dict[str, bytes]:
    try:
        return {name: (folder / name).read_bytes() for name in names}
    except OSError as error:
        raise FileError(str(folder), f"the files {', '.join(names)}",
                        error.strerror or str(error)) from None  # fmt: skip


def _from_archive(path: Path, folder: str, names: list[str]) -> dict[str, bytes]:
    wanted = {f"{folder}/{name}": name for name in names}
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(path, "r|gz") as archive:  # as a stream: decompressed once
            for member in archive:
                content = archive.extractfile(member) if member.name in wanted else None
                if content is not None:
                    found[wanted[member.name]] = content.read()
    except (OSError, EOFError, tarfile.TarError, zlib.error) as error:
        raise _damaged(path, names, str(error)) from None
    missing = [name for name in names if name not in found]
    if missing:
        raise _damaged(path, names, f"none of the name {missing[0]}")
    return found


def _damaged(path: Path, names: list[str], reason: str) -> FileError:
    return FileError(str(path), f"a .tar.gz with {', '.join(names)}", reason,
                     "Delete it and put the published file there.")  # fmt: skip


def _part(content: bytes, where: str, key: str) -> Arrays:
    table: Any = read_pickle(content, where)
    try:
        pixels = np.asarray(table[b"data"], np.uint8).reshape(-1, 3, 32, 32)
        labels = np.asarray(table[key.encode()], np.uint8).reshape(len(pixels), 1)
    except (KeyError, TypeError, ValueError) as error:
        raise FileError(where, f"pictures and their {key}", repr(error)) from None
    return _placed(pixels), labels


def _placed(pixels: NDArray[Any]) -> NDArray[Any]:
    """The channels where the configuration wants them."""
    if image_data_format() == "channels_first":
        return pixels
    return np.ascontiguousarray(pixels.transpose(0, 2, 3, 1))
