"""The finder of imports that makes ``keras`` and ``tensorflow`` mean Lernwerk.

It stands in front of Python's own finders and answers for the names of ``compat/names.py`` only.
All spellings of one module (``tensorflow.keras.layers``, ``keras.layers.core``) are one facade.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from lernwerk.compat import names
from lernwerk.compat.facade import Facade, lacking
from lernwerk.errors import MissingModuleError


class Finder(MetaPathFinder, Loader):
    """Finds and makes the facades."""

    def __init__(self) -> None:
        self.facades: dict[str, Facade] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: Any = None
    ) -> ModuleSpec | None:
        """A spec for a spelling of a module; a sentence for a submodule that is not there."""
        if fullname.partition(".")[0] not in names.ROOTS:
            return None
        canonical = names.canonical(fullname)
        if canonical is None:
            raise self._missing(fullname)
        return importlib.util.spec_from_loader(fullname, self, is_package=True)

    def _missing(self, fullname: str) -> MissingModuleError:
        parent, _, name = fullname.rpartition(".")
        known = names.canonical(parent)
        if known is None:
            return MissingModuleError(*lacking(fullname, parent, name, []))
        return MissingModuleError(*self.facade(known).missing(name))

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Python's own empty module, which ``exec_module`` replaces."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Put the facade where the import system looks for its result."""
        canonical = names.canonical(module.__name__)
        assert canonical is not None
        facade = self.facade(canonical)
        if facade.__spec__ is None:
            facade.__spec__ = module.__spec__
            facade.__loader__ = self
        sys.modules[module.__name__] = facade

    def facade(self, canonical: str) -> Facade:
        """The one facade for all spellings of a module."""
        if canonical not in self.facades:
            row = names.row_of(canonical)
            self.facades[canonical] = Facade(
                canonical, row.sources, row.constants, names.children(canonical)
            )
        return self.facades[canonical]


class Aliases:
    """The names in force; ``undo()``, or the end of a ``with`` block, takes them away."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder
        self._before = _taken_out()
        sys.meta_path.insert(0, finder)

    def undo(self) -> None:
        """Make the names mean again what they meant before."""
        global _active
        if self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)
            _taken_out()
            sys.modules.update(self._before)
        _active = None

    def __enter__(self) -> Aliases:
        return self

    def __exit__(self, *error: object) -> None:
        self.undo()


_active: Aliases | None = None


def _taken_out() -> dict[str, ModuleType]:
    """Remove the modules of these names from those that are loaded, and return them."""
    found = [name for name in sys.modules if name.partition(".")[0] in names.ROOTS]
    return {name: sys.modules.pop(name) for name in found}


def as_keras() -> Aliases:
    """Make ``import keras`` and ``import tensorflow`` mean Lernwerk, in this process, from now on.

    Every spelling of Keras's modules, old and new, resolves to Lernwerk's own objects, also where
    Keras or TensorFlow are installed. Calling it twice changes nothing. Returns an object whose
    ``undo()`` restores what was there; it is also a context manager. See docs/compat.md.
    """
    global _active
    if _active is None:
        _active = Aliases(Finder())
    return _active
