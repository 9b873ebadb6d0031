"""``tf.random``: seeds and random tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk import random as numbers
from lernwerk.backend.arguments import tensor
from lernwerk.compat.tensorflow.making import shape_tuple
from lernwerk.core.random import set_random_seed
from lernwerk.ops.common import dtype_name


def set_seed(seed: int) -> None:
    """Make everything random that is created from now on repeat itself."""
    set_random_seed(int(seed))


def normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = "float32",
    seed: int | None = None, name: str | None = None,
) -> Any:  # fmt: skip
    """Numbers from the normal distribution."""
    return numbers.normal(shape_tuple(shape), mean, stddev, dtype, seed)


def uniform(
    shape: Any, minval: float = 0, maxval: float | None = None, dtype: Any = "float32",
    seed: int | None = None, name: str | None = None,
) -> Any:  # fmt: skip
    """Numbers from [minval, maxval), all equally likely; whole numbers for integer types."""
    high = 1.0 if maxval is None else maxval
    return numbers.uniform(shape_tuple(shape), minval, high, dtype_name(dtype), seed)


def truncated_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = "float32",
    seed: int | None = None, name: str | None = None,
) -> Any:  # fmt: skip
    """Numbers from the normal distribution within two standard deviations."""
    return numbers.truncated_normal(shape_tuple(shape), mean, stddev, dtype, seed)


def shuffle(value: Any, seed: int | None = None, name: str | None = None) -> Any:
    """The rows in random order."""
    return numbers.shuffle(tensor(value), 0, seed)


def categorical(
    logits: Any, num_samples: int, dtype: Any = "int64", seed: int | None = None, name: Any = None
) -> Any:
    """Class numbers with the probabilities softmax(logits)."""
    return numbers.categorical(tensor(logits), int(num_samples), dtype or "int64", seed)


def stateless_normal(
    shape: Any, seed: Any, mean: float = 0.0, stddev: float = 1.0, **_: Any
) -> Any:
    """Numbers from the normal distribution, the same for the same seed."""
    return numbers.normal(shape_tuple(shape), mean, stddev, None, _one(seed))


def stateless_uniform(shape: Any, seed: Any, minval: Any = 0, maxval: Any = None, **_: Any) -> Any:
    """Numbers from [minval, maxval), the same for the same seed."""
    return numbers.uniform(shape_tuple(shape), minval, maxval or 1.0, None, _one(seed))


def _one(seed: Any) -> int:
    """TensorFlow's pair of seeds as one."""
    first, second = (np.asarray(seed).reshape(-1).tolist() * 2)[:2]
    return (int(first) & 0xFFFFFFFF) << 32 | (int(second) & 0xFFFFFFFF)


class Generator:
    """A sequence of random tensors: ``tf.random.Generator.from_seed(1).normal((2, 3))``."""

    def __init__(self, seed: int | None = None) -> None:
        self._seeds = numbers.SeedGenerator(seed)

    @classmethod
    def from_seed(cls, seed: int, alg: Any = None) -> Generator:
        """The sequence of a seed."""
        return cls(seed)

    @classmethod
    def from_non_deterministic_state(cls, alg: Any = None) -> Generator:
        """A sequence of its own."""
        return cls()

    def normal(self, shape: Any, mean: float = 0.0, stddev: float = 1.0, **_: Any) -> Any:
        """Numbers from the normal distribution."""
        return numbers.normal(shape_tuple(shape), mean, stddev, None, self._seeds)

    def uniform(
        self, shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = None, **_: Any
    ) -> Any:
        """Numbers from [minval, maxval)."""
        high = 1.0 if maxval is None else maxval
        return numbers.uniform(shape_tuple(shape), minval, high, dtype, self._seeds)


__all__ = [
    "Generator", "categorical", "normal", "set_seed", "shuffle", "stateless_normal",
    "stateless_uniform", "truncated_normal", "uniform",
]  # fmt: skip
