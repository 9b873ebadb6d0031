"""What the user wants predictions for: files, folders, JSON rows or standard input.

Read in the form that the encoder of the model takes. Nothing is predicted or encoded here.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lernwerk.errors import DataError, FileError
from lernwerk.job.array_source import read_npz, usable_x
from lernwerk.job.column_reading import marks_note, number_readers, read_column
from lernwerk.job.encoder import Encoder
from lernwerk.job.picture_encoder import PictureEncoder, checked_array
from lernwerk.job.picture_reading import in_threads, picture_facts, read_picture
from lernwerk.job.picture_source import is_picture, skipped_notes, visible
from lernwerk.job.raw_data import Kind
from lernwerk.job.table_encoder import TableEncoder
from lernwerk.job.table_reading import TableText, parse_table, read_table
from lernwerk.job.wording import counted

STDIN = "-"
EXPECTED: dict[Kind, str] = {
    "table": 'a table file or JSON rows such as {"name": value}',
    "pictures": "a picture, a folder of pictures or an .npz with x",
    "arrays": "an .npz or .npy with x, or a JSON list of rows",
}


@dataclass
class PredictionInput:
    """Inputs for ``encoder.encode``, a label for each row, and what was left out."""

    inputs: Any
    labels: list[str]
    """File name, or the number of the row counted from 1."""
    notes: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)


def read_inputs(encoder: Encoder, source: str | Sequence[str]) -> PredictionInput:
    """Read INPUT of ``lernwerk predict MODEL INPUT``.

    ``source`` is a path, JSON text, '-' for standard input, or (pictures) several paths. Raises
    FileError or DataError, one line each.
    """
    if isinstance(source, str):
        return _read_one(encoder, source)
    if len(source) == 1:
        return _read_one(encoder, source[0])
    if not isinstance(encoder, PictureEncoder) or not source:
        got = f"{len(source)} of them" if source else "none"
        raise DataError("input", "one file", got, "Put all rows into one table.")
    parts = [_read_one(encoder, one) for one in source]
    return _joined(parts)


def _joined(parts: list[PredictionInput]) -> PredictionInput:
    if any(isinstance(part.inputs, np.ndarray) for part in parts):
        raise DataError("input", "only picture files where there are several", "an array")
    return PredictionInput(
        [path for part in parts for path in part.inputs],
        [label for part in parts for label in part.labels],
        [note for part in parts for note in part.notes],
        [skip for part in parts for skip in part.skipped],
    )


def _read_one(encoder: Encoder, source: str) -> PredictionInput:
    if source == STDIN:
        return _from_bytes(encoder, "standard input", sys.stdin.buffer.read())
    if source.lstrip().startswith(("{", "[")) and not isinstance(encoder, PictureEncoder):
        return _from_json(encoder, "JSON", source)
    path = Path(source).expanduser()
    if not path.exists():
        raise FileError(source, EXPECTED[_kind(encoder)], "nothing of this name")
    return _from_path(encoder, path)


def _kind(encoder: Encoder) -> Kind:
    if isinstance(encoder, TableEncoder):
        return "table"
    return "pictures" if isinstance(encoder, PictureEncoder) else "arrays"


def _from_path(encoder: Encoder, path: Path) -> PredictionInput:
    kind, suffix = _kind(encoder), path.suffix.lower()
    if kind == "pictures" and path.is_dir():
        return _folder(path)
    if kind == "pictures" and (is_picture(path) or not suffix):
        picture_facts(path)
        return PredictionInput([path], [path.name])
    if kind != "table" and suffix in (".npz", ".npy"):
        return _array_file(kind, path)
    if kind != "pictures" and suffix in (".json", ".jsonl"):
        return _from_json(encoder, str(path), _text(path))
    if kind == "table" and path.is_file() and suffix not in (".npz", ".npy"):
        return _table(encoder, read_table(path))
    got = "a folder" if path.is_dir() else f"a {suffix} file" if suffix else "another file"
    raise FileError(str(path), EXPECTED[kind], got)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise FileError(str(path), "JSON in UTF-8", "another encoding") from None
    except OSError as error:
        raise FileError(str(path), "a readable file", error.strerror or str(error)) from None


def _from_bytes(encoder: Encoder, where: str, content: bytes) -> PredictionInput:
    kind = _kind(encoder)
    if not content.strip():
        raise DataError(where, EXPECTED[kind], "nothing")
    if kind == "pictures":
        read_picture(io.BytesIO(content), where)
        return PredictionInput([io.BytesIO(content)], [where])
    try:
        text = content.decode("utf-8-sig").lstrip()
    except UnicodeDecodeError:
        text = ""
    if kind == "arrays" or text.startswith(("{", "[")):
        return _from_json(encoder, where, text)
    return _table(encoder, parse_table(where, content))


def _from_json(encoder: Encoder, where: str, text: str) -> PredictionInput:
    rows = _rows(where, text)
    if isinstance(encoder, TableEncoder):
        rows = [rows] if isinstance(rows, dict) else rows
        if not isinstance(rows, list) or not rows:
            raise DataError(where, 'rows such as {"name": value}', f"{rows!r:.40}")
        return PredictionInput(rows, _numbered(len(rows)))
    if not isinstance(rows, list) or not rows:
        raise DataError(where, "a list of rows of numbers", f"{rows!r:.40}")
    array = _array(where, rows)
    array = array[None] if array.shape == encoder.shape else array
    return PredictionInput(array, _numbered(len(array)))


def _rows(where: str, text: str, line: int | None = None) -> Any:
    """One JSON value, or one per line."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) > 1 and all(line.lstrip().startswith("{") for line in lines):
            return [_rows(where, one, number) for number, one in enumerate(lines, start=1)]
        place = f"{where}, line {line or error.lineno}, column {error.colno}"
        hint = 'Names and texts stand in double quotes: {"name": "text", "other": 1.5}'
        raise DataError(place, "JSON", f"{text[error.pos : error.pos + 20]!r}", hint) from None


def _array(where: str, rows: list[Any]) -> np.ndarray:
    try:
        array = np.array(rows)
    except ValueError:
        raise DataError(where, "rows of equal length", "rows of different lengths") from None
    if array.dtype.kind not in "biuf":
        raise DataError(where, "numbers", f"{rows!r:.40}")
    return array


def _table(encoder: Encoder, text: TableText) -> PredictionInput:
    """The texts of the file; only numbers are read here, because the file decides their form.

    Everything else keeps its text: '01' among categories must not become the number 1.
    """
    frame, notes = text.frame, list(text.notes)
    kinds = encoder.kinds if isinstance(encoder, TableEncoder) else {}
    wanted = [name for name in frame.columns if kinds.get(name) == "number"]
    readers = number_readers(frame[wanted], text.separator)
    for name in wanted:
        reading = read_column(frame[name], readers)
        # A column that holds no numbers keeps its texts; the encoder names the first of them.
        if reading.kind == "number":
            frame = frame.assign(**{name: reading.values})
            notes += [marks_note(name, reading)] if reading.marked else []
    return PredictionInput(frame, _numbered(len(frame)), notes)


def _numbered(rows: int) -> list[str]:
    return [str(row) for row in range(1, rows + 1)]


def _array_file(kind: Kind, path: Path) -> PredictionInput:
    if path.suffix.lower() == ".npy":
        x = _npy(path)
    else:
        arrays = {name.lower(): array for name, array in read_npz(path).items()}
        name = next((name for name in ("x", "x_test") if name in arrays), None)
        if name is None:
            found = ", ".join(f"'{key}'" for key in sorted(arrays)) or "no arrays"
            raise DataError(path.name, "an array 'x'", found, "np.savez(file, x=x)")
        x = arrays[name]
    x = usable_x(path.name, x)
    x = checked_array(x) if kind == "pictures" else x
    return PredictionInput(x, _numbered(len(x)))


def _npy(path: Path) -> np.ndarray:
    try:
        with path.open("rb") as file:
            return np.lib.format.read_array(file, allow_pickle=False)
    except Exception as error:  # a foreign file fails in header, size or type
        raise FileError(str(path), "an .npy of numbers", str(error)) from None


def _folder(folder: Path) -> PredictionInput:
    """The pictures of a folder, or of its sub-folders where it has no pictures itself."""
    entries = visible(folder)
    candidates = [entry for entry in entries if entry.is_file() and is_picture(entry)]
    if not candidates:
        inner = [visible(entry) for entry in entries if entry.is_dir()]
        candidates = [path for group in inner for path in group if is_picture(path)]
    facts = in_threads(picture_facts, candidates)
    broken = {
        path: str(fact.got)
        for path, fact in zip(candidates, facts, strict=True)
        if isinstance(fact, FileError)
    }
    good = [path for path in candidates if path not in broken]
    if not good:
        got = counted(len(broken), "unreadable file") if broken else "none"
        raise DataError(str(folder), "pictures", got)
    skipped = [(path.relative_to(folder).as_posix(), why) for path, why in broken.items()]
    labels = [path.relative_to(folder).as_posix() for path in good]
    return PredictionInput(good, labels, skipped_notes(skipped), skipped)
