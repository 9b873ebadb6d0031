"""Arrays in the idx format of the MNIST pages, plain or gzip-compressed.

An idx file is four bytes (two zeros, a code of the number type, the number of axes), the lengths
as big-endian integers, then the numbers. Only bytes occur in the data sets here; other types are
refused. Format: http://yann.lecun.com/exdb/mnist/.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lernwerk.errors import FileError

UNSIGNED_BYTE = 0x08


def read(path: Path) -> NDArray[Any]:
    """The uint8 array of one idx file; FileError where it is damaged or something else."""
    content = _content(path)
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != UNSIGNED_BYTE:
        raise _damaged(path, f"a file that begins with {content[:4].hex() or 'nothing'}")
    axes = content[3]
    start = 4 + 4 * axes
    if len(content) < start:
        raise _damaged(path, f"{len(content)} bytes, too few for its own header")
    shape = struct.unpack(f">{axes}I", content[4:start])
    if len(content) - start != math.prod(shape):
        raise _damaged(path, f"{len(content) - start} bytes for an array of shape {shape}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _content(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
        return gzip.decompress(raw) if path.suffix == ".gz" else raw
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(path, getattr(error, "strerror", None) or str(error)) from None


def _damaged(path: Path, found: str) -> FileError:
    return FileError(
        str(path), "an idx file of bytes", found, "Delete it and put the published file there."
    )
