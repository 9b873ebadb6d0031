"""The bases of the initializers: a shape in, a Tensor of first weights out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from lernwerk import ops
from lernwerk.configurable import Configurable
from lernwerk.core.compiled import compiled
from lernwerk.core.random import RandomStream
from lernwerk.core.tensor import Tensor
from lernwerk.core.tracer import current_tracer
from lernwerk.errors import ArgumentError, Range, check_ranges
from lernwerk.ops.primitive import Array

_SEEDS = {"seed": Range(0, 2**64 - 1, integer=True)}
_MANY = 2**18  # numbers whose drawing takes longer than compiling it
_BOUND = 2.0  # truncated normal numbers lie within two standard deviations


class Initializer(Configurable):
    """Base of the initializers: ``initializer(shape, dtype)`` gives the first weights.

    Source: https://keras.io/api/layers/initializers/
    """

    family = "initializers"

    def __call__(self, shape: Sequence[int], dtype: Any = "float32") -> Tensor:
        """A new Tensor of that shape."""
        raise NotImplementedError(f"{type(self).__name__} has no __call__")

    def clone(self) -> Self:
        """Another initializer with the same arguments."""
        return type(self).from_config(self.get_config())


class RandomInitializer(Initializer):
    """Base of the initializers that draw numbers.

    ``seed``: an integer gives the same weights at every call, as in Keras; a RandomStream is drawn
    from; with None the initializer has a stream of its own, which ``set_random_seed`` repeats.

    Differs: without a seed, every call gives new numbers (in Keras: the same ones again).
    """

    def __init__(self, seed: Any = None) -> None:
        if isinstance(seed, dict):  # Keras's written form of its SeedGenerator
            seed = seed.get("config", {}).get("seed")
        if not isinstance(seed, RandomStream):
            check_ranges(type(self).__name__, {"seed": seed}, _SEEDS)
        self.seed = seed
        self._own: RandomStream | None = None

    def stream(self) -> RandomStream:
        """The stream for one call."""
        if isinstance(self.seed, RandomStream):
            return self.seed
        if self.seed is not None:
            return RandomStream(self.seed)
        if self._own is None:
            self._own = RandomStream()
        return self._own

    def get_config(self) -> dict[str, Any]:
        """The arguments; a RandomStream is left out, what it has drawn is in the weights."""
        config = {name: getattr(self, name) for name in self.parameters()}
        return config | {"seed": None if isinstance(self.seed, RandomStream) else self.seed}


def drawing_dtype(dtype: Any) -> str:
    """The type in which numbers are drawn: float64 where it is asked for, else float32."""
    return "float64" if float_type(dtype) == np.float64 else "float32"


def float_type(dtype: Any) -> np.dtype[Any]:
    """The type asked for; None asks for float32."""
    return np.dtype("float32" if dtype is None else dtype)


def normal(stream: RandomStream, shape: Sequence[int], dtype: Any) -> Array:
    """Standard normal numbers."""
    return stream.normal(tuple(shape), dtype=drawing_dtype(dtype)).numpy()


def truncated_normal(stream: RandomStream, shape: Sequence[int], dtype: Any) -> Array:
    """Standard normal numbers; those beyond +-2 are drawn again, from the same stream."""
    numbers = np.array(normal(stream, shape, dtype))
    outside = np.abs(numbers) > _BOUND
    while outside.any():
        numbers[outside] = normal(stream, (int(outside.sum()),), dtype)
        outside = np.abs(numbers) > _BOUND
    return numbers


def uniform(stream: RandomStream, shape: Sequence[int], dtype: Any) -> Array:
    """Numbers from [0, 1), in an array of their own; many are drawn by the engine: the same ones.

    Measured for the 138 million of VGG16: a fifteenth of the time.
    """
    lengths, kind = tuple(shape), drawing_dtype(dtype)
    if math.prod(lengths) < _MANY or current_tracer() is not None:
        return np.array(stream.uniform(lengths, dtype=kind).numpy())

    def draw(state: Tensor) -> Tensor:
        return ops.random_uniform(state, shape=lengths, dtype=kind)

    return compiled(draw)(stream.next()).numpy()  # the plan is not kept: it is as large as this


def as_dtype(numbers: Array, dtype: Any) -> Tensor:
    """The numbers as a Tensor of the wanted type."""
    return Tensor(np.asarray(numbers, float_type(dtype)))


def checked_shape(where: str, shape: Any) -> tuple[int, ...]:
    """The shape as a tuple of lengths; ArgumentError for unknown or negative ones."""
    lengths = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    if not all(isinstance(n, (int, np.integer)) and n >= 0 for n in lengths):
        raise ArgumentError(where, "a shape of lengths >= 0", repr(shape))
    return tuple(int(n) for n in lengths)
