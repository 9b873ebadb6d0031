"""Every exception of Lernwerk and the one helper that words its message.

A message has the form ``{where}: expected {what}, got {value}. {hint}``; the hint is code or a
command to paste. Nothing else in the package composes messages by hand, so that they can be tested
in one way and shown by the command line as one line.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any


def message(where: str, expected: str, got: object, hint: str = "") -> str:
    """Word a message: ``where: expected ..., got .... hint``."""
    sentence = f"{where}: expected {expected}, got {got}."
    return f"{sentence} {hint}" if hint else sentence


class LernwerkError(Exception):
    """The root of all errors that are meant for the user of Lernwerk."""

    def __init__(self, where: str, expected: str, got: object, hint: str = "") -> None:
        super().__init__(message(where, expected, got, hint))
        self.where = where
        self.expected = expected
        self.got = got
        self.hint = hint

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.where, self.expected, self.got, self.hint)

    def located(self, where: str) -> LernwerkError:
        """The same error with a place in front: the layer in which an operation failed."""
        return type(self)(f"{where}, {self.where}", self.expected, self.got, self.hint)


class ShapeError(LernwerkError, ValueError):
    """Shapes that do not fit together."""


class DtypeError(LernwerkError, TypeError):
    """A type of number, or of object, that an operation cannot work with."""


class DataError(LernwerkError, ValueError):
    """Data that a training cannot use: missing values, labels out of range, nothing to read."""


class ArgumentError(LernwerkError, ValueError):
    """An argument outside its range or one of an unknown name."""


class UnknownArgumentError(LernwerkError, TypeError):
    """A keyword that the callee does not have."""


class FileError(LernwerkError, OSError):
    """A file that is missing, damaged, foreign or cannot be written."""

    def __str__(self) -> str:
        return message(self.where, self.expected, self.got, self.hint)


class UsageError(LernwerkError, RuntimeError):
    """Steps in the wrong order: fit before compile, a traced value read as a number."""


class MissingExtraError(LernwerkError, ImportError):
    """An optional dependency that is not installed."""


class MissingNameError(LernwerkError, AttributeError):
    """A name of Keras or TensorFlow that Lernwerk does not have."""


class MissingModuleError(LernwerkError, ImportError):
    """A module, or a name to be imported from one, that Lernwerk does not have."""


class TrainingWarning(UserWarning):
    """Something in a model, a data set or a training that is probably not what was meant."""


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known name, or all of them where none is near."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return f"Did you mean '{close[0]}'?" if close else f"Known: {', '.join(names)}."


def check_name(where: str, kind: str, name: str, known: Iterable[str]) -> None:
    """Refuse a name that is not among the known ones, with the nearest of them."""
    names = list(known)
    if name not in names:
        raise ArgumentError(where, f"the name of a known {kind}", repr(name), nearest(name, names))


def check_keywords(where: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse the first keyword that the callee does not have."""
    names = list(known)
    for name in given:
        if name not in names:
            raise UnknownArgumentError(where, "known arguments", repr(name), nearest(name, names))


@dataclass(frozen=True)
class Range:
    """The range of a numeric argument, declared as data: message and test come from it."""

    low: float | None = None
    high: float | None = None
    low_included: bool = True
    high_included: bool = True
    integer: bool = False

    def __contains__(self, value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, Real):  # NumPy's numbers are Real
            return False
        number: Any = value
        if self.integer and number % 1 != 0:  # also true of inf and NaN
            return False
        above = self.low is None or number > self.low or (self.low_included and number == self.low)
        below = (
            self.high is None or number < self.high or (self.high_included and number == self.high)
        )
        return above and below

    def __str__(self) -> str:
        kind = "an integer" if self.integer else "a number"
        if self.low is None and self.high is None:
            return kind
        if self.high is None:
            return f"{kind} {'>=' if self.low_included else '>'} {self.low}"
        if self.low is None:
            return f"{kind} {'<=' if self.high_included else '<'} {self.high}"
        opening = "[" if self.low_included else "("
        closing = "]" if self.high_included else ")"
        return f"{kind} in {opening}{self.low}, {self.high}{closing}"


POSITIVE = Range(0, low_included=False)
NOT_NEGATIVE = Range(0)
FRACTION = Range(0, 1, high_included=False)
COUNT = Range(1, integer=True)


def check_ranges(where: str, values: Mapping[str, Any], ranges: Mapping[str, Range]) -> None:
    """Refuse the first value that lies outside its declared range."""
    for name, allowed in ranges.items():
        value = values[name]
        if value is not None and value not in allowed:
            raise ArgumentError(where, f"{name} to be {allowed}", repr(value))
