"""Losses for numbers: squared, absolute, relative and logarithmic errors, and the angle."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.errors import POSITIVE, check_ranges
from lernwerk.losses.alignment import aligned
from lernwerk.losses.loss import SUM_OVER_BATCH_SIZE, FunctionLoss, Loss
from lernwerk.ops.primitive import composite

EPSILON = 1e-7  # Keras's backend.epsilon()
_TINY = 1e-12  # the smallest length of a vector that Keras normalises


@composite
def mean_squared_error(y_true: Any, y_pred: Any) -> Tensor:
    """The mean of the squared errors: mean((t - p)^2).

    Shapes: y_true (*b, c), y_pred (*b, c) -> (*b)
    Source: Legendre 1805.
    """
    t, p = aligned("mean_squared_error", y_true, y_pred)
    return ops.mean(ops.square(t - p), axis=-1)


@composite
def mean_absolute_error(y_true: Any, y_pred: Any) -> Tensor:
    """The mean of the absolute errors: mean(|t - p|).

    Shapes: y_true (*b, c), y_pred (*b, c) -> (*b)
    Source: https://keras.io/api/losses/regression_losses/
    """
    t, p = aligned("mean_absolute_error", y_true, y_pred)
    return ops.mean(ops.absolute(t - p), axis=-1)


@composite
def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Tensor:
    """The mean error in percent of the target: 100 mean(|t - p| / max(|t|, 1e-7)).

    Shapes: y_true (*b, c), y_pred (*b, c) -> (*b)
    Source: https://keras.io/api/losses/regression_losses/
    """
    t, p = aligned("mean_absolute_percentage_error", y_true, y_pred)
    relative = ops.absolute((t - p) / ops.maximum(ops.absolute(t), EPSILON))
    return 100.0 * ops.mean(relative, axis=-1)


@composite
def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Tensor:
    """The mean squared error of ln(1 + x), x at least 1e-7: mean((ln(1 + p) - ln(1 + t))^2).

    Shapes: y_true (*b, c), y_pred (*b, c) -> (*b)
    Source: https://keras.io/api/losses/regression_losses/
    """
    t, p = aligned("mean_squared_logarithmic_error", y_true, y_pred)
    error = ops.log(ops.maximum(p, EPSILON) + 1.0) - ops.log(ops.maximum(t, EPSILON) + 1.0)
    return ops.mean(ops.square(error), axis=-1)


@composite
def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Tensor:
    """Squared for small errors, absolute for large ones.

    mean(e^2 / 2 where |e| <= delta, else delta |e| - delta^2 / 2) with e = p - t

    Shapes: y_true (*b, c), y_pred (*b, c) -> (*b)
    Source: Huber 1964, doi:10.1214/aoms/1177703732.
    """
    t, p = aligned("huber", y_true, y_pred)
    size = ops.absolute(p - t)
    beyond = delta * size - 0.5 * delta * delta
    return ops.mean(ops.where(size <= delta, 0.5 * ops.square(size), beyond), axis=-1)


@composite
def log_cosh(y_true: Any, y_pred: Any) -> Tensor:
    """The mean logarithm of the hyperbolic cosine of the error.

    mean(ln(cosh(e))) = mean(e + softplus(-2e) - ln 2) with e = p - t

    Shapes: y_true (*b, c), y_pred (*b, c) -> (*b)
    Source: https://keras.io/api/losses/regression_losses/
    """
    t, p = aligned("log_cosh", y_true, y_pred)
    error = p - t
    return ops.mean(error + ops.softplus(-2.0 * error) - math.log(2.0), axis=-1)


def normalized(x: Tensor, axis: int) -> Tensor:
    """The vectors along an axis at length 1: x / max(|x|, 1e-12)."""
    length = ops.sqrt(ops.maximum(ops.sum(ops.square(x), axis=axis, keepdims=True), _TINY**2))
    return x / length


@composite
def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """The negative cosine of the angle between target and prediction: -sum(t p) / (|t| |p|).

    -1 is the same direction, 0 a right angle, 1 the opposite direction.

    Shapes: y_true (*b, c), y_pred (*b, c) -> (*b)
    Source: https://keras.io/api/losses/regression_losses/
    """
    t, p = aligned("cosine_similarity", y_true, y_pred)
    return -ops.sum(normalized(t, axis) * normalized(p, axis), axis=axis)


class MeanSquaredError(FunctionLoss):
    """The mean of the squared errors; see ``mean_squared_error``."""

    function = staticmethod(mean_squared_error)


class MeanAbsoluteError(FunctionLoss):
    """The mean of the absolute errors; see ``mean_absolute_error``."""

    function = staticmethod(mean_absolute_error)


class MeanAbsolutePercentageError(FunctionLoss):
    """The mean error in percent; see ``mean_absolute_percentage_error``."""

    function = staticmethod(mean_absolute_percentage_error)


class MeanSquaredLogarithmicError(FunctionLoss):
    """The mean squared error of logarithms; see ``mean_squared_logarithmic_error``."""

    function = staticmethod(mean_squared_logarithmic_error)


class LogCosh(FunctionLoss):
    """The logarithm of the hyperbolic cosine of the error; see ``log_cosh``."""

    function = staticmethod(log_cosh)


class Huber(Loss):
    """Squared for errors up to ``delta``, absolute beyond; see ``huber``.

    Differs: the config has ``delta`` where it is not 1; Keras forgets it.
    """

    omitted: ClassVar = {"dtype": None, "delta": 1.0}

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        name: str = "huber_loss",
        dtype: str | None = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.delta = delta
        check_ranges("Huber", {"delta": delta}, {"delta": POSITIVE})

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """The values of ``huber``."""
        return huber(y_true, y_pred, self.delta)


class CosineSimilarity(Loss):
    """The negative cosine of the angle along ``axis``; see ``cosine_similarity``.

    Differs: the config has ``axis`` where it is not -1; Keras forgets it.
    """

    omitted: ClassVar = {"dtype": None, "axis": -1}

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        name: str = "cosine_similarity",
        dtype: str | None = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.axis = axis

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """The values of ``cosine_similarity``."""
        return cosine_similarity(y_true, y_pred, self.axis)
