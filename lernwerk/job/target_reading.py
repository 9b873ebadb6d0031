"""The target column becomes classes or numbers, and with them the task is decided.

The rule stands in ``_decide``; an explicit task overrides it. Rows without a target are marked for
removal; targets from which nothing can be learned are refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from numpy.typing import NDArray

from lernwerk.errors import DataError, check_name
from lernwerk.job import cells
from lernwerk.job.column_reading import (
    MANY,
    Distinct,
    NumberReader,
    best_numbers,
    distinct,
    few_unreadable,
    kind_of,
)
from lernwerk.job.raw_data import Task
from lernwerk.job.wording import counted, percent

if TYPE_CHECKING:
    import pandas as pd

MOST_CLASSES = 20
"""Whole numbers with more different values than this are quantities, not codes of classes."""
ROWS_PER_CLASS = 10
"""So many rows on average must share a whole number for it to be taken for a class."""


@dataclass
class Target:
    """The usable targets: ``rows`` are the positions that have one, ``values`` what they are."""

    values: NDArray[Any]
    rows: NDArray[np.intp]
    task: Task
    reason: str
    class_names: tuple[str, ...] | None
    notes: list[str] = field(default_factory=list)


def read_target(
    where: str, column: pd.Series, readers: Sequence[NumberReader], task: str | None = None
) -> Target:
    """Read a target column; DataError where nothing can be learned from it."""
    name = str(column.name)
    if task is not None:
        check_name(where, "task", task, get_args(Task))
    values, present, notes = _values(where, name, column, readers)
    rows = np.flatnonzero(present)
    if not len(rows):
        raise DataError(where, f"values in the target column '{name}'", "only missing ones")
    if len(rows) < len(column):
        notes.append(_dropped(name, len(column) - len(rows), len(column)))
    return target_from_values(where, name, values[rows], task, rows, notes)


def target_from_values(
    where: str,
    name: str,
    values: NDArray[Any],
    task: str | None,
    rows: NDArray[np.intp] | None = None,
    notes: list[str] | None = None,
) -> Target:
    """Decide the task of targets without gaps and check that something can be learned."""
    values = _whole(values)
    different = np.unique(values)
    if len(different) == 1:
        raise DataError(
            where,
            f"a target '{name}' with at least two different values",
            f"{cells.as_text(different[0])!r} in every row",
        )
    decided, reason = _decide(where, name, values, different, task)
    if decided == "classification":
        _check_classes(where, name, values, different)
    else:
        values = _as_numbers(where, name, values)
    classes = tuple(cells.as_text(value) for value in different)
    return Target(
        values,
        np.arange(len(values)) if rows is None else rows,
        decided,
        reason,
        classes if decided == "classification" else None,
        notes or [],
    )


def _dropped(name: str, count: int, rows: int) -> str:
    verb = "was" if count == 1 else "were"
    share = percent(count / rows)
    return f"{counted(count, 'row')} ({share}) without a target '{name}' {verb} left out."


def _values(
    where: str, name: str, column: pd.Series, readers: Sequence[NumberReader]
) -> tuple[NDArray[Any], NDArray[np.bool_], list[str]]:
    """The column as an array, which rows have a value, and notes."""
    kind = kind_of(column)
    if kind == "date":
        raise DataError(
            where, f"numbers or classes in the target column '{name}'", "dates",
            "Turn them into a number first, such as the days since a fixed date.",
        )  # fmt: skip
    if kind == "number":
        values = column.to_numpy(np.float64, na_value=np.nan)
        return values, np.isfinite(values), []
    if kind == "boolean":
        missing = column.isna().to_numpy()
        return column.astype("boolean").fillna(False).to_numpy(bool), ~missing, []
    found = distinct(column)
    missing = np.array([cells.is_missing(t, cells.MISSING_TARGET) for t in found.texts], bool)
    numbers = best_numbers(found, readers)
    bad = ~np.isfinite(numbers) & ~missing
    if _is_numeric(found, np.isfinite(numbers), bad):
        shown = ", ".join(f"'{found.texts[i]}'" for i in np.flatnonzero(bad)[:3])
        note = f"Target '{name}': {shown} is no number and counts as missing."
        return *_rows(found, numbers, missing | bad), [note] if shown else []
    return *_rows(found, np.array(found.texts, dtype=np.str_), missing), []


def _is_numeric(found: Distinct, good: NDArray[np.bool_], bad: NDArray[np.bool_]) -> bool:
    # Among few different values a text is a class of its own; among many numbers it is a slip.
    few = not bad.any() or (int(good.sum()) >= MANY and few_unreadable(found, good, bad))
    return bool(good.any()) and few


def _rows(
    found: Distinct, values: NDArray[Any], missing: NDArray[np.bool_]
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    if not len(values):
        return np.zeros(len(found.codes)), np.zeros(len(found.codes), bool)
    present = (found.codes >= 0) & ~missing[found.codes]
    return values[found.codes], present


def _whole(values: NDArray[Any]) -> NDArray[Any]:
    """Whole numbers as int64, other numbers as float64; texts and truth values stay."""
    if values.dtype.kind not in "iuf":
        return values
    numbers = values.astype(np.float64)
    # Beyond 2 ** 53 a float64 no longer holds every whole number.
    exact = np.isfinite(numbers).all() and (np.abs(numbers) < 2**53).all()
    return numbers.astype(np.int64) if exact and (numbers == np.round(numbers)).all() else numbers


def _decide(
    where: str, name: str, values: NDArray[Any], different: NDArray[Any], task: str | None
) -> tuple[Task, str]:
    if task == "classification":
        return "classification", f"It is a classification because you said so ('{name}')."
    if task == "regression":
        return "regression", f"It is a regression because you said so ('{name}')."
    count = counted(len(different), "different value")
    if values.dtype.kind not in "iuf":
        return "classification", f"It is a classification: '{name}' holds {count}, not numbers."
    if values.dtype.kind == "f":
        return "regression", f"It is a regression: '{name}' holds numbers with fractions."
    few = len(different) <= MOST_CLASSES and len(values) >= ROWS_PER_CLASS * len(different)
    if few or len(different) == 2:
        return "classification", (
            f"It is a classification: '{name}' holds whole numbers with only {count} "
            "(--task regression changes that)."
        )
    return "regression", (
        f"It is a regression: '{name}' holds numbers with {count} "
        "(--task classification changes that)."
    )


def _check_classes(where: str, name: str, values: NDArray[Any], different: NDArray[Any]) -> None:
    if 2 * len(different) > max(len(values), 4):
        numeric = values.dtype.kind in "iuf"
        raise DataError(
            where,
            f"classes that repeat in the target '{name}'",
            f"{len(different)} different ones in {len(values)} rows",
            "Use --task regression." if numeric else "Choose another column with --target.",
        )


def _as_numbers(where: str, name: str, values: NDArray[Any]) -> NDArray[np.float64]:
    if values.dtype.kind in "iufb":
        return values.astype(np.float64)
    raise DataError(
        where, f"numbers in the target '{name}' of a regression", f"{str(values[0])!r}",
        "Use --task classification.",
    )  # fmt: skip
