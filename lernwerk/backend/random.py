"""Random numbers of ``keras.backend``; each call without a seed draws from a stream of its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk import random
from lernwerk.backend.arguments import float_name
from lernwerk.core.variable import Variable


def random_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: int | None = None
) -> Any:
    """Numbers from the normal distribution."""
    return random.normal(shape, mean, stddev, float_name(dtype), seed)


def random_uniform(
    shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: int | None = None
) -> Any:
    """Numbers from [minval, maxval), all equally likely."""
    return random.uniform(shape, minval, maxval, float_name(dtype), seed)


def truncated_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: int | None = None
) -> Any:
    """Numbers from the normal distribution, drawn again beyond two standard deviations."""
    return random.truncated_normal(shape, mean, stddev, float_name(dtype), seed)


def random_bernoulli(shape: Any, p: float = 0.0, dtype: Any = None, seed: int | None = None) -> Any:
    """Ones with probability p, else zeros."""
    return random.binomial(shape, 1, p, float_name(dtype), seed)


random_binomial = random_bernoulli


def _variable(drawn: Any, name: str | None) -> Variable:
    return Variable(np.asarray(drawn), name=name or "")


def random_normal_variable(
    shape: Any, mean: float, scale: float, dtype: Any = None, name: str | None = None,
    seed: int | None = None,
) -> Variable:  # fmt: skip
    """A Variable of normal numbers."""
    return _variable(random_normal(shape, mean, scale, dtype, seed), name)


def random_uniform_variable(
    shape: Any, low: float, high: float, dtype: Any = None, name: str | None = None,
    seed: int | None = None,
) -> Variable:  # fmt: skip
    """A Variable of numbers from [low, high)."""
    return _variable(random_uniform(shape, low, high, dtype, seed), name)
