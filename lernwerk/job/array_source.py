"""An .npz with x and y becomes raw data; so does Keras's form with x_train to y_test.

Arrays are read without pickle. uint8 arrays that look like pictures become pictures, so that the
trained model also takes picture files.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lernwerk.errors import DataError, FileError
from lernwerk.job.raw_data import Kind, RawData
from lernwerk.job.target_reading import target_from_values

KERAS_NAMES = ("x_train", "y_train", "x_test", "y_test")
SMALLEST_PICTURE = 4
"""Fewer pixels in height or width are taken for features, not for a picture."""
Arrays = dict[str, NDArray[Any]]


def load_arrays(path: Path, task: str | None = None) -> RawData:
    """Read an .npz; FileError or DataError where it lacks x and y or they do not fit together."""
    where = path.name
    x, y, given_split, notes = _x_and_y(where, read_npz(path))
    x = usable_x(where, x)
    values, target_notes = _targets(where, y)
    if len(x) != len(values):
        raise DataError(where, f"as many rows in y as in x ({len(x)})", f"{len(values)}")
    if not len(x):
        raise DataError(where, "rows in x and y", "none")
    answer = target_from_values(where, "y", values, task)
    kind: Kind = "pictures" if looks_like_pictures(x) else "arrays"
    if kind == "pictures":
        notes.append("x is uint8 of the shape of pictures, so its rows are taken for pictures.")
    return RawData(
        name=path.stem,
        kind=kind,
        inputs=x,
        targets=answer.values,
        task=answer.task,
        task_reason=answer.reason,
        target_name="y",
        class_names=answer.class_names,
        given_split=given_split,
        notes=notes + target_notes,
    )


def read_npz(path: Path) -> Arrays:
    """All arrays of an .npz, without pickle; FileError where it is damaged or something else."""
    try:
        # Opened here because NumPy leaves the file open where it is no npz.
        with path.open("rb") as file:
            if not file.read(2).startswith((b"PK", b"\x93N")):
                raise FileError(str(path), "an .npz file", "something else")
            file.seek(0)
            loaded = np.load(file, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                raise FileError(
                    str(path), "an .npz with x and y", "a single array",
                    "Save both: np.savez(file, x=x, y=y)",
                )  # fmt: skip
            return {name: _member(path, name, loaded[name]) for name in loaded.files}
    except FileError:
        raise
    except Exception as error:  # zip, header and zlib each have errors of their own
        raise _unreadable(path, error) from None


def _member(path: Path, name: str, value: Any) -> NDArray[Any]:
    # A zip file may hold anything; NumPy hands out what is no array as bytes.
    if not isinstance(value, np.ndarray):
        raise FileError(str(path), "only arrays in an .npz", f"something else as '{name}'")
    return value


def _unreadable(path: Path, error: Exception) -> FileError:
    if "Object arrays" in str(error):
        return FileError(
            str(path), "arrays of numbers or text", "one of Python objects (pickled)",
            "Give it a plain type before saving: x.astype('float32').",
        )  # fmt: skip
    if isinstance(error, OSError) and error.strerror:
        return FileError(str(path), "a readable .npz", error.strerror)
    reason = str(error) or type(error).__name__
    return FileError(str(path), "a readable .npz", f"a damaged one ({reason})")


def _x_and_y(
    where: str, arrays: Arrays
) -> tuple[NDArray[Any], NDArray[Any], int | None, list[str]]:
    names = {name.lower(): name for name in arrays}
    if all(name in names for name in KERAS_NAMES):
        parts = [arrays[names[name]] for name in KERAS_NAMES]
        x = _joined(where, "x", parts[0], parts[2])
        y = _joined(where, "y", parts[1], parts[3])
        for first, name in ((0, "train"), (2, "test")):
            if len(parts[first]) != len(parts[first + 1]):
                raise DataError(
                    where, f"as many rows in y_{name} as in x_{name} ({len(parts[first])})",
                    f"{len(parts[first + 1])}",
                )  # fmt: skip
        return x, y, len(parts[0]), []
    missing = [name for name in ("x", "y") if name not in names]
    if missing:
        found = ", ".join(f"'{name}'" for name in sorted(arrays)) or "no arrays"
        raise DataError(
            where, f"an array '{missing[0]}'", found, "Save both: np.savez(file, x=x, y=y)"
        )
    others = sorted(set(arrays) - {names["x"], names["y"]})
    notes = [f"Arrays besides x and y were ignored: {', '.join(others)}."] if others else []
    return arrays[names["x"]], arrays[names["y"]], None, notes


def _joined(where: str, name: str, first: NDArray[Any], second: NDArray[Any]) -> NDArray[Any]:
    if first.ndim != second.ndim or first.shape[1:] != second.shape[1:] or not first.ndim:
        raise DataError(
            where, f"{name}_test of the same shape as {name}_train {first.shape} but for the rows",
            f"{second.shape}",
        )  # fmt: skip
    return np.concatenate([first, second])


def usable_x(where: str, x: NDArray[Any]) -> NDArray[Any]:
    """An array of inputs that can be trained on: numbers, a row each, nothing missing."""
    if x.ndim == 0:
        raise DataError(where, "x with one row per example", "a single value")
    if x.dtype.kind not in "biuf":
        raise DataError(
            where, "numbers in x", f"{x.dtype}", "Texts belong into a table: save a CSV."
        )
    if x.size == 0 and len(x):
        raise DataError(where, "values in x", f"the shape {x.shape}")
    if x.dtype.kind == "f" and not np.isfinite(x).all():
        first = tuple(int(i) for i in np.argwhere(~np.isfinite(x))[0])
        count = int((~np.isfinite(x)).sum())
        raise DataError(
            where, "finite numbers in x", f"{x[first]} at x{list(first)} ({count} such in all)",
            "Replace or remove them first: np.nan_to_num(x), or x[np.isfinite(x).all(axis=1)].",
        )  # fmt: skip
    x = x.reshape(len(x), -1) if x.ndim == 1 else x
    return x.astype(np.uint8) if x.dtype.kind == "b" else x


def looks_like_pictures(x: NDArray[Any]) -> bool:
    """uint8 of shape (rows, height, width) or (rows, height, width, 1, 3 or 4)."""
    if x.dtype != np.uint8 or x.ndim not in (3, 4) or (x.ndim == 4 and x.shape[3] not in (1, 3, 4)):
        return False
    return min(x.shape[1:3]) >= SMALLEST_PICTURE


def _targets(where: str, y: NDArray[Any]) -> tuple[NDArray[Any], list[str]]:
    notes: list[str] = []
    if y.dtype.kind == "S":
        y = np.char.decode(y, "utf-8", "replace")
    if y.dtype.kind not in "biufU":
        raise DataError(where, "numbers or text in y", f"{y.dtype}")
    if y.ndim == 2 and y.shape[1] > 1 and _is_one_hot(y):
        notes.append(
            f"y was one-hot with {y.shape[1]} columns; the column numbers are the classes."
        )
        y = y.argmax(axis=1)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim != 1:
        raise DataError(where, "one target per row, y of shape (rows)", f"shape {y.shape}")
    if y.dtype.kind == "f" and not np.isfinite(y).all():
        first = int(np.flatnonzero(~np.isfinite(y))[0])
        raise DataError(where, "finite numbers in y", f"{y[first]} at y[{first}]")
    return y, notes


def _is_one_hot(y: NDArray[Any]) -> bool:
    if y.dtype.kind not in "biuf":
        return False
    return bool(((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all())
