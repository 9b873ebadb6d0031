"""Texts read as numbers, truth values and dates: the cells of a table.

All functions work on the distinct texts of a column and return one value for each, NaN, NaT or -1
where a text does not fit. Which of the readings a column gets is decided in column_reading.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

MISSING = frozenset(
    {
        *("", "?", "-", "--", ".", "na", "n/a", "#n/a", "#na", "nan", "-nan", "nat", "<na>"),
        *("null", "none", "nil", "missing", "k.a.", "k. a."),
    }
)
"""Texts (in small letters) that mean a missing value."""

MISSING_TARGET = frozenset(["", "?", "na", "n/a", "#n/a", "nan", "nat", "null", "<na>"])
"""The same for a target, where ``none`` and ``-`` may well be classes."""

LARGEST = 1e100
"""Numbers beyond this are stand-ins for infinity; their squares would overflow."""

TRUTH = {"true": 1, "false": 0, "yes": 1, "no": 0, "ja": 1, "nein": 0, "wahr": 1, "falsch": 0}

COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)?,\d+([eE][+-]?\d+)?")
DOT_GROUPS = re.compile(r"[+-]?\d{1,3}(\.\d{3})+")
COMMA_GROUPS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
ISO_DATE = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?( ?(Z|[+-]\d{2}(:?\d{2})?))?)?"
)
GERMAN_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})( \d{2}:\d{2}(:\d{2})?)?")

Texts = Sequence[str]


def is_missing(text: str, marks: frozenset[str] = MISSING) -> bool:
    """Whether a text stands for a missing value."""
    return text.strip().lower() in marks


def plain_numbers(texts: Texts) -> NDArray[np.float64]:
    """Numbers with a decimal point: ``-1.5e3``."""
    import pandas as pd

    column = pd.Series(list(texts), dtype=object)
    values = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    # pandas only says which texts are numbers; Python's own reading rounds correctly everywhere.
    fits = np.abs(values) <= LARGEST
    values = np.where(fits, values, np.nan)
    values[fits] = [float(text) for text, fit in zip(texts, fits, strict=True) if fit]
    return values


def comma_numbers(texts: Texts) -> NDArray[np.float64]:
    """German numbers, comma before the fraction, points between thousands: ``1.234,5``.

    Whole numbers count as well, so that a column need not show a fraction in every cell.
    """
    changed = [
        text.strip().replace(".", "").replace(",", ".") if _is_comma(text) else text
        for text in texts
    ]
    return plain_numbers(changed)


def _is_comma(text: str) -> bool:
    stripped = text.strip()
    return bool(COMMA.fullmatch(stripped) or DOT_GROUPS.fullmatch(stripped))


def grouped_numbers(texts: Texts) -> NDArray[np.float64]:
    """English numbers with commas between thousands: ``1,234.5``."""
    changed = [
        text.replace(",", "") if COMMA_GROUPS.fullmatch(text.strip()) else text for text in texts
    ]
    return plain_numbers(changed)


def any_number(text: str) -> float:
    """One text as a number in whichever of the three ways fits first, NaN if none does."""
    return float(all_numbers([text])[0])


def all_numbers(texts: Texts) -> NDArray[np.float64]:
    """Every text by itself as a number in whichever of the three ways fits first."""
    values = plain_numbers(texts)
    for read in (comma_numbers, grouped_numbers):
        open_places = np.flatnonzero(np.isnan(values))
        values[open_places] = read([texts[int(i)] for i in open_places])
    return values


def is_number(text: str) -> bool:
    """Whether a text is a number in any of the three ways."""
    return bool(np.isfinite(any_number(text)))


def truths(texts: Texts) -> NDArray[np.int8]:
    """1 for true, yes, ja, wahr; 0 for false, no, nein, falsch; -1 for anything else."""
    return np.array([TRUTH.get(text.strip().lower(), -1) for text in texts], np.int8)


def dates(texts: Texts) -> NDArray[np.datetime64]:
    """ISO dates (2024-01-31, with or without a time) and German ones (31.1.2024), else NaT.

    A time zone is converted to UTC and dropped.
    """
    import pandas as pd

    column = pd.Series([_iso(text.strip()) for text in texts], dtype=object)
    moments = pd.to_datetime(column, format="ISO8601", utc=True, errors="coerce")
    return moments.dt.tz_localize(None).to_numpy("datetime64[s]")


def _iso(text: str) -> str | None:
    if ISO_DATE.fullmatch(text):
        return text.replace(",", ".")
    found = GERMAN_DATE.fullmatch(text)
    if not found:
        return None
    day, month, year, time = found.group(1, 2, 3, 4)
    return f"{year}-{month:0>2}-{day:0>2}{time or ''}"


def as_text(value: Any) -> str:
    """A cell as the text by which categories are known: whole numbers without a fraction."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)
