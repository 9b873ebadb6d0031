"""The accuracies: the share of predictions that are right, in the four meanings of "right"."""

from __future__ import annotations

import math
from typing import Any

from lernwerk import ops
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import COUNT, Range, ShapeError, check_ranges
from lernwerk.losses.alignment import aligned, floating
from lernwerk.metrics.mean import FunctionMetric


def _hits(right: Tensor) -> Tensor:
    return right.astype("float32")


def accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """1 where the prediction equals the target, else 0.

    Shapes: y_true (*s), y_pred (*s) -> (*s)
    Source: https://keras.io/api/metrics/accuracy_metrics/
    """
    t, p = aligned("accuracy", y_true, y_pred)
    return _hits(ops.equal(t, p))


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Tensor:
    """1 where (prediction > threshold) equals the target, 0 or 1.

    Shapes: y_true (*s), y_pred (*s) -> (*s)
    Source: https://keras.io/api/metrics/accuracy_metrics/
    """
    t, p = aligned("binary_accuracy", y_true, y_pred)
    return _hits(ops.equal(t, ops.greater(p, threshold).astype(t.dtype)))


def categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """1 where the largest prediction is at the largest target (one-hot targets).

    Differs: a single class, which would always be right, is refused.
    Shapes: y_true (*b, k), y_pred (*b, k) -> (*b)
    Source: https://keras.io/api/metrics/accuracy_metrics/
    """
    where = "categorical_accuracy"
    p = _class_scores(where, y_pred)
    t, p = aligned(where, y_true, p, "Class numbers need 'sparse_categorical_accuracy'.")
    return _hits(ops.equal(ops.argmax(t, axis=-1), ops.argmax(p, axis=-1)))


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """1 where the largest prediction is at the target (class numbers).

    Differs: a single class, which would always be right, is refused.
    Shapes: y_true (*b) or (*b, 1), y_pred (*b, k) -> (*b)
    Source: https://keras.io/api/metrics/accuracy_metrics/
    """
    where = "sparse_categorical_accuracy"
    p = _class_scores(where, y_pred)
    return _hits(ops.equal(class_numbers(where, y_true, p), ops.argmax(p, axis=-1)))


def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Tensor:
    """1 where the true class is among the k largest predictions (one-hot targets).

    Shapes: y_true (*b, c), y_pred (*b, c) -> (*b)
    Source: https://keras.io/api/metrics/accuracy_metrics/
    """
    where = "top_k_categorical_accuracy"
    p = floating(y_pred)
    t, p = aligned(where, y_true, p, "Class numbers need 'sparse_top_k_categorical_accuracy'.")
    return _hits(_among_largest(ops.argmax(t, axis=-1), p, k))


def sparse_top_k_categorical_accuracy(
    y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False
) -> Tensor:
    """1 where the true class is among the k largest predictions (class numbers).

    With ``from_sorted_ids`` y_pred holds class numbers, the likeliest first.

    Shapes: y_true (*b) or (*b, 1), y_pred (*b, c) -> (*b)
    Source: https://keras.io/api/metrics/accuracy_metrics/
    """
    p = floating(y_pred)
    numbers = class_numbers("sparse_top_k_categorical_accuracy", y_true, p)
    if from_sorted_ids:
        right = ops.equal(ops.expand_dims(numbers, axis=-1), p[..., :k])
        return _hits(ops.any(right, axis=-1))
    return _hits(_among_largest(numbers, p, k))


def _among_largest(numbers: Tensor, p: Tensor, k: int) -> Tensor:
    """Whether p[number] is at least the k-th largest of p; never for numbers out of range."""
    classes = p.shape[-1]
    largest, _ = ops.top_k(p, k=min(k, classes))
    chosen = ops.one_hot(numbers.astype("int32"), depth=classes, dtype="bool")
    own = ops.max(ops.where(chosen, p, -math.inf), axis=-1)
    return ops.greater_equal(own, largest[..., -1])


def _class_scores(where: str, y_pred: Any) -> Tensor:
    p = floating(y_pred)
    if not p.ndim or p.shape[-1] == 1:
        raise ShapeError(
            where, "y_pred with at least 2 classes", p.shape,
            "For one output use metrics=['binary_accuracy'].",
        )  # fmt: skip
    return p


def class_numbers(where: str, y_true: Any, p: Tensor) -> Tensor:
    """The targets (*b) or (*b, 1) as (*b), for predictions (*b, k)."""
    numbers = as_tensor(y_true)
    if numbers.ndim == p.ndim and numbers.shape[-1] == 1:
        numbers = ops.squeeze(numbers, axis=-1)
    if numbers.shape != p.shape[:-1]:
        one_hot = numbers.shape == p.shape
        raise ShapeError(
            where, f"y_true {p.shape[:-1]} for y_pred {p.shape}", numbers.shape,
            f"One-hot targets need '{where.removeprefix('sparse_')}'." if one_hot else "",
        )  # fmt: skip
    return numbers


class Accuracy(FunctionMetric):
    """The share of predictions that equal the target; see ``accuracy``."""

    function = staticmethod(accuracy)


class CategoricalAccuracy(FunctionMetric):
    """The share of right classes, for one-hot targets; see ``categorical_accuracy``."""

    function = staticmethod(categorical_accuracy)


class SparseCategoricalAccuracy(FunctionMetric):
    """The share of right classes, for class numbers; see ``sparse_categorical_accuracy``."""

    function = staticmethod(sparse_categorical_accuracy)


class BinaryAccuracy(FunctionMetric):
    """The share of right yes/no answers; see ``binary_accuracy``."""

    function = staticmethod(binary_accuracy)

    def __init__(
        self,
        name: str | None = "binary_accuracy",
        dtype: str | None = None,
        threshold: float = 0.5,
    ) -> None:
        super().__init__(name, dtype)
        self.threshold = threshold
        check_ranges("BinaryAccuracy", {"threshold": threshold}, {"threshold": Range()})

    def values(self, y_true: Any, y_pred: Any) -> Tensor:
        """The values of ``binary_accuracy``."""
        return binary_accuracy(y_true, y_pred, self.threshold)


class TopKCategoricalAccuracy(FunctionMetric):
    """The share of true classes among the best k; see ``top_k_categorical_accuracy``."""

    function = staticmethod(top_k_categorical_accuracy)

    def __init__(
        self,
        k: int = 5,
        name: str | None = "top_k_categorical_accuracy",
        dtype: str | None = None,
    ) -> None:
        super().__init__(name, dtype)
        self.k = k
        check_ranges("TopKCategoricalAccuracy", {"k": k}, {"k": COUNT})

    def values(self, y_true: Any, y_pred: Any) -> Tensor:
        """The values of ``top_k_categorical_accuracy``."""
        return top_k_categorical_accuracy(y_true, y_pred, self.k)


class SparseTopKCategoricalAccuracy(FunctionMetric):
    """The same for class numbers; see ``sparse_top_k_categorical_accuracy``."""

    function = staticmethod(sparse_top_k_categorical_accuracy)

    def __init__(
        self,
        k: int = 5,
        name: str | None = "sparse_top_k_categorical_accuracy",
        dtype: str | None = None,
        from_sorted_ids: bool = False,
    ) -> None:
        super().__init__(name, dtype)
        self.k, self.from_sorted_ids = k, from_sorted_ids
        check_ranges("SparseTopKCategoricalAccuracy", {"k": k}, {"k": COUNT})

    def values(self, y_true: Any, y_pred: Any) -> Tensor:
        """The values of ``sparse_top_k_categorical_accuracy``."""
        return sparse_top_k_categorical_accuracy(y_true, y_pred, self.k, self.from_sorted_ids)

    def get_config(self) -> dict[str, Any]:
        """The arguments; ``from_sorted_ids`` only where it is True, as in Keras."""
        config = super().get_config()
        return config if self.from_sorted_ids else _without(config, "from_sorted_ids")


def _without(config: dict[str, Any], key: str) -> dict[str, Any]:
    return {k: v for k, v in config.items() if k != key}
