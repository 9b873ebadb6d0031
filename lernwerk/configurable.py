"""Objects that can be described by a dict and made again from it: layers, initializers, losses.

An object stores each argument of ``__init__`` under its own name; its config is those attributes.
The written form is Keras's: ``{"module": "keras.layers", "class_name": "Dense", "config": {...},
"registered_name": None}``. Reading one never imports or executes anything: only classes that are
registered here, or given by the caller, are known.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from lernwerk.errors import ArgumentError, DataError, check_keywords, nearest

_CLASSES: dict[tuple[str, str], type[Configurable]] = {}


class Configurable:
    """Base of everything that is written to and read from a config.

    ``family`` is the module in which Keras has the class: ``layers``, ``optimizers``, ... and the
    key under which subclasses inside this package are registered.
    """

    family: ClassVar[str] = ""

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if cls.__module__.startswith("lernwerk.") and not cls.__name__.startswith("_"):
            _CLASSES[cls.family, cls.__name__] = cls

    @classmethod
    def parameters(cls) -> list[str]:
        """The names of the arguments of ``__init__``, its base classes' included."""
        names: list[str] = []
        for base in cls.__mro__:
            if "__init__" not in vars(base) or base is object:
                continue
            signature = inspect.signature(vars(base)["__init__"]).parameters.values()
            own = [p for p in signature if p.name != "self"]
            named = [p for p in own if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
            names += [p.name for p in named if p.name not in names]
            if all(p.kind is not p.VAR_KEYWORD for p in own):
                break
        return names

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal object, as plain numbers, strings, lists and dicts."""
        return {name: to_config(getattr(self, name)) for name in self.parameters()}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """The object that ``get_config`` described."""
        check_keywords(cls.__name__, config, cls.parameters())
        return cls(**config)


def to_config(value: Any) -> Any:
    """A value of a config in its written form."""
    if isinstance(value, Configurable):
        return serialize(value)
    if isinstance(value, (list, tuple)):
        return [to_config(each) for each in value]
    if isinstance(value, dict):
        return {key: to_config(each) for key, each in value.items()}
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    return getattr(value, "__name__", value) if callable(value) else value


def serialize(value: Configurable) -> dict[str, Any]:
    """An object in Keras's written form."""
    inside = type(value).__module__.startswith("lernwerk.")
    return {
        "module": f"keras.{value.family}".rstrip(".") if inside else None,
        "class_name": type(value).__name__,
        "config": value.get_config(),
        "registered_name": None if inside else type(value).__name__,
    }


def _singular(family: str) -> str:
    """One of a family in words: losses -> loss."""
    if not family:
        return "model"
    return "loss" if family == "losses" else family.removesuffix("s")


def find_class(
    family: str, name: str, custom_objects: Mapping[str, Any] | None = None
) -> type[Configurable]:
    """The registered class of that name; DataError names the nearest where there is none."""
    if custom_objects and name in custom_objects:
        found: type[Configurable] = custom_objects[name]
        return found
    if (family, name) not in _CLASSES:
        known = [each for kind, each in _CLASSES if kind == family]
        raise DataError(
            "config", f"the class of a known {_singular(family)}", repr(name),
            f"{nearest(name, known)} A class of your own is given by custom_objects="
            f"{{'{name}': {name}}}.",
        )  # fmt: skip
    return _CLASSES[family, name]


def deserialize(config: Any, family: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The object that a written form describes; other values are returned as they are."""
    if not (isinstance(config, dict) and "class_name" in config):
        return config
    inner = config.get("config", {})
    if not isinstance(config["class_name"], str) or not isinstance(inner, dict):
        raise DataError("config", "a class name and a dict of arguments", repr(config)[:80])
    return find_class(family, config["class_name"], custom_objects).from_config(inner)


def resolve(
    identifier: Any, family: str, names: Mapping[str, Any], custom_objects: Any = None
) -> Any:
    """What Keras's ``get`` accepts: an object, a class, a known name, a config, or a function."""
    if isinstance(identifier, str):
        if identifier not in names:
            raise ArgumentError(
                family, f"the name of a known {_singular(family)}", repr(identifier),
                nearest(identifier, names),
            )  # fmt: skip
        found = names[identifier]
        return found() if isinstance(found, type) else found
    if isinstance(identifier, dict):
        return deserialize(identifier, family, custom_objects)
    if isinstance(identifier, type):
        return identifier()
    if identifier is None or isinstance(identifier, Configurable) or callable(identifier):
        return identifier
    raise ArgumentError(
        family, f"a name, config or object of {family}", repr(identifier), nearest("", names)
    )
