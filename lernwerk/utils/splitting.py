"""A data set cut into two."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk.core.random import RandomStream
from lernwerk.errors import ArgumentError, DataError
from lernwerk.utils.dataset import Dataset


def split_dataset(
    dataset: Any,
    left_size: float | None = None,
    right_size: float | None = None,
    shuffle: bool = False,
    seed: int | None = None,
    preferred_backend: str | None = None,
) -> tuple[Dataset, Dataset]:
    """Cut a data set into a left and a right one, for instance for training and validation.

    ``dataset`` is a Dataset, an array, a list of examples, or a tuple of arrays; the sizes are
    shares (0.8) or numbers of elements. Raises ArgumentError for sizes that do not fit.
    """
    whole = dataset if isinstance(dataset, Dataset) else _from_rows(dataset)
    elements = list(whole)
    left, right = _sizes(len(elements), left_size, right_size)
    order = RandomStream(seed).permutation(len(elements)) if shuffle else np.arange(len(elements))
    chosen = [elements[i] for i in order.tolist()]
    return _of(chosen[:left]), _of(chosen[len(chosen) - right :])


def _from_rows(value: Any) -> Dataset:
    if isinstance(value, (tuple, dict, np.ndarray, list)):
        return Dataset.from_tensor_slices(value)
    if hasattr(value, "__iter__"):
        return Dataset.from_generator(lambda: value)
    raise DataError("split_dataset", "a data set, arrays or a list", type(value).__name__)


def _of(elements: list[Any]) -> Dataset:
    return Dataset(lambda: iter(elements), len(elements))


def _sizes(count: int, left: float | None, right: float | None) -> tuple[int, int]:
    where = "split_dataset"
    if left is None and right is None:
        raise ArgumentError(
            where, "left_size or right_size", "neither", "For example left_size=0.8."
        )
    numbers = []
    for name, size in (("left_size", left), ("right_size", right)):
        limit = 1 if isinstance(size, float) else count
        if size is not None and not 0 < size <= limit:
            raise ArgumentError(where, f"{name} between 0 and {limit}", size)
        numbers.append(None if size is None else round(size * count) if limit == 1
                       and isinstance(size, float) else int(size))  # fmt: skip
    first, second = numbers
    first = count - (second or 0) if first is None else first
    second = count - first if second is None else second
    if first + second > count or not first or not second:
        raise ArgumentError(where, f"two parts of {count} elements", f"{first} and {second}")
    return first, second
