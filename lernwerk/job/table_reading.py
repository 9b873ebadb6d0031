"""Table files become DataFrames of texts (CSV, TSV) or of typed columns (Parquet).

Encoding, separator and header are found out here and every guess is told; kinds of columns are
not (column_reading.py), nor is the target (table_source.py).
"""

from __future__ import annotations

import codecs
import csv
import io
import warnings
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from lernwerk.errors import DataError, FileError, MissingExtraError
from lernwerk.job.cells import is_missing, is_number

if TYPE_CHECKING:
    import pandas as pd

TEXT_SUFFIXES = (".csv", ".tsv", ".txt", ".tab", ".data")
SUFFIXES = (*TEXT_SUFFIXES, ".parquet")
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
SAMPLE = 64  # records that show the separator and the header
SAMPLE_TEXT = 1 << 18  # characters from which the sample is taken


@dataclass
class TableText:
    """A table as it stands in the file; ``header`` says whether the file names its columns."""

    frame: pd.DataFrame
    separator: str = ","
    header: bool = True
    notes: list[str] = field(default_factory=list)


def read_table(path: Path) -> TableText:
    """Read a CSV, TSV or Parquet file; FileError or DataError, naming the line, where it fails."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileError(str(path), "a readable table", error.strerror or str(error)) from None
    if path.suffix.lower() == ".parquet":
        return _read_parquet(path, content)
    return parse_table(str(path), content)


def parse_table(where: str, content: bytes) -> TableText:
    """The same for the bytes of a text table, whatever they come from."""
    text, notes = _decode(where, content)
    records = _sample(text)
    if not records:
        raise DataError(where, "a table", "an empty file")
    separator = _separator(records)
    rows = _split(records, separator)
    header = _has_header(rows)
    names, name_notes = _names(rows, header)
    frame = _body(where, text, separator, names, header)
    if not len(frame):
        raise DataError(where, "rows below the line of column names", "none")
    return TableText(frame, separator, header, notes + name_notes)


def looks_like_table(path: Path) -> bool:
    """Whether a file of an unknown kind is a text whose lines have equally many cells."""
    try:
        with path.open("rb") as file:
            content = file.read(SAMPLE_TEXT)
        text, _ = _decode(str(path), content)
    except (OSError, FileError):
        return False
    records = _sample(text)
    if len(records) < 2:
        return False
    rows = _split(records, _separator(records))
    return len(rows[0]) > 1 and len({len(row) for row in rows}) == 1


def _read_parquet(path: Path, content: bytes) -> TableText:
    try:
        # Directly, because pandas is about to give up this engine; the other one is ten times as
        # large to install.
        from fastparquet import ParquetFile
    except ImportError:
        hint = "Install it: pip install fastparquet"
        raise MissingExtraError(str(path), "the reader of Parquet", "none", hint) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the reader about NumPy; nothing for the user
            frame = ParquetFile(io.BytesIO(content)).to_pandas()
    except Exception:  # the reader raises whatever a damaged file makes it stumble over
        got = "a damaged one" if content.startswith(b"PAR1") else "another kind of file"
        raise FileError(str(path), "a Parquet file", got) from None
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    frame.columns = [str(name) for name in frame.columns]
    if not len(frame):
        raise DataError(str(path), "a table with rows", "none")
    return TableText(_plain_categories(frame))


def _plain_categories(frame: pd.DataFrame) -> pd.DataFrame:
    """Categories as their texts, so that column_reading.py treats all files alike."""
    chosen = frame.select_dtypes("category").columns
    return frame.astype(dict.fromkeys(chosen, object)) if len(chosen) else frame


def _decode(where: str, content: bytes) -> tuple[str, list[str]]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif b"\0" in content[:SAMPLE_TEXT]:
        raise FileError(where, "a text table (CSV or TSV)", "a binary file")
    else:
        encoding = "utf-8-sig"
    try:
        return content.decode(encoding), []
    except UnicodeDecodeError:
        note = "The file is not UTF-8; it was read as Latin-1 (Western European, Windows)."
        return content.decode("cp1252", "replace"), [note]


def _sample(text: str) -> list[str]:
    """The first records; a record is a line, or several where a quoted cell has line breaks."""
    records: list[str] = []
    for line in islice(io.StringIO(text[:SAMPLE_TEXT], newline=""), 4 * SAMPLE):
        if records and records[-1].count('"') % 2:
            records[-1] += line
        elif line.strip():
            records.append(line)
    return [record.rstrip("\r\n") for record in records[:SAMPLE]]


def _split(records: list[str], separator: str) -> list[list[str]]:
    joined = io.StringIO("\n".join(records), newline="")
    return [[cell.strip() for cell in row] for row in csv.reader(
        joined, delimiter=separator, skipinitialspace=True)]  # fmt: skip


def _separator(records: list[str]) -> str:
    """The separator that cuts most records into equally many cells.

    A comma loses a draw: in a German file it also stands before every fraction.
    """

    def fitness(separator: str) -> tuple[float, bool, int]:
        lengths = Counter(len(row) for row in _split(records, separator) if row)
        width, rows = max(lengths.items(), key=lambda item: (item[1], item[0]))
        return (rows / len(records) if width > 1 else 0.0, separator != ",", width)

    best = max(SEPARATORS, key=fitness)
    return best if fitness(best)[0] > 0 else ","


def _has_header(rows: list[list[str]]) -> bool:
    """Names are texts; a number in the first line, or only texts that recur below, is data."""
    first, below = rows[0], rows[1:]
    if any(is_number(cell) for cell in first):
        return False
    columns = [{row[i] for row in below if i < len(row)} for i in range(len(first))]
    named = [not is_missing(cell) for cell in first]
    return not below or not any(named) or any(
        cell not in column for cell, column in zip(first, columns, strict=True)
    )  # fmt: skip


def _names(rows: list[list[str]], header: bool) -> tuple[list[str], list[str]]:
    if not header:
        names = [f"column {i + 1}" for i in range(len(rows[0]))]
        shown = next((cell for cell in rows[0] if is_number(cell)), rows[0][0])
        return names, [
            f"The first line looks like data (it holds '{shown}'), so the columns are called "
            f"'column 1' to 'column {len(names)}'."
        ]
    names = list(rows[0])
    if len(rows) > 1 and {len(row) for row in rows[1:]} == {len(names) + 1}:
        names.insert(0, "row")  # R writes the names of the rows without a name above them
    return _unique(names)


def _unique(names: list[str]) -> tuple[list[str], list[str]]:
    notes: list[str] = []
    result: list[str] = []
    for number, name in enumerate(names, start=1):
        unique = name or f"column {number}"
        count = 2
        while unique in result:
            unique = f"{name} ({count})"
            count += 1
        if name and unique != name:
            notes.append(f"The column name '{name}' occurs again; that column is called "
                         f"'{unique}'.")  # fmt: skip
        result.append(unique)
    return result, notes


def _body(where: str, text: str, separator: str, names: list[str], header: bool) -> pd.DataFrame:
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            frame = pd.read_csv(
                io.StringIO(text), sep=separator, header=0 if header else None, names=names,
                index_col=False, dtype=str, na_filter=False, skipinitialspace=True,
            )  # fmt: skip
        except (pd.errors.ParserError, pd.errors.ParserWarning, csv.Error) as error:
            _refuse(where, text, separator, len(names), error)
    return frame


def _refuse(where: str, text: str, separator: str, width: int, error: Exception) -> NoReturn:
    """Find the first line with too many cells; pandas words it differently in every version."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    try:
        long = next(((reader.line_num, len(row)) for row in reader if len(row) > width), None)
    except csv.Error as other:
        raise FileError(where, "a table", str(other)) from None
    if long is None:
        raise FileError(where, "a table", str(error).strip()) from None
    raise DataError(
        f"{where}, line {long[0]}", f"{width} cells separated by {SEPARATORS[separator]}",
        f"{long[1]}", "Put quotes around cells that contain the separator.",
    ) from None  # fmt: skip
