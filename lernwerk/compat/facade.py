"""A facade: a module without content that shows names of other modules under another one.

``keras.layers`` is a facade over ``lernwerk.layers``. Names are looked up when they are asked for,
so that nothing is loaded that is not used and every object is the original, not a copy.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any

from lernwerk.errors import MissingModuleError, MissingNameError, nearest

_SMALL = 12  # so many names are listed where none of them is near


def names_of(module: ModuleType) -> list[str]:
    """The public names of a module."""
    listed = getattr(module, "__all__", None)
    return list(listed) if listed is not None else [n for n in vars(module) if n[0] != "_"]


class Facade(ModuleType):
    """Shows the public names of ``sources``, then ``constants`` and its ``children``."""

    def __init__(
        self,
        name: str,
        sources: Sequence[str],
        constants: Mapping[str, Any],
        children: Sequence[str],
    ) -> None:
        super().__init__(name, f"{name}, as Lernwerk has it.")
        self._sources = sources
        self._constants = constants
        self._children = children
        self.__path__: list[str] = []  # so that `import keras.layers.core` asks for a submodule

    def _modules(self) -> Iterator[ModuleType]:
        """The modules behind the facade, each loaded when it is reached."""
        for source in self._sources:
            try:
                yield importlib.import_module(source)
            except ModuleNotFoundError as error:
                if not source.startswith(error.name or "?"):
                    raise

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return [n for n in dir(self) if n[0] != "_"]
        if name in self._constants:
            found = self._constants[name]
            return _reached(found) if isinstance(found, Where) else found
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        for module in self._modules():
            if name in names_of(module):
                return getattr(module, name)
        if name in self._children:
            return importlib.import_module(f"{self.__name__}.{name}")
        raise MissingNameError(*self.missing(name))

    def __dir__(self) -> list[str]:
        listed = [name for module in self._modules() for name in names_of(module)]
        return sorted({*listed, *self._constants, *self._children, *vars(self)})

    def missing(self, name: str) -> tuple[str, str, str, str]:
        """The parts of the sentence that a name is not there."""
        return lacking(f"{self.__name__}.{name}", self.__name__, name, dir(self))


def lacking(full: str, module: str, name: str, known: Sequence[str]) -> tuple[str, str, str, str]:
    """The parts of the sentence that a name is not part of a module, with the nearest one."""
    public = [each for each in known if each[0] != "_"]
    hint = nearest(name, public)
    if hint.startswith("Known") and len(public) > _SMALL:
        hint = "docs/compat.md says what there is."
    return full, f"a name of Lernwerk's {module}", "one that is not part of it", hint


class Where:
    """The place of an object: a module and a name in it; reached when it is asked for."""

    def __init__(self, place: str) -> None:
        self.module, _, self.name = place.partition(":")


def _reached(where: Where) -> Any:
    try:
        module = importlib.import_module(where.module)
    except ModuleNotFoundError:
        raise MissingModuleError(
            where.module, "a module of Lernwerk", "one that is not part of it"
        ) from None
    return getattr(module, where.name) if where.name else module
