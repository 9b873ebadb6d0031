"""The outer form of a ``.keras`` file: a zip with a config, metadata, weights and extra members.

Every check here is made on the directory of the zip, before a byte of a member is unpacked. Members
are read into memory, the zip's checksum of each is compared; only the assets of layers are written
to disk, into a folder of their own that is removed again.
"""

from __future__ import annotations

import os
import re
import stat
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from lernwerk.errors import ArgumentError, FileError
from lernwerk.utils.atomic import write_atomically

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
EXTRAS, ASSETS = "lernwerk/", "assets/"
_LIMITS = {CONFIG: 2**26, METADATA: 2**20}  # far above any real one; each layer takes about 1 KB
_TOTAL_FLOOR = 2**28  # 256 MB may be unpacked from any file, however well it is packed,
_TOTAL_RATIO = 50  # and beyond that so many times its size; Keras itself does not pack at all
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_EXTRA_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_CODE = (".pkl", ".pickle", ".joblib", ".dill", ".marshal", ".pyc", ".py", ".so", ".npy", ".npz")


def write_archive(path: str | os.PathLike[str], members: Mapping[str, bytes]) -> None:
    """Write the members into a zip, unpacked as Keras does, whole or not at all."""
    with write_atomically(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def extra_members(extras: Mapping[str, bytes] | None) -> dict[str, bytes]:
    """The extra members under their names in the zip."""
    for name in extras or {}:
        if not _EXTRA_NAME.fullmatch(name):
            raise ArgumentError(
                "save_model", "names of letters, digits, '_', '-' and '.' in extras", repr(name)
            )
    return {EXTRAS + name: content for name, content in (extras or {}).items()}


class Archive:
    """A ``.keras`` file opened for reading, its directory checked.

    Raises FileError with one sentence for each kind of file that is not what it should be.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        self._zip = _opened(self.path)
        try:
            self._check()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *error: object) -> None:
        self._zip.close()

    def names(self) -> list[str]:
        """The names of all members."""
        return self._zip.namelist()

    def size(self, name: str) -> int:
        """The unpacked size of a member in bytes."""
        return self._zip.getinfo(name).file_size

    def read(self, name: str) -> bytes:
        """The content of a member; its checksum is compared."""
        with self._whole(name):
            return self._zip.read(name)

    @contextmanager
    def _whole(self, name: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # zipfile, zlib and struct each have their own
            raise FileError(
                self.path, f"a whole {_shown(name)} in the zip", _reason(error),
                "The file is damaged; take another copy of it.",
            ) from error  # fmt: skip

    def _check(self) -> None:
        members = self._zip.infolist()
        for each in members:
            self._check_member(each)
        names = [each.filename for each in members]
        for name in names:
            if names.count(name) > 1:
                raise FileError(self.path, "each member once", f"{name!r} several times")
        for name in (CONFIG, WEIGHTS):
            if name not in names:
                self._refuse_foreign(name, names)
        self._check_sizes(members)
        for name in names:  # a name stands twice in a zip, in its directory and before the content
            with self._whole(name):
                self._zip.open(name).close()

    def _check_member(self, member: zipfile.ZipInfo) -> None:
        name = member.orig_filename
        parts = re.split(r"[/\\]", name)
        outside = ".." in parts or "" in parts[:-1] or re.match(r"[A-Za-z]:", name)
        if outside:
            raise FileError(self.path, "members inside the zip", f"the path {name!r}",
                            "It points out of the file; do not unpack it.")  # fmt: skip
        if stat.S_ISLNK(member.external_attr >> 16):
            raise FileError(self.path, f"{name!r} as a plain file", "a symbolic link",
                            "It could point to any file.")  # fmt: skip
        if name.lower().endswith(_CODE):
            raise FileError(self.path, "data as config.json and model.weights.h5",
                            f"the member {name!r}", "Such files can run code.")  # fmt: skip
        if member.flag_bits & 1 or member.compress_type not in _PACKINGS:
            raise FileError(self.path, f"{name!r} plain or deflated", "another packing")

    def _refuse_foreign(self, missing: str, names: list[str]) -> None:
        found = ", ".join(map(repr, names[:4])) or "an empty one"
        raise FileError(self.path, f"a zip with {missing}, as model.save writes it", found,
                        "This is another kind of zip.")  # fmt: skip

    def _check_sizes(self, members: list[zipfile.ZipInfo]) -> None:
        for each in members:
            limit = _LIMITS.get(each.filename)
            if limit is not None and each.file_size > limit:
                self._refuse_size(f"{each.filename} of at most {limit:,} bytes", each.file_size)
        total = sum(each.file_size for each in members)
        limit = max(_TOTAL_FLOOR, _TOTAL_RATIO * Path(self.path).stat().st_size)
        if total > limit:
            self._refuse_size(f"members of at most {limit:,} bytes together", total)

    def _refuse_size(self, expected: str, size: int) -> None:
        raise FileError(self.path, expected, f"{size:,} bytes",
                        "It would fill the memory; it is not unpacked.")  # fmt: skip


def read_extras(filepath: str | os.PathLike[str]) -> dict[str, bytes]:
    """The extra members that ``save_model(..., extras=...)`` wrote, by name."""
    with Archive(filepath) as archive:
        names = [name for name in archive.names() if name.startswith(EXTRAS) and name != EXTRAS]
        return {name.removeprefix(EXTRAS): archive.read(name) for name in names}


def _opened(path: str) -> zipfile.ZipFile:
    try:
        with Path(path).open("rb") as file:
            start = file.read(8)
        return zipfile.ZipFile(path)
    except OSError as error:
        hint = "Check the path." if isinstance(error, FileNotFoundError) else ""
        raise FileError(path, "a readable file", _reason(error), hint) from error
    except Exception as error:  # a damaged directory fails in many ways inside zipfile
        raise FileError(path, "a .keras file (a zip)", _kind(start), _remedy(start)) from error


def _kind(start: bytes) -> str:
    if start.startswith(b"PK"):
        return "a zip that is cut off or damaged"
    if start.startswith(b"\x89HDF"):
        return "an HDF5 file"
    if start[:1] == b"\x80":
        return "a pickle"
    return "an empty file" if not start else "something else"


def _remedy(start: bytes) -> str:
    if start.startswith(b"PK"):
        return "Copy or download it again."
    if start.startswith(b"\x89HDF"):
        return "load_model opens models in HDF5 too, read_extras only .keras files."
    if start[:1] == b"\x80":
        return "Pickles can run code and are never opened."
    return "model.save('model.keras') writes one."


def _shown(name: str) -> str:
    return name if name.isprintable() else repr(name)


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return text.rstrip(".")
