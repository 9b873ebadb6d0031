"""From what the caller gave (arrays, lists, frames) to arrays that a step can use.

Everything about a data set is checked here, once, before the first step: kinds of numbers, lengths,
missing values, and the labels against the loss (``labels.py``). Nothing is checked inside an epoch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lernwerk import ops
from lernwerk.core.compiled import compiled
from lernwerk.core.tensor import Tensor
from lernwerk.core.tree import leaves, map_leaves
from lernwerk.errors import DataError, DtypeError, ShapeError
from lernwerk.ops.primitive import Array


@dataclass(frozen=True)
class Rows:
    """A checked data set: inputs, and where there are any, targets and weights of the rows.

    Each is an array, or a list or dict of arrays where a model has several inputs or outputs.
    """

    x: Any
    y: Any = None
    weight: Any = None

    def __len__(self) -> int:
        return len(first_array(self.x))

    def part(self, rows: slice) -> Rows:
        """A part of the rows."""

        def cut(leaf: Any) -> Any:
            return None if leaf is None else leaf[rows]

        return Rows(*(map_leaves(cut, each) for each in (self.x, self.y, self.weight)))


def first_array(tree: Any) -> Any:
    """The first array of a tree of them."""
    return next(leaf for leaf in leaves(tree) if leaf is not None)


def make_rows(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    dtype: str = "float32",
) -> Rows:
    """Check a data set once. Raises DtypeError, ShapeError and DataError with the remedy."""
    given = {"x": x, "y": y, "sample_weight": sample_weight}
    return checked_rows(*(
        None if each is None else arrays(name, each, dtype) for name, each in given.items()
    ))  # fmt: skip


def checked_rows(inputs: Any, targets: Any, weight: Any) -> Rows:
    """Arrays as rows, refused where there are none or their numbers differ."""
    count = len(first_array(inputs))
    if not count:
        raise DataError("x", "at least one row", f"none (shape {first_array(inputs).shape})")
    for name, tree in (("x", inputs), ("y", targets), ("sample_weight", weight)):
        for array in leaves(tree):
            if array is not None and len(array) != count:
                raise ShapeError(
                    name, f"{count} rows as in x", f"{len(array)} (shape {array.shape})"
                )
    return Rows(inputs, targets, weight)


def arrays(where: str, value: Any, dtype: str, rows: int | None = None) -> Any:
    """The value as an array, or with several arrays in a list, tuple or dict, each checked."""
    if isinstance(value, dict):
        return {key: arrays(f"{where}[{key!r}]", each, dtype) for key, each in value.items()}
    if are_several(value, rows):
        return [None if each is None else arrays(f"{where}[{i}]", each, dtype)
                for i, each in enumerate(value)]  # fmt: skip
    return numbers(where, value, dtype)


def are_several(value: Any, rows: int | None = None) -> bool:
    """Whether a list holds the arrays of several inputs or outputs, rather than rows.

    Vectors are rows, unless there are more numbers in each (``rows`` of them) than vectors.
    """
    if not isinstance(value, (list, tuple)) or not value:
        return False
    axes = [getattr(each, "ndim", 0) for each in value if each is not None]
    if not axes or not min(axes):
        return False
    if rows is not None:
        return len(value) != rows and all(each is None or len(each) == rows for each in value)
    return min(axes) > 1 or any(each is None for each in value)


def numbers(where: str, value: Any, dtype: str) -> Array:
    """The value as an array of finite numbers with a row axis; floats in the model's type."""
    array = _array(where, value)
    if array.dtype.kind not in "biuf":
        raise DtypeError(where, "numbers", f"{array.dtype} (first value {_first(array)})",
                         _text_remedy(where))  # fmt: skip
    if array.ndim == 0:
        raise ShapeError(where, "an array with a row for each example", "a single number")
    if array.dtype.kind == "f":
        _check_finite(where, array)
        with np.errstate(over="ignore"):  # infinite numbers are refused on the next line
            converted = array.astype(dtype, copy=False)
        if converted is not array and not np.isfinite(converted).all():
            raise DataError(where, f"numbers in the range of {dtype}",
                            f"{np.abs(array).max():g}", "Scale them down.")  # fmt: skip
        return converted
    return array.astype(dtype) if array.dtype.kind == "b" else array


def _array(where: str, value: Any) -> Array:
    if isinstance(value, Tensor):
        return np.asarray(value.numpy(), order="C")
    if isinstance(value, dict) or (hasattr(value, "__next__") and not hasattr(value, "shape")):
        rows = f"np.column_stack(list({where}.values()))" if isinstance(value, dict) else (
            f"np.array(list({where}))"
        )  # fmt: skip
        raise DtypeError(
            where, "an array, a list of numbers or a data frame", type(value).__name__,
            f"Collect it first, for example {where} = {rows}.",
        )  # fmt: skip
    try:
        return np.asarray(value, order="C")  # rows in one piece, so that batches are read in place
    except ValueError:
        raise ShapeError(
            where, "rows of equal length", "rows of different lengths",
            "Pad them to one length first.",
        ) from None  # fmt: skip


def _first(array: Array) -> str:
    return repr(array.reshape(-1)[:1].tolist()[0])[:40] if array.size else "none"


def _text_remedy(where: str) -> str:
    if where == "y":
        return "Number the labels: names, y = np.unique(y, return_inverse=True)."
    return f"Convert it: {where} = np.asarray({where}, dtype='float32'), or encode text as numbers."


_BLOCK = 1 << 22  # numbers that the engine adds up at a time: one plan serves all data sets


@compiled
def _sum(x: Tensor) -> Tensor:
    return ops.sum(x)


def _total(array: Array) -> float:
    """The sum of all numbers; of large data sets by the engine, which uses all cores."""
    numbers = array.reshape(-1) if array.flags.c_contiguous else array
    whole = len(numbers) // _BLOCK * _BLOCK if numbers.ndim == 1 else 0
    blocks = sum(_sum(numbers[i : i + _BLOCK]).item() for i in range(0, whole, _BLOCK))
    return float(blocks + numbers[whole:].sum())


def _check_finite(where: str, array: Array) -> None:
    if np.isfinite(_total(array)):  # one fast pass; a NaN or inf anywhere makes the sum one
        return
    finite = np.isfinite(array)
    if finite.all():  # finite numbers whose sum overflows
        return
    position = tuple(int(i) for i in np.unravel_index(int(np.argmin(finite)), array.shape))
    rows = int((~finite.reshape(len(array), -1).all(axis=1)).sum())
    raise DataError(
        where, "finite numbers", f"{array[position]} at {position}, in {rows} of {len(array)} rows",
        f"Replace them, {where} = np.nan_to_num({where}), or leave those rows out: "
        f"{where}[np.isfinite({where}.reshape(len({where}), -1)).all(axis=1)].",
    )  # fmt: skip


def with_class_weight(rows: Rows, class_weight: Mapping[int, float] | None) -> Rows:
    """The rows weighed by class: the class is the label, or the column of a one-hot row."""
    y, weight = rows.y, rows.weight
    if class_weight is None or y is None:
        return rows
    if isinstance(y, (list, tuple, dict)):
        raise DataError("class_weight", "a model with one output", f"one with {len(y)}",
                        "Give a sample_weight for each output instead.")  # fmt: skip
    one_hot = y.ndim == 2 and y.shape[1] > 1
    labels = y.argmax(axis=1) if one_hot else y.reshape(len(y), -1)[:, 0].astype(int)
    missing = sorted(set(np.unique(labels).tolist()) - set(class_weight))
    if missing:
        raise DataError("class_weight", "a weight for every class", f"none for {missing}",
                        f"Add {{{missing[0]}: 1.0}}.")  # fmt: skip
    by_label = np.array([class_weight[label] for label in labels.tolist()], np.float32)
    if weight is not None:
        by_label = by_label.reshape(-1, *(1,) * (weight.ndim - 1)) * weight
    return Rows(rows.x, y, by_label)
