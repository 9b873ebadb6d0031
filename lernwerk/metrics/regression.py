"""Metrics for numbers: the regression losses, the root of the squared error, the R2 score."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk import losses, ops
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import ArgumentError, Range, ShapeError, UsageError, check_ranges
from lernwerk.losses.alignment import aligned, fitted_weights
from lernwerk.losses.reduction import divide_or_zero
from lernwerk.metrics.mean import Average, FunctionMetric
from lernwerk.metrics.metric import Metric

_AGGREGATIONS = (None, "uniform_average", "variance_weighted_average")


class MeanSquaredError(FunctionMetric):
    """The mean of the squared errors; see ``losses.mean_squared_error``."""

    function = staticmethod(losses.mean_squared_error)


class MeanAbsoluteError(FunctionMetric):
    """The mean of the absolute errors; see ``losses.mean_absolute_error``."""

    function = staticmethod(losses.mean_absolute_error)


class MeanAbsolutePercentageError(FunctionMetric):
    """The mean error in percent; see ``losses.mean_absolute_percentage_error``."""

    function = staticmethod(losses.mean_absolute_percentage_error)


class MeanSquaredLogarithmicError(FunctionMetric):
    """The mean squared error of logarithms; see ``losses.mean_squared_logarithmic_error``."""

    function = staticmethod(losses.mean_squared_logarithmic_error)


class LogCoshError(FunctionMetric):
    """The logarithm of the hyperbolic cosine of the error; see ``losses.log_cosh``."""

    function = staticmethod(losses.log_cosh)

    def __init__(self, name: str | None = "logcosh", dtype: str | None = None) -> None:
        super().__init__(name, dtype)


class CosineSimilarity(FunctionMetric):
    """The cosine of the angle between target and prediction: sum(t p) / (|t| |p|).

    1 is the same direction; the loss of this name has the opposite sign.

    Differs: the config has ``axis`` where it is not -1; Keras forgets it.
    Source: https://keras.io/api/metrics/regression_metrics/
    """

    function = staticmethod(losses.cosine_similarity)

    def __init__(
        self,
        name: str | None = "cosine_similarity",
        dtype: str | None = None,
        axis: int = -1,
    ) -> None:
        super().__init__(name, dtype)
        self.axis = axis

    def values(self, y_true: Any, y_pred: Any) -> Tensor:
        """The cosine along the axis."""
        return -losses.cosine_similarity(y_true, y_pred, self.axis)

    def get_config(self) -> dict[str, Any]:
        """The arguments; ``axis`` only where it is not -1."""
        return {k: v for k, v in super().get_config().items() if (k, v) != ("axis", -1)}


class RootMeanSquaredError(Average):
    """The root of the mean of the squared errors over all samples: sqrt(mean((t - p)^2)).

    Shapes: y_true (b, *s), y_pred (b, *s) -> ()
    Source: https://keras.io/api/metrics/regression_metrics/
    """

    def __init__(
        self, name: str | None = "root_mean_squared_error", dtype: str | None = None
    ) -> None:
        super().__init__(name, dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take the squared errors of a batch in."""
        t, p = aligned(self.name, y_true, as_tensor(y_pred, self.dtype))
        self.add(ops.square(p - t), sample_weight)

    def result(self) -> Tensor:
        """The root of the mean so far."""
        return ops.sqrt(super().result())


class MeanRelativeError(FunctionMetric):
    """The mean of |t - p| / n with given numbers n (``normalizer``); 0 where n is 0.

    Shapes: y_true (b, *s), y_pred (b, *s), normalizer: a shape that broadcasts to these -> ()
    Source: Keras 2, tf.keras.metrics.MeanRelativeError.
    """

    function = staticmethod(losses.mean_absolute_error)

    def __init__(
        self,
        normalizer: Any,
        name: str | None = "mean_relative_error",
        dtype: str | None = None,
    ) -> None:
        super().__init__(name, dtype)
        self.normalizer = np.asarray(normalizer, self.dtype)

    def values(self, y_true: Any, y_pred: Any) -> Tensor:
        """The relative errors."""
        t, p = aligned(self.name, y_true, y_pred)
        return divide_or_zero(ops.absolute(p - t), as_tensor(self.normalizer, p.dtype))


class R2Score(Metric):
    """The share of the targets' variance that the predictions explain.

    R2 = 1 - sum(w (t - p)^2) / (sum(w t^2) - sum(w t)^2 / sum(w)) for each column
    ``class_aggregation``: 'uniform_average' of the columns, 'variance_weighted_average', or None.
    ``num_regressors`` r > 0 gives the adjusted score 1 - (1 - R2) (n - 1) / (n - r - 1).

    Differs: targets and predictions (b) count as one column; where n <= r + 1 the plain score is
    given without a warning.
    Shapes: y_true (b, c), y_pred (b, c) -> (), or (c) with class_aggregation=None
    Source: https://keras.io/api/metrics/regression_metrics/
    """

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str | None = "r2_score",
        dtype: str | None = None,
    ) -> None:
        super().__init__(dtype, name)
        self.class_aggregation, self.num_regressors = class_aggregation, num_regressors
        if class_aggregation not in _AGGREGATIONS:
            known = ", ".join(map(repr, _AGGREGATIONS))
            raise ArgumentError("R2Score", f"one of {known}", repr(class_aggregation))
        counts = {"num_regressors": Range(0, integer=True)}
        check_ranges("R2Score", {"num_regressors": num_regressors}, counts)
        self.num_samples = self.add_variable(name="num_samples")
        self._built = False

    def _build(self, columns: int) -> None:
        self.squared_sum = self.add_variable((columns,), name="squared_sum")
        self.sum = self.add_variable((columns,), name="sum")
        self.residual = self.add_variable((columns,), name="residual")
        self.count = self.add_variable((columns,), name="count")
        self._built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take a batch in."""
        t, p = aligned(self.name, y_true, as_tensor(y_pred, self.dtype))
        if t.ndim == 1:
            t, p = (ops.expand_dims(each, axis=-1) for each in (t, p))
        if t.ndim != 2:
            raise ShapeError(self.name, "y_true and y_pred of shape (batch, columns)", t.shape)
        if not self._built:
            self._build(t.shape[1])
        w = fitted_weights(self.name, 1.0 if sample_weight is None else sample_weight, t)
        self.sum.assign_add(ops.sum(w * t, axis=0))
        self.squared_sum.assign_add(ops.sum(w * t * t, axis=0))
        self.residual.assign_add(ops.sum(w * ops.square(t - p), axis=0))
        self.count.assign_add(ops.sum(w, axis=0))
        self.num_samples.assign_add(float(t.size))

    def result(self) -> Tensor:
        """The score so far; raises UsageError before the first batch."""
        if not self._built:
            raise UsageError(self.name, "a batch before the result", "none", "Call update_state.")
        total = self.squared_sum - self.sum * (self.sum / self.count)
        ratio = self.residual / total
        infinite = ops.equal(ops.absolute(ratio), float("inf"))
        return self._adjusted(self._aggregated(ops.where(infinite, 0.0, 1.0 - ratio), total))

    def _aggregated(self, scores: Tensor, total: Tensor) -> Tensor:
        if self.class_aggregation == "uniform_average":
            return ops.mean(scores)
        if self.class_aggregation == "variance_weighted_average":
            return ops.sum(total * scores) / ops.sum(total)
        return scores

    def _adjusted(self, score: Tensor) -> Tensor:
        if not self.num_regressors:
            return score
        free = self.num_samples - (self.num_regressors + 1.0)
        enough = ops.greater(free, 0.0)
        factor = (self.num_samples - 1.0) / ops.where(enough, free, 1.0)
        return ops.where(enough, 1.0 - (1.0 - score) * factor, score)
