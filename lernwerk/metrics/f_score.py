"""The F score: precision and recall in one number, for each class or averaged."""

from __future__ import annotations

from typing import Any

from lernwerk import ops
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import POSITIVE, ArgumentError, Range, ShapeError, UsageError, check_ranges
from lernwerk.losses.alignment import aligned, fitted_weights
from lernwerk.metrics.metric import Metric

EPSILON = 1e-7  # Keras's backend.epsilon()
_AVERAGES = (None, "micro", "macro", "weighted")
_NOTHING = 1e-9  # predictions smaller than this are never the chosen class, as in Keras
_THRESHOLD = Range(0, 1, low_included=False)


class FBetaScore(Metric):
    """The harmonic mean of precision P and recall R, in which recall counts beta^2 as much.

    F = (1 + beta^2) P R / (beta^2 P + R)
    Chosen are the values above ``threshold``, or with None the largest of each sample.
    ``average``: None gives one score for each class, 'macro' their mean, 'weighted' their mean
    weighted by how often a class occurs, 'micro' the score of all classes counted together.

    Shapes: y_true (b, k), y_pred (b, k) -> (k) or ()
    Source: van Rijsbergen 1979, "Information Retrieval", chapter 7.
    """

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = "fbeta_score",
        dtype: str | None = None,
    ) -> None:
        super().__init__(dtype, name)
        where = type(self).__name__
        if average not in _AVERAGES:
            known = ", ".join(map(repr, _AVERAGES))
            raise ArgumentError(where, f"average to be one of {known}", repr(average))
        self.average, self.beta, self.threshold = average, beta, threshold
        check_ranges(where, vars(self), {"beta": POSITIVE, "threshold": _THRESHOLD})

    def _build(self, classes: int) -> None:
        shape = () if self.average == "micro" else (classes,)
        self.true_positives = self.add_variable(shape, name="true_positives")
        self.false_positives = self.add_variable(shape, name="false_positives")
        self.false_negatives = self.add_variable(shape, name="false_negatives")
        self.intermediate_weights = self.add_variable(shape, name="intermediate_weights")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count the hits and mistakes of a batch."""
        t, p = aligned(self.name, y_true, as_tensor(y_pred, self.dtype))
        if t.ndim != 2:
            raise ShapeError(
                self.name, "y_true and y_pred of shape (batch, classes)", t.shape,
                "Class numbers become one-hot rows by keras.utils.to_categorical(y, classes).",
            )  # fmt: skip
        if not self._variables:
            self._build(t.shape[1])
        w = fitted_weights(self.name, 1.0 if sample_weight is None else sample_weight, t)
        chosen = self._chosen(p).astype(t.dtype)
        axis = None if self.average == "micro" else 0
        counts = (chosen * t, chosen * (1.0 - t), (1.0 - chosen) * t, t)
        for variable, values in zip(self._variables, counts, strict=True):
            variable.assign_add(ops.sum(values * w, axis=axis))

    def _chosen(self, p: Tensor) -> Tensor:
        if self.threshold is not None:
            return ops.greater(p, float(self.threshold))
        largest = ops.max(p, axis=-1, keepdims=True)
        return ops.logical_and(p >= largest, ops.absolute(p) > _NOTHING)

    def result(self) -> Tensor:
        """The score so far; raises UsageError before the first batch."""
        if not self._variables:
            raise UsageError(self.name, "a batch before the result", "none", "Call update_state.")
        hits = self.true_positives.read()
        precision = hits / (hits + self.false_positives + EPSILON)
        recall = hits / (hits + self.false_negatives + EPSILON)
        squared = float(self.beta) ** 2
        mean = precision * recall / (squared * precision + recall + EPSILON)
        return self._averaged((1.0 + squared) * mean)

    def _averaged(self, scores: Tensor) -> Tensor:
        if self.average is None:
            return scores
        if self.average != "weighted":
            return ops.mean(scores)
        occurrences = self.intermediate_weights.read()
        return ops.sum(scores * occurrences / (ops.sum(occurrences) + EPSILON))


class F1Score(FBetaScore):
    """The harmonic mean of precision and recall: F = 2 P R / (P + R).

    Arguments as for ``FBetaScore``, without ``beta``.

    Shapes: y_true (b, k), y_pred (b, k) -> (k) or ()
    Source: van Rijsbergen 1979, "Information Retrieval", chapter 7.
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = "f1_score",
        dtype: str | None = None,
    ) -> None:
        super().__init__(average, 1.0, threshold, name, dtype)
