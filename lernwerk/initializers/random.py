"""Initializers that draw from a distribution with given numbers, and the orthogonal one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lernwerk.core.tensor import Tensor
from lernwerk.errors import NOT_NEGATIVE, Range, ShapeError, check_ranges
from lernwerk.initializers.initializer import (
    RandomInitializer,
    as_dtype,
    checked_shape,
    normal,
    truncated_normal,
    uniform,
)

_DEVIATION = {"mean": Range(), "stddev": NOT_NEGATIVE}


class RandomNormal(RandomInitializer):
    """Normal numbers of mean ``mean`` and standard deviation ``stddev``.

    Source: https://keras.io/api/layers/initializers/
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        super().__init__(seed)
        self.mean, self.stddev = mean, stddev
        check_ranges("RandomNormal", vars(self), _DEVIATION)

    def __call__(self, shape: Sequence[int], dtype: Any = "float32") -> Tensor:
        """A new Tensor of numbers."""
        drawn = normal(self.stream(), checked_shape("RandomNormal", shape), dtype)
        return as_dtype(self.mean + self.stddev * drawn, dtype)


class TruncatedNormal(RandomInitializer):
    """Normal numbers of which those beyond two standard deviations are drawn again.

    ``stddev`` is the standard deviation before that; afterwards it is 0.8796 times as large.

    Source: https://keras.io/api/layers/initializers/
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        super().__init__(seed)
        self.mean, self.stddev = mean, stddev
        check_ranges("TruncatedNormal", vars(self), _DEVIATION)

    def __call__(self, shape: Sequence[int], dtype: Any = "float32") -> Tensor:
        """A new Tensor of numbers."""
        drawn = truncated_normal(self.stream(), checked_shape("TruncatedNormal", shape), dtype)
        return as_dtype(self.mean + self.stddev * drawn, dtype)


class RandomUniform(RandomInitializer):
    """Numbers from [minval, maxval), all equally likely.

    Source: https://keras.io/api/layers/initializers/
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None) -> None:
        super().__init__(seed)
        self.minval, self.maxval = minval, maxval
        check_ranges("RandomUniform", vars(self), {"minval": Range(), "maxval": Range(minval)})

    def __call__(self, shape: Sequence[int], dtype: Any = "float32") -> Tensor:
        """A new Tensor of numbers."""
        drawn = uniform(self.stream(), checked_shape("RandomUniform", shape), dtype)
        return as_dtype(self.minval + (self.maxval - self.minval) * drawn, dtype)


class Orthogonal(RandomInitializer):
    """A random matrix with orthonormal columns (or rows, if there are fewer), times ``gain``.

    More than two axes are read as the matrix (product of all but the last, last).

    Raises ShapeError for fewer than two axes.
    Source: Saxe, McClelland & Ganguli 2014, arXiv:1312.6120.
    """

    def __init__(self, gain: float = 1.0, seed: Any = None) -> None:
        super().__init__(seed)
        self.gain = gain

    def __call__(self, shape: Sequence[int], dtype: Any = "float32") -> Tensor:
        """A new Tensor with the matrix."""
        wanted = checked_shape("Orthogonal", shape)
        if len(wanted) < 2:
            raise ShapeError("Orthogonal", "a shape of at least 2 axes", wanted)
        rows, columns = math.prod(wanted[:-1]), wanted[-1]
        tall = (max(rows, columns), min(rows, columns))
        q, r = np.linalg.qr(normal(self.stream(), tall, dtype))
        # The signs make the decomposition unique, so that all rotations are equally likely.
        q = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)
        matrix = q if rows >= columns else q.T
        return as_dtype(self.gain * matrix.reshape(wanted), dtype)
