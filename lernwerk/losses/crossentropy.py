"""The cross-entropies: binary, categorical, and categorical with class numbers as labels.

On logits, and on probabilities that ``ops.sigmoid`` or ``ops.softmax`` has just made, they are
computed from the logits, which cannot overflow (Keras does so on TensorFlow). Other probabilities
are clipped to [1e-7, 1 - 1e-7], as in Keras.
"""

from __future__ import annotations

from typing import Any, ClassVar

from lernwerk import ops
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import ArgumentError, Range, ShapeError, check_ranges
from lernwerk.losses.alignment import aligned, floating
from lernwerk.losses.loss import SUM_OVER_BATCH_SIZE, Loss
from lernwerk.ops.primitive import Primitive

EPSILON = 1e-7  # Keras's backend.epsilon()
_SMOOTHING = {"label_smoothing": Range(0, 1)}


def _scores(
    where: str, y_pred: Any, from_logits: bool, made_by: Primitive, axis: int | None = None
) -> tuple[Tensor, bool]:
    """The numbers to compute from, and whether they are logits."""
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


def _clipped(p: Tensor) -> Tensor:
    return ops.minimum(ops.maximum(p, EPSILON), 1.0 - EPSILON)


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
    scores, logits = _scores(where, y_pred, from_logits, ops.sigmoid)
    t, p = aligned(where, y_true, scores)
    if label_smoothing:
        t = t * (1.0 - label_smoothing) + 0.5 * label_smoothing
    if logits:
        return ops.mean(ops.sigmoid_crossentropy(p, t), axis=axis)
    p = _clipped(p)
    return ops.mean(ops.negative(t * ops.log(p) + (1.0 - t) * ops.log(1.0 - p)), axis=axis)


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
    scores, logits = _scores(where, y_pred, from_logits, ops.softmax, axis)
    classes = _count_classes(where, scores, axis)
    y_true = as_tensor(y_true)
    t, p = aligned(where, y_true, scores, _one_hot_hint(y_true, scores, axis))
    if label_smoothing:
        t = t * (1.0 - label_smoothing) + label_smoothing / classes
    return _crossentropy(t, p, logits, axis)


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
    scores, logits = _scores(where, y_pred, from_logits, ops.softmax, axis)
    classes = _count_classes(where, scores, axis)
    labels = _labels(where, as_tensor(y_true), scores, axis)
    one_hot = ops.one_hot(labels.astype("int32"), depth=classes, dtype=scores.dtype.name)
    last = ops.moveaxis(scores, source=axis, destination=-1)
    values = _crossentropy(one_hot, last, logits, -1)
    if ignore_class is None:
        return values
    return ops.where(ops.not_equal(labels, ignore_class), values, 0.0)


def _count_classes(where: str, scores: Tensor, axis: int) -> int:
    if not scores.ndim or not -scores.ndim <= axis < scores.ndim or scores.shape[axis] == 1:
        raise ShapeError(
            where, f"y_pred with at least 2 classes on axis {axis}", scores.shape,
            "For one output use loss='binary_crossentropy'.",
        )  # fmt: skip
    return scores.shape[axis]


def _one_hot_hint(y_true: Tensor, scores: Tensor, axis: int) -> str:
    shape = scores.shape
    short = shape[: axis % len(shape)] + shape[axis % len(shape) + 1 :]
    if y_true.shape in (short, (*short, 1)):
        return "Class numbers need loss='sparse_categorical_crossentropy'."
    return ""


def _labels(where: str, y_true: Tensor, scores: Tensor, axis: int) -> Tensor:
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


def _crossentropy(t: Tensor, p: Tensor, logits: bool, axis: int) -> Tensor:
    if logits:
        t, p = (ops.moveaxis(x, source=axis, destination=-1) for x in (t, p))
        return ops.softmax_crossentropy(p, t)
    p = p / ops.sum(p, axis=axis, keepdims=True)
    return -ops.sum(t * ops.log(_clipped(p)), axis=axis)


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
        return ops.not_equal(_labels(self.name, y_true, y_pred, self.axis), self.ignore_class)
