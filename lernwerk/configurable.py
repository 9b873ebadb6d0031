"""Objects that can be described by a dict and made again from it: layers, initializers, losses.

An object stores each argument of ``__init__`` under its own name; its config is those attributes.
The written form is Keras's: ``{"module": "keras.layers", "class_name": "Dense", "config": {...},
"registered_name": None}``. Reading one never imports or executes anything: only classes that are
registered here, or given by the user (``registration.py``), are known.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, Self

import numpy as np

from lernwerk.errors import ArgumentError, DataError, check_keywords, nearest
from lernwerk.registration import (
    custom_object_scope,
    get_registered_name,
    is_registered,
    own_object,
)

_CLASSES: dict[tuple[str, str], type[Configurable]] = {}
# The user's functions and classes that were written, where somebody wants to know of them.
_noted: ContextVar[dict[str, Any] | None] = ContextVar("noted", default=None)
# Options of Keras that ask for nothing at these values, and so are passed over where a class does
# not have them; None asks for nothing anywhere.
_INERT: Mapping[str, tuple[Any, ...]] = {
    "is_legacy_optimizer": (False,), "jit_compile": (False, True), "dtype": ("float32",),
}  # fmt: skip


class Configurable:
    """Base of everything that is written to and read from a config.

    ``family`` is the module in which Keras has the class: ``layers``, ``optimizers``, ... and the
    key under which subclasses inside this package are registered.
    """

    family: ClassVar[str] = ""
    # Keras's module of a class that it does not export: such a class is found by its full path.
    keras_module: ClassVar[str | None] = None
    keras_name: ClassVar[str | None] = None  # the name there, where it is another one

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if cls.__module__.startswith("lernwerk.") and not cls.__name__.startswith("_"):
            for name in {cls.__name__, vars(cls).get("keras_name") or cls.__name__}:
                _CLASSES[cls.family, name] = cls

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


# ---- writing


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
    return function_form(value) if callable(value) and hasattr(value, "__name__") else value


def function_form(function: Any) -> Any:
    """A function by its name; a registered one as Keras writes it, with its package."""
    name = _note(function, str(function.__name__))
    if not is_registered(function):
        return name
    return {
        "module": "builtins", "class_name": "function",
        "config": get_registered_name(function), "registered_name": "function",
    }  # fmt: skip


def serialize(value: Configurable) -> dict[str, Any]:
    """An object in Keras's written form."""
    kind = type(value)
    written: dict[str, Any] = {"module": None, "class_name": kind.__name__}
    if kind.__module__.startswith("lernwerk."):
        module = f"keras.{kind.family}".rstrip(".")
        own_name = kind.__name__ if kind.keras_module else None
        written["class_name"] = vars(kind).get("keras_name") or kind.__name__
        written |= {"module": kind.keras_module or module, "registered_name": own_name}
    else:
        _note(kind, kind.__name__)
        written["registered_name"] = get_registered_name(kind)
    return written | {"config": value.get_config()}


@contextmanager
def noting() -> Iterator[dict[str, Any]]:
    """Within, note the user's functions and classes that configs name, to read them at once."""
    found: dict[str, Any] = {}
    token = _noted.set(found)
    try:
        yield found
    finally:
        _noted.reset(token)


def _note(found: Any, name: str) -> str:
    """Note a function or class under its name, made unique where another one has it."""
    noted = _noted.get()
    if noted is None or str(getattr(found, "__module__", "")).startswith("lernwerk."):
        return name
    while noted.get(name, found) is not found:
        name += "_"
    noted[name] = found
    return name


# ---- reading


def find_class(
    family: str, name: str, custom_objects: Mapping[str, Any] | None = None
) -> type[Configurable]:
    """The registered class of that name; DataError names the nearest where there is none."""
    own = own_object(name, custom_objects=custom_objects)
    if own is not None:
        return own
    if (family, name) not in _CLASSES:
        known = [each for kind, each in _CLASSES if kind == family]
        raise DataError(
            "config", f"the class of a known {_singular(family)}", repr(name),
            f"{_near(name, known)}A class of your own is given by custom_objects="
            f"{{'{name}': {name}}}.",
        )  # fmt: skip
    return _CLASSES[family, name]


def _near(name: str, known: list[str]) -> str:
    """The nearest of the known names; all of them only where they are few."""
    hint = nearest(name, known)
    return f"{hint} " if hint.startswith("Did") or len(known) < 20 else ""


def _singular(family: str) -> str:
    """One of a family in words: losses -> loss."""
    if not family:
        return "model"
    return "loss" if family == "losses" else family.removesuffix("s")


def is_written(value: Any) -> bool:
    """Whether a value is the written form of an object."""
    return isinstance(value, dict) and "class_name" in value and "config" in value


def deserialize(
    config: Any, family: str = "", custom_objects: Mapping[str, Any] | None = None
) -> Any:
    """The object that a written form describes; other values are returned as they are.

    ``family`` is where to look for a class whose module is not written (files before Keras 3).
    """
    if not (isinstance(config, dict) and "class_name" in config):
        return config
    name, inner = config["class_name"], config.get("config", {})
    if name == "function":
        return _function(inner, family, custom_objects)
    if not isinstance(name, str) or not isinstance(inner, dict):
        raise DataError("config", "a class name and a dict of arguments", repr(config)[:80])
    found = _class_of(config, family, custom_objects)
    with custom_object_scope(custom_objects):
        made = found.from_config(_known_options(found, inner))
        if config.get("build_config") and hasattr(made, "build_from_config"):
            made.build_from_config(config["build_config"])
    return made


def _class_of(
    config: Mapping[str, Any], family: str, custom_objects: Mapping[str, Any] | None
) -> type[Configurable]:
    """The class that is meant: the user's if there is one, else this package's of that module."""
    name = config["class_name"]
    own = own_object(config.get("registered_name"), name, custom_objects=custom_objects)
    if own is not None:
        return own
    if "module" not in config:
        return find_class(family, name)
    module = config["module"]
    if not isinstance(module, str) or module.partition(".")[0] != "keras":
        raise DataError(
            "config", f"custom_objects with the class {name!r}", "none of this name",
            f"load_model(filepath, custom_objects={{'{name}': {name}}})",
        )  # fmt: skip
    return find_class(_family_of(module, name), name)


def _family_of(module: str, name: str) -> str:
    """The family under which a class of a module of Keras is known here.

    ``keras.layers`` and ``keras.src.layers.core.dense`` are both ``layers``.
    """
    family = module.removeprefix("keras").removeprefix(".").removeprefix("src.")
    first, families = family, {kind for kind, _ in _CLASSES}
    while family:
        if (family, name) in _CLASSES:
            return family
        first = family if family in families else first
        family = family.rpartition(".")[0]
    return "" if ("", name) in _CLASSES else first


def _known_options(found: Any, inner: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments without options that ask for nothing; layers judge their options themselves."""
    own = isinstance(found, type) and issubclass(found, Configurable)
    if not own or found.family in ("layers", ""):
        return dict(inner)
    known = found.parameters()
    return {key: value for key, value in inner.items()
            if key in known or not (value is None or value in _INERT.get(key, ()))}  # fmt: skip


def _function(name: Any, family: str, custom_objects: Mapping[str, Any] | None) -> Any:
    """The user's function of that name; one of this package's stays a name for its ``get``."""
    own = own_object(name, custom_objects=custom_objects)
    if own is None and (not isinstance(name, str) or ">" in name):
        raise DataError(
            "config", f"custom_objects with the function {name!r}", "none of this name",
            f"load_model(filepath, custom_objects={{{name!r}: ...}})",
        )  # fmt: skip
    return name if own is None else own


def revived(value: Any) -> Any:
    """A value of a layer's config with objects for the written forms in it."""
    if isinstance(value, list):
        return [revived(each) for each in value]
    if not is_written(value) or value["class_name"] == "DTypePolicy":
        return value
    known = "module" in value or own_object(value["class_name"]) is not None
    return (
        deserialize(value) if known else value
    )  # else the argument's own ``get`` knows its family


def resolve(
    identifier: Any, family: str, names: Mapping[str, Any], custom_objects: Any = None
) -> Any:
    """What Keras's ``get`` accepts: an object, a class, a known name, a config, or a function."""
    if isinstance(identifier, dict):
        identifier = deserialize(identifier, family, custom_objects)
    if isinstance(identifier, str):
        own = own_object(identifier, custom_objects=custom_objects)
        if own is None and identifier not in names:
            raise ArgumentError(
                family, f"the name of a known {_singular(family)}", repr(identifier),
                nearest(identifier, names),
            )  # fmt: skip
        found = names[identifier] if own is None else own
        return found() if isinstance(found, type) else found
    if isinstance(identifier, type):
        return identifier()
    if identifier is None or isinstance(identifier, Configurable) or callable(identifier):
        return identifier
    raise ArgumentError(
        family, f"a name, config or object of {family}", repr(identifier), nearest("", names)
    )
