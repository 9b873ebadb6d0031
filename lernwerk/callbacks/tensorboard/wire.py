"""The wire format of protocol buffers, as much of it as event files need.

A message is a sequence of fields: a key (number * 8 + kind), then the value. Kind 0 is a varint
(seven bits a byte, lowest first, the eighth bit says that more follow), 1 eight bytes, 2 a length
and that many bytes (text, bytes, a message inside), 5 four bytes.
Source: Protocol Buffers Documentation, Encoding
"""

from __future__ import annotations

import struct

VARINT, EIGHT_BYTES, BLOCK, FOUR_BYTES = 0, 1, 2, 5


def varint(number: int) -> bytes:
    """An integer in seven bits a byte; negative ones as 64 bits of two's complement."""
    number &= 0xFFFF_FFFF_FFFF_FFFF
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def _key(field: int, kind: int) -> bytes:
    return varint(field << 3 | kind)


def integer(field: int, number: int) -> bytes:
    """A field that holds an integer, a truth value or a member of an enumeration."""
    return _key(field, VARINT) + varint(int(number))


def double(field: int, number: float) -> bytes:
    """A field that holds a number in eight bytes."""
    return _key(field, EIGHT_BYTES) + struct.pack("<d", number)


def single(field: int, number: float) -> bytes:
    """A field that holds a number in four bytes."""
    return _key(field, FOUR_BYTES) + struct.pack("<f", number)


def block(field: int, content: bytes | str) -> bytes:
    """A field that holds bytes, text or another message."""
    content = content.encode() if isinstance(content, str) else content
    return _key(field, BLOCK) + varint(len(content)) + content
