"""``tf.data``: the data sets of ``lernwerk.utils``."""

from __future__ import annotations

from typing import Any

AUTOTUNE = -1  # accepted everywhere, without effect: there is nothing to tune
INFINITE_CARDINALITY, UNKNOWN_CARDINALITY = -1, -2


def __getattr__(name: str) -> Any:
    if name == "Dataset":
        from lernwerk import utils

        return utils.Dataset
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def cardinality(dataset: Any) -> Any:
    """How many elements a data set has."""
    return dataset.cardinality()


class Options:
    """Accepted, without effect: options of TensorFlow's data sets."""


_LATER = ("Dataset",)  # found by __getattr__
__all__ = [
    *_LATER, "AUTOTUNE", "INFINITE_CARDINALITY", "Options", "UNKNOWN_CARDINALITY", "cardinality",
]  # fmt: skip
