"""Random streams: a seed, a number of the stream, and a counter of draws.

The numbers are a pure function of (seed, stream, step, element) (``lernwerk/ops/random.py``), so
that they do not depend on the engine, on threads, or on what other streams have drawn.
"""

from __future__ import annotations

import functools
import itertools
import os

import numpy as np

from lernwerk import ops
from lernwerk.core.compiled import CompiledFunction, compiled
from lernwerk.core.tensor import Tensor
from lernwerk.core.variable import Variable
from lernwerk.errors import ArgumentError, Range, check_ranges
from lernwerk.ops.primitive import Array

_ONE_STEP = np.array([0, 0, 0, 1], np.uint32)
_SEEDS = {"seed": Range(0, 2**64 - 1, integer=True)}
_RANGES = {**_SEEDS, "stream": Range(0, 2**32 - 1, integer=True)}


class _Default:
    """The seed of all streams that are not given one, and the number of the next stream."""

    def __init__(self) -> None:
        self.seed = int.from_bytes(os.urandom(4), "little")
        self.streams = itertools.count(1)


_default = _Default()


def set_random_seed(seed: int) -> None:
    """Make everything random that is created from now on repeat itself.

    ``seed`` is an integer >= 0. Initial weights, dropout masks and shuffles of models built after
    this call are the same on every run, engine and number of threads.
    """
    check_ranges("set_random_seed", {"seed": seed}, _SEEDS)
    if seed is None:
        raise ArgumentError("set_random_seed", f"seed to be {_SEEDS['seed']}", None)
    _default.seed = int(seed)
    _default.streams = itertools.count(1)


def default_seed() -> int:
    """The seed that streams without one of their own use."""
    return _default.seed


@functools.cache
def _words(count: int) -> CompiledFunction:
    """So many words of random bits for a state, by the present engine."""
    return compiled(lambda state: ops.random_bits(state, shape=(count,)))


def _state(seed: int, stream: int, step: int) -> Array:
    return np.array([seed & 0xFFFFFFFF, seed >> 32, stream, step], np.uint32)


class RandomStream:
    """A sequence of draws. With ``seed`` it is stream 0 of that seed, else the next free one."""

    def __init__(self, seed: int | None = None, stream: int | None = None) -> None:
        check_ranges("RandomStream", {"seed": seed, "stream": stream}, _RANGES)
        if stream is None:
            stream = 0 if seed is not None else next(_default.streams)
        state = _state(_default.seed if seed is None else int(seed), int(stream), 0)
        self.state = Variable(state, name="random_state", trainable=False)

    def next(self) -> Tensor:
        """The state for one random operation; the stream moves on by one step."""
        state = self.state.read()
        self.state.assign(ops.add(state, _ONE_STEP))
        return state

    def uniform(
        self, shape: tuple[int, ...], low: float = 0.0, high: float = 1.0, dtype: str = "float32"
    ) -> Tensor:
        """Numbers from [low, high), all equally likely."""
        return low + (high - low) * ops.random_uniform(self.next(), shape=shape, dtype=dtype)

    def normal(
        self,
        shape: tuple[int, ...],
        mean: float = 0.0,
        standard_deviation: float = 1.0,
        dtype: str = "float32",
    ) -> Tensor:
        """Numbers from the normal distribution."""
        drawn = ops.random_normal(self.next(), shape=shape, dtype=dtype)
        return mean + standard_deviation * drawn

    def permutation(self, count: int) -> Array:
        """The numbers 0 to count - 1 in random order."""
        # Drawn in powers of two, so that there are few plans; the first words are always the same.
        state = self.state.numpy()
        self.state.assign(state + _ONE_STEP)
        drawn = _words(1 << (2 * count).bit_length())(state).numpy()
        halves = np.empty((count, 2), "<u4")
        halves[:, 1], halves[:, 0] = drawn[:count], drawn[count : 2 * count]
        # No two of so many keys of 64 bits are the same: every way of sorting gives one order.
        return np.argsort(halves.view("<u8")[:, 0])
