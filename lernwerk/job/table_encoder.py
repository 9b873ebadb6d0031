"""A table becomes numbers: each column by its kind, useless columns left out, all of it explained.

Fitted on the training rows only. Its input is a DataFrame, a list of dictionaries (JSON rows) or
one dictionary; the single columns are the business of column_encoders.py and date_encoder.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from lernwerk.errors import DataError, FileError, UsageError
from lernwerk.job.cells import as_text
from lernwerk.job.column_encoders import (
    MOST_CATEGORIES,
    BooleanColumn,
    CategoryColumn,
    ColumnEncoder,
    NumberColumn,
)
from lernwerk.job.column_reading import kind_of, type_table
from lernwerk.job.config_fields import Fields
from lernwerk.job.date_encoder import DateColumn

if TYPE_CHECKING:
    import pandas as pd

WHERE = "table"
KINDS: dict[str, type[NumberColumn | BooleanColumn | CategoryColumn | DateColumn]] = {
    "number": NumberColumn,
    "boolean": BooleanColumn,
    "category": CategoryColumn,
    "date": DateColumn,
}
ID_NAME = re.compile(r"(.*[\W_])?(id|index|idx|row|rownames|uuid|nr|lfd)|column 1|.*[a-z]I[Dd]")
ID_ROWS = 10
"""Fewer different whole numbers than this may be a coincidence."""
NAMED = 4
"""More columns than this that are treated alike share one sentence."""
EXTREME = 1e6
"""Inputs beyond so many deviations are cut there: float32 and the network can do no more."""


@dataclass(frozen=True)
class Dropped:
    """A column that is left out, and why."""

    name: str
    reason: str


class TableEncoder:
    """Turns table rows into float32 inputs of shape (rows, features).

    ``missing_marks`` names, by column, texts that count as missing numbers besides the usual ones.
    """

    kind: ClassVar[str] = "table"

    def __init__(self, missing_marks: Mapping[str, Sequence[str]] | None = None) -> None:
        self.missing_marks = {name: tuple(m) for name, m in (missing_marks or {}).items()}
        self.columns: list[ColumnEncoder] = []
        self.dropped: list[Dropped] = []
        self.warnings: list[str] = []

    def fit(self, inputs: Any) -> Self:
        """Learn medians, means and categories from the training rows.

        Raises DataError where no column is left from which something can be learned.
        """
        frame = as_frame(inputs)
        if not len(frame):
            raise DataError(WHERE, "rows to learn from", "none")
        table = type_table(frame)
        typed = table.frame
        self.missing_marks |= table.missing_marks
        self.columns, self.dropped = [], []
        for name in typed.columns:
            reason = useless(typed[name])
            if reason:
                self.dropped.append(Dropped(str(name), reason))
            else:
                self.columns.append(self._fit_column(typed[name]))
        if not self.columns:
            reasons = "; ".join(f"'{d.name}' {d.reason}" for d in self.dropped)
            raise DataError(WHERE, "a column to learn from", f"none ({reasons})")
        return self

    def _fit_column(self, column: pd.Series) -> ColumnEncoder:
        kind = kind_of(column)
        marks = self.missing_marks.get(str(column.name), ())
        if kind == "number":
            return NumberColumn.fit(column, marks)
        if kind == "date":
            return DateColumn.fit(column, marks)
        return BooleanColumn.fit(column) if kind == "boolean" else CategoryColumn.fit(column)

    def encode(self, inputs: Any) -> NDArray[np.float32]:
        """Shapes: inputs (rows) -> (rows, features).

        Sets ``warnings``. Raises DataError for a missing column and for a cell that cannot be read.
        """
        self._check_fitted()
        frame = as_frame(inputs)
        self._check_columns(frame)
        self.warnings = self._ignored(frame) + self._unknown(frame)
        with np.errstate(over="ignore"):
            parts = [column.encode(frame[column.name]) for column in self.columns]
        matrix = np.clip(np.concatenate(parts, axis=1), -EXTREME, EXTREME)
        return matrix.astype(np.float32)

    @property
    def feature_names(self) -> list[str]:
        """The name of every input, in order."""
        return [name for column in self.columns for name in column.feature_names()]

    @property
    def kinds(self) -> dict[str, str]:
        """The kind of every column that is used."""
        return {column.name: column.kind for column in self.columns}

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one encoded row."""
        return (len(self.feature_names),)

    def decisions(self) -> list[str]:
        """What is done with each column, and why."""
        kept = _grouped([(column.name, column.decision()) for column in self.columns])
        return kept + [
            f"'{dropped.name}': left out; it {dropped.reason}." for dropped in self.dropped
        ]

    def config(self) -> dict[str, Any]:
        """Everything that was learned, ready for JSON."""
        self._check_fitted()
        return {
            "kind": self.kind,
            "columns": [column.config() for column in self.columns],
            "dropped": [{"name": d.name, "reason": d.reason} for d in self.dropped],
        }

    @classmethod
    def from_config(cls, config: Any, where: str = "preprocessing") -> Self:
        """The encoder that ``config`` described; FileError where it is damaged."""
        fields = Fields(where, config)
        fields.text("kind", [cls.kind])
        encoder = cls()
        for i, entry in enumerate(fields.entries("columns")):
            encoder.columns.append(_column_from_config(f"{where}, column {i + 1}", entry))
        for i, entry in enumerate(fields.entries("dropped")):
            inner = Fields(f"{where}, left out column {i + 1}", entry)
            encoder.dropped.append(Dropped(inner.text("name"), inner.text("reason")))
            inner.done()
        fields.done()
        names = [column.name for column in encoder.columns] + [d.name for d in encoder.dropped]
        if not encoder.columns or len(set(names)) != len(names):
            raise FileError(where, "columns of different names", f"{names}")
        encoder.missing_marks = {
            column.name: column.marks
            for column in encoder.columns
            if isinstance(column, (NumberColumn, DateColumn)) and column.marks
        }
        return encoder

    def _check_fitted(self) -> None:
        if not self.columns:
            raise UsageError("TableEncoder", "fit before encode", "no fit", "encoder.fit(rows)")

    def _check_columns(self, frame: pd.DataFrame) -> None:
        for column in self.columns:
            if column.name not in frame.columns:
                raise missing_column(column.name, [str(name) for name in frame.columns],
                                     [other.name for other in self.columns])  # fmt: skip

    def _ignored(self, frame: pd.DataFrame) -> list[str]:
        known = {column.name for column in self.columns} | {d.name for d in self.dropped}
        extra = [f"'{name}'" for name in frame.columns if name not in known]
        verb = "is not an input" if len(extra) == 1 else "are not inputs"
        return [f"Ignored: {', '.join(extra)} {verb} of the model."] if extra else []

    def _unknown(self, frame: pd.DataFrame) -> list[str]:
        found = []
        for column in self.columns:
            if isinstance(column, CategoryColumn):
                names = column.unknown(frame[column.name])
                shown = ", ".join(f"'{name}'" for name in names[:3])
                if names:
                    found.append(f"Column '{column.name}': {shown} did not occur in the training.")
        return found


def _grouped(decisions: list[tuple[str, str]]) -> list[str]:
    """One sentence for the columns that are all treated alike, else one for each."""
    groups: dict[str, list[str]] = {}
    for name, words in decisions:
        groups.setdefault(words, []).append(f"'{name}'")
    sentences = []
    for words, names in groups.items():
        if len(names) > NAMED:
            named = f"{', '.join(names[: NAMED - 1])} and {len(names) - NAMED + 1} more"
            sentences.append(f"{named}: each {words}.")
        else:
            sentences += [f"{name}: {words}." for name in names]
    return sentences


def _column_from_config(where: str, entry: Any) -> ColumnEncoder:
    fields = Fields(where, entry)
    column = KINDS[fields.text("kind", list(KINDS))].from_fields(fields)
    fields.done()
    return column


def missing_column(name: str, given: list[str], expected: list[str]) -> DataError:
    """The error for rows that lack a column of the training."""
    shown = ", ".join(f"'{other}'" for other in given[:8]) or "no columns"
    more = ", ..." if len(given) > 8 else ""
    listed = ", ".join(f"'{other}'" for other in expected)
    return DataError(WHERE, f"a column '{name}'", f"{shown}{more}", f"The model needs: {listed}.")


def as_frame(inputs: Any) -> pd.DataFrame:
    """A DataFrame of what may be rows: itself, a dictionary, or a list of dictionaries."""
    import pandas as pd

    if isinstance(inputs, pd.DataFrame):
        if not inputs.columns.is_unique:
            again = inputs.columns[inputs.columns.duplicated()][0]
            raise DataError(WHERE, "columns of different names", f"'{again}' twice")
        return inputs.rename(columns=str)
    rows = [inputs] if isinstance(inputs, Mapping) else inputs
    if not isinstance(rows, Sequence) or isinstance(rows, (str, bytes)):
        raise DataError(WHERE, "a DataFrame or a list of rows", type(inputs).__name__)
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, Mapping):
            got = f"{row!r:.40}"
            raise DataError(f"row {number}", 'names with values, {"name": value, ...}', got)
    if not rows:
        raise DataError(WHERE, "at least one row", "none")
    names = list(dict.fromkeys(name for row in rows for name in row))
    for number, row in enumerate(rows, start=1):
        lacking = [name for name in names if name not in row]
        if lacking:
            raise DataError(
                f"row {number}", f"a value for '{lacking[0]}'", "none",
                'Write null where a value is missing: {"' + str(lacking[0]) + '": null}',
            )  # fmt: skip
    return pd.DataFrame({str(name): _cells([row[name] for row in rows]) for name in names})


def _cells(values: list[Any]) -> pd.Series:
    import pandas as pd

    return pd.Series(values, dtype=object)


def useless(column: pd.Series) -> str:
    """Why nothing can be learned from a column, as a part of a sentence; empty where it can."""
    rows = len(column)
    present = column.dropna()
    if not len(present):
        return "is empty"
    different = present.nunique()
    if different == 1 and len(present) == rows:
        return f"holds the same value in every row ('{as_text(present.iloc[0])}')"
    if kind_of(column) == "number":
        return _numbering(column, different)
    if kind_of(column) != "category":
        return ""
    if different == len(present) and different > 2:
        return "holds a different text in every row"
    if different > MOST_CATEGORIES and 2 * different > len(present):
        return f"holds {different} different texts in {len(present)} rows, too many to learn from"
    return ""


def _numbering(column: pd.Series, different: int) -> str:
    name = str(column.name).strip()
    named = ID_NAME.fullmatch(name) or ID_NAME.fullmatch(name.lower())
    if different < max(len(column), ID_ROWS) or not named:
        return ""
    values = column.to_numpy(np.float64)
    return "only numbers the rows" if (values == np.round(values)).all() else ""
