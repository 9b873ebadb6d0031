"""Dates as inputs: the day count, the year, and month, weekday and hour as points on a circle.

One of the column encoders of table_encoder.py, in a file of its own. A part that never changes in
the training rows (the hour where no times are given) is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from lernwerk.errors import FileError
from lernwerk.job import cells
from lernwerk.job.column_parts import (
    Matrix,
    filled_words,
    indicator_name,
    settings_of,
    with_indicator,
    wrong_cell,
)
from lernwerk.job.column_reading import distinct, kind_of
from lernwerk.job.config_fields import Fields
from lernwerk.job.statistics import SMALLEST, mean_and_deviation

if TYPE_CHECKING:
    import pandas as pd

DAY = 86400.0  # seconds
CIRCLES = {"month": 12, "weekday": 7, "hour": 24}
PARTS = ("day count", "year", *(f"{part} {wave}" for part in CIRCLES for wave in ("sin", "cos")))


@dataclass(frozen=True)
class DateColumn:
    """A date as the parts of it that vary; gaps filled with the training median, standardised."""

    kind: ClassVar[str] = "date"
    name: str
    median: float
    """Days since 1970."""
    parts: tuple[str, ...]
    means: tuple[float, ...]
    deviations: tuple[float, ...]
    missing: int
    marks: tuple[str, ...] = ()
    """Texts that count as missing besides the usual ones."""

    @classmethod
    def fit(cls, column: pd.Series, marks: Sequence[str] = ()) -> Self:
        """Median of the training rows, mean and deviation of each part that varies."""
        days = days_of(column, marks)
        known = days[np.isfinite(days)]
        median = float(np.median(known))
        table = date_parts(np.where(np.isfinite(days), days, median))
        spread = np.ptp(table, axis=0)
        varies = spread > SMALLEST * np.maximum(np.abs(table).max(axis=0), 1)
        mean, deviation = mean_and_deviation(table[:, varies])
        parts = tuple(part for part, kept in zip(PARTS, varies, strict=True) if kept)
        return cls(
            str(column.name), median, parts, tuple(mean.tolist()), tuple(deviation.tolist()),
            len(days) - len(known), tuple(marks),
        )  # fmt: skip

    def encode(self, column: pd.Series) -> Matrix:
        """Shapes: column (n) -> (n, inputs)."""
        days = days_of(column, self.marks)
        missing = ~np.isfinite(days)
        table = date_parts(np.where(missing, self.median, days))
        chosen = table[:, [PARTS.index(part) for part in self.parts]]
        scaled = (chosen - np.array(self.means)) / np.array(self.deviations)
        return with_indicator(scaled, missing, self.missing > 0)

    def feature_names(self) -> list[str]:
        """One name for each part, then the mark for missing values."""
        parts = [f"{self.name}: {part}" for part in self.parts]
        return parts + indicator_name(self.name, self.missing > 0)

    def decision(self) -> str:
        """What is done with the column, in words that follow its name."""
        parts = list(dict.fromkeys(part.removesuffix(" sin").removesuffix(" cos")
                                   for part in self.parts))  # fmt: skip
        filled = filled_words(self.missing, "the median date")
        return f"a date, taken apart into {', '.join(parts)}{filled}, standardised"

    def config(self) -> dict[str, Any]:
        """All settings, ready for JSON."""
        return settings_of(self)

    @classmethod
    def from_fields(cls, fields: Fields) -> Self:
        """The encoder that ``config`` described."""
        parts = fields.texts("parts", different=True)
        unknown = [part for part in parts if part not in PARTS]
        if unknown:
            raise FileError(fields.where, f"parts among {', '.join(PARTS)}", f"'{unknown[0]}'")
        return cls(
            fields.text("name"),
            fields.number("median"),
            parts,
            fields.numbers("means", len(parts)),
            fields.numbers("deviations", len(parts), positive=True),
            fields.integer("missing"),
            fields.texts("marks"),
        )


def days_of(column: pd.Series, marks: Sequence[str] = ()) -> NDArray[np.float64]:
    """A column as days since 1970 with NaN for missing cells; DataError for other cells."""
    if kind_of(column) == "date":
        naive = column if column.dt.tz is None else column.dt.tz_convert("UTC").dt.tz_localize(None)
        return _days(naive.to_numpy("datetime64[s]"))
    found = distinct(column)
    moments = cells.dates(found.texts)
    days = np.append(_days(moments), np.nan)  # the last entry serves missing cells, code -1
    for i, text in enumerate(found.texts):
        if np.isnat(moments[i]) and not (cells.is_missing(text) or text in marks):
            expected = "a date such as 2024-12-31 or 31.12.2024"
            raise wrong_cell(column, found.codes, i, expected, text)
    return days[found.codes]


def _days(moments: NDArray[np.datetime64]) -> NDArray[np.float64]:
    seconds = moments.astype("datetime64[s]").astype(np.int64).astype(np.float64)
    return np.where(np.isnat(moments), np.nan, seconds / DAY)


def date_parts(days: NDArray[np.float64]) -> Matrix:
    """The parts of dates in the order of ``PARTS``.

    month sin = sin(2 pi (month - 1) / 12), and so on: December and January become neighbours.
    Shapes: days (n) -> (n, parts)
    """
    moments = np.round(days * DAY).astype(np.int64).astype("datetime64[s]")
    year = moments.astype("datetime64[Y]").astype(np.int64) + 1970
    month = moments.astype("datetime64[M]").astype(np.int64) % 12
    weekday = (moments.astype("datetime64[D]").astype(np.int64) + 3) % 7  # 1970-01-01: a Thursday
    hour = (days % 1) * 24
    columns = [days, year.astype(np.float64)]
    for part, value in (("month", month), ("weekday", weekday), ("hour", hour)):
        angle = 2 * np.pi * value / CIRCLES[part]
        columns += [np.sin(angle), np.cos(angle)]
    return np.stack(columns, axis=1)
