"""Columns of a table get their kind: number, boolean, date or category.

Works column by column on whatever a file, a DataFrame or JSON rows delivered, and says which cells
it took for missing. It does not encode anything; the encoders receive its typed columns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from lernwerk.job import cells
from lernwerk.job.wording import counted

if TYPE_CHECKING:
    import pandas as pd

ColumnKind = Literal["number", "boolean", "date", "category"]

FEW = 0.1
"""The share of cells that may be unreadable in a column of numbers or dates."""
MARKS = 3
"""Up to so many different unreadable texts may be marks for missing values ..."""
MANY = 20
"""... in a column with at least so many different numbers."""
EXAMPLES = 3


@dataclass(frozen=True)
class Reading:
    """One typed column and the texts in it that count as missing, most frequent first."""

    kind: ColumnKind
    values: pd.Series
    marks: tuple[str, ...] = ()
    marked: int = 0


@dataclass
class TypedTable:
    """A table of typed columns, with the sentences about what was taken for missing."""

    frame: pd.DataFrame
    notes: list[str] = field(default_factory=list)
    missing_marks: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Distinct:
    """A column by its different texts: which one each row has, and how often each occurs."""

    codes: NDArray[np.intp]
    texts: list[str]
    counts: NDArray[np.intp]


def type_table(frame: pd.DataFrame, separator: str = ",") -> TypedTable:
    """Give every column its kind.

    ``separator`` is that of the file: where it is not a comma, a comma may begin a fraction.
    """
    import pandas as pd

    readers = number_readers(frame, separator)
    readings = {name: read_column(frame[name], readers) for name in frame.columns}
    table = TypedTable(pd.DataFrame({name: r.values for name, r in readings.items()}, frame.index))
    for name, reading in readings.items():
        if reading.marked:
            table.notes.append(marks_note(name, reading))
        unusual = tuple(mark for mark in reading.marks if not cells.is_missing(mark))
        if unusual:
            table.missing_marks[str(name)] = unusual
    return table


def marks_note(name: object, reading: Reading) -> str:
    """The sentence about the cells of a column that count as missing."""
    shown = ", ".join(f"'{mark}'" for mark in reading.marks[:EXAMPLES])
    more = ", ..." if len(reading.marks) > EXAMPLES else ""
    verb = "counts" if reading.marked == 1 else "count"
    return f"Column '{name}': {counted(reading.marked, 'cell')} ({shown}{more}) {verb} as missing."


def kind_of(column: pd.Series) -> ColumnKind | None:
    """The kind of a column that is already typed, None where only its texts can tell."""
    from pandas.api import types

    if types.is_bool_dtype(column.dtype):
        return "boolean"
    if types.is_datetime64_any_dtype(column.dtype):
        return "date"
    if isinstance(column.dtype, types.CategoricalDtype):
        return "category"
    return "number" if types.is_numeric_dtype(column.dtype) else None


NumberReader = Callable[[Sequence[str]], NDArray[np.float64]]


def number_readers(frame: pd.DataFrame, separator: str) -> list[NumberReader]:
    """The ways to read numbers in this file, the likeliest first."""
    if separator == ",":
        return [cells.plain_numbers, cells.grouped_numbers, cells.comma_numbers]
    texts = [distinct(frame[name]).texts for name in frame.columns if kind_of(frame[name]) is None]
    if any(_mostly_comma(column) for column in texts):
        return [cells.comma_numbers, cells.plain_numbers]
    return [cells.plain_numbers, cells.comma_numbers, cells.grouped_numbers]


def _mostly_comma(texts: list[str]) -> bool:
    fitting = sum(cells.COMMA.fullmatch(text) is not None for text in texts)
    return 2 * fitting > len(texts)


def read_column(column: pd.Series, readers: Sequence[NumberReader]) -> Reading:
    """Type one column; see the module."""
    import pandas as pd
    from pandas.api import types

    kind = kind_of(column)
    if types.is_timedelta64_dtype(column.dtype):
        return Reading("number", column.dt.total_seconds())
    if kind == "number":
        return _finite(column)
    if kind == "boolean":
        return Reading("boolean", column.astype("boolean"))
    if kind == "date":
        naive = column if column.dt.tz is None else column.dt.tz_convert("UTC").dt.tz_localize(None)
        return Reading("date", naive)
    found = distinct(column)
    typed = _truths(found) or _numbers(found, readers) or _dates(found) or _categories(found)
    values = pd.Series(typed.values.array, index=column.index, name=column.name)
    return Reading(typed.kind, values, typed.marks, typed.marked)


def _finite(column: pd.Series) -> Reading:
    import pandas as pd

    if np.iscomplexobj(column.to_numpy()):
        return _categories(distinct(column))
    if column.dtype.kind in "iu" and isinstance(column.dtype, np.dtype):
        return Reading("number", column)
    values = column.to_numpy(np.float64, na_value=np.nan, copy=True)
    infinite = np.abs(values) > cells.LARGEST
    values[infinite] = np.nan
    marks = ("infinity",) if infinite.any() else ()
    typed = pd.Series(values, index=column.index, name=column.name)
    return Reading("number", typed, marks, int(infinite.sum()))


def distinct(column: pd.Series) -> Distinct:
    """The different texts of a column, stripped; missing cells get the code -1."""
    import pandas as pd

    try:
        codes, values = pd.factorize(column)
    except TypeError:  # lists and dictionaries cannot be compared; their texts can
        codes, values = pd.factorize(column.map(str, na_action="ignore"))
    stripped = [cells.as_text(value).strip() for value in values]
    merged, texts = pd.factorize(np.array(stripped, dtype=object))
    if len(texts):
        codes = np.where(codes < 0, -1, np.append(merged, -1)[codes])
    counts = np.bincount(codes[codes >= 0], minlength=len(texts))
    return Distinct(codes, [str(text) for text in texts], counts)


def _spread(found: Distinct, values: NDArray[Any], missing: Any) -> NDArray[Any]:
    """The value of each distinct text, spread over the rows."""
    if not len(values):
        return np.full(len(found.codes), missing)
    return np.where(found.codes < 0, missing, values[found.codes])


def _marks(found: Distinct, taken: NDArray[np.bool_]) -> tuple[tuple[str, ...], int]:
    """The non-empty texts that count as missing, most frequent first, and their cells."""
    named = [i for i in np.flatnonzero(taken) if found.texts[i]]
    named.sort(key=lambda i: (-found.counts[i], found.texts[i]))
    return tuple(found.texts[i] for i in named), int(sum(found.counts[i] for i in named))


def _missing(found: Distinct) -> NDArray[np.bool_]:
    return np.array([cells.is_missing(text) for text in found.texts], bool)


def _truths(found: Distinct) -> Reading | None:
    import pandas as pd

    missing, values = _missing(found), cells.truths(found.texts)
    if missing.all() or (values[~missing] < 0).any():
        return None
    rows = _spread(found, values, -1)
    truth = pd.array(rows == 1, dtype="boolean")
    truth[rows < 0] = pd.NA
    return Reading("boolean", pd.Series(truth), *_marks(found, missing))


def few_unreadable(found: Distinct, good: NDArray[np.bool_], bad: NDArray[np.bool_]) -> bool:
    """Whether the texts that do not fit are few enough to be slips or marks for missing cells."""
    fitting, failing = int(found.counts[good].sum()), int(found.counts[bad].sum())
    slips = failing <= max(1, FEW * (fitting + failing)) and fitting >= 3 * failing
    marks = bad.sum() <= MARKS and good.sum() >= MANY and fitting >= failing
    return fitting > 0 and (slips or bool(marks))


def _numbers(found: Distinct, readers: Sequence[NumberReader]) -> Reading | None:
    import pandas as pd

    values = best_numbers(found, readers)
    missing, good = _missing(found), np.isfinite(values)
    if not few_unreadable(found, good, ~good & ~missing):
        return None
    return Reading("number", pd.Series(_spread(found, values, np.nan)), *_marks(found, ~good))


def best_numbers(found: Distinct, readers: Sequence[NumberReader]) -> NDArray[np.float64]:
    """The distinct texts as numbers, in the way in which most cells can be read."""
    best, most = np.full(len(found.texts), np.nan), 0
    for read in readers:
        values = read(found.texts)
        cells_read = int(found.counts[np.isfinite(values)].sum())
        if cells_read > most:
            best, most = values, cells_read
        if most == found.counts.sum():
            break
    return best


def _dates(found: Distinct) -> Reading | None:
    import pandas as pd

    values = cells.dates(found.texts)
    missing, good = _missing(found), ~np.isnat(values)
    if not few_unreadable(found, good, ~good & ~missing):
        return None
    moments = _spread(found, values, np.datetime64("NaT", "s")).astype("datetime64[s]")
    return Reading("date", pd.Series(moments), *_marks(found, ~good))


def _categories(found: Distinct) -> Reading:
    import pandas as pd

    missing = _missing(found)
    kept = np.flatnonzero(~missing)
    position = np.full(len(found.texts) + 1, -1)  # the last entry serves the code -1
    position[kept] = np.arange(len(kept))
    names = pd.Index([found.texts[i] for i in kept], dtype=object)
    values = pd.Categorical.from_codes(position[found.codes], categories=names)
    return Reading("category", pd.Series(values), *_marks(found, missing))
