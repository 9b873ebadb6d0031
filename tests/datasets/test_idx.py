"""The idx reader on arrays of every shape and on damaged files."""

from __future__ import annotations

import gzip
import struct
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lernwerk.datasets import idx
from lernwerk.errors import FileError


def packed(array: np.ndarray) -> bytes:
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.tobytes()


@settings(max_examples=30, deadline=None)
@given(arrays.arrays(np.uint8, arrays.array_shapes(max_dims=4, max_side=5)), st.booleans())
def test_round_trip(array: np.ndarray, compressed: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("a.gz" if compressed else "a")
        path.write_bytes(gzip.compress(packed(array)) if compressed else packed(array))
        np.testing.assert_array_equal(idx.read(path), array)


GOOD = packed(np.arange(6, dtype=np.uint8).reshape(2, 3))


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("a", b"", "a file that begins with nothing"),
        ("a", b"PNG!....", "a file that begins with 504e4721"),
        ("a", GOOD[:2] + b"\x0d" + GOOD[3:], "a file that begins with 00000d02"),
        ("a", GOOD[:6], "6 bytes, too few for its own header"),
        ("a", GOOD[:-1], "5 bytes for an array of shape (2, 3)"),
        ("a", GOOD + b"x", "7 bytes for an array of shape (2, 3)"),
        ("a.gz", GOOD, "Not a gzipped file (b'\\x00\\x00')"),
        ("a.gz", gzip.compress(GOOD)[:-9], "Compressed file ended before"),
    ],
    ids=["empty", "foreign", "type", "header", "short", "long", "plain", "cut"],
)
def test_damaged_file(tmp_path: Path, name: str, content: bytes, found: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FileError) as error:
        idx.read(path)
    assert str(error.value).startswith(f"{path}: expected an idx file of bytes, got {found}")
    assert str(error.value).endswith("Delete it and put the published file there.")


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="got No such file or directory"):
        idx.read(tmp_path / "nothing.gz")
