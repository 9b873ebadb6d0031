"""The cross-entropies: binary, categorical, and categorical with class numbers as labels."""

from __future__ import annotations

from typing import Any, ClassVar

from lernwerk import ops
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import Range, check_ranges
from lernwerk.losses.alignment import aligned
from lernwerk.losses.loss import SUM_OVER_BATCH_SIZE, Loss
from lernwerk.losses.probabilities import (
    class_numbers,
    clipped,
    count_classes,
    known_logits,
    one_hot_hint,
)
from lernwerk.ops.primitive import composite

_SMOOTHING = {"label_smoothing": Range(0, 1)}


@composite
def binary_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """The mean cross-entropy of independent yes/no answers, in nats.

    mean(-t ln p - (1 - t) ln(1 - p)) with p = sigmoid(y_pred) for ``from_logits``

    ``label_smoothing`` s moves the targets towards 1/2: t (1 - s) + s / 2. Probabilities made by
    ``ops.sigmoid`` are replaced by its input and the stable form; others are clipped.

    Shapes: y_true (*b, c), y_pred (*b, c) -> (*b)
    Raises ShapeError where the shapes do not fit, ArgumentError for a sigmoid's output as logits.
    Source: Bishop 2006, Pattern Recognition and Machine Learning, section 4.3.2.
    """
    where = "binary_crossentropy"
    scores, logits = known_logits(where, y_pred, from_logits, ops.sigmoid)
    t, p = aligned(where, y_true, scores)
    if label_smoothing:
        t = t * (1.0 - label_smoothing) + 0.5 * label_smoothing
    if logits:
        return ops.mean(ops.sigmoid_crossentropy(p, t), axis=axis)
    p = clipped(p)
    return ops.mean(ops.negative(t * ops.log(p) + (1.0 - t) * ops.log(1.0 - p)), axis=axis)


@composite
def categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """The cross-entropy of a choice among classes, for one-hot (or soft) targets, in nats.

    -sum(t ln p) with p = softmax(y_pred) for ``from_logits``, else p = y_pred / sum(y_pred)

    ``label_smoothing`` s moves the targets towards equal chances of the k classes:
    t (1 - s) + s / k. Probabilities made by ``ops.softmax`` are replaced by its input and the
    stable form; others are clipped.

    Differs: smoothing counts the classes along ``axis`` (Keras along the last axis); a single
    class is refused (Keras warns).
    Shapes: y_true (*b, k), y_pred (*b, k) -> (*b)
    Raises ShapeError where the shapes do not fit, ArgumentError for a softmax's output as logits.
    Source: Bishop 2006, Pattern Recognition and Machine Learning, section 4.3.4.
    """
    where = "categorical_crossentropy"
    scores, logits = known_logits(where, y_pred, from_logits, ops.softmax, axis)
    classes = count_classes(where, scores, axis)
    y_true = as_tensor(y_true)
    t, p = aligned(where, y_true, scores, one_hot_hint(y_true, scores, axis))
    if label_smoothing:
        t = t * (1.0 - label_smoothing) + label_smoothing / classes
    return _crossentropy(t, p, logits, axis)


@composite
def sparse_categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> Tensor:
    """The cross-entropy of a choice among classes, for class numbers as targets, in nats.

    -ln(p[t]) with p as in ``categorical_crossentropy``; 0 where t is ``ignore_class``.

    Labels outside [0, k) give 0, as in Keras; ``fit`` checks them beforehand.
    Differs: a single class is refused.
    Shapes: y_true (*b) or (*b, 1), y_pred (*b, k) -> (*b)
    Raises ShapeError where the shapes do not fit, ArgumentError for a softmax's output as logits.
    Source: Bishop 2006, Pattern Recognition and Machine Learning, section 4.3.4.
    """
    where = "sparse_categorical_crossentropy"
    scores, logits = known_logits(where, y_pred, from_logits, ops.softmax, axis)
    classes = count_classes(where, scores, axis)
    labels = class_numbers(where, as_tensor(y_true), scores, axis)
    one_hot = ops.one_hot(labels.astype("int32"), depth=classes, dtype=scores.dtype.name)
    last = ops.moveaxis(scores, source=axis, destination=-1)
    values = _crossentropy(one_hot, last, logits, -1)
    if ignore_class is None:
        return values
    return ops.where(ops.not_equal(labels, ignore_class), values, 0.0)


def _crossentropy(t: Tensor, p: Tensor, logits: bool, axis: int) -> Tensor:
    if logits:
        t, p = (ops.moveaxis(x, source=axis, destination=-1) for x in (t, p))
        return ops.softmax_crossentropy(p, t)
    p = p / ops.sum(p, axis=axis, keepdims=True)
    return -ops.sum(t * ops.log(clipped(p)), axis=axis)


class _SmoothedCrossentropy(Loss):
    """What the cross-entropies for targets in [0, 1] have in common."""

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis
        check_ranges(type(self).__name__, vars(self), _SMOOTHING)


class BinaryCrossentropy(_SmoothedCrossentropy):
    """The mean cross-entropy of yes/no answers; see ``binary_crossentropy``."""

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """The values of ``binary_crossentropy``."""
        return binary_crossentropy(
            y_true, y_pred, self.from_logits, self.label_smoothing, self.axis
        )


class CategoricalCrossentropy(_SmoothedCrossentropy):
    """The cross-entropy for one-hot targets; see ``categorical_crossentropy``."""

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """The values of ``categorical_crossentropy``."""
        return categorical_crossentropy(
            y_true, y_pred, self.from_logits, self.label_smoothing, self.axis
        )


class SparseCategoricalCrossentropy(Loss):
    """The cross-entropy for class numbers; see ``sparse_categorical_crossentropy``.

    Means are taken over the values that are not ``ignore_class``.

    Differs: the config has ``axis`` where it is not -1; Keras forgets it.
    """

    omitted: ClassVar = {"dtype": None, "axis": -1}

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        axis: int = -1,
        name: str = "sparse_categorical_crossentropy",
        dtype: str | None = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.from_logits, self.ignore_class, self.axis = from_logits, ignore_class, axis

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """The values of ``sparse_categorical_crossentropy``."""
        return sparse_categorical_crossentropy(
            y_true, y_pred, self.from_logits, self.ignore_class, self.axis
        )

    def compute_mask(self, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
        """Where the label is not ``ignore_class``."""
        if self.ignore_class is None:
            return None
        return ops.not_equal(class_numbers(self.name, y_true, y_pred, self.axis), self.ignore_class)
