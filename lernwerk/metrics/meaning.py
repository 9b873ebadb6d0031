"""What the strings 'accuracy' and 'acc' mean for a given output, decided as Keras does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lernwerk import losses
from lernwerk.metrics.accuracies import (
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
)
from lernwerk.metrics.metric import Metric
from lernwerk.metrics.probabilistic import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
)

ACCURACY = ("accuracy", "acc")


def resolve_accuracy(
    loss: Any,
    y_true_shape: Sequence[int | None] | None,
    y_pred_shape: Sequence[int | None],
    name: str = "accuracy",
) -> Metric:
    """The metric that 'accuracy' stands for; the caller can name its class to the user.

    One output: BinaryAccuracy. Several: SparseCategoricalAccuracy where the targets have no axis of
    classes, or one of length 1; else CategoricalAccuracy. Shapes have the axis of the batch; where
    that of the targets is not known yet (None), the loss decides between the last two.

    Differs: predictions (b) count as one output (Keras takes the batch for classes).
    """
    last = y_pred_shape[-1] if len(y_pred_shape) > 1 else 1
    if last == 1:
        return BinaryAccuracy(name)
    if _has_class_numbers(loss, y_true_shape, y_pred_shape):
        return SparseCategoricalAccuracy(name)
    return CategoricalAccuracy(name)


def _has_class_numbers(
    loss: Any, y_true_shape: Sequence[int | None] | None, y_pred_shape: Sequence[int | None]
) -> bool:
    if y_true_shape is None:
        found = None if loss is None else losses.as_loss(loss)
        return isinstance(found, losses.SparseCategoricalCrossentropy)
    return len(y_true_shape) < len(y_pred_shape) or y_true_shape[-1] == 1


def resolve_crossentropy(
    loss: Any, y_true_shape: Sequence[int | None] | None, y_pred_shape: Sequence[int | None]
) -> Metric:
    """The metric that 'crossentropy' and 'ce' stand for, decided as for 'accuracy'."""
    accuracy = resolve_accuracy(loss, y_true_shape, y_pred_shape)
    if isinstance(accuracy, BinaryAccuracy):
        return BinaryCrossentropy()
    if isinstance(accuracy, SparseCategoricalAccuracy):
        return SparseCategoricalCrossentropy()
    return CategoricalCrossentropy()
