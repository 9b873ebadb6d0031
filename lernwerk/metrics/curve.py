"""Numbers from whole curves: the four counts at many thresholds, and the best of a trade-off."""

from __future__ import annotations

from typing import Any, ClassVar

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.errors import COUNT, Range, check_ranges
from lernwerk.losses.reduction import divide_or_zero
from lernwerk.metrics.counting import KINDS, Values, count, count_evenly, fitted_values
from lernwerk.metrics.metric import Metric


class FourCounts(Metric):
    """Base of the metrics with true and false positives and negatives at many thresholds."""

    def make_counts(self, shape: tuple[int, ...]) -> None:
        """The four variables, in Keras's order."""
        self.true_positives, self.false_positives, self.true_negatives, self.false_negatives = (
            self.add_variable(shape, name=kind) for kind in KINDS
        )

    def add_counts(self, counts: list[Tensor]) -> None:
        """Add the counts of a batch, in the same order."""
        for variable, found in zip(self._variables, counts, strict=True):
            variable.assign_add(found.reshape(variable.shape))

    def rates(self) -> dict[str, Tensor]:
        """The four shares that curves are made of; 0 for 0 / 0."""
        hits, alarms, rest, misses = (variable.read() for variable in self._variables)
        return {
            "recall": divide_or_zero(hits, hits + misses),
            "precision": divide_or_zero(hits, hits + alarms),
            "specificity": divide_or_zero(rest, rest + alarms),
            "alarms": divide_or_zero(alarms, alarms + rest),
        }


class _BestOf(FourCounts):
    """The largest share of one kind where another one is large enough."""

    sought: ClassVar[str]
    bound: ClassVar[str]

    def __init__(
        self,
        value: float,
        num_thresholds: int,
        class_id: int | None,
        name: str | None,
        dtype: str | None,
    ) -> None:
        super().__init__(dtype, name)
        self.least, self.num_thresholds, self.class_id = value, num_thresholds, class_id
        ranges = {"num_thresholds": COUNT, "class_id": Range(0, integer=True)}
        check_ranges(type(self).__name__, vars(self), ranges)
        self.make_counts((num_thresholds,))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count the hits and mistakes of a batch."""
        fitted = (self.name, y_true, y_pred, sample_weight, self.dtype, self.class_id)
        flat = Values(*(each.reshape(-1, 1) for each in fitted_values(*fitted)))
        if self.num_thresholds == 1:
            self.add_counts(count(flat, [0.5], list(KINDS)))
        else:
            self.add_counts(count_evenly(flat, self.num_thresholds, open_ended=False))

    def result(self) -> Tensor:
        """The best share so far; 0 where no threshold is good enough."""
        rates = self.rates()
        enough = ops.greater_equal(rates[self.bound], float(self.least))
        return ops.max(ops.where(enough, rates[self.sought], 0.0))


def _checked(owner: str, name: str, value: float) -> float:
    check_ranges(owner, {name: value}, {name: Range(0, 1)})
    return value


class SensitivityAtSpecificity(_BestOf):
    """The best recall at a threshold where the specificity is at least ``specificity``.

    Sensitivity (recall) is tp / (tp + fn), specificity tn / (tn + fp). There are
    ``num_thresholds`` thresholds from 0 to 1; ``class_id`` looks at one class only.

    Shapes: y_true (*s), y_pred (*s) -> ()
    Source: https://keras.io/api/metrics/classification_metrics/
    """

    sought, bound = "recall", "specificity"

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        self.specificity = _checked("SensitivityAtSpecificity", "specificity", specificity)
        super().__init__(specificity, num_thresholds, class_id, name, dtype)


class SpecificityAtSensitivity(_BestOf):
    """The best specificity at a threshold where the recall is at least ``sensitivity``.

    Arguments and shares as for ``SensitivityAtSpecificity``.

    Shapes: y_true (*s), y_pred (*s) -> ()
    Source: https://keras.io/api/metrics/classification_metrics/
    """

    sought, bound = "specificity", "recall"

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        self.sensitivity = _checked("SpecificityAtSensitivity", "sensitivity", sensitivity)
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)


class PrecisionAtRecall(_BestOf):
    """The best precision at a threshold where the recall is at least ``recall``.

    Precision is tp / (tp + fp); arguments as for ``SensitivityAtSpecificity``.

    Shapes: y_true (*s), y_pred (*s) -> ()
    Source: https://keras.io/api/metrics/classification_metrics/
    """

    sought, bound = "precision", "recall"

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        self.recall = _checked("PrecisionAtRecall", "recall", recall)
        super().__init__(recall, num_thresholds, class_id, name, dtype)


class RecallAtPrecision(_BestOf):
    """The best recall at a threshold where the precision is at least ``precision``.

    Precision is tp / (tp + fp); arguments as for ``SensitivityAtSpecificity``.

    Shapes: y_true (*s), y_pred (*s) -> ()
    Source: https://keras.io/api/metrics/classification_metrics/
    """

    sought, bound = "recall", "precision"

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        self.precision = _checked("RecallAtPrecision", "precision", precision)
        super().__init__(precision, num_thresholds, class_id, name, dtype)
