"""The inner form of weights: an HDF5 file with the arrays under Keras's paths.

Only plain arrays are read: no links, no foreign files, no filters with a size of their own, no
objects. A file that stands alone, outside a zip, is sealed: a checksum behind the HDF5 data, which
other readers pass over, shows any damage before the HDF5 library sees it.
"""

from __future__ import annotations

import hashlib
import io
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from lernwerk.errors import FileError
from lernwerk.ops.primitive import Array

_MARK = b"lernwerk sha256 "
_TAIL = len(_MARK) + 32
_SEALED = "lernwerk_checksum"
_MAX_DEPTH = 64  # groups inside groups; a link in a circle would have no end
_MAX_ENTRIES = 100_000
SIGNATURE = b"\x89HDF\r\n\x1a\n"


def weights_bytes(
    arrays: Mapping[str, Array], groups: Mapping[str, str], sealed: bool = False
) -> bytes:
    """An HDF5 file with these arrays, and these groups with the names of their layers."""
    import h5py

    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for path, name in groups.items():
            file.require_group(path).attrs["name"] = name
        for path, array in arrays.items():
            file.create_dataset(path, data=array)
        if sealed:
            file.attrs[_SEALED] = "a SHA-256 of this file follows behind its end"
    content = buffer.getvalue()
    return content + _MARK + hashlib.sha256(content).digest() if sealed else content


class WeightsFile:
    """A weights file in memory: the types of its arrays first, the arrays themselves on demand.

    Raises FileError where it is damaged, cut off, or holds anything but arrays of numbers.
    """

    def __init__(self, where: str, content: bytes) -> None:
        self.where = where
        sealed = self._check_sum(content)
        try:
            self._open(content, sealed)
        except FileError:
            raise
        except Exception as error:  # the HDF5 library's errors are of many types
            raise self._damaged(error) from error

    def _open(self, content: bytes, sealed: bool) -> None:
        import h5py

        self._file = h5py.File(io.BytesIO(content), "r")
        if _SEALED in self._file.attrs and not sealed:
            raise self._damaged("its end with the checksum is missing")
        self._limit = len(content)
        self._arrays: dict[str, Any] = dict(self._walk(self._file))
        self.types = {path: (found.shape, found.dtype) for path, found in self._arrays.items()}

    def _check_sum(self, content: bytes) -> bool:
        """Whether a checksum stands behind the data; FileError where it does not fit."""
        if not content.startswith(SIGNATURE):
            raise FileError(self.where, "weights as an HDF5 file", "something else",
                            "model.save_weights('x.weights.h5') writes one.")  # fmt: skip
        data, mark, digest = content[:-_TAIL], content[-_TAIL:-32], content[-32:]
        if mark == _MARK and hashlib.sha256(data).digest() != digest:
            raise self._damaged("its checksum does not fit")
        return mark == _MARK

    def has(self, group: str) -> bool:
        """Whether there is a group of this path."""
        return group in self._file

    def text(self, group: str, name: str) -> str | None:
        """A text among the attributes of a group; None where there is none."""
        value = self._attribute(group, name)
        if isinstance(value, bytes):
            return value.decode("utf-8", "replace")
        return value if isinstance(value, str) else None

    def texts(self, group: str, name: str) -> list[str] | None:
        """A list of texts among the attributes, also one that Keras wrote in several pieces."""
        if self._attribute(group, name) is None and self._attribute(group, f"{name}0") is None:
            return None
        found: list[str] = []
        pieces = [name] if self._attribute(group, name) is not None else self._pieces(group, name)
        for piece in pieces:
            for each in np.atleast_1d(np.asarray(self._attribute(group, piece))).tolist():
                text = each.decode("utf-8", "replace") if isinstance(each, bytes) else each
                if not isinstance(text, str):
                    raise self._damaged(f"{piece} is no list of names")
                found.append(text)
        return found

    def _pieces(self, group: str, name: str) -> Iterator[str]:
        number = 0
        while self._attribute(group, f"{name}{number}") is not None:
            yield f"{name}{number}"
            number += 1

    def _attribute(self, group: str, name: str) -> Any:
        try:
            attributes = self._file[group or "/"].attrs
            return attributes.get(name, None)
        except Exception as error:
            raise self._damaged(error) from error

    def names_of(self, group: str) -> dict[str, str]:
        """The groups within a group by the names that are noted at them."""
        inner = list(self._file[group]) if group in self._file else []
        named = {each: self.text(f"{group}/{each}/vars", "name") for each in inner
                 if self.has(f"{group}/{each}/vars")}  # fmt: skip
        return {name: f"{group}/{each}" for each, name in named.items() if name is not None}

    def read(self, path: str) -> Array:
        """The numbers of one array."""
        try:
            return np.asarray(self._arrays[path][()])
        except Exception as error:
            raise self._damaged(error) from error

    def __enter__(self) -> WeightsFile:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def _damaged(self, reason: object) -> FileError:
        text = " ".join(str(reason).split()) or type(reason).__name__
        return FileError(self.where, "a whole weights file", f"a damaged one ({text.rstrip('.')})",
                         "Take another copy of it.")  # fmt: skip

    def _walk(self, root: Any) -> Iterator[tuple[str, Any]]:
        """All arrays with their paths, every link and type checked."""
        import h5py

        pending, seen = [("", root)], 0
        while pending:
            prefix, group = pending.pop()
            for name in group:
                path, seen = f"{prefix}{name}", seen + 1
                if seen > _MAX_ENTRIES or path.count("/") > _MAX_DEPTH:
                    raise FileError(self.where, "a tree of weights", "a circle of links or a maze")
                if group.get(name, getlink=True, getclass=True) is not h5py.HardLink:
                    raise FileError(self.where, f"an array at {path!r}", "a link",
                                    "It could point to any file.")  # fmt: skip
                found = group[name]
                if isinstance(found, h5py.Group):
                    pending.append((f"{path}/", found))
                else:
                    self._check_array(path, found)
                    yield path, found

    def _check_array(self, path: str, found: Any) -> None:
        import h5py

        expected = f"an array of numbers at {path!r}"
        if not isinstance(found, h5py.Dataset) or found.dtype.kind not in "fiub":
            kind = getattr(getattr(found, "dtype", None), "kind", "")
            got = "objects" if kind == "O" else "something else"
            raise FileError(self.where, expected, got, "Only numbers are read.")
        if found.shape is None or found.external or found.is_virtual:
            raise FileError(self.where, expected, "one that lies in another file")
        size = math.prod(found.shape) * found.dtype.itemsize
        if size > self._limit:
            raise FileError(self.where, expected, f"{size:,} bytes in a file of {self._limit:,}",
                            "It would fill the memory; it is not read.")  # fmt: skip
