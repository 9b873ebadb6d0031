"""Random tensors under Keras's names (``keras.random``), each from a stream of the core.

``seed`` is None (a stream of its own for each call), an integer (the same numbers on each call), or
a ``SeedGenerator``, which moves on.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lernwerk import ops
from lernwerk.core.random import RandomStream
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.ops.common import dtype_name
from lernwerk.ops.primitive import plain

__all__ = [
    "SeedGenerator", "beta", "binomial", "categorical", "dropout", "gamma", "normal", "randint",
    "shuffle", "truncated_normal", "uniform",
]  # fmt: skip


class SeedGenerator:
    """A stream of seeds: every use moves on, the same ``seed`` gives the same sequence."""

    def __init__(self, seed: int | None = None, name: str | None = None, **_: Any) -> None:
        self.seed = seed
        self.name = name or "seed_generator"
        self.stream = RandomStream(seed)

    @property
    def state(self) -> Any:
        """The counter, a Variable."""
        return self.stream.state

    def next(self, ordered: bool = True) -> Tensor:
        """The state for one draw."""
        return self.stream.next()

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal generator."""
        return {"seed": self.seed}


def _stream(seed: Any) -> RandomStream:
    if isinstance(seed, SeedGenerator):
        return seed.stream
    if isinstance(seed, RandomStream):
        return seed
    return RandomStream(None if seed is None else int(np.asarray(seed)))


def _lengths(shape: Any) -> tuple[int, ...]:
    return (int(shape),) if isinstance(shape, int) else tuple(int(n) for n in shape)


def normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> Tensor:
    """Numbers from the normal distribution.

    Shapes: -> y (*shape)
    """
    drawn = ops.random_normal(_stream(seed).next(), shape=_lengths(shape), dtype=dtype_name(dtype))
    return drawn * stddev + mean


def uniform(
    shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None
) -> Tensor:
    """Numbers from [minval, maxval), all equally likely; whole numbers for integer types.

    Shapes: -> y (*shape)
    """
    name = dtype_name(dtype)
    if np.dtype(name).kind in "iu":
        return randint(shape, int(minval), int(maxval), name, seed)
    drawn = ops.random_uniform(_stream(seed).next(), shape=_lengths(shape), dtype=name)
    return drawn * (maxval - minval) + minval


def randint(shape: Any, minval: int, maxval: int, dtype: Any = "int32", seed: Any = None) -> Tensor:
    """Whole numbers from minval to maxval - 1, all equally likely.

    Shapes: -> y (*shape)
    """
    share = ops.random_uniform(_stream(seed).next(), shape=_lengths(shape), dtype="float64")
    return ops.cast(ops.floor(share * float(maxval - minval)) + float(minval),
                    dtype=dtype_name(dtype, "int32"))  # fmt: skip


# Below these quantiles of the uniform distribution lie two standard deviations of the normal one.
_LOW, _HIGH = (0.5 * (1.0 + math.erf(limit / math.sqrt(2.0))) for limit in (-2.0, 2.0))


def truncated_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> Tensor:
    """Numbers from the normal distribution within two standard deviations of its mean.

    y = mean + stddev * Phi^-1(u) with u uniform between Phi(-2) and Phi(2)

    Shapes: -> y (*shape)
    """
    u = uniform(shape, _LOW, _HIGH, "float64", seed)
    return ops.cast(_normal_quantile(u) * stddev + mean, dtype=dtype_name(dtype))


def _normal_quantile(p: Any) -> Any:
    """Phi^-1 by Newton's method on Phi, from the logistic approximation (within 1e-9)."""
    y = ops.log(p / (1.0 - p)) / 1.702  # Bowling et al. 2009: within 0.01 of Phi
    for _ in range(4):
        error = (ops.erf(y / math.sqrt(2.0)) + 1.0) * 0.5 - p
        y = y - error * ops.exp(y * y * 0.5) * math.sqrt(2.0 * math.pi)
    return y


def binomial(
    shape: Any, counts: Any, probabilities: Any, dtype: Any = None, seed: Any = None
) -> Tensor:
    """How many of ``counts`` trials succeed, each with the probability given.

    Shapes: -> y (*shape)
    """
    trials = int(np.max(np.asarray(counts)))
    lengths = _lengths(shape)
    drawn = ops.random_uniform(_stream(seed).next(), shape=(trials, *lengths), dtype="float32")
    numbers = np.arange(trials).reshape(-1, *(1 for _ in lengths))
    taken = ops.logical_and(ops.less(drawn, probabilities), ops.less(numbers, counts))
    return ops.cast(ops.sum(ops.cast(taken, dtype="int32"), axis=0), dtype=dtype_name(dtype))


def categorical(logits: Any, num_samples: int, dtype: Any = "int32", seed: Any = None) -> Tensor:
    """Class numbers with the probabilities softmax(logits), by Gumbel's trick.

    Shapes: logits (b, n) -> y (b, num_samples)
    """
    x = as_tensor(logits)
    b, n = x.shape
    u = ops.random_uniform(_stream(seed).next(), shape=(b, num_samples, n), dtype="float32")
    noise = -ops.log(-ops.log(ops.maximum(u, 1e-20)))  # Gumbel 1954
    return ops.cast(ops.argmax(ops.expand_dims(x, 1) + noise, axis=-1), dtype=dtype_name(dtype))


def dropout(inputs: Any, rate: float, noise_shape: Any = None, seed: Any = None) -> Tensor:
    """Elements set to 0 with probability ``rate``; the others are enlarged to keep the mean.

    Shapes: inputs (*s) -> y (*s)
    """
    shape = None if noise_shape is None else plain(tuple(noise_shape))
    state = _stream(seed).next()
    return ops.dropout(as_tensor(inputs), state, rate=rate, noise_shape=shape)


def shuffle(x: Any, axis: int = 0, seed: Any = None) -> Tensor:
    """The slices along an axis in random order.

    Shapes: x (*s) -> y (*s)
    """
    x = as_tensor(x)
    return ops.gather(x, _stream(seed).permutation(x.shape[axis]), axis=axis)


def gamma(shape: Any, alpha: float, dtype: Any = None, seed: Any = None) -> Tensor:
    """Numbers from the gamma distribution, by NumPy from a seed of the stream.

    Shapes: -> y (*shape)
    """
    return as_tensor(_numpy(seed).gamma(alpha, size=_lengths(shape)).astype(dtype_name(dtype)))


def beta(shape: Any, alpha: float, beta: float, dtype: Any = None, seed: Any = None) -> Tensor:
    """Numbers from the beta distribution, by NumPy from a seed of the stream.

    Shapes: -> y (*shape)
    """
    return as_tensor(_numpy(seed).beta(alpha, beta, size=_lengths(shape)).astype(dtype_name(dtype)))


def _numpy(seed: Any) -> np.random.Generator:
    return np.random.default_rng(_stream(seed).next().numpy().tolist())
