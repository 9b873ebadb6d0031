"""Counts of right and wrong answers at thresholds, and precision and recall, which compare them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from lernwerk.core.tensor import Tensor
from lernwerk.errors import COUNT, Range, check_ranges
from lernwerk.losses.reduction import divide_or_zero
from lernwerk.metrics.counting import LOWEST, best, checked_thresholds, count, fitted_values
from lernwerk.metrics.metric import Metric

_COUNTS = {"top_k": COUNT, "class_id": Range(0, integer=True)}
Thresholds = float | Sequence[float] | None


class _Count(Metric):
    """The (weighted) number of values of one kind."""

    kind: ClassVar[str]

    def __init__(
        self,
        thresholds: Thresholds = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(dtype, name)
        self.thresholds = thresholds
        self._levels = checked_thresholds(type(self).__name__, thresholds) or [0.5]
        self.accumulator = self.add_variable((len(self._levels),), name="accumulator")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count those of a batch."""
        values = fitted_values(self.name, y_true, y_pred, sample_weight, self.dtype, None)
        (found,) = count(values, self._levels, [self.kind])
        self.accumulator.assign_add(found)

    def result(self) -> Tensor:
        """The number so far, one for each threshold if there are several."""
        return _single(self.accumulator.read())


class TruePositives(_Count):
    """The number of actual ones that are chosen: predicted above the threshold (0.5).

    ``thresholds`` may be several. Samples count with their weight.

    Shapes: y_true (*s), y_pred (*s) -> () or (thresholds)
    Source: https://keras.io/api/metrics/classification_metrics/
    """

    kind = "true_positives"


class FalsePositives(_Count):
    """The number of others that are chosen; arguments as for ``TruePositives``.

    Shapes: y_true (*s), y_pred (*s) -> () or (thresholds)
    Source: https://keras.io/api/metrics/classification_metrics/
    """

    kind = "false_positives"


class TrueNegatives(_Count):
    """The number of others that are not chosen; arguments as for ``TruePositives``.

    Shapes: y_true (*s), y_pred (*s) -> () or (thresholds)
    Source: https://keras.io/api/metrics/classification_metrics/
    """

    kind = "true_negatives"


class FalseNegatives(_Count):
    """The number of actual ones that are not chosen; arguments as for ``TruePositives``.

    Shapes: y_true (*s), y_pred (*s) -> () or (thresholds)
    Source: https://keras.io/api/metrics/classification_metrics/
    """

    kind = "false_negatives"


class _Share(Metric):
    """True positives divided by themselves and one kind of mistake."""

    mistake: ClassVar[str]

    def __init__(
        self,
        thresholds: Thresholds = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(dtype, name)
        where = type(self).__name__
        self.thresholds, self.top_k, self.class_id = thresholds, top_k, class_id
        check_ranges(where, {"top_k": top_k, "class_id": class_id}, _COUNTS)
        given = checked_thresholds(where, thresholds)
        self._levels = given or [LOWEST if top_k else 0.5]
        shape = (len(self._levels),)
        self.true_positives = self.add_variable(shape, name="true_positives")
        self.mistakes = self.add_variable(shape, name=self.mistake)
        setattr(self, self.mistake, self.mistakes)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count the hits and mistakes of a batch."""
        values = fitted_values(self.name, y_true, y_pred, sample_weight, self.dtype, None)
        if self.top_k is not None:
            values = values._replace(scores=best(values.scores, self.top_k))
        if self.class_id is not None:
            values = values.column(self.name, self.class_id)
        hits, mistakes = count(values, self._levels, ["true_positives", self.mistake])
        self.true_positives.assign_add(hits)
        self.mistakes.assign_add(mistakes)

    def result(self) -> Tensor:
        """The share so far, one number for each threshold if there are several; 0 for 0 / 0."""
        hits = self.true_positives.read()
        return _single(divide_or_zero(hits, hits + self.mistakes))


def _single(values: Tensor) -> Tensor:
    return values[0] if values.shape == (1,) else values


class Precision(_Share):
    """The share of right ones among the chosen: true positives / (true + false positives).

    A value is chosen where the prediction is above the threshold (0.5); ``top_k`` chooses the best
    k classes of each sample instead, ``class_id`` looks at one class only. ``thresholds`` may be
    several.

    Shapes: y_true (*s), y_pred (*s) -> () or (thresholds)
    Source: https://keras.io/api/metrics/classification_metrics/
    """

    mistake = "false_positives"


class Recall(_Share):
    """The share of actual ones that are chosen: true positives / (true pos. + false negatives).

    Arguments as for ``Precision``.

    Shapes: y_true (*s), y_pred (*s) -> () or (thresholds)
    Source: https://keras.io/api/metrics/classification_metrics/
    """

    mistake = "false_negatives"
