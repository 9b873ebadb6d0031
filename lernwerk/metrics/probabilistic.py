"""The losses for classes, margins and distributions as metrics: their means over samples."""

from __future__ import annotations

from typing import Any

from lernwerk import losses, ops
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.losses.reduction import combined_weights
from lernwerk.metrics.mean import FunctionMetric


class Hinge(FunctionMetric):
    """The mean lack of margin; see ``losses.hinge``."""

    function = staticmethod(losses.hinge)


class SquaredHinge(FunctionMetric):
    """The mean squared lack of margin; see ``losses.squared_hinge``."""

    function = staticmethod(losses.squared_hinge)


class CategoricalHinge(FunctionMetric):
    """The margin to the best other class; see ``losses.categorical_hinge``."""

    function = staticmethod(losses.categorical_hinge)


class KLDivergence(FunctionMetric):
    """The Kullback-Leibler divergence; see ``losses.kl_divergence``."""

    function = staticmethod(losses.kl_divergence)


class Poisson(FunctionMetric):
    """The Poisson loss; see ``losses.poisson``."""

    function = staticmethod(losses.poisson)


class BinaryCrossentropy(FunctionMetric):
    """The cross-entropy of yes/no answers; see ``losses.binary_crossentropy``."""

    function = staticmethod(losses.binary_crossentropy)

    def __init__(
        self,
        name: str | None = "binary_crossentropy",
        dtype: str | None = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        super().__init__(name, dtype)
        self.from_logits, self.label_smoothing = from_logits, label_smoothing

    def values(self, y_true: Any, y_pred: Any) -> Tensor:
        """The values of ``losses.binary_crossentropy``."""
        return losses.binary_crossentropy(y_true, y_pred, self.from_logits, self.label_smoothing)


class CategoricalCrossentropy(FunctionMetric):
    """The cross-entropy for one-hot targets; see ``losses.categorical_crossentropy``."""

    function = staticmethod(losses.categorical_crossentropy)

    def __init__(
        self,
        name: str | None = "categorical_crossentropy",
        dtype: str | None = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        super().__init__(name, dtype)
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis

    def values(self, y_true: Any, y_pred: Any) -> Tensor:
        """The values of ``losses.categorical_crossentropy``."""
        return losses.categorical_crossentropy(
            y_true, y_pred, self.from_logits, self.label_smoothing, self.axis
        )


class SparseCategoricalCrossentropy(FunctionMetric):
    """The cross-entropy for class numbers; see ``losses.sparse_categorical_crossentropy``.

    Samples of the class ``ignore_class`` do not count.

    Differs: nor do they where no weights are given (Keras then counts them as 0).
    """

    function = staticmethod(losses.sparse_categorical_crossentropy)

    def __init__(
        self,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: str | None = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        super().__init__(name, dtype)
        self.from_logits, self.ignore_class, self.axis = from_logits, ignore_class, axis

    def values(self, y_true: Any, y_pred: Any) -> Tensor:
        """The values of ``losses.sparse_categorical_crossentropy``."""
        return losses.sparse_categorical_crossentropy(
            y_true, y_pred, self.from_logits, self.ignore_class, self.axis
        )

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take the values of a batch in, those of ``ignore_class`` with weight 0."""
        values, mask = self.values(y_true, y_pred), getattr(y_pred, "mask", None)
        if self.ignore_class is not None:
            labels = as_tensor(y_true).reshape(values.shape)
            kept = ops.not_equal(labels, self.ignore_class)
            mask = kept if mask is None else ops.logical_and(kept, mask)
        if mask is not None:
            sample_weight = combined_weights(self.name, sample_weight, mask, values, "sum")
        self.add(values, sample_weight)
