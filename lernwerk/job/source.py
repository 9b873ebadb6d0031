"""``load(data)``: from what the user typed to raw data.

Recognises a named data set, a table file, a folder of pictures and an .npz; everything specific
lies in named_source, table_source, picture_source and array_source.
"""

from __future__ import annotations

import dataclasses
import difflib
from pathlib import Path

from lernwerk import datasets
from lernwerk.errors import ArgumentError, FileError
from lernwerk.job.array_source import load_arrays
from lernwerk.job.named_source import load_named
from lernwerk.job.picture_reading import SUFFIXES as PICTURE_SUFFIXES
from lernwerk.job.picture_source import load_pictures
from lernwerk.job.raw_data import RawData
from lernwerk.job.table_reading import SUFFIXES as TABLE_SUFFIXES
from lernwerk.job.table_reading import looks_like_table
from lernwerk.job.table_source import load_table

KINDS = "a CSV, TSV or Parquet file, an .npz, a folder of pictures or a named data set"
REMEDIES = {
    ".xlsx": "Save the sheet as CSV first.",
    ".xls": "Save the sheet as CSV first.",
    ".ods": "Save the sheet as CSV first.",
    ".json": "Turn it into a table first: pandas.read_json(file).to_csv('data.csv', index=False)",
    ".npy": "Save inputs and targets together: np.savez('data.npz', x=x, y=y)",
    ".gz": "Unpack it first.",
    ".zip": "Unpack it first.",
}


def load(data: str, target: str | None = None, task: str | None = None) -> RawData:
    """Load what DATA of ``lernwerk train DATA`` names.

    ``target`` names the column to learn (tables only), ``task`` ('classification' or 'regression')
    overrides the rule that decides it. Raises FileError, DataError or ArgumentError, one line each.
    """
    if data in datasets.NAMES:
        return _named(data, target, task)
    path = Path(data).expanduser()
    if not _exists(path):
        raise FileError(data, KINDS, "nothing of this name", _near(path))
    if path.is_file() and _is_table(path):
        return load_table(path, target, task)
    if target is not None and (path.is_dir() or path.suffix.lower() == ".npz"):
        brings = "the sub-folders are the classes" if path.is_dir() else "y is the target"
        raise ArgumentError(data, "no --target", f"'{target}'", f"Leave it out: {brings}.")
    if path.is_dir():
        return load_pictures(path, task)
    if path.suffix.lower() == ".npz":
        return load_arrays(path, task)
    raise FileError(data, KINDS, _kind_of_file(path), _remedy(path))


def _named(data: str, target: str | None, task: str | None) -> RawData:
    raw = load_named(data, target, task)
    if Path(data).exists():
        note = f"'{data}' is the named data set; for the file or folder of that name use ./{data}"
        return dataclasses.replace(raw, notes=[*raw.notes, note])
    return raw


def _is_table(path: Path) -> bool:
    suffix = path.suffix.lower()
    if suffix in TABLE_SUFFIXES:
        return True
    known = suffix in REMEDIES or suffix in PICTURE_SUFFIXES or suffix == ".npz"
    return not known and looks_like_table(path)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name too long for the file system, or a folder that may not be entered
        return False


def _near(path: Path) -> str:
    """The nearest named data set, else the nearest file beside the missing one, else all names."""
    named = difflib.get_close_matches(str(path).lower(), datasets.NAMES, n=1, cutoff=0.6)
    if named:
        return f"Did you mean '{named[0]}'?"
    try:
        beside = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        beside = []
    close = difflib.get_close_matches(path.name, beside, n=1, cutoff=0.7)
    if close:
        return f"Did you mean '{path.parent / close[0]}'?"
    return f"Named data sets: {', '.join(datasets.NAMES)}."


def _kind_of_file(path: Path) -> str:
    if not path.is_file():
        return "something that is neither a file nor a folder"
    if path.suffix.lower() in PICTURE_SUFFIXES:
        return "a single picture"
    return f"a {path.suffix} file" if path.suffix else "a file without a suffix"


def _remedy(path: Path) -> str:
    if path.suffix.lower() in PICTURE_SUFFIXES:
        return "Give the folder that holds one sub-folder per class."
    return REMEDIES.get(path.suffix.lower(), "")
