"""Numbers for people who bring their own: one-hot rows, vectors of length 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk.errors import DataError
from lernwerk.legacy import old_names

Array = np.ndarray[Any, Any]


@old_names
def to_categorical(x: Any, num_classes: int | None = None) -> Array:
    """Make one-hot rows of class numbers.

    y[i, j] = 1 where x[i] = j, else 0

    Shapes: x (*b) or (*b, 1) -> y (*b, num_classes), float64 as in Keras; without ``num_classes``
    it is the largest number + 1. Raises DataError for numbers outside [0, num_classes).
    """
    labels = np.asarray(x)
    if labels.dtype.kind not in "biu" and (labels != np.round(labels)).any():
        raise DataError("to_categorical", "whole class numbers", f"{labels.dtype}")
    labels = labels.astype(np.int64)
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    classes = int(labels.max(initial=-1)) + 1 if num_classes is None else num_classes
    if labels.size and (labels.min() < 0 or labels.max() >= classes):
        outside = labels[(labels < 0) | (labels >= classes)].flat[0]
        raise DataError(
            "to_categorical", f"class numbers from 0 to {classes - 1}", f"{outside}",
            f"Give num_classes={int(labels.max()) + 1}." if labels.min() >= 0 else "",
        )  # fmt: skip
    return np.eye(classes)[labels]


def normalize(x: Any, axis: int = -1, order: int = 2) -> Array:
    """Divide the vectors along an axis by their length; a vector of zeros stays.

    y = x / ||x||, the norm of that order

    Shapes: x (*s) -> y (*s)
    """
    array = np.asarray(x)
    norm = np.linalg.norm(array, order, axis=axis, keepdims=True)
    norm[norm == 0] = 1
    result: Array = array / norm
    return result
