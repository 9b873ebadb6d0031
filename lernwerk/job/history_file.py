"""The history of a training as ``history.csv``: a line an epoch, every number exactly.

Floats are written in full, so that reading gives the same bits and a resumed training continues
the file as if it had never stopped. Drawing the curves is the business of ``lernwerk.plots``.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from pathlib import Path

from lernwerk.errors import ArgumentError, FileError
from lernwerk.utils.atomic import write_text

EPOCH = "epoch"
SECONDS = "seconds"


def write_history(
    path: str | os.PathLike[str],
    history: Mapping[str, Sequence[float]],
    epoch_seconds: Sequence[float] = (),
) -> Path:
    """Write epoch, every measure and the seconds of the epoch, in one step.

    A measure that is shorter than the others leaves cells empty at its end. Raises ArgumentError
    for a measure called ``epoch`` or ``seconds`` and FileError where the file cannot be written.
    """
    for name in (EPOCH, SECONDS):
        if name in history:
            raise ArgumentError("history", f"measures not called '{name}'", repr(name))
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([EPOCH, *history, SECONDS])
    lines = zip_longest(*history.values(), epoch_seconds)
    writer.writerows([epoch, *map(_cell, line)] for epoch, line in enumerate(lines, start=1))
    return write_text(path, buffer.getvalue())


def _cell(value: float | None) -> str:
    return "" if value is None else repr(float(value))


def read_history(path: str | os.PathLike[str]) -> tuple[dict[str, list[float]], list[float]]:
    """The history and the seconds of its epochs, as ``write_history`` was given them.

    Raises FileError for a file that is missing or was not written by ``write_history``.
    """
    lines = _lines(Path(path))
    names = lines[0] if lines else []
    if names[:1] != [EPOCH] or names[-1:] != [SECONDS]:
        raise FileError(str(path), "a history beginning with 'epoch'", repr(",".join(names)))
    columns: dict[str, list[float]] = {name: [] for name in names[1:]}
    for number, line in enumerate(lines[1:], start=2):
        _add_line(columns, line, f"{path}, line {number}", len(names))
    seconds = columns.pop(SECONDS)
    return columns, seconds


def _lines(path: Path) -> list[list[str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else "something else"
        raise FileError(str(path), "a readable history", reason) from error


def _add_line(columns: dict[str, list[float]], line: list[str], where: str, width: int) -> None:
    if len(line) != width:
        raise FileError(where, f"{width} values", len(line))
    for values, text in zip(columns.values(), line[1:], strict=True):
        if text:
            values.append(_number(text, where))


def _number(text: str, where: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise FileError(where, "a number", repr(text)) from error
