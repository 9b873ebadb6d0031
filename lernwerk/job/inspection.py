"""What is in the data: rows, columns, classes, ranges and gaps, as values and in plain words.

Looks at raw data before any preprocessing; what is done about it stands in the decisions of the
encoders.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lernwerk.job.cells import as_text
from lernwerk.job.column_reading import kind_of
from lernwerk.job.outcome import plain
from lernwerk.job.picture_reading import PictureFacts, in_threads, picture_facts
from lernwerk.job.raw_data import RawData
from lernwerk.job.table_encoder import useless
from lernwerk.job.wording import counted, number, percent

if TYPE_CHECKING:
    import pandas as pd

FREQUENT = 3
NAMED_CLASSES = 10
UNEQUAL, UNBALANCED = 1.5, 3.0
"""The largest class has so many times the rows of the smallest."""
TINY_CLASS = 10


@dataclass(frozen=True)
class ColumnFinding:
    """One column of a table."""

    name: str
    kind: str
    missing: int
    summary: str
    """Range or most frequent values, in words."""
    useless: str = ""
    """Why nothing can be learned from it, empty where it can."""


@dataclass
class Findings:
    """All that was found; ``sentences`` says it in plain words, ``to_dict`` in JSON's types."""

    name: str
    kind: str
    rows: int
    task: str
    target: str
    columns: list[ColumnFinding] = field(default_factory=list)
    classes: dict[str, int] = field(default_factory=dict)
    """Rows of each class, in the order of the labels."""
    balance: float | None = None
    """Rows of the largest class divided by those of the smallest."""
    target_range: dict[str, float] | None = None
    """``minimum``, ``median``, ``maximum``, ``mean`` and ``deviation`` of a regression."""
    missing: int = 0
    """Missing cells of the whole table."""
    shape: tuple[int, ...] = ()
    """Shape of one row of an array or picture array."""
    value_range: tuple[float, float] | None = None
    sizes: dict[str, int] = field(default_factory=dict)
    """Height x width of the pictures and how often each occurs."""
    gray: int = 0
    """Pictures without colour."""
    skipped: list[tuple[str, str]] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """All findings in JSON's own types."""
        values: dict[str, Any] = plain(asdict(self))
        return values


def inspect(raw: RawData) -> Findings:
    """Look at a data set and say what was found."""
    found = Findings(
        raw.name, raw.kind, len(raw), raw.task, raw.target_name, skipped=list(raw.skipped)
    )
    if raw.kind == "table":
        _inspect_table(raw.inputs, found)
    elif isinstance(raw.inputs, list):
        _inspect_files(raw.inputs, found)
    else:
        _inspect_array(raw.inputs, found)
    if raw.task == "classification":
        _inspect_classes(raw, found)
    else:
        _inspect_numbers(raw, found)
    if raw.given_split is not None:
        found.sentences.append(f"The last {counted(len(raw) - raw.given_split, 'row')} are the "
                               "official test part.")  # fmt: skip
    found.sentences += raw.notes
    return found


def _inspect_table(frame: pd.DataFrame, found: Findings) -> None:
    found.columns = [describe_column(frame[name]) for name in frame.columns]
    found.missing = sum(column.missing for column in found.columns)
    kinds = Counter(column.kind for column in found.columns)
    listed = ", ".join(counted(n, _NOUNS[kind][0], _NOUNS[kind][1]) for kind, n in kinds.items())
    width = counted(len(found.columns), "column")
    found.sentences.append(f"{counted(found.rows, 'row')} with {width}: {listed}.")
    found.sentences.append(_missing_words(found))
    for column in found.columns:
        if column.useless:
            found.sentences.append(f"Column '{column.name}' {column.useless}.")


_NOUNS = {
    "number": ("number", "numbers"),
    "boolean": ("truth value", "truth values"),
    "date": ("date", "dates"),
    "category": ("category", "categories"),
}


def _missing_words(found: Findings) -> str:
    if not found.missing:
        return "No value is missing."
    gaps = [column for column in found.columns if column.missing]
    gaps.sort(key=lambda column: -column.missing)
    shown = ", ".join(f"'{c.name}' {percent(c.missing / found.rows)}" for c in gaps[:FREQUENT])
    more = f" and {counted(len(gaps) - FREQUENT, 'more column')}" if len(gaps) > FREQUENT else ""
    verb = "is" if found.missing == 1 else "are"
    return f"{counted(found.missing, 'value')} {verb} missing: {shown}{more}."


def describe_column(column: pd.Series) -> ColumnFinding:
    """Kind, gaps and values of one typed column."""
    kind = kind_of(column) or "category"
    present = column.dropna()
    missing = len(column) - len(present)
    reason = useless(column)
    if not len(present):
        return ColumnFinding(str(column.name), kind, missing, "empty", reason)
    if kind == "number":
        values = present.to_numpy(np.float64)
        summary = f"{number(values.min())} to {number(values.max())}, " + (
            f"median {number(float(np.median(values)))}"
        )
    elif kind == "date":
        first, last = present.min(), present.max()
        summary = f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"
    else:
        summary = _frequent(present)
    return ColumnFinding(str(column.name), kind, missing, summary, reason)


def _frequent(present: pd.Series) -> str:
    counts = Counter(as_text(value) for value in present)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = ", ".join(f"{name} ({count})" for name, count in ranked[:FREQUENT])
    more = f" and {number(len(ranked) - FREQUENT)} more" if len(ranked) > FREQUENT else ""
    return shown + more


def _inspect_files(paths: list[Path], found: Findings) -> None:
    facts = [fact for fact in in_threads(picture_facts, paths) if isinstance(fact, PictureFacts)]
    sizes = Counter((fact.height, fact.width) for fact in facts)
    found.sizes = {f"{h} x {w}": n for (h, w), n in sizes.most_common()}
    found.gray = sum(fact.gray for fact in facts)
    found.value_range = (0.0, 255.0)
    if len(sizes) == 1:
        size = f"all of {next(iter(found.sizes))} pixels"
    else:
        low, high = np.min(list(sizes), axis=0), np.max(list(sizes), axis=0)
        size = f"of {low[0]} x {low[1]} to {high[0]} x {high[1]} pixels"
    found.sentences.append(
        f"{counted(found.rows, 'picture')} {size}, {_colour_words(found.gray, len(facts))}."
    )


def _colour_words(gray: int, pictures: int) -> str:
    if gray == pictures:
        return "all gray"
    return "in colour" if not gray else f"{number(gray)} of them gray, the others in colour"


def _inspect_array(array: NDArray[Any], found: Findings) -> None:
    found.shape = tuple(array.shape[1:])
    found.value_range = (float(array.min()), float(array.max()))
    low, high = (number(value) for value in found.value_range)
    size = " x ".join(str(length) for length in found.shape)
    if found.kind == "pictures":
        gray = array.ndim == 3 or array.shape[3] == 1
        found.sizes = {f"{array.shape[1]} x {array.shape[2]}": len(array)}
        found.gray = len(array) if gray else 0
        colour = "gray" if gray else "in colour"
        found.sentences.append(
            f"{counted(len(array), 'picture')} of {array.shape[1]} x {array.shape[2]} pixels, "
            f"{colour}, with values from {low} to {high}."
        )
    else:
        found.sentences.append(
            f"{counted(len(array), 'row')} of {size} numbers ({array.dtype}) from {low} to {high}."
        )


def _inspect_classes(raw: RawData, found: Findings) -> None:
    values, counts = np.unique(raw.targets, return_counts=True)
    found.classes = {as_text(v): int(n) for v, n in zip(values, counts, strict=True)}
    found.balance = float(counts.max() / counts.min())
    found.sentences.append(raw.task_reason)
    named = list(found.classes.items())
    shown = ", ".join(f"{name} ({count})" for name, count in named[:NAMED_CLASSES])
    more = f" and {number(len(named) - NAMED_CLASSES)} more" if len(named) > NAMED_CLASSES else ""
    found.sentences.append(f"{counted(len(named), 'class', 'classes')}: {shown}{more}.")
    found.sentences += _balance_words(found, found.balance)


def _balance_words(found: Findings, balance: float) -> list[str]:
    largest = max(found.classes, key=lambda name: found.classes[name])
    smallest = min(found.classes, key=lambda name: found.classes[name])
    share = percent(found.classes[largest] / found.rows)
    if balance < UNBALANCED:
        equal = "about equally large" if balance < UNEQUAL else "somewhat unequal in size"
        words = [f"The classes are {equal}; the largest, '{largest}', has {share}."]
    else:
        words = [
            f"The classes are unbalanced: '{largest}' has {share} of the rows, '{smallest}' "
            f"{percent(found.classes[smallest] / found.rows)}."
        ]
    tiny = [name for name, count in found.classes.items() if count < TINY_CLASS]
    if tiny and len(tiny) <= NAMED_CLASSES:
        named = ", ".join(f"'{name}'" for name in tiny)
        words.append(f"Few examples to learn from (fewer than {TINY_CLASS}): {named}.")
    return words


def _inspect_numbers(raw: RawData, found: Findings) -> None:
    values = raw.targets.astype(np.float64)
    found.target_range = {
        "minimum": float(values.min()),
        "median": float(np.median(values)),
        "maximum": float(values.max()),
        "mean": float(values.mean()),
        "deviation": float(values.std()),
    }
    low, middle, high, mean, _ = (number(value) for value in found.target_range.values())
    found.sentences.append(raw.task_reason)
    found.sentences.append(
        f"'{raw.target_name}' ranges from {low} to {high}, mean {mean}, median {middle}."
    )
