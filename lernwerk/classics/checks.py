"""What the ancestors ask of their input: rows of finite numbers, or of 0 and 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk.errors import DataError, ShapeError, UsageError
from lernwerk.ops.primitive import Array


def rows(where: str, x: Any, width: int | None = None) -> Array:
    """``x`` as finite float64 of shape (rows, width); ShapeError or DataError where it is not."""
    array = np.asarray(x, dtype=np.float64)
    if array.ndim != 2 or (width is not None and array.shape[1] != width):
        wanted = "any number of features" if width is None else width
        raise ShapeError(where, f"rows of shape (rows, {wanted})", array.shape)
    if not np.isfinite(array).all():
        raise DataError(where, "finite numbers", "NaN or infinity")
    return array


def binary_rows(where: str, x: Any, width: int | None = None) -> Array:
    """``x`` as bool of shape (rows, width); DataError where it holds more than 0 and 1."""
    array = rows(where, x, width)
    if not np.isin(array, (0, 1)).all():
        strange = array[~np.isin(array, (0, 1))][0]
        raise DataError(where, "0 or 1 everywhere", f"{strange:g}", "Try x > threshold.")
    return array.astype(bool)


def labels(where: str, y: Any, count: int) -> Array:
    """``y`` as one label for each of ``count`` rows."""
    array = np.asarray(y)
    if array.shape != (count,):
        raise ShapeError(where, f"{count} labels, one for each row", array.shape)
    return array


def fitted(where: str, weights: Array | None) -> Array:
    """The weights; UsageError where nothing has been learned yet."""
    if weights is None:
        raise UsageError(where, "something learned", "nothing", "Call fit first.")
    return weights
