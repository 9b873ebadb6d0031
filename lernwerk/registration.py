"""Classes and functions of the user's own by name: registered for good, or within a block.

A file names such objects; only what the user has given here, or as ``custom_objects``, is ever made
from it. Names have the form ``package>name``, as Keras writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from lernwerk.errors import ArgumentError

_Object = TypeVar("_Object", bound=Callable[..., Any])

_registered: dict[str, Any] = {}
_names: dict[Any, str] = {}
_scope: ContextVar[Mapping[str, Any]] = ContextVar("custom_objects", default={})  # noqa: B039


def register_keras_serializable(
    package: str = "Custom", name: str | None = None
) -> Callable[[_Object], _Object]:
    """Decorate a class or function of your own, so that files which name it can be loaded.

    A file knows it as ``package>name``. Raises ArgumentError for a class without ``get_config``.
    """

    def register(found: _Object) -> _Object:
        if isinstance(found, type) and not hasattr(found, "get_config"):
            raise ArgumentError(
                f"register_keras_serializable({found.__name__})", "a class with get_config",
                "one without", "def get_config(self): return {'units': self.units}",
            )  # fmt: skip
        full = f"{package}>{name or found.__name__}"
        _registered[full] = found
        _names[found] = full
        return found

    return register


def get_registered_name(obj: Any) -> str:
    """The name ``package>name`` of a registered class or function; its own name for others."""
    try:
        return _names[obj]
    except (KeyError, TypeError):
        return str(getattr(obj, "__name__", obj))


def get_registered_object(
    name: str,
    custom_objects: Mapping[str, Any] | None = None,
    module_objects: Mapping[str, Any] | None = None,
) -> Any:
    """The class or function of that name among those given and registered; None where none is."""
    return {**(module_objects or {}), **known_objects(custom_objects)}.get(name)


def get_custom_objects() -> dict[str, Any]:
    """The registered objects by name; entries may be added and removed."""
    return _registered


def is_registered(obj: Any) -> bool:
    """Whether a class or function has a registered name."""
    return get_registered_name(obj) in _registered


def known_objects(custom_objects: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Everything of the user's: registered, of the blocks around, and given here, which wins."""
    return {**_registered, **_scope.get(), **(custom_objects or {})}


def own_object(*names: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The user's object of the first of these names that is known; None where none is.

    ``package>name`` is also found under the plain name, if that was given as a custom object.
    """
    known = known_objects(custom_objects)
    for name in names:
        if isinstance(name, str):
            for key in (name, name.rpartition(">")[2]):
                if key in known:
                    return known[key]
    return None


@contextmanager
def custom_object_scope(custom_objects: Mapping[str, Any] | None) -> Iterator[None]:
    """Within, files and configs may name these classes and functions."""
    token = _scope.set({**_scope.get(), **(custom_objects or {})})
    try:
        yield
    finally:
        _scope.reset(token)


CustomObjectScope = custom_object_scope

__all__ = [
    "CustomObjectScope", "custom_object_scope", "get_custom_objects", "get_registered_name",
    "get_registered_object", "is_registered", "known_objects", "own_object",
    "register_keras_serializable",
]  # fmt: skip
