"""The optimizers, under Keras's names; one file each, the shared part in ``optimizer.py``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lernwerk.configurable import deserialize as _deserialize
from lernwerk.configurable import resolve, serialize
from lernwerk.errors import ArgumentError
from lernwerk.optimizers.adadelta import Adadelta
from lernwerk.optimizers.adagrad import Adagrad
from lernwerk.optimizers.adam import Adam
from lernwerk.optimizers.nadam import Nadam
from lernwerk.optimizers.optimizer import Optimizer
from lernwerk.optimizers.rmsprop import RMSprop
from lernwerk.optimizers.sgd import SGD

NAMES: Mapping[str, type[Optimizer]] = {
    each.__name__.lower(): each for each in (SGD, RMSprop, Adagrad, Adadelta, Adam, Nadam)
}


def get(identifier: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """An optimizer from its name (upper or lower case), config, class or itself.

    Raises ArgumentError with the nearest name, or where the object is no optimizer.
    """
    known = isinstance(identifier, str) and identifier.lower() in NAMES
    found = resolve(
        identifier.lower() if known else identifier, "optimizers", NAMES, custom_objects
    )
    if found is not None and not isinstance(found, Optimizer):
        raise ArgumentError(
            "optimizers", "an optimizer", repr(found), "Use 'adam', or optimizers.Adam(0.001)."
        )
    return found


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The optimizer that a written form describes."""
    return _deserialize(config, "optimizers", custom_objects)


__all__ = [
    "Adadelta",
    "Adagrad",
    "Adam",
    "Nadam",
    "Optimizer",
    "RMSprop",
    "SGD",
    "deserialize",
    "get",
    "serialize",
]
