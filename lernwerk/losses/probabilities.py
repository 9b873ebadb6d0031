"""What losses of probabilities share: logits where they are known, classes and their numbers.

On logits, and on probabilities that ``ops.sigmoid`` or ``ops.softmax`` has just made, they are
computed from the logits, which cannot overflow (Keras does so on TensorFlow). Other probabilities
are clipped to [1e-7, 1 - 1e-7], as in Keras.
"""

from __future__ import annotations

from typing import Any

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.errors import ArgumentError, ShapeError
from lernwerk.losses.alignment import floating
from lernwerk.ops.primitive import Primitive

EPSILON = 1e-7  # Keras's backend.epsilon()


def known_logits(
    where: str, y_pred: Any, from_logits: bool, made_by: Primitive, axis: int | None = None
) -> tuple[Tensor, bool]:
    """The numbers to compute from, and whether they are logits.

    Logits are what ``made_by`` (sigmoid or softmax, along ``axis``) was given, if it made y_pred.
    Raises ArgumentError where it made what ``from_logits`` calls logits.
    """
    predictions = floating(y_pred)
    origin = predictions.origin
    if origin is None or origin.primitive is not made_by:
        return predictions, from_logits
    if axis is not None and (origin.attributes["axis"] - axis) % predictions.ndim:
        return predictions, from_logits
    if from_logits:
        raise ArgumentError(
            where, "logits, as from_logits=True says", f"the output of {made_by.name}",
            f"Remove the {made_by.name}, or from_logits=True.",
        )  # fmt: skip
    return origin.inputs[0], True


def clipped(p: Tensor) -> Tensor:
    """Probabilities in [1e-7, 1 - 1e-7]."""
    return ops.minimum(ops.maximum(p, EPSILON), 1.0 - EPSILON)


def count_classes(where: str, scores: Tensor, axis: int) -> int:
    """The number of classes along the axis; ShapeError for a single one."""
    if not scores.ndim or not -scores.ndim <= axis < scores.ndim or scores.shape[axis] == 1:
        raise ShapeError(
            where, f"y_pred with at least 2 classes on axis {axis}", scores.shape,
            "For one output use loss='binary_crossentropy'.",
        )  # fmt: skip
    return scores.shape[axis]


def one_hot_hint(y_true: Tensor, scores: Tensor, axis: int) -> str:
    """The remedy where class numbers were given and one-hot rows are wanted."""
    shape = scores.shape
    short = shape[: axis % len(shape)] + shape[axis % len(shape) + 1 :]
    if y_true.shape in (short, (*short, 1)):
        return "Class numbers need loss='sparse_categorical_crossentropy'."
    return ""


def class_numbers(where: str, y_true: Tensor, scores: Tensor, axis: int) -> Tensor:
    """The class numbers without the axis of the classes."""
    position = axis % scores.ndim
    if y_true.ndim == scores.ndim and y_true.shape[position] == 1:
        y_true = ops.squeeze(y_true, axis=position)
    expected = scores.shape[:position] + scores.shape[position + 1 :]
    if y_true.shape != expected:
        one_hot = y_true.shape == scores.shape
        raise ShapeError(
            where, f"y_true {expected} for y_pred {scores.shape}", y_true.shape,
            "One-hot targets need loss='categorical_crossentropy'." if one_hot else "",
        )  # fmt: skip
    return y_true
