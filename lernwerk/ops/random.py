"""Random numbers as a pure function of a state: Philox4x32-10, uniform, normal, dropout.

The state is the array (seed low, seed high, stream, step); who keeps and advances it is
``lernwerk/core/random.py``. Every engine and every number of threads gives the same bits.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from lernwerk.errors import ArgumentError, ShapeError
from lernwerk.ops.common import floating, floating_dtype
from lernwerk.ops.primitive import Array, Dtype, Sample, primitive, sample
from lernwerk.ops.shape_line import Shape

_PHILOX = "Salmon, Moraes, Dror & Shaw 2011, Parallel random numbers: as easy as 1, 2, 3, SC11"
# Table 2 and section 4.3 of the paper: multipliers, and steps of the key (the golden ratio and
# sqrt(3) - 1, times 2^32); one row for each half of a block.
_MULTIPLIERS = np.array([[0xD2511F53], [0xCD9E8D57]], np.uint64)
_KEY_STEPS = np.array([[0x9E3779B9], [0xBB67AE85]], np.uint64)
_ROUNDS = 10
_LOW = np.uint64(0xFFFFFFFF)
_WORD = np.uint64(32)
_CHUNK = 8192  # blocks at a time: 400 kB of work space stays in the cache; measured
_LONGEST = 4 * 2**32  # words of one state: four for each value of the block index


def philox(counters: Array, key: Array) -> Array:
    """Encrypt counters (4, n) with a key (2): ten rounds of Philox4x32, four words from each.

    Shapes: counters (4, n), key (2) -> words (4, n), all uint32
    """
    even = counters[0::2].astype(np.uint64)  # words 0 and 2 of every block, in 64 bits  (2, n)
    odd = counters[1::2].astype(np.uint64)  # words 1 and 3
    keys = key.astype(np.uint64).reshape(2, 1)
    products = np.empty_like(even)
    for _ in range(_ROUNDS):
        np.multiply(even, _MULTIPLIERS, out=products)
        np.right_shift(products, _WORD, out=even)
        odd ^= even[::-1]
        odd ^= keys
        np.bitwise_and(products[::-1], _LOW, out=even)
        even, odd = odd, even
        keys = (keys + _KEY_STEPS) & _LOW
    words = np.empty(counters.shape, np.uint32)
    words[0::2], words[1::2] = even, odd
    return words


def _bits(state: Array, count: int) -> Array:
    """The first ``count`` words that belong to a state."""
    if count > _LONGEST:
        raise ArgumentError("random_bits", f"at most {_LONGEST} words from one state", count)
    blocks = -(-count // 4)
    words = np.empty((blocks, 4), np.uint32)
    for start in range(0, blocks, _CHUNK):
        stop = min(start + _CHUNK, blocks)
        counters = np.zeros((4, stop - start), np.uint32)
        counters[0] = np.arange(start, stop, dtype=np.uint32)
        counters[2], counters[3] = state[3], state[2]
        words[start:stop] = philox(counters, state[:2]).T
    return words.reshape(-1)[:count]


def _state(random: np.random.Generator) -> Array:
    return random.integers(0, 2**32, 4, dtype=np.uint32)


def _bits_samples(random: np.random.Generator) -> Iterator[Sample]:
    for shape in ((5,), (2, 1, 3), ()):
        yield sample(_state(random), shape=shape)


@primitive(
    gradient=lambda g, y, state, *, shape: (None,),
    samples=_bits_samples,
    source=_PHILOX,
    dtypes=np.dtype(np.uint32),
)
def random_bits(state: Array, *, shape: Shape) -> Array:
    """Draw 32 random bits for every element.

    y = Philox4x32-10 with key = (seed low, seed high), counter = (block, 0, step, stream); element
    i, counted row by row, is word i mod 4 of block floor(i / 4)

    Shapes: state (4) -> y (*shape)
    """
    return _bits(state, math.prod(shape)).reshape(shape)


def _float_dtype(_: Dtype, *, shape: Shape, dtype: str) -> Dtype:
    if dtype not in ("float32", "float64"):
        raise ArgumentError("random numbers", "dtype float32 or float64", repr(dtype))
    return np.dtype(dtype)


def _float_samples(random: np.random.Generator) -> Iterator[Sample]:
    yield sample(_state(random), shape=(5,))
    yield sample(_state(random), shape=(2, 1, 3), dtype="float64")
    yield sample(_state(random), shape=())


@primitive(
    gradient=lambda g, y, state, *, shape, dtype: (None,),
    samples=_float_samples,
    source=_PHILOX,
    dtypes=_float_dtype,
)
def random_uniform(state: Array, *, shape: Shape, dtype: str = "float32") -> Array:
    """Draw numbers from [0, 1), all equally likely.

    float32: y = floor(word / 2^8) / 2^24, one word of random_bits for every element
    float64: y = floor((2^32 first + second) / 2^11) / 2^53, two words for every element

    Shapes: state (4) -> y (*shape)
    Raises ArgumentError for other types.
    """
    return _uniform(
        state, math.prod(shape), _float_dtype(state.dtype, shape=shape, dtype=dtype)
    ).reshape(shape)


def _uniform(state: Array, count: int, dtype: Dtype) -> Array:
    if dtype.itemsize == 4:
        words = _bits(state, count)
        words >>= np.uint32(8)
        y = words.view(np.int32).astype(np.float32)  # processors convert signed integers faster
        y *= np.float32(2.0**-24)
        return y
    pairs = _bits(state, 2 * count).reshape(-1, 2)
    mantissas = pairs[:, 0].astype(np.uint64) << np.uint64(21)
    mantissas |= pairs[:, 1] >> np.uint32(11)
    return mantissas * 2.0**-53


@primitive(
    gradient=lambda g, y, state, *, shape, dtype: (None,),
    samples=_float_samples,
    source="Box & Muller 1958, Annals of Mathematical Statistics 29, 610-611; " + _PHILOX,
    dtypes=_float_dtype,
)
def random_normal(state: Array, *, shape: Shape, dtype: str = "float32") -> Array:
    """Draw numbers from the normal distribution with mean 0 and standard deviation 1.

    y[2i] = r cos(a), y[2i + 1] = r sin(a) with r = sqrt(-2 ln(1 - u[2i])), a = 2 pi u[2i + 1] and
    u = random_uniform of the same state and type

    Shapes: state (4) -> y (*shape)
    Raises ArgumentError for types other than float32 and float64.
    """
    count = math.prod(shape)
    kind = _float_dtype(state.dtype, shape=shape, dtype=dtype)
    uniform = _uniform(state, count + count % 2, kind).reshape(-1, 2)
    radius = np.sqrt(np.log(1.0 - uniform[:, 0]) * -2.0)
    angle = uniform[:, 1] * (2.0 * math.pi)
    uniform[:, 0], uniform[:, 1] = radius * np.cos(angle), radius * np.sin(angle)
    return uniform.reshape(-1)[:count].reshape(shape)


NoiseShape = tuple[int | None, ...] | None


def _mask_shape(x: Shape, noise_shape: NoiseShape) -> Shape:
    """The shape of dropout's mask: None, as a whole or for one axis, takes the length from x."""
    if noise_shape is None:
        return x
    known = len(noise_shape) == len(x)
    if not known or any(m not in (None, 1, n) for n, m in zip(x, noise_shape, strict=True)):
        raise ShapeError("dropout", f"a noise_shape that broadcasts to {x}", noise_shape)
    return tuple(n if m is None else m for n, m in zip(x, noise_shape, strict=True))


def _dropout_shape(x: Shape, _state: Shape, *, rate: float, noise_shape: NoiseShape) -> Shape:
    if not 0 <= rate <= 1:
        raise ArgumentError("dropout", "rate to be a number in [0, 1]", rate)
    _mask_shape(x, noise_shape)
    return x


def _dropout_gradient(
    g: Any, y: Any, x: Any, state: Any, *, rate: float, noise_shape: NoiseShape
) -> tuple[Any, None]:
    return dropout(g, state, rate=rate, noise_shape=noise_shape), None


def _dropout_samples(random: np.random.Generator) -> Iterator[Sample]:
    yield sample(random.normal(size=(4, 3)), _state(random), rate=0.5)
    yield sample(random.normal(size=(2, 5, 3)), _state(random), rate=0.2, noise_shape=(None, 1, 3))
    yield sample(random.normal(size=(2, 1)), _state(random), rate=0.0)


def _dropout_dtype(x: Dtype, _state: Dtype, **_: Any) -> Dtype:
    return floating_dtype(x)


@primitive(
    gradient=_dropout_gradient,
    samples=_dropout_samples,
    source="Srivastava et al. 2014, JMLR 15, 1929-1958",
    shapes=_dropout_shape,
    dtypes=_dropout_dtype,
)
def dropout(x: Array, state: Array, *, rate: float, noise_shape: NoiseShape = None) -> Array:
    """Set each element to 0 with probability ``rate`` and enlarge the others to keep the mean.

    y = x mask / (1 - rate); mask = 1 where random_bits(state) >= rate 2^32, of shape noise_shape
    (1 shares one decision along an axis, None takes the length of x). The gradient uses the same
    mask, computed again from the state. rate = 1 gives zeros.

    Shapes: x (*s), state (4) -> y (*s)
    Raises ArgumentError for a rate outside [0, 1], ShapeError for a noise_shape that does not fit.
    """
    x = floating(x)
    if rate >= 1:
        return np.zeros_like(x)
    shape = _mask_shape(x.shape, noise_shape)
    kept = _bits(state, math.prod(shape)) >= np.uint32(rate * 2.0**32)
    return x * (kept.reshape(shape) * x.dtype.type(1.0 / (1.0 - rate)))
