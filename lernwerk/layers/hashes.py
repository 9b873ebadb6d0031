"""Hashes of texts that are the same in every program: FarmHash64 and SipHash-2-4.

They are those of TensorFlow's string operations, so that a saved Keras model that hashes means the
same here. Python's own ``hash`` is drawn anew for each process and no use for that.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

_MASK = (1 << 64) - 1
# G. Pike, FarmHash, farmhash.cc: primes between 2^63 and 2^64 that its author chose.
_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F


def farm_hash(text: bytes) -> int:
    """The 64-bit fingerprint of FarmHash (farmhashna::Hash64).

    Source: G. Pike, FarmHash, 2014
    """
    size = len(text)
    if size <= 16:
        return _up_to_16(text, size)
    if size <= 32:
        return _up_to_32(text, size)
    if size <= 64:
        return _up_to_64(text, size)
    return _longer(text, size)


def _word(text: bytes, at: int) -> int:
    return int(struct.unpack_from("<Q", text, at)[0])


def _half(text: bytes, at: int) -> int:
    return int(struct.unpack_from("<I", text, at)[0])


def _rotated(value: int, shift: int) -> int:
    """The 64 bits turned to the right."""
    value &= _MASK
    return (value >> shift | value << (64 - shift)) & _MASK


def _mixed(value: int) -> int:
    return value ^ value >> 47


def _joined(u: int, v: int, factor: int) -> int:
    """128 bits to 64."""
    a = _mixed((u ^ v) * factor & _MASK)
    b = _mixed((v ^ a) * factor & _MASK)
    return b * factor & _MASK


def _up_to_16(text: bytes, size: int) -> int:
    factor = _K2 + size * 2 & _MASK
    if size >= 8:
        a = _word(text, 0) + _K2 & _MASK
        b = _word(text, size - 8)
        c = _rotated(b, 37) * factor + a & _MASK
        return _joined(c, (_rotated(a, 25) + b) * factor & _MASK, factor)
    if size >= 4:
        return _joined(size + (_half(text, 0) << 3) & _MASK, _half(text, size - 4), factor)
    if not size:
        return _K2
    y = text[0] + (text[size >> 1] << 8)
    z = size + (text[-1] << 2)
    return _mixed((y * _K2 ^ z * _K0) & _MASK) * _K2 & _MASK


def _up_to_32(text: bytes, size: int) -> int:
    factor = _K2 + size * 2 & _MASK
    a, b = _word(text, 0) * _K1 & _MASK, _word(text, 8)
    c, d = _word(text, size - 8) * factor & _MASK, _word(text, size - 16) * _K2 & _MASK
    u = _rotated(a + b, 43) + _rotated(c, 30) + d & _MASK
    return _joined(u, a + _rotated(b + _K2, 18) + c & _MASK, factor)


def _up_to_64(text: bytes, size: int) -> int:
    factor = _K2 + size * 2 & _MASK
    a, b = _word(text, 0) * _K2 & _MASK, _word(text, 8)
    c, d = _word(text, size - 8) * factor & _MASK, _word(text, size - 16) * _K2 & _MASK
    y = _rotated(a + b, 43) + _rotated(c, 30) + d & _MASK
    z = _joined(y, a + _rotated(b + _K2, 18) + c & _MASK, factor)
    e, f = _word(text, 16) * factor & _MASK, _word(text, 24)
    g = (y + _word(text, size - 32)) * factor & _MASK
    h = (z + _word(text, size - 24)) * factor & _MASK
    u = _rotated(e + f, 43) + _rotated(g, 30) + h & _MASK
    return _joined(u, e + _rotated(f + a, 18) + g & _MASK, factor)


def _weak(text: bytes, at: int, a: int, b: int) -> tuple[int, int]:
    """32 bytes and two numbers to two numbers."""
    w, x, y, z = (_word(text, at + 8 * i) for i in range(4))
    a = a + w & _MASK
    b = _rotated(b + a + z, 21)
    c = a
    a = a + x + y & _MASK
    return a + z & _MASK, b + _rotated(a, 44) + c & _MASK


def _longer(text: bytes, size: int) -> int:
    """Blocks of 64 bytes; the last 64 bytes are mixed in once more at the end."""
    x, y = 81, 81 * _K1 + 113 & _MASK
    z = _mixed(y * _K2 + 113 & _MASK) * _K2 & _MASK
    v = w = (0, 0)
    x = x * _K2 + _word(text, 0) & _MASK
    for at in range(0, (size - 1) // 64 * 64, 64):
        x, y, z, v, w = _block(text, at, (x, y, z, v, w), _K1, 1)
    factor = _K1 + ((z & 0xFF) << 1) & _MASK
    w = (w[0] + (size - 1 & 63) & _MASK, w[1])
    v = (v[0] + w[0] & _MASK, v[1])
    w = (w[0] + v[0] & _MASK, w[1])
    x, y, z, v, w = _block(text, size - 64, (x, y, z, v, w), factor, 9)
    first = _joined(v[0], w[0], factor) + _mixed(y) * _K0 + z & _MASK
    return _joined(first, _joined(v[1], w[1], factor) + x & _MASK, factor)


_State = tuple[int, int, int, tuple[int, int], tuple[int, int]]


def _block(text: bytes, at: int, state: _State, factor: int, times: int) -> _State:
    x, y, z, v, w = state
    x = _rotated(x + y + v[0] + _word(text, at + 8), 37) * factor & _MASK
    y = _rotated(y + v[1] + _word(text, at + 48), 42) * factor & _MASK
    x ^= w[1] * times & _MASK
    y = y + v[0] * times + _word(text, at + 40) & _MASK
    z = _rotated(z + w[0], 33) * factor & _MASK
    v = _weak(text, at, v[1] * factor & _MASK, x + w[0] & _MASK)
    w = _weak(text, at + 32, z + w[1] & _MASK, y + _word(text, at + 16) & _MASK)
    return z, y, x, v, w


def sip_hash(text: bytes, key: Sequence[int]) -> int:
    """The 64-bit hash SipHash-2-4 of a text under a key of two numbers.

    Source: Aumasson & Bernstein 2012, SipHash: a fast short-input PRF
    """
    low, high = (number & _MASK for number in key)
    # The paper's constants: "somepseudorandomlygeneratedbytes".
    state = [low ^ 0x736F6D6570736575, high ^ 0x646F72616E646F6D,
             low ^ 0x6C7967656E657261, high ^ 0x7465646279746573]  # fmt: skip
    padded = text + bytes(7 - len(text) % 8) + bytes([len(text) & 0xFF])
    for at in range(0, len(padded), 8):
        word = _word(padded, at)
        state[3] ^= word
        _sip_rounds(state, 2)
        state[0] ^= word
    state[2] ^= 0xFF
    _sip_rounds(state, 4)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def _sip_rounds(v: list[int], count: int) -> None:
    for _ in range(count):
        for a, b, c, d, first, second in ((0, 1, 2, 3, 13, 16), (2, 1, 0, 3, 17, 21)):
            v[a] = v[a] + v[b] & _MASK
            v[b] = _rotated(v[b], 64 - first) ^ v[a]
            if a == 0:
                v[a] = _rotated(v[a], 32)
            v[c] = v[c] + v[d] & _MASK
            v[d] = _rotated(v[d], 64 - second) ^ v[c]
        v[2] = _rotated(v[2], 32)
