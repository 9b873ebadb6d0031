"""A table file becomes raw data: target column found, columns typed, unusable rows left out.

How a file is read stands in table_reading.py, how columns get their kinds in column_reading.py,
how the target decides the task in target_reading.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lernwerk.errors import ArgumentError, DataError, nearest
from lernwerk.job.column_reading import number_readers, type_table
from lernwerk.job.raw_data import RawData
from lernwerk.job.table_reading import TableText, read_table
from lernwerk.job.target_reading import read_target
from lernwerk.job.wording import counted

if TYPE_CHECKING:
    import pandas as pd

USUAL_TARGETS = (
    "target",
    "label",
    "class",
    "y",
    "outcome",
    "species",
    "diagnosis",
    "klasse",
    "ziel",
)
SHOWN_COLUMNS = 12


def load_table(path: Path, target: str | None, task: str | None = None) -> RawData:
    """Read a table; ``target`` is the name of a column or its number, counted from 1.

    Raises FileError or DataError where the file cannot be used and ArgumentError where there is no
    such column.
    """
    where = path.name
    text = read_table(path)
    name = find_target(where, text, target)
    readers = number_readers(text.frame, text.separator)
    answer = read_target(where, text.frame[name], readers, task)
    inputs = text.frame.drop(columns=[name]).iloc[answer.rows].reset_index(drop=True)
    if not len(inputs.columns):
        raise DataError(where, f"columns besides the target '{name}'", "none")
    typed = type_table(inputs, text.separator)
    return RawData(
        name=path.stem,
        kind="table",
        inputs=typed.frame,
        targets=answer.values,
        task=answer.task,
        task_reason=answer.reason,
        target_name=name,
        class_names=answer.class_names,
        notes=[*text.notes, *answer.notes, *typed.notes, *_repeated(typed.frame, answer.values)],
        missing_marks=typed.missing_marks,
    )


def find_target(where: str, text: TableText, target: str | None) -> str:
    """The name of the target column; ArgumentError with the nearest name where it is unknown."""
    names = [str(name) for name in text.frame.columns]
    if target is None:
        raise ArgumentError(
            where, "a target column", "none", f"Add --target '{_likely(names)}'. {_listed(names)}"
        )
    if target in names:
        return target
    folded = [name for name in names if name.strip().lower() == target.strip().lower()]
    if len(folded) == 1:
        return folded[0]
    return _numbered(where, text, target, names)


def _numbered(where: str, text: TableText, target: str, names: list[str]) -> str:
    try:
        number = int(target)
    except ValueError:
        hint = nearest(target, names) if text.header else (
            "The file has no line of column names: give the number of the column, such as "
            f"--target {len(names)}."
        )  # fmt: skip
        hint = _listed(names) if hint.startswith("Known:") else hint
        raise ArgumentError(where, "a target column that exists", f"'{target}'", hint) from None
    if 1 <= number <= len(names):
        return names[number - 1]
    if -len(names) <= number <= -1:
        return names[number]
    raise ArgumentError(
        where,
        f"the number of a column from 1 to {len(names)}, or -1 for the last",
        target,
        _listed(names),
    )


def _likely(names: list[str]) -> str:
    """The column that most probably is the target: a usual name, else the last one."""
    return next((name for name in names if name.strip().lower() in USUAL_TARGETS), names[-1])


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"'{name}'" for name in names[:SHOWN_COLUMNS])
    more = f" and {len(names) - SHOWN_COLUMNS} more" if len(names) > SHOWN_COLUMNS else ""
    return f"Columns: {shown}{more}."


def _repeated(frame: pd.DataFrame, targets: np.ndarray) -> list[str]:
    """A note on rows that occur again: copies on both sides of the split flatter the score."""
    again = int(frame.assign(**{"\0target": targets}).duplicated().sum())
    if not again:
        return []
    verb = "repeats" if again == 1 else "repeat"
    return [f"{counted(again, 'row')} {verb} an earlier one; they are kept."]
