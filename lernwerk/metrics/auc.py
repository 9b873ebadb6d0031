"""The area under a curve of two shares, such as that of hits against false alarms (ROC)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lernwerk import ops
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import ArgumentError, Range, ShapeError, UsageError, check_name, check_ranges
from lernwerk.losses.reduction import divide_or_zero
from lernwerk.metrics.counting import (
    KINDS,
    Values,
    checked_thresholds,
    count,
    count_evenly,
    fitted_values,
)
from lernwerk.metrics.curve import FourCounts

EPSILON = 1e-7  # how far the outer thresholds lie beyond 0 and 1, as in Keras
_CURVES = ("ROC", "PR", "PRGAIN")
_SUMMATIONS = ("interpolation", "minoring", "majoring")


class AUC(FourCounts):
    """The area under a curve of which each threshold gives a point.

    ``curve``: 'ROC' (hits against false alarms), 'PR' (precision against recall) or 'PRGAIN' (their
    gains over choosing everything). ``num_thresholds`` thresholds lie evenly between 0 and 1;
    ``thresholds`` gives others. Between the points the curve is taken as straight
    ('interpolation'; for 'PR' the counts are), lower ('minoring') or higher ('majoring').
    With ``multi_label`` each column has a curve, and the areas are averaged with
    ``label_weights``; without it these weigh the values of each column. ``from_logits`` takes the
    sigmoid of the predictions first.

    Shapes: y_true (*s), y_pred (*s) -> ()
    Raises ArgumentError for unknown names, ShapeError unless multi_label gets (batch, labels).
    Source: https://keras.io/api/metrics/classification_metrics/; Davis & Goadrich 2006, ICML, for
    'PR'; Flach & Kull 2015, NIPS, for 'PRGAIN'.
    """

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: str | None = None,
        thresholds: Sequence[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Any = None,
        from_logits: bool = False,
    ) -> None:
        super().__init__(dtype, name)
        inner = checked_thresholds("AUC", thresholds)
        self.thresholds = None if inner is None else sorted(inner)
        self.num_thresholds = num_thresholds if inner is None else len(inner) + 2
        self.curve, self.summation_method = str(curve).upper(), str(summation_method).lower()
        check_name("AUC", "curve", self.curve, _CURVES)
        check_name("AUC", "summation method", self.summation_method, _SUMMATIONS)
        check_ranges("AUC", vars(self), {"num_thresholds": Range(2, integer=True)})
        if num_labels and not multi_label:
            raise ArgumentError("AUC", "multi_label=True where num_labels is given", "False")
        self.multi_label, self.num_labels = multi_label, num_labels
        self.label_weights = _numbers(label_weights)
        self.from_logits = from_logits
        if num_labels or not multi_label:
            self._build(num_labels or 0)

    def get_config(self) -> dict[str, Any]:
        """The arguments; ``thresholds`` only where they are given."""
        config = super().get_config()
        return {k: v for k, v in config.items() if k != "thresholds" or v is not None}

    def _build(self, labels: int) -> None:
        self.make_counts((self.num_thresholds, labels) if labels else (self.num_thresholds,))

    @property
    def _levels(self) -> list[float]:
        number = self.num_thresholds
        inner = [i / (number - 1) for i in range(1, number - 1)]
        return [-EPSILON, *(inner if self.thresholds is None else self.thresholds), 1.0 + EPSILON]

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count the hits and mistakes of a batch."""
        scores = as_tensor(y_pred, self.dtype)
        scores = ops.sigmoid(scores) if self.from_logits else scores
        values = fitted_values(self.name, y_true, scores, sample_weight, self.dtype, None)
        if self.multi_label:
            self.add_counts(self._columns(values))
            return
        if self.label_weights is not None:
            values = values._replace(weights=values.weights * self._label_weights())
        self.add_counts(self._counts(Values(*(each.reshape(-1, 1) for each in values))))

    def _label_weights(self) -> Tensor:
        return as_tensor(np.array(self.label_weights, self.dtype))

    def _columns(self, values: Values) -> list[Tensor]:
        shape = values.scores.shape
        if len(shape) != 2 or (self.num_labels and shape[1] != self.num_labels):
            labels = self.num_labels or "labels"
            raise ShapeError(self.name, f"y_pred of shape (batch, {labels}) for multi_label", shape)
        if not self._variables:
            self._build(shape[1])
        return self._counts(values)

    def _counts(self, values: Values) -> list[Tensor]:
        """(thresholds, columns) for each kind."""
        levels = np.array(self._levels)
        if np.allclose(levels, np.linspace(0, 1, len(levels)), atol=2 * EPSILON):
            return count_evenly(values, len(levels), open_ended=True)
        labels = range(values.scores.shape[1])
        columns = [values.column(self.name, number) for number in labels]
        counts = [count(each, self._levels, list(KINDS)) for each in columns]
        return [ops.stack(list(kind), axis=1) for kind in zip(*counts, strict=True)]

    def result(self) -> Tensor:
        """The area so far; raises UsageError before the columns are known."""
        if not self._variables:
            raise UsageError(self.name, "a batch before the result", "none", "Call update_state.")
        if self.curve == "PR" and self.summation_method == "interpolation":
            areas = self._between_counts()
        else:
            x, y = self._points()
            areas = ops.sum((x[:-1] - x[1:]) * self._heights(y), axis=0)
        if not self.multi_label:
            return areas
        if self.label_weights is None:
            return ops.mean(areas)
        weights = self._label_weights()
        return divide_or_zero(ops.sum(areas * weights), ops.sum(weights))

    def _points(self) -> tuple[Tensor, Tensor]:
        """The curve; its points lie from right to left."""
        rates = self.rates()
        if self.curve == "ROC":
            return rates["alarms"], rates["recall"]
        return (rates["recall"], rates["precision"]) if self.curve == "PR" else self._gains()

    def _gains(self) -> tuple[Tensor, Tensor]:
        """Recall and precision gain: 1 - (positives / negatives) * mistakes / hits.

        Without hits they are 0 and 1; a recall gain below 0 counts as 0.
        """
        hits, alarms, rest, misses = (variable.read() for variable in self._variables)
        odds = divide_or_zero(hits + misses, rest + alarms)
        none = ops.equal(hits, 0.0)
        of_recall = ops.where(none, 0.0, 1.0 - odds * divide_or_zero(misses, hits))
        of_precision = ops.where(none, 1.0, 1.0 - odds * divide_or_zero(alarms, hits))
        return ops.maximum(of_recall, 0.0), of_precision

    def _heights(self, y: Tensor) -> Tensor:
        if self.summation_method == "interpolation":
            return (y[:-1] + y[1:]) / 2.0
        choose = ops.minimum if self.summation_method == "minoring" else ops.maximum
        return choose(y[:-1], y[1:])

    def _between_counts(self) -> Tensor:
        """The area under precision against recall, hits h and chosen c straight between points.

        From (c0, h0) to (c1, h1), with slope s = (h1 - h0) / (c1 - c0) and h = s c + b, the area is
        the integral of h / c * dh = s (h1 - h0 + b ln(c1 / c0)), divided by all positives.
        """
        hits, misses = self.true_positives.read(), self.false_negatives.read()
        chosen = hits + self.false_positives
        gained = hits[:-1] - hits[1:]
        slope = divide_or_zero(gained, ops.maximum(chosen[:-1] - chosen[1:], 0.0))
        intercept = hits[1:] - slope * chosen[1:]
        both = ops.logical_and(chosen[:-1] > 0.0, chosen[1:] > 0.0)
        ratio = ops.where(both, divide_or_zero(chosen[:-1], chosen[1:]), 1.0)
        area = slope * (gained + intercept * ops.log(ratio))
        return ops.sum(divide_or_zero(area, hits[1:] + misses[1:]), axis=0)


def _numbers(value: Any) -> list[float] | None:
    """A vector as a list; Keras's written form of a tensor too."""
    if isinstance(value, dict):
        value = value.get("config", {}).get("value")
    return None if value is None else [float(each) for each in np.asarray(value).reshape(-1)]
