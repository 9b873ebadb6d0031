"""The targets of a data set against the loss and the model's output, checked once.

This is where frameworks are silently wrong: (n,) against (n, 1) broadcast to (n, n), one-hot rows
under a sparse loss, labels out of range. What is unambiguous is brought into line, the rest is
refused with the line to paste.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk import losses
from lernwerk.errors import DataError, ShapeError
from lernwerk.ops.primitive import Array

Shape = tuple[int | None, ...]


def fitted_targets(y: Array, output: Shape, loss: Any) -> Array:
    """The targets in the form that the loss wants for outputs of this shape.

    Lengths that the model leaves open, such as the steps of a sequence, are those of the targets.
    """
    output = tuple(
        y.shape[axis] if n is None and 0 < axis < y.ndim else n for axis, n in enumerate(output)
    )
    if isinstance(loss, losses.SparseCategoricalCrossentropy):
        return _class_numbers(y, output, loss)
    if isinstance(loss, losses.CategoricalCrossentropy):
        return _one_hot(y, output)
    if isinstance(loss, losses.Loss):
        y = _same_shape(y, output, strict=_of_this_package(loss))
    if isinstance(loss, losses.BinaryCrossentropy):
        _check_between_0_and_1(y)
    return y


def _fits(shape: Shape, output: Shape) -> bool:
    """Whether targets have the shape of the output, whose lengths may be unknown; but the rows."""
    return len(shape) == len(output) and all(
        m is None or n == m for n, m in zip(shape[1:], output[1:], strict=True)
    )


def _class_numbers(y: Array, output: Shape, loss: Any) -> Array:
    classes = output[-1] or 1
    if _fits(y.shape, output) and classes > 1:
        raise ShapeError(
            "y", f"class numbers of shape {(len(y), *output[1:-1])} for {_name(loss)}",
            f"{y.shape}",
            "One-hot rows go with another loss: loss='categorical_crossentropy'; "
            "or make numbers of them: y = y.argmax(axis=-1).",
        )  # fmt: skip
    labels = y[..., 0] if y.ndim == len(output) and y.shape[-1] == 1 else y
    if not _fits(labels.shape, output[:-1]):
        raise ShapeError(
            "y", f"class numbers of shape {(len(y), *output[1:-1])} for {_name(loss)}", y.shape,
            _flat_remedy(output),
        )  # fmt: skip
    if labels.dtype.kind == "f" and (labels != np.round(labels)).any():
        raise DataError("y", "whole class numbers", f"{labels[labels != np.round(labels)][0]}")
    _check_range(labels, classes, getattr(loss, "ignore_class", None))
    return labels.astype(np.int32)


def _flat_remedy(output: Shape) -> str:
    if len(output) < 3:
        return ""
    shape = str(output[1:])[1:].rstrip(",)")
    return f"The model gives (batch, {shape}): add layers.Flatten() before its dense layers."


def _check_range(labels: Array, classes: int, ignored: int | None) -> None:
    outside = (labels < 0) | (labels >= classes)
    if ignored is not None:
        outside &= labels != ignored
    if not outside.any():
        return
    row = int(np.argwhere(outside)[0][0])
    start = int(labels.min())
    remedy = (
        f"The labels start at {start}: y = y - {start}."
        if start > 0 and int(labels.max()) - start < classes
        else f"The last layer needs {int(labels.max()) + 1} units, one for each class."
    )
    raise DataError(
        "y", f"class numbers from 0 to {classes - 1} for an output of {classes}",
        f"{labels[outside].flat[0]} in row {row} ({int(outside.sum())} such labels)",
        remedy if start >= 0 else "Class numbers are not negative.",
    )  # fmt: skip


def _one_hot(y: Array, output: Shape) -> Array:
    if _fits(y.shape, output):
        return y
    classes = output[-1]
    if y.ndim == len(output) - 1 or (y.ndim == len(output) and y.shape[-1] == 1):
        raise ShapeError(
            "y", f"one-hot rows (batch, {classes}) for categorical_crossentropy", y.shape,
            "Class numbers go with another loss: loss='sparse_categorical_crossentropy'; "
            f"or make one-hot rows of them: y = keras.utils.to_categorical(y, {classes}).",
        )  # fmt: skip
    raise ShapeError("y", f"one-hot rows (batch, {classes})", y.shape,
                     "The last layer needs one unit for each class.")  # fmt: skip


def _of_this_package(loss: Any) -> bool:
    """Whether the loss compares element by element; one of the user's may take any targets."""
    return type(loss).__module__.startswith("lernwerk.") and bool(loss.compares_elements)


def _same_shape(y: Array, output: Shape, strict: bool) -> Array:
    if _fits(y.shape, output):
        return y
    wanted = (len(y), *output[1:])
    if None not in wanted and y.size == np.prod(wanted) and 1 in (y.shape[-1], wanted[-1]):
        return y.reshape(wanted)
    if not strict:
        return y
    raise ShapeError(
        "y", f"targets (batch, {str(output[1:])[1:].rstrip(',)')}) as the model's output", y.shape,
        _shape_remedy(y, output),
    )  # fmt: skip


def _shape_remedy(y: Array, output: Shape) -> str:
    if y.ndim == 1 and len(output) == 2:
        return (
            "For one number a row the last layer is Dense(1); for class numbers use "
            "loss='sparse_categorical_crossentropy'."
        )
    return f"The last layer must give {y.shape[1:] or 'one number'} for each row."


def _check_between_0_and_1(y: Array) -> None:
    low, high = float(y.min()), float(y.max())
    if low >= 0 and high <= 1:
        return
    values = np.unique(y)
    remedy = (
        f"Two classes are 0 and 1: y = (y == {values[1]}).astype('float32')."
        if len(values) == 2
        else "For more than two classes use loss='sparse_categorical_crossentropy' and a unit each."
    )
    raise DataError("y", "values in [0, 1] for binary_crossentropy",
                    f"values from {low:g} to {high:g}", remedy)  # fmt: skip


def _name(loss: Any) -> str:
    return str(getattr(loss, "name", loss))
