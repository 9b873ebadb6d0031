"""Sum and mean over batches, and the mean of any function of targets and predictions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

from lernwerk import ops
from lernwerk.configurable import to_config
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import ArgumentError
from lernwerk.losses.alignment import fitted_weights
from lernwerk.losses.reduction import combined_weights, divide_or_zero
from lernwerk.metrics.metric import Metric


class Sum(Metric):
    """The weighted sum of values: sum(w * v).

    Shapes: values (*s), sample_weight () or the first axes of the values -> ()
    Source: https://keras.io/api/metrics/reduction_metrics/
    """

    def __init__(self, name: str | None = "sum", dtype: str | None = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable(name="total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Add the values of a batch."""
        tensor = as_tensor(values, self.dtype)
        if sample_weight is not None:
            tensor = tensor * fitted_weights(self.name, sample_weight, tensor)
        self.total.assign_add(ops.sum(tensor))

    def result(self) -> Tensor:
        """The sum so far."""
        return self.total.read()


class Average(Metric):
    """Base of the metrics that are a weighted mean over samples: sum(w * v) / sum(w).

    Values and weights of one sample are averaged first.
    """

    def __init__(self, name: str | None = None, dtype: str | None = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable(name="total")
        self.count = self.add_variable(name="count")

    def add(self, values: Any, sample_weight: Any = None) -> None:
        """Add the values of a batch."""
        tensor = as_tensor(values, self.dtype)
        if sample_weight is None:
            self.total.assign_add(_over_samples(tensor))
            self.count.assign_add(float(tensor.shape[0]) if tensor.ndim else 1.0)
            return
        weights = fitted_weights(self.name, sample_weight, tensor)
        self.total.assign_add(_over_samples(tensor * weights))
        self.count.assign_add(_over_samples(weights))

    def result(self) -> Tensor:
        """The mean so far, 0 where nothing was taken in."""
        return divide_or_zero(self.total.read(), self.count.read())


class Mean(Average):
    """The weighted mean of values over samples: sum(w * v) / sum(w).

    Values and weights of one sample are averaged first.

    Differs: weights that do not fit are refused; a single weight counts for each sample.
    Shapes: values (b, *s), sample_weight () or the first axes of the values -> ()
    Source: https://keras.io/api/metrics/reduction_metrics/
    """

    def __init__(self, name: str | None = "mean", dtype: str | None = None) -> None:
        super().__init__(name, dtype)

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Add the values of a batch."""
        self.add(values, sample_weight)


def _over_samples(values: Tensor) -> Tensor:
    """The sum over the samples of the mean over everything in a sample."""
    rest = tuple(range(1, values.ndim))
    return ops.sum(ops.mean(values, axis=rest) if rest else values)


class FunctionMetric(Average):
    """The mean of a function of targets and predictions (``function``) over samples."""

    function: ClassVar[Any]

    def __init__(self, name: str | None = None, dtype: str | None = None) -> None:
        super().__init__(name or type(self).function.__name__, dtype)

    def values(self, y_true: Any, y_pred: Any) -> Tensor:
        """The values of which the mean is taken."""
        return type(self).function(y_true, y_pred)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take the values of a batch in; those that the mask of y_pred leaves out count nothing."""
        values, mask = self.values(y_true, y_pred), getattr(y_pred, "mask", None)
        if mask is not None:
            sample_weight = combined_weights(self.name, sample_weight, mask, values, "sum")
        self.add(values, sample_weight)


class MeanMetricWrapper(FunctionMetric):
    """The mean of a function (y_true, y_pred, ...) -> values; other keywords are passed to it."""

    def __init__(
        self,
        fn: Callable[..., Any],
        name: str | None = None,
        dtype: str | None = None,
        **arguments: Any,
    ) -> None:
        if not callable(fn):
            raise ArgumentError("MeanMetricWrapper", "a function of y_true and y_pred", repr(fn))
        given = getattr(fn, "name", None) or getattr(fn, "__name__", None)
        super().__init__(name or given or "metric", dtype)
        self.fn = fn
        self.arguments = arguments

    def values(self, y_true: Any, y_pred: Any) -> Tensor:
        """The values of which the mean is taken."""
        return self.fn(as_tensor(y_true), as_tensor(y_pred), **self.arguments)

    def get_config(self) -> dict[str, Any]:
        """The arguments, the function by its name."""
        return {"name": self.name, "dtype": self.dtype, "fn": to_config(self.fn), **self.arguments}

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Self:
        """The wrapper of a function known by name: one of this package's, or of the caller's."""
        from lernwerk.metrics import find_function

        return cls(**{**config, "fn": find_function(config["fn"], custom_objects)})
