"""The small data sets that travel inside the package.

Each is one compressed .npz under data/ with x, y, feature_names and (for classes) class_names,
written by scripts/make_embedded_datasets.py. Nothing here downloads; sources are named in the
module of each data set and in data/README.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lernwerk.datasets.dataset import Dataset, pixel_names
from lernwerk.errors import FileError

FOLDER = Path(__file__).parent / "data"


def dataset(name: str, source: str, image_shape: tuple[int, int] | None = None) -> Dataset:
    """An embedded data set with its names; it is a regression where it has no classes."""
    arrays = read(name)
    classes = _names(arrays["class_names"]) if "class_names" in arrays else None
    return Dataset(
        name=name,
        x=arrays["x"],
        y=arrays["y"],
        feature_names=pixel_names(*image_shape) if image_shape else _names(arrays["feature_names"]),
        class_names=classes,
        task="classification" if classes else "regression",
        source=source,
        image_shape=image_shape,
    )


def read(name: str) -> dict[str, NDArray[Any]]:
    """All arrays of one embedded data set; FileError where the installation lacks it."""
    path = FOLDER / f"{name}.npz"
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {key: _frozen(value) for key, value in arrays.items()}
    except (OSError, ValueError) as error:
        raise FileError(
            str(path),
            "the data set that belongs to Lernwerk",
            str(error) or type(error).__name__,
            "Install Lernwerk anew: pip install --force-reinstall lernwerk",
        ) from None


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    # load() hands out one cached object; a caller who scales it in place would spoil it for all.
    array.setflags(write=False)
    return array


def _names(array: NDArray[Any]) -> tuple[str, ...]:
    """An array of texts as a tuple of plain strings."""
    return tuple(str(text) for text in array)
