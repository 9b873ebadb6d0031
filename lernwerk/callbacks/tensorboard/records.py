"""The frame of TFRecord files: every record with its length and two checksums.

record = length (8 bytes) + masked crc of those + data + masked crc of the data, all little-endian

Source: TensorFlow's guide to TFRecord, section on the format
"""

from __future__ import annotations

import struct

_POLYNOMIAL = 0x82F63B78  # Castagnoli's, its bits reversed (RFC 3720, B.4)


def _table() -> list[int]:
    """The checksum of each single byte."""
    found = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (_POLYNOMIAL if byte & 1 else 0)
        found.append(byte)
    return found


_TABLE = _table()


def crc32c(data: bytes) -> int:
    """The cyclic redundancy check with Castagnoli's polynomial."""
    check = 0xFFFF_FFFF
    for byte in data:
        check = _TABLE[(check ^ byte) & 0xFF] ^ check >> 8
    return check ^ 0xFFFF_FFFF


def masked(check: int) -> int:
    """A checksum turned and shifted, so that checksums of checksums do not come out equal."""
    return ((check >> 15 | check << 17) + 0xA282EAD8) & 0xFFFF_FFFF


def record(data: bytes) -> bytes:
    """The data in its frame."""
    length = struct.pack("<Q", len(data))
    return (
        length + struct.pack("<I", masked(crc32c(length)))
        + data + struct.pack("<I", masked(crc32c(data)))
    )  # fmt: skip
