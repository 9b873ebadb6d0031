"""Which rows train, which stop the training in time and which are held back for the score.

Classes are divided one by one so that each part has about the same mix; the same seed gives the
same rows. An official test part is respected. Nothing here looks at the inputs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lernwerk.errors import ArgumentError, DataError, Range, check_ranges
from lernwerk.job.raw_data import RawData

Rows = NDArray[np.int64]
MINIMUM_ROWS = 6
"""Three parts need a few rows each; fewer than this teach nothing."""
SHARE = Range(0, 1, low_included=False, high_included=False)


@dataclass(frozen=True)
class Split:
    """Row numbers of the three parts, shuffled, disjoint and complete."""

    train: Rows
    validation: Rows
    test: Rows

    def sizes(self) -> dict[str, int]:
        """Rows of each part by its name."""
        return {
            "training": len(self.train),
            "validation": len(self.validation),
            "held back": len(self.test),
        }


def split(raw: RawData, seed: int, validation: float = 0.15, test: float = 0.2) -> Split:
    """Divide the rows of a data set; stratified for classes, shuffled for numbers.

    ``validation`` and ``test`` are shares of all rows; with an official test part ``validation`` is
    a share of the other rows. Every class of three rows or more is in each part. Raises DataError
    where there are too few rows and ArgumentError for shares that leave nothing to train on.
    """
    check_ranges("split", {"validation": validation, "test": test},
                 {"validation": SHARE, "test": SHARE})  # fmt: skip
    if validation + test >= 1:
        raise ArgumentError("split", "validation + test < 1", f"{validation + test}")
    if len(raw) < MINIMUM_ROWS:
        raise DataError(raw.name, f"at least {MINIMUM_ROWS} rows", f"{len(raw)}")
    generator = np.random.default_rng(seed)
    rows = np.arange(len(raw), dtype=np.int64)
    if raw.given_split is None:
        return _divided(raw, rows, validation, test, generator)
    train, held_back = np.split(rows, [raw.given_split])
    if len(train) < MINIMUM_ROWS // 2 or not len(held_back):
        raise DataError(
            raw.name, "rows in the training and in the test part",
            f"{len(train)} and {len(held_back)}",
        )  # fmt: skip
    divided = _divided(raw, train, validation, 0.0, generator)
    return Split(divided.train, divided.validation, generator.permutation(held_back))


def _divided(
    raw: RawData, rows: Rows, validation: float, test: float, generator: np.random.Generator
) -> Split:
    parts: tuple[list[Rows], list[Rows], list[Rows]] = ([], [], [])
    # What rounding took from one class is given to the next, so that the parts keep their size.
    owed = np.zeros(2)
    for group in _groups(raw, rows, generator):
        wanted = len(group) * np.array([validation, test])
        counts = _rounded(len(group), wanted + owed, np.array([validation > 0, test > 0]))
        owed += wanted - counts
        for part, piece in zip(parts, np.split(group, [*_ends(len(group), counts)]), strict=True):
            part.append(piece)
    train, validating, held_back = (np.concatenate(part) for part in parts)
    train, validating = _at_least_one(raw, train, validating)
    if test > 0:
        train, held_back = _at_least_one(raw, train, held_back)
    return Split(*(generator.permutation(part) for part in (train, validating, held_back)))


def _groups(raw: RawData, rows: Rows, generator: np.random.Generator) -> Iterator[Rows]:
    """The rows of each class, shuffled; all rows as one group for a regression."""
    if raw.task == "regression":
        yield generator.permutation(rows)
        return
    _, labels = np.unique(raw.targets[rows], return_inverse=True)
    for label in range(labels.max() + 1):
        yield generator.permutation(rows[labels == label])


def _rounded(rows: int, wanted: NDArray[Any], parts: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many rows of a group go to validation and test; one at least stays for the training."""
    least = parts if rows >= 3 else np.zeros(2, bool)
    counts = np.maximum(np.round(wanted), least).astype(np.int64)
    counts = np.where(parts, counts, 0)
    while counts.sum() > rows - 1:
        counts[np.argmax(counts)] -= 1
    return counts


def _ends(rows: int, counts: NDArray[np.int64]) -> tuple[int, int]:
    train = rows - int(counts.sum())
    return train, train + int(counts[0])


def _at_least_one(raw: RawData, train: Rows, part: Rows) -> tuple[Rows, Rows]:
    """Where only tiny classes left a part empty, the largest class gives it a row."""
    if len(part):
        return train, part
    if raw.task == "regression":
        return train[:-1], train[-1:]
    _, labels, counts = np.unique(raw.targets[train], return_inverse=True, return_counts=True)
    if counts.max() < 2:
        raise DataError(
            raw.name, "classes of several rows, to train and to test", f"{len(counts)} of one row"
        )
    place = np.flatnonzero(labels == counts.argmax())[-1]
    return np.delete(train, place), train[place : place + 1]
