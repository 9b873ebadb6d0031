"""Arrays in files of data sets whose publishers used pickle: read without running anything.

The lists of IMDB and Reuters and the pictures of CIFAR are pickled. Only what a NumPy array
consists of is accepted; a file that asks for any other function is refused.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from lernwerk.errors import FileError

# What NumPy 1 and 2, and Python 2, need to put an array together again.
_ALLOWED = {
    ("numpy", "ndarray"), ("numpy", "dtype"),
    ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"),
}  # fmt: skip


class _OnlyArrays(pickle.Unpickler):
    """An unpickler that knows how to make arrays, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"a pickle that asks for {module}.{name}")
        module = "numpy._core.multiarray" if "multiarray" in module else module
        return super().find_class(module, name)


def read_pickle(content: bytes, where: str) -> Any:
    """The lists, dicts and arrays of a pickle; FileError where it holds anything else.

    Texts of Python 2 come as bytes.
    """
    try:
        return _OnlyArrays(io.BytesIO(content), encoding="bytes").load()
    except Exception as error:  # a damaged pickle can fail in any way
        raise FileError(where, "arrays and nothing else", str(error) or type(error).__name__,
                        "Delete it and put the published file there.") from None  # fmt: skip


def read_npz(path: Path, *names: str) -> list[NDArray[Any]]:
    """These arrays of an .npz file; arrays of lists are read, other pickles refused."""
    try:
        with zipfile.ZipFile(path) as archive:
            return [_member(archive.read(f"{name}.npy"), f"{path}, {name}") for name in names]
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
        if isinstance(error, FileError):
            raise
        reason = error.args[0] if isinstance(error, KeyError) else str(error)
        raise FileError(str(path), f"an .npz with {', '.join(names)}", reason,
                        "Delete it and put the published file there.") from None  # fmt: skip


def _member(content: bytes, where: str) -> NDArray[Any]:
    stream = io.BytesIO(content)
    read = npy.read_array_header_1_0 if npy.read_magic(stream)[0] == 1 else (
        npy.read_array_header_2_0
    )  # fmt: skip
    dtype = read(stream)[2]
    if not dtype.hasobject:
        array: NDArray[Any] = npy.read_array(io.BytesIO(content), allow_pickle=False)
        return array
    return np.asarray(read_pickle(stream.read(), where), dtype=object)
