"""How targets, predictions and weights are brought into one shape before a loss or metric.

Nothing here broadcasts silently: (n,) against (n, 1) is brought into line as in Keras, everything
else that does not fit is refused with both shapes.
"""

from __future__ import annotations

from typing import Any

from lernwerk import ops
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import ShapeError

Shape = tuple[int, ...]


def floating(value: Any) -> Tensor:
    """The value as a Tensor of floats; integers and bools become float32."""
    tensor = as_tensor(value)
    return tensor if tensor.dtype.kind == "f" else tensor.astype("float32")


def same_rank(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """Drop or add a last axis of length 1 where the ranks differ by one, as Keras does.

    (n,) against (n, 1) gives (n, 1) twice; of higher ranks, (b, t) against (b, t, 1), the last axis
    is dropped: (b, t) twice.
    """
    if first.ndim == second.ndim + 1 and first.shape[-1] == 1:
        if second.ndim == 1:
            return first, ops.expand_dims(second, axis=-1)
        return ops.squeeze(first, axis=-1), second
    if second.ndim == first.ndim + 1 and second.shape[-1] == 1:
        second, first = same_rank(second, first)
    return first, second


def aligned(where: str, y_true: Any, y_pred: Any, hint: str = "") -> tuple[Tensor, Tensor]:
    """Targets and predictions as floats of one type and shape; ShapeError where they do not fit."""
    predictions = floating(y_pred)
    targets, predictions = same_rank(as_tensor(y_true, predictions.dtype), predictions)
    if targets.shape != predictions.shape:
        raise ShapeError(
            where, f"y_true of the shape {predictions.shape} of y_pred", targets.shape,
            hint or _hint(targets.shape, predictions.shape),
        )  # fmt: skip
    return targets, predictions


def _hint(targets: Shape, predictions: Shape) -> str:
    columns = targets[1] if len(targets) == 2 else 1
    if len(targets) <= 2 and len(predictions) == 2 and targets[:1] == predictions[:1]:
        return f"Columns and units differ: the last layer could be Dense({columns})."
    return "Reshape one of them: nothing is broadcast here."


def fitted_weights(where: str, weights: Any, values: Tensor) -> Tensor:
    """Weights (one per sample, per step, ...) in the shape and type of the values they weigh.

    Shapes: weights (), (b), (b, 1) or the first axes of the values -> the shape of the values
    """
    tensor = as_tensor(weights, values.dtype)
    if tensor.ndim == values.ndim + 1 and tensor.shape[-1] == 1:
        tensor = ops.squeeze(tensor, axis=-1)
    shape = tensor.shape + (1,) * (values.ndim - tensor.ndim) if tensor.ndim else ()
    pairs = zip(shape, values.shape, strict=False)
    if len(shape) > values.ndim or any(n not in (1, m) for n, m in pairs):
        raise ShapeError(
            where, f"sample_weight for values of shape {values.shape}", tensor.shape,
            "Give one weight per sample, or one per value.",
        )  # fmt: skip
    return ops.broadcast_to(tensor.reshape(shape), shape=values.shape)
