"""One encoder per kind of column: numbers, truth values, categories, dates.

Each is fitted on the training rows of one typed column and turns any later column of that name,
typed or text, into float64 inputs of shape (rows, inputs). table_encoder.py puts them together
and decides which columns are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from lernwerk.job import cells
from lernwerk.job.column_parts import (
    Matrix,
    filled_words,
    indicator_name,
    settings_of,
    with_indicator,
    wrong_cell,
)
from lernwerk.job.column_reading import Distinct, distinct, kind_of
from lernwerk.job.config_fields import Fields
from lernwerk.job.statistics import mean_and_deviation, skewness
from lernwerk.job.wording import counted, number

if TYPE_CHECKING:
    import pandas as pd

SKEWED = 3.0
"""Columns of values >= 0 that are more skewed than this are taken as logarithms."""
MOST_CATEGORIES = 30
RARE_FROM = 50
"""From so many training rows on, a category of a single row counts as 'other'."""
SHOWN_CATEGORIES = 6


class ColumnEncoder(Protocol):
    """What table_encoder.py needs of a column."""

    kind: ClassVar[str]

    @property
    def name(self) -> str:
        """The column that this encoder reads."""

    def encode(self, column: pd.Series) -> Matrix:
        """The inputs (rows, inputs) of this column."""

    def feature_names(self) -> list[str]:
        """The name of each input."""

    def decision(self) -> str:
        """What is done with the column, in words that follow its name."""

    def config(self) -> dict[str, Any]:
        """All settings, ready for JSON."""


@dataclass(frozen=True)
class NumberColumn:
    """A number: gaps filled with the training median, then standardised."""

    kind: ClassVar[str] = "number"
    name: str
    median: float
    mean: float
    deviation: float
    logarithmic: bool
    missing: int
    """Missing values of the training rows; where there were any, an input marks them."""
    marks: tuple[str, ...] = ()
    """Texts that count as missing besides the usual ones."""

    @classmethod
    def fit(cls, column: pd.Series, marks: Sequence[str] = ()) -> Self:
        """Median, mean and deviation of the training rows."""
        values = numbers_of(column, marks)
        known = values[np.isfinite(values)]
        median = float(np.median(known))
        filled = np.where(np.isfinite(values), values, median)
        logarithmic = bool(known.min() >= 0 and skewness(known) > SKEWED)
        mean, deviation = mean_and_deviation(np.log1p(filled) if logarithmic else filled)
        missing = len(values) - len(known)
        name = str(column.name)
        return cls(name, median, float(mean), float(deviation), logarithmic, missing, tuple(marks))

    def encode(self, column: pd.Series) -> Matrix:
        """Shapes: column (n) -> (n, 1), or (n, 2) with the mark for missing values."""
        values = numbers_of(column, self.marks)
        missing = ~np.isfinite(values)
        values = np.where(missing, self.median, values)
        # Values below zero did not occur in the training; their logarithm would not exist.
        values = np.log1p(np.maximum(values, 0)) if self.logarithmic else values
        scaled = (values - self.mean) / self.deviation
        return with_indicator(scaled[:, None], missing, self.missing > 0)

    def feature_names(self) -> list[str]:
        """The number and, if need be, its mark for missing values."""
        return [self.name, *indicator_name(self.name, self.missing > 0)]

    def decision(self) -> str:
        """What is done with the column, in words that follow its name."""
        filled = filled_words(self.missing, f"the median {number(self.median)}")
        logarithm = ", its logarithm is taken because a few values are very large"
        return f"a number{filled}{logarithm if self.logarithmic else ''}, standardised"

    def config(self) -> dict[str, Any]:
        """All settings, ready for JSON."""
        return settings_of(self)

    @classmethod
    def from_fields(cls, fields: Fields) -> Self:
        """The encoder that ``config`` described."""
        return cls(
            fields.text("name"),
            fields.number("median"),
            fields.number("mean"),
            fields.number("deviation", positive=True),
            fields.flag("logarithmic"),
            fields.integer("missing"),
            fields.texts("marks"),
        )


@dataclass(frozen=True)
class BooleanColumn:
    """A truth value: 1 for true, 0 for false, gaps filled with the more frequent one."""

    kind: ClassVar[str] = "boolean"
    name: str
    usual: bool
    missing: int

    @classmethod
    def fit(cls, column: pd.Series) -> Self:
        """Which value is the more frequent one, and how many are missing."""
        values = truths_of(column)
        known = values[np.isfinite(values)]
        return cls(str(column.name), bool(known.mean() >= 0.5), len(values) - len(known))

    def encode(self, column: pd.Series) -> Matrix:
        """Shapes: column (n) -> (n, 1), or (n, 2) with the mark for missing values."""
        values = truths_of(column)
        missing = ~np.isfinite(values)
        filled = np.where(missing, float(self.usual), values)
        return with_indicator(filled[:, None], missing, self.missing > 0)

    def feature_names(self) -> list[str]:
        """The truth value and, if need be, its mark for missing values."""
        return [self.name, *indicator_name(self.name, self.missing > 0)]

    def decision(self) -> str:
        """What is done with the column, in words that follow its name."""
        filled = filled_words(
            self.missing, f"'{'true' if self.usual else 'false'}', the usual value,"
        )
        return f"true or false, as 1 or 0{filled}"

    def config(self) -> dict[str, Any]:
        """All settings, ready for JSON."""
        return settings_of(self)

    @classmethod
    def from_fields(cls, fields: Fields) -> Self:
        """The encoder that ``config`` described."""
        return cls(fields.text("name"), fields.flag("usual"), fields.integer("missing"))


@dataclass(frozen=True)
class CategoryColumn:
    """A category: one input for each frequent one, and for the rest and for gaps if they occurred.

    An input that the training never saw would keep its random weights. So a category that is
    unknown where 'other' did not occur either gives zeros: none of the known ones.
    """

    kind: ClassVar[str] = "category"
    name: str
    categories: tuple[str, ...]
    other: int
    """Training rows of rare categories; where there were any, an input marks them."""
    missing: int

    @classmethod
    def fit(cls, column: pd.Series, most: int = MOST_CATEGORIES) -> Self:
        """The most frequent categories of the training rows, sorted by name."""
        found, gaps = known_texts(column)
        counts = {
            text: int(count)
            for text, count, gap in zip(found.texts, found.counts, gaps, strict=True)
            if not gap
        }
        rare = 1 if len(column) >= RARE_FROM else 0
        ranked = sorted(counts, key=lambda text: (-counts[text], text))
        kept = sorted(text for text in ranked[:most] if counts[text] > rare)
        known = sum(counts.values())
        other = known - sum(counts[text] for text in kept)
        return cls(str(column.name), tuple(kept), other, len(column) - known)

    def encode(self, column: pd.Series) -> Matrix:
        """Shapes: column (n) -> (n, inputs) with at most one 1 in each row."""
        position = {category: i for i, category in enumerate(self.categories)}
        width = len(self.feature_names())
        other = len(self.categories) if self.other else width
        missing = width - 1 if self.missing else width
        found, gaps = known_texts(column)
        places = [
            missing if gap else position.get(text, other)
            for text, gap in zip(found.texts, gaps, strict=True)
        ]
        # One place too many: what has no input of its own lands there and is cut off.
        rows = np.array([*places, missing], np.int64)[found.codes]  # code -1 is the last
        return np.eye(width + 1)[rows][:, :width]

    def feature_names(self) -> list[str]:
        """One input per category, then 'other' and the mark for missing values."""
        names = [f"{self.name} = {category}" for category in self.categories]
        other = [f"{self.name} = other"] if self.other else []
        return names + other + indicator_name(self.name, self.missing > 0)

    def unknown(self, column: pd.Series) -> list[str]:
        """The categories of a column that the training did not know, where none was 'other'."""
        found, gaps = known_texts(column)
        known = {text for text, gap in zip(found.texts, gaps, strict=True) if not gap}
        return sorted(known - set(self.categories)) if not self.other else []

    def decision(self) -> str:
        """What is done with the column, in words that follow its name."""
        shown = ", ".join(self.categories[:SHOWN_CATEGORIES])
        more = ", ..." if len(self.categories) > SHOWN_CATEGORIES else ""
        other = f", {counted(self.other, 'row')} of rare ones share another" if self.other else ""
        missing = (
            f", {counted(self.missing, 'missing value')} marked in one more" if self.missing else ""
        )
        return f"a category, one input for each of {shown}{more}{other}{missing}"

    def config(self) -> dict[str, Any]:
        """All settings, ready for JSON."""
        return settings_of(self)

    @classmethod
    def from_fields(cls, fields: Fields) -> Self:
        """The encoder that ``config`` described."""
        return cls(
            fields.text("name"),
            fields.texts("categories", different=True),
            fields.integer("other"),
            fields.integer("missing"),
        )


def numbers_of(column: pd.Series, marks: Sequence[str] = ()) -> NDArray[np.float64]:
    """A column as float64 with NaN for missing cells; DataError for a cell that is no number."""
    if kind_of(column) in ("number", "boolean"):
        values = column.to_numpy(np.float64, na_value=np.nan, copy=True)
        values[np.abs(values) > cells.LARGEST] = np.nan
        return values
    found = distinct(column)
    values = np.append(cells.all_numbers(found.texts), np.nan)  # the last serves missing, code -1
    for i in np.flatnonzero(np.isnan(values[:-1])):
        if not (cells.is_missing(found.texts[i]) or found.texts[i] in marks):
            raise wrong_cell(column, found.codes, int(i), "a number", found.texts[i])
    return values[found.codes]


def truths_of(column: pd.Series) -> NDArray[np.float64]:
    """A column as 1 and 0 with NaN for missing cells; DataError for any other cell."""
    if kind_of(column) == "boolean":
        return column.to_numpy(np.float64, na_value=np.nan)
    found = distinct(column)
    values = np.full(len(found.texts) + 1, np.nan)
    for i, text in enumerate(found.texts):
        if not cells.is_missing(text):
            truth = {"1": 1, "0": 0}.get(text, int(cells.truths([text])[0]))
            if truth < 0:
                raise wrong_cell(column, found.codes, i, "true or false", text)
            values[i] = truth
    return values[found.codes]


def known_texts(column: pd.Series) -> tuple[Distinct, list[bool]]:
    """The distinct texts of a column and which of them stand for a missing value."""
    found = distinct(column)
    return found, [cells.is_missing(text) for text in found.texts]
