"""The metrics under Keras's names, objects and functions, and what 'accuracy' means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lernwerk import losses as _losses
from lernwerk.configurable import deserialize as _deserialize
from lernwerk.configurable import resolve, serialize
from lernwerk.errors import DataError, nearest
from lernwerk.losses import (
    binary_crossentropy,
    categorical_crossentropy,
    categorical_hinge,
    cosine_similarity,
    hinge,
    huber,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
    sparse_categorical_crossentropy,
    squared_hinge,
)
from lernwerk.metrics.accuracies import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
    accuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
    sparse_top_k_categorical_accuracy,
    top_k_categorical_accuracy,
)
from lernwerk.metrics.confusion import Precision, Recall
from lernwerk.metrics.mean import Mean, MeanMetricWrapper, Sum
from lernwerk.metrics.meaning import ACCURACY, resolve_accuracy
from lernwerk.metrics.metric import Metric
from lernwerk.metrics.probabilistic import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    CategoricalHinge,
    Hinge,
    KLDivergence,
    Poisson,
    SparseCategoricalCrossentropy,
    SquaredHinge,
)
from lernwerk.metrics.regression import (
    CosineSimilarity,
    LogCoshError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    R2Score,
    RootMeanSquaredError,
)
from lernwerk.names import snake_case

_CLASSES: Sequence[type[Metric]] = (
    Accuracy, BinaryAccuracy, BinaryCrossentropy, CategoricalAccuracy, CategoricalCrossentropy,
    CategoricalHinge, CosineSimilarity, Hinge, KLDivergence, LogCoshError, Mean,
    MeanAbsoluteError, MeanAbsolutePercentageError, MeanSquaredError,
    MeanSquaredLogarithmicError, Poisson, Precision, R2Score, Recall, RootMeanSquaredError,
    SparseCategoricalAccuracy, SparseCategoricalCrossentropy, SparseTopKCategoricalAccuracy,
    SquaredHinge, Sum, TopKCategoricalAccuracy,
)  # fmt: skip
_SHORT: Mapping[str, type[Metric]] = {
    "bce": BinaryCrossentropy,
    "mse": MeanSquaredError,
    "mae": MeanAbsoluteError,
    "mape": MeanAbsolutePercentageError,
    "msle": MeanSquaredLogarithmicError,
}
NAMES: Mapping[str, type[Metric]] = {
    **{snake_case(each.__name__): each for each in _CLASSES},
    **{each.__name__: each for each in _CLASSES},
    **_SHORT,
    **{name.upper(): each for name, each in _SHORT.items()},
}
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **{name: found for name, found in _losses.NAMES.items() if not isinstance(found, type)},
    **{
        each.__name__: each
        for each in (
            accuracy, binary_accuracy, categorical_accuracy, sparse_categorical_accuracy,
            top_k_categorical_accuracy, sparse_top_k_categorical_accuracy,
        )
    },
}  # fmt: skip


def get(identifier: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """A metric from its name, config, class, function or itself.

    Raises ArgumentError with the nearest name.
    """
    return resolve(identifier, "metrics", NAMES, custom_objects)


def as_metric(
    identifier: Any,
    loss: Any = None,
    y_true_shape: Sequence[int | None] | None = None,
    y_pred_shape: Sequence[int | None] | None = None,
) -> Metric:
    """A Metric object for each entry of ``compile(metrics=[...])``, named as it was given.

    'accuracy' and 'acc' are decided by the shapes (``resolve_accuracy``) if that of the predictions
    is given; functions are wrapped.
    """
    named = isinstance(identifier, str)
    if named and identifier.lower() in ACCURACY and y_pred_shape is not None:
        return resolve_accuracy(loss, y_true_shape, y_pred_shape, identifier)
    found = get(identifier)
    if not isinstance(found, Metric):
        return MeanMetricWrapper(found)
    if named:
        found.name = identifier
    return found


def find_function(name: str) -> Callable[..., Any]:
    """The metric function of that name; DataError with the nearest name."""
    if name not in _FUNCTIONS:
        raise DataError(
            "config", "the name of a known metric function", repr(name), nearest(name, _FUNCTIONS)
        )
    return _FUNCTIONS[name]


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The metric that a written form describes."""
    if isinstance(config, str):
        return get(config, custom_objects)
    return _deserialize(config, "metrics", custom_objects)


__all__ = [
    "Accuracy",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "CosineSimilarity",
    "Hinge",
    "KLDivergence",
    "LogCoshError",
    "Mean",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanMetricWrapper",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Metric",
    "Poisson",
    "Precision",
    "R2Score",
    "Recall",
    "RootMeanSquaredError",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "SparseTopKCategoricalAccuracy",
    "SquaredHinge",
    "Sum",
    "TopKCategoricalAccuracy",
    "accuracy",
    "as_metric",
    "binary_accuracy",
    "binary_crossentropy",
    "categorical_accuracy",
    "categorical_crossentropy",
    "categorical_hinge",
    "cosine_similarity",
    "deserialize",
    "find_function",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
    "resolve_accuracy",
    "serialize",
    "sparse_categorical_accuracy",
    "sparse_categorical_crossentropy",
    "sparse_top_k_categorical_accuracy",
    "squared_hinge",
    "top_k_categorical_accuracy",
]
