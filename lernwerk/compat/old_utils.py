"""Helpers of Keras 1 and 2 that are gone or have moved."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk import legacy
from lernwerk.errors import FileError
from lernwerk.ops.primitive import Array


def multi_gpu_model(model: Any, gpus: Any = None, **_: Any) -> Any:
    """The model itself: nothing here runs on graphics cards."""
    legacy.note("multi_gpu_model(model)", "model")
    return model


def print_summary(
    model: Any, line_length: int | None = None, positions: Any = None, print_fn: Any = None
) -> None:
    """Print the table of a model's layers."""
    legacy.note("print_summary(model)", "model.summary()")
    model.summary(line_length=line_length, print_fn=print_fn)


def plot(model: Any, to_file: str = "model.png", **options: Any) -> Any:
    """Draw a model: today's ``plot_model``."""
    from lernwerk import utils

    legacy.note("visualize_util.plot", "plot_model")
    return utils.plot_model(model, to_file=to_file, **options)


def categorical_probas_to_classes(p: Any) -> Array:
    """The number of the most probable class of each row."""
    legacy.note("categorical_probas_to_classes(p)", "np.argmax(p, axis=1)")
    return np.argmax(np.asarray(p), axis=1)


def HDF5Matrix(
    datapath: Any, dataset: str, start: int = 0, end: int | None = None, **_: Any
) -> Any:
    """The rows of a data set in an HDF5 file, read as an array.

    Raises FileError where there is no such file.
    """
    from pathlib import Path

    import h5py

    if not Path(datapath).is_file():
        raise FileError(str(datapath), "an HDF5 file", "nothing there")
    with h5py.File(datapath, "r") as file:
        return file[dataset][start:end]


__all__ = [
    "HDF5Matrix", "categorical_probas_to_classes", "multi_gpu_model", "plot", "print_summary",
]  # fmt: skip
