"""The optimizers, under Keras's names; one file each, the shared part in ``optimizer.py``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lernwerk.configurable import deserialize as _deserialize
from lernwerk.configurable import resolve, serialize
from lernwerk.errors import ArgumentError
from lernwerk.optimizers import legacy, schedules
from lernwerk.optimizers.adadelta import Adadelta
from lernwerk.optimizers.adagrad import Adagrad
from lernwerk.optimizers.adam import Adam
from lernwerk.optimizers.adamax import Adamax
from lernwerk.optimizers.adamw import AdamW
from lernwerk.optimizers.lion import Lion
from lernwerk.optimizers.nadam import Nadam
from lernwerk.optimizers.optimizer import Optimizer
from lernwerk.optimizers.rmsprop import RMSprop
from lernwerk.optimizers.sgd import SGD

# The names of Keras up to 2.2; the modules of these names are found by import statements only.
sgd, rmsprop, adagrad, adadelta = SGD, RMSprop, Adagrad, Adadelta
adam, adamax, nadam = Adam, Adamax, Nadam

_CLASSES = (SGD, RMSprop, Adagrad, Adadelta, Adam, AdamW, Adamax, Nadam, Lion)
NAMES: Mapping[str, type[Optimizer]] = {each.__name__.lower(): each for each in _CLASSES}


def get(identifier: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """An optimizer from its name (upper or lower case), config, class or itself.

    Raises ArgumentError with the nearest name, or where the object is no optimizer.
    """
    if isinstance(identifier, dict):
        found = deserialize(identifier, custom_objects)
    else:
        known = isinstance(identifier, str) and identifier.lower() in NAMES
        found = resolve(identifier.lower() if known else identifier, "optimizers", NAMES)
    if found is not None and not isinstance(found, Optimizer):
        raise ArgumentError(
            "optimizers", "an optimizer", repr(found), "Use 'adam', or optimizers.Adam(0.001)."
        )
    return found


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The optimizer that a written form describes; names of classes in upper or lower case."""
    name = config.get("class_name") if isinstance(config, dict) else None
    if isinstance(name, str) and name not in (custom_objects or {}) and name.lower() in NAMES:
        return NAMES[name.lower()].from_config(config.get("config", {}), custom_objects)
    return _deserialize(config, "optimizers", custom_objects)


__all__ = [
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Lion",
    "Nadam",
    "Optimizer",
    "RMSprop",
    "SGD",
    "adadelta",
    "adagrad",
    "adam",
    "adamax",
    "deserialize",
    "get",
    "legacy",
    "nadam",
    "rmsprop",
    "schedules",
    "serialize",
    "sgd",
]
