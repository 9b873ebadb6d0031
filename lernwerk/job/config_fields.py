"""Strict reading of the dictionaries that describe a saved preprocessing.

A model file may be damaged or foreign: every field is checked for its type and its meaning, and a
field that nobody reads is refused. Nothing here is specific to one encoder.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from lernwerk.errors import FileError


class Fields:
    """The fields of one dictionary; every method reads one of them or raises FileError."""

    def __init__(self, where: str, config: Any) -> None:
        if not isinstance(config, dict):
            raise FileError(where, "a dictionary of settings", _shown(config))
        self.where = where
        self._config = config
        self._read: set[str] = set()

    def text(self, name: str, allowed: Sequence[str] | None = None) -> str:
        """A text, one of ``allowed`` where that is given."""
        expected = "a text" if allowed is None else f"one of {', '.join(allowed)}"
        value = self._get(name, expected)
        if not isinstance(value, str) or (allowed is not None and value not in allowed):
            raise self._wrong(name, expected, value)
        return value

    def integer(self, name: str, low: int = 0, high: int | None = None) -> int:
        """A whole number from ``low`` to ``high``."""
        expected = f"a whole number >= {low}" + (f" and <= {high}" if high is not None else "")
        value = self._get(name, expected)
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or value < low or (high is not None and value > high):
            raise self._wrong(name, expected, value)
        return int(value)

    def number(self, name: str, positive: bool = False) -> float:
        """A finite number, above zero on request."""
        expected = "a number > 0" if positive else "a finite number"
        value = self._get(name, expected)
        if not _is_number(value) or (positive and value <= 0):
            raise self._wrong(name, expected, value)
        return float(value)

    def numbers(
        self, name: str, length: int | None = None, positive: bool = False
    ) -> tuple[float, ...]:
        """Finite numbers, above zero on request."""
        count = "" if length is None else f"{length} "
        expected = f"a list of {count}{'positive' if positive else 'finite'} numbers"
        value = self._get(name, expected)
        fits = isinstance(value, list) and all(_is_number(entry) for entry in value)
        if not fits or (length is not None and len(value) != length):
            raise self._wrong(name, expected, value)
        if positive and any(entry <= 0 for entry in value):
            raise self._wrong(name, expected, value)
        return tuple(float(entry) for entry in value)

    def integers(self, name: str, low: int = 0) -> tuple[int, ...]:
        """Whole numbers, none below ``low``."""
        expected = f"a list of whole numbers >= {low}"
        value = self._get(name, expected)
        if not isinstance(value, list) or not all(type(v) is int and v >= low for v in value):
            raise self._wrong(name, expected, value)
        return tuple(value)

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self._get(name, "true or false")
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false", value)
        return value

    def texts(self, name: str, different: bool = False) -> tuple[str, ...]:
        """A list of texts, all different on request."""
        expected = f"a list of {'different ' if different else ''}texts"
        value = self._get(name, expected)
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            raise self._wrong(name, expected, value)
        if different and len(set(value)) != len(value):
            raise self._wrong(name, expected, value)
        return tuple(value)

    def entries(self, name: str) -> list[Any]:
        """A list of anything; the caller checks its entries."""
        value = self._get(name, "a list")
        if not isinstance(value, list):
            raise self._wrong(name, "a list", value)
        return value

    def done(self) -> None:
        """Refuse the fields that were not read."""
        for name in self._config:
            if name not in self._read:
                raise FileError(self.where, "no other settings", f"'{name}'")

    def _get(self, name: str, expected: str) -> Any:
        if name not in self._config:
            raise FileError(self.where, f"{expected} for '{name}'", "nothing")
        self._read.add(name)
        return self._config[name]

    def _wrong(self, name: str, expected: str, value: Any) -> FileError:
        return FileError(self.where, f"{expected} for '{name}'", _shown(value))


def _is_number(value: Any) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    try:
        return number and math.isfinite(value)
    except OverflowError:  # a whole number beyond every float
        return False


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
