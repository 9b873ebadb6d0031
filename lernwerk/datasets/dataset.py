"""One data set as an object: numbers, names and where they come from.

This is what ``load()`` of every module here returns; it is not the tuple of arrays that Keras
scripts expect (that is ``load_data()``). It knows nothing of files: embedded.py and mnist.py fill
it, the main job reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lernwerk.errors import Range, check_ranges

Arrays = tuple[NDArray[Any], NDArray[Any]]
TEST_SPLIT = Range(0, 1, high_included=False)


@dataclass(frozen=True)
class Dataset:
    """A whole data set, training rows first where the publisher has fixed a test set.

    Shapes: x (rows, features) or (rows, height, width), y (rows). ``train_rows`` is the number of
    rows before the official test set, None where there is none.
    """

    name: str
    x: NDArray[Any]
    y: NDArray[Any]
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...] | None
    task: Literal["classification", "regression"]
    source: str
    image_shape: tuple[int, ...] | None = None
    train_rows: int | None = None


def shuffled_split(data: Dataset, test_split: float, seed: int) -> tuple[Arrays, Arrays]:
    """Shuffle the rows and cut off the last ``test_split`` of them, as Keras's boston_housing does.

    The generator is NumPy's legacy one because its stream is frozen: the same seed gives the same
    rows with every version of NumPy, and the same as Keras.
    """
    check_ranges(f"datasets.{data.name}.load_data", {"test_split": test_split},
                 {"test_split": TEST_SPLIT})  # fmt: skip
    return split_arrays(data.x, data.y, test_split, seed)


def split_arrays(
    x: NDArray[Any], y: NDArray[Any], test_split: float, seed: int
) -> tuple[Arrays, Arrays]:
    """The same of two arrays, after a check of ``test_split``."""
    order = np.arange(len(x))
    np.random.RandomState(seed).shuffle(order)
    train, test = np.split(order, [int(len(order) * (1 - test_split))])
    return (x[train], y[train]), (x[test], y[test])


def pixel_names(height: int, width: int) -> tuple[str, ...]:
    """Names for the pixels of a picture, row by row: pixel_0_0, pixel_0_1, ..."""
    return tuple(f"pixel_{row}_{column}" for row in range(height) for column in range(width))
