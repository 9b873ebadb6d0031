"""Every environment variable and its default, in one table.

A setting is read when it is asked for, so that tests and notebooks can change the environment;
``set`` overrides it for this process. Nothing else in the package reads ``os.environ``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lernwerk.errors import ArgumentError, check_name


@dataclass(frozen=True)
class Setting:
    """One line of the table: the variable, how its text is read, its default, its meaning."""

    variable: str
    read: Callable[[str], Any]
    default: Any
    meaning: str


def _optional_count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise ValueError(text)
    return count


def _language(text: str) -> str:
    language = text.replace("-", "_").partition("_")[0].partition(".")[0].lower()
    if language not in LANGUAGES:
        raise ValueError(text)
    return language


LANGUAGES = ("en", "de")
SETTINGS = {
    "engine": Setting(
        "LERNWERK_ENGINE", str, None, "the engine of compiled functions (default: the first)"
    ),
    "threads": Setting(
        "LERNWERK_THREADS", _optional_count, None, "threads of the engine (default: all cores)"
    ),
    "native": Setting(
        "LERNWERK_NATIVE", Path, None, "folder with another build of the native engine"
    ),
    "data": Setting("LERNWERK_DATA", Path, None, "folder with data sets that need no download"),
    "cache": Setting(
        "LERNWERK_CACHE", Path, Path.home() / ".cache" / "lernwerk", "folder for downloads"
    ),
    "lang": Setting(
        "LERNWERK_LANG", _language, None, "the language of texts, en or de (default: the system's)"
    ),
    "debug": Setting(
        "LERNWERK_DEBUG",
        int,
        0,
        "1: print every traced graph and check what passes make of it; 2: print that too",
    ),
}

_overrides: dict[str, Any] = {}


def get(name: str) -> Any:
    """The value of a setting: an override, else the environment, else the default."""
    if name not in SETTINGS:
        check_name("settings", "setting", name, SETTINGS)
    setting = SETTINGS[name]
    if name in _overrides:
        return _overrides[name]
    text = os.environ.get(setting.variable, "")
    if not text:
        return setting.default
    try:
        return setting.read(text)
    except ValueError:
        raise ArgumentError(setting.variable, setting.meaning, repr(text)) from None


def set(name: str, value: Any) -> None:
    """Override a setting for this process; None takes the override back."""
    check_name("settings", "setting", name, SETTINGS)
    if value is None:
        _overrides.pop(name, None)
    else:
        _overrides[name] = value
