"""Cross-entropies that weigh their values: easy examples less (focal), wrong labels less."""

from __future__ import annotations

from typing import Any, ClassVar

from lernwerk import ops
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import NOT_NEGATIVE, Range, check_ranges
from lernwerk.losses.alignment import aligned, floating
from lernwerk.losses.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
)
from lernwerk.losses.loss import SUM_OVER_BATCH_SIZE
from lernwerk.losses.probabilities import (
    class_numbers,
    clipped,
    count_classes,
    known_logits,
    one_hot_hint,
)
from lernwerk.ops.primitive import composite

_FOCUS = {"gamma": NOT_NEGATIVE, "alpha": NOT_NEGATIVE}
_BETWEEN = Range(0, 1, low_included=False, high_included=False)


@composite
def binary_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """The binary cross-entropy of which easy answers weigh less.

    mean((1 - q)^gamma * c), c the cross-entropy of t and p, q = t p + (1 - t)(1 - p)
    with ``apply_class_balancing``: times alpha for class 1, 1 - alpha for class 0

    ``from_logits``, ``label_smoothing`` and known logits as in ``binary_crossentropy``.

    Shapes: y_true (*b, c), y_pred (*b, c) -> (*b)
    Raises ShapeError where the shapes do not fit, ArgumentError for a sigmoid's output as logits.
    Source: Lin et al. 2018, arXiv:1708.02002, equations 4 and 5.
    """
    where = "binary_focal_crossentropy"
    scores, logits = known_logits(where, y_pred, from_logits, ops.sigmoid)
    t, z = aligned(where, y_true, scores)
    if label_smoothing:
        t = t * (1.0 - label_smoothing) + 0.5 * label_smoothing
    p = ops.sigmoid(z) if logits else z
    values = ops.sigmoid_crossentropy(z, t) if logits else _of_chances(t, clipped(p))
    likely = t * p + (1.0 - t) * (1.0 - p)
    values = ops.power(1.0 - likely, float(gamma)) * values
    if apply_class_balancing:
        values = values * (t * alpha + (1.0 - t) * (1.0 - alpha))
    return ops.mean(values, axis=axis)


def _of_chances(t: Tensor, p: Tensor) -> Tensor:
    return ops.negative(t * ops.log(p) + (1.0 - t) * ops.log(1.0 - p))


@composite
def categorical_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """The categorical cross-entropy of which easy classes weigh less, for one-hot targets.

    -sum(alpha (1 - p)^gamma t ln p)

    ``from_logits``, ``label_smoothing`` and known logits as in ``categorical_crossentropy``.

    Differs: smoothing counts the classes along ``axis`` (Keras along the last axis); a single
    class is refused (Keras warns).
    Shapes: y_true (*b, k), y_pred (*b, k) -> (*b)
    Raises ShapeError where the shapes do not fit, ArgumentError for a softmax's output as logits.
    Source: Lin et al. 2018, arXiv:1708.02002, equation 5.
    """
    where = "categorical_focal_crossentropy"
    scores, logits = known_logits(where, y_pred, from_logits, ops.softmax, axis)
    classes = count_classes(where, scores, axis)
    y_true = as_tensor(y_true)
    t, z = aligned(where, y_true, scores, one_hot_hint(y_true, scores, axis))
    if label_smoothing:
        t = t * (1.0 - label_smoothing) + label_smoothing / classes
    if logits:
        p, log_p = ops.softmax(z, axis=axis), ops.log_softmax(z, axis=axis)
    else:
        p = clipped(z / ops.sum(z, axis=axis, keepdims=True))
        log_p = ops.log(p)
    return -ops.sum(alpha * ops.power(1.0 - p, float(gamma)) * t * log_p, axis=axis)


@composite
def categorical_generalized_cross_entropy(y_true: Any, y_pred: Any, q: float) -> Tensor:
    """Between cross-entropy (q near 0) and absolute error (q near 1), for class numbers.

    (1 - p[t]^q) / q, which wrong labels disturb the less the larger q is

    Differs: nothing; y_pred holds probabilities, as in Keras.
    Shapes: y_true (*b) or (*b, 1), y_pred (*b, k) -> (*b)
    Raises ShapeError where the shapes do not fit.
    Source: Zhang & Sabuncu 2018, arXiv:1805.07836, equation 6.
    """
    where = "categorical_generalized_cross_entropy"
    p = floating(y_pred)
    classes = count_classes(where, p, -1)
    labels = class_numbers(where, as_tensor(y_true), p, -1).astype("int32")
    likely = ops.sum(p * ops.one_hot(labels, depth=classes, dtype=p.dtype.name), axis=-1)
    return (1.0 - ops.power(likely, float(q))) / q


class BinaryFocalCrossentropy(BinaryCrossentropy):
    """The binary cross-entropy with focus; see ``binary_focal_crossentropy``."""

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        name: str | None = "binary_focal_crossentropy",
        dtype: str | None = None,
    ) -> None:
        super().__init__(from_logits, label_smoothing, axis, reduction, name, dtype)
        self.apply_class_balancing = apply_class_balancing
        self.alpha, self.gamma = alpha, gamma
        check_ranges("BinaryFocalCrossentropy", vars(self), _FOCUS)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """The values of ``binary_focal_crossentropy``."""
        focus = (self.apply_class_balancing, self.alpha, self.gamma)
        common = (self.from_logits, self.label_smoothing, self.axis)
        return binary_focal_crossentropy(y_true, y_pred, *focus, *common)


class CategoricalFocalCrossentropy(CategoricalCrossentropy):
    """The categorical cross-entropy with focus; see ``categorical_focal_crossentropy``."""

    def __init__(
        self,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        name: str | None = "categorical_focal_crossentropy",
        dtype: str | None = None,
    ) -> None:
        super().__init__(from_logits, label_smoothing, axis, reduction, name, dtype)
        self.alpha, self.gamma = alpha, gamma
        check_ranges("CategoricalFocalCrossentropy", vars(self), _FOCUS)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """The values of ``categorical_focal_crossentropy``."""
        common = (self.from_logits, self.label_smoothing, self.axis)
        return categorical_focal_crossentropy(y_true, y_pred, self.alpha, self.gamma, *common)


class CategoricalGeneralizedCrossEntropy(SparseCategoricalCrossentropy):
    """Robust against wrong labels; see ``categorical_generalized_cross_entropy``."""

    omitted: ClassVar = {"dtype": None}

    def __init__(
        self,
        q: float = 0.5,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        name: str = "categorical_generalized_cross_entropy",
        dtype: str | None = None,
    ) -> None:
        super().__init__(reduction=reduction, name=name, dtype=dtype)
        self.q = q
        check_ranges("CategoricalGeneralizedCrossEntropy", {"q": q}, {"q": _BETWEEN})

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """The values of ``categorical_generalized_cross_entropy``."""
        return categorical_generalized_cross_entropy(y_true, y_pred, self.q)
