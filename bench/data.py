"""The data of the rows: MNIST where LERNWERK_DATA has it, else random numbers of its shape."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from lernwerk import settings
from lernwerk.datasets import mnist

Arrays = tuple[Any, Any]
ROWS, PIXELS, CLASSES = 60000, 784, 10


def source() -> str:
    """Where the pictures come from, in words."""
    return "random numbers of MNIST's shape" if settings.get("data") is None else "MNIST"


@functools.cache
def pictures() -> Arrays:
    """x (60000, 784) float32 in 0 to 1, y (60000) int32 in 0 to 9."""
    if settings.get("data") is None:
        random = np.random.default_rng(1)
        x = random.random((ROWS, PIXELS), dtype=np.float32)
        return x, random.integers(0, CLASSES, ROWS, dtype=np.int32)
    (x, y), _ = mnist.load_data()
    return x.reshape(ROWS, PIXELS).astype(np.float32) / 255, y.astype(np.int32)


def persons() -> Arrays:
    """x (2100, 1) float32 in 0 to 1, y (2100) int32: 1 mostly where x is large."""
    random = np.random.default_rng(2)
    x = random.random((2100, 1), dtype=np.float32)
    return x, (x[:, 0] + 0.1 * random.standard_normal(2100) > 0.6).astype(np.int32)


def few_pictures(count: int) -> Arrays:
    """Random pictures of MNIST's shape, for what depends on the shapes only."""
    random = np.random.default_rng(4)
    x = random.random((count, PIXELS), dtype=np.float32)
    return x, random.integers(0, CLASSES, count, dtype=np.int32)


def photographs(count: int, size: int, classes: int) -> Arrays:
    """x (count, size, size, 3) float32 of mean 0 and deviation 1, y (count) int32."""
    random = np.random.default_rng(5)
    x = random.standard_normal((count, size, size, 3), dtype=np.float32)
    return x, random.integers(0, classes, count, dtype=np.int32)


def letters(count: int, length: int, kinds: int) -> Arrays:
    """x (count, length, kinds) float32, one-hot characters; y (count) int32, the next ones."""
    random = np.random.default_rng(6)
    numbers = random.integers(0, kinds, (count, length + 1))
    return np.eye(kinds, dtype=np.float32)[numbers[:, :-1]], numbers[:, -1].astype(np.int32)


def texts() -> Arrays:
    """x (128, 100) int32, words of 5000; y (128, 1) float32, 0 or 1."""
    random = np.random.default_rng(3)
    x = random.integers(0, 5000, (128, 100), dtype=np.int32)
    return x, random.integers(0, 2, (128, 1)).astype(np.float32)
