"""Intersection over union: how well areas in pictures are found, from a table of confusions."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from lernwerk import ops
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import (
    COUNT,
    ArgumentError,
    Range,
    ShapeError,
    TrainingWarning,
    check_ranges,
    message,
)
from lernwerk.metrics.metric import Metric

EPSILON = 1e-7  # Keras's backend.epsilon()


class IoU(Metric):
    """The mean of tp / (tp + fp + fn) over the classes of ``target_class_ids``.

    Classes that occur neither in targets nor in predictions do not count, nor do labels of
    ``ignore_class`` or outside the classes. Without ``sparse_y_true`` and ``sparse_y_pred`` targets
    and predictions have an axis of classes, of which the largest is taken. Counts are integers
    unless ``dtype`` says otherwise.

    Shapes: y_true (*s), y_pred (*s) -> ()
    Raises ArgumentError for class numbers outside the classes.
    Source: https://keras.io/api/metrics/segmentation_metrics/
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: str | None = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__("int32" if dtype in (None, "int") else dtype, name)
        where = type(self).__name__
        self.num_classes, self.target_class_ids = num_classes, list(target_class_ids)
        self.ignore_class, self.axis = ignore_class, axis
        self.sparse_y_true, self.sparse_y_pred = sparse_y_true, sparse_y_pred
        check_ranges(where, vars(self), {"num_classes": COUNT})
        known = Range(0, num_classes - 1, integer=True)
        if not self.target_class_ids or any(i not in known for i in self.target_class_ids):
            raise ArgumentError(
                where, f"target_class_ids from 0 to {num_classes - 1}", repr(self.target_class_ids)
            )
        shape = (num_classes, num_classes)
        self.total_cm = self.add_variable(shape, name="total_confusion_matrix")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch to the table of confusions (target, prediction)."""
        t = _class_numbers(y_true, self.sparse_y_true, self.axis)
        p = _class_numbers(y_pred, self.sparse_y_pred, self.axis)
        if t.size != p.size:
            raise ShapeError(self.name, "as many targets as predictions", f"{t.size} and {p.size}")
        weights = self._weights(sample_weight, t)
        counted = ops.logical_and(_within(t, self.num_classes), _within(p, self.num_classes))
        if self.ignore_class is not None:
            counted = ops.logical_and(counted, ops.not_equal(t, self.ignore_class))
        at = ops.where(counted, t * self.num_classes + p, 0)
        cells = self.num_classes**2
        zero = as_tensor(0, weights.dtype)
        table = ops.scatter_add(at, ops.where(counted, weights, zero), length=cells)
        self.total_cm.assign_add(table.reshape(self.total_cm.shape))

    def _weights(self, sample_weight: Any, t: Tensor) -> Tensor:
        weights = as_tensor(1 if sample_weight is None else sample_weight)
        if weights.dtype.kind == "f" and np.dtype(self.dtype).kind in "iu":
            warnings.warn(
                message(
                    self.name, f"whole weights for counts of type {self.dtype}", "fractions",
                    f"{type(self).__name__}(..., dtype='float32') keeps them.",
                ),
                TrainingWarning, stacklevel=4,
            )  # fmt: skip
        flat = weights.reshape(-1) if weights.ndim else weights
        return ops.broadcast_to(flat.astype(self.dtype), shape=t.shape)

    def result(self) -> Tensor:
        """The mean so far, 0 where none of the classes occurred."""
        table = self.total_cm.astype("float32")
        hits = ops.sum(table * as_tensor(np.eye(self.num_classes), "float32"), axis=1)
        union = ops.sum(table, axis=0) + ops.sum(table, axis=1) - hits
        wanted = as_tensor(np.array(self.target_class_ids, "int32"))
        hits, union = ops.gather(hits, wanted), ops.gather(union, wanted)
        occurs = ops.greater(union, 0.0).astype("float32")
        return ops.sum(hits / (union + EPSILON)) / (ops.sum(occurs) + EPSILON)


def _class_numbers(y: Any, sparse: bool, axis: int) -> Tensor:
    tensor = as_tensor(y)
    return (tensor if sparse else ops.argmax(tensor, axis=axis)).astype("int32").reshape(-1)


def _within(numbers: Tensor, count: int) -> Tensor:
    return ops.logical_and(numbers >= 0, numbers < count)


class BinaryIoU(IoU):
    """``IoU`` for two classes, of which 1 is predicted where y_pred is at least ``threshold``.

    Shapes: y_true (*s), y_pred (*s) -> ()
    Source: https://keras.io/api/metrics/segmentation_metrics/
    """

    def __init__(
        self,
        target_class_ids: Sequence[int] = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = threshold
        check_ranges("BinaryIoU", {"threshold": threshold}, {"threshold": Range()})

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch to the table of confusions."""
        chosen = ops.greater_equal(as_tensor(y_pred, "float32"), float(self.threshold))
        super().update_state(y_true, chosen, sample_weight)


class MeanIoU(IoU):
    """The mean of tp / (tp + fp + fn) over all classes that occur; arguments as for ``IoU``.

    Shapes: y_true (*s), y_pred (*s) -> ()
    Source: https://keras.io/api/metrics/segmentation_metrics/
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: str | None = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        sparse = (sparse_y_true, sparse_y_pred)
        super().__init__(num_classes, range(num_classes), name, dtype, ignore_class, *sparse, axis)


class OneHotIoU(IoU):
    """``IoU`` for one-hot targets, and for scores of all classes as predictions.

    Shapes: y_true (*s, k), y_pred (*s, k) -> ()
    Source: https://keras.io/api/metrics/segmentation_metrics/
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: str | None = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        own = (num_classes, target_class_ids, name, dtype, ignore_class)
        super().__init__(*own, False, sparse_y_pred, axis)


class OneHotMeanIoU(MeanIoU):
    """``MeanIoU`` for one-hot targets, and for scores of all classes as predictions.

    Shapes: y_true (*s, k), y_pred (*s, k) -> ()
    Source: https://keras.io/api/metrics/segmentation_metrics/
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: str | None = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)
