"""The metrics under Keras's names, objects and functions, and what 'accuracy' means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lernwerk import losses as _losses
from lernwerk.configurable import deserialize as _deserialize
from lernwerk.configurable import resolve, to_config
from lernwerk.errors import DataError, nearest
from lernwerk.losses import (
    BCE,
    KLD,
    MAE,
    MAPE,
    MSE,
    MSLE,
    bce,
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_hinge,
    cosine_similarity,
    hinge,
    huber,
    kl_divergence,
    kld,
    kullback_leibler_divergence,
    log_cosh,
    logcosh,
    mae,
    mape,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    mse,
    msle,
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
from lernwerk.metrics.auc import AUC
from lernwerk.metrics.confusion import (
    FalseNegatives,
    FalsePositives,
    Precision,
    Recall,
    TrueNegatives,
    TruePositives,
)
from lernwerk.metrics.correlation import (
    ConcordanceCorrelation,
    PearsonCorrelation,
    concordance_correlation,
    pearson_correlation,
)
from lernwerk.metrics.curve import (
    PrecisionAtRecall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
)
from lernwerk.metrics.f_score import F1Score, FBetaScore
from lernwerk.metrics.iou import BinaryIoU, IoU, MeanIoU, OneHotIoU, OneHotMeanIoU
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
    MeanRelativeError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    R2Score,
    RootMeanSquaredError,
)
from lernwerk.names import snake_case
from lernwerk.registration import own_object

_CLASSES: Sequence[type[Metric]] = (
    AUC, Accuracy, BinaryAccuracy, BinaryCrossentropy, BinaryIoU, CategoricalAccuracy,
    CategoricalCrossentropy, CategoricalHinge, ConcordanceCorrelation, CosineSimilarity, F1Score,
    FBetaScore, FalseNegatives, FalsePositives, Hinge, IoU, KLDivergence, LogCoshError, Mean,
    MeanAbsoluteError, MeanAbsolutePercentageError, MeanIoU, MeanSquaredError,
    MeanSquaredLogarithmicError, OneHotIoU, OneHotMeanIoU, PearsonCorrelation, Poisson, Precision,
    PrecisionAtRecall, R2Score, Recall, RecallAtPrecision, RootMeanSquaredError,
    SensitivityAtSpecificity, SparseCategoricalAccuracy, SparseCategoricalCrossentropy,
    SparseTopKCategoricalAccuracy, SpecificityAtSensitivity, SquaredHinge, Sum,
    TopKCategoricalAccuracy, TrueNegatives, TruePositives,
)  # fmt: skip
_SHORT: Mapping[str, type[Metric]] = {
    "bce": BinaryCrossentropy,
    "mse": MeanSquaredError,
    "mae": MeanAbsoluteError,
    "mape": MeanAbsolutePercentageError,
    "msle": MeanSquaredLogarithmicError,
}
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **{name: found for name, found in _losses.NAMES.items() if not isinstance(found, type)},
    **{
        each.__name__: each
        for each in (
            accuracy, binary_accuracy, categorical_accuracy, sparse_categorical_accuracy,
            top_k_categorical_accuracy, sparse_top_k_categorical_accuracy, pearson_correlation,
            concordance_correlation,
        )
    },
}  # fmt: skip
# The names that Keras knows, those of Keras 2, and each loss that has no metric of its own.
NAMES: Mapping[str, Any] = {
    **_FUNCTIONS,
    "cosine": CosineSimilarity,
    "cosine_proximity": CosineSimilarity,
    "CosineProximity": CosineSimilarity,
    "MeanRelativeError": MeanRelativeError,
    **{snake_case(each.__name__): each for each in _CLASSES},
    **{each.__name__: each for each in _CLASSES},
    **_SHORT,
    **{name.upper(): each for name, each in _SHORT.items()},
}


def get(identifier: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """A metric from its name, config, class, function or itself.

    Raises ArgumentError with the nearest name.
    """
    if isinstance(identifier, str) and identifier in (custom_objects or {}):
        return custom_objects[identifier]  # type: ignore[index]
    if isinstance(identifier, dict):
        return deserialize(identifier, custom_objects)
    return resolve(identifier, "metrics", NAMES, custom_objects)


def as_metric(
    identifier: Any,
    loss: Any = None,
    y_true_shape: Sequence[int | None] | None = None,
    y_pred_shape: Sequence[int | None] | None = None,
) -> Metric:
    """A Metric object for each entry of ``compile(metrics=[...])``, named as it was given.

    'accuracy' and 'acc' are decided by the shapes (``resolve_accuracy``) if that of the predictions
    is given; functions and losses are wrapped.
    """
    named = isinstance(identifier, str)
    if named and identifier.lower() in ACCURACY and y_pred_shape is not None:
        return resolve_accuracy(loss, y_true_shape, y_pred_shape, identifier)
    found = get(identifier)
    if not isinstance(found, Metric):
        return MeanMetricWrapper(found, identifier if named else None)
    if named:
        found.name = identifier
    return found


def find_function(name: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The metric function of that name, or written form; DataError with the nearest name."""
    if isinstance(name, dict) and name.get("class_name") == "function":
        name = name.get("config")
    if isinstance(name, dict):
        return _deserialize(name, "losses", custom_objects)
    own = own_object(name, custom_objects=custom_objects)
    if own is not None:
        return own
    known = {**_FUNCTIONS, **(custom_objects or {})}
    if name not in known:
        raise DataError(
            "config", "the name of a known metric function", repr(name), nearest(str(name), known)
        )
    return known[name]


def serialize(metric: Any) -> Any:
    """A metric in Keras's written form; a function by its name."""
    return to_config(metric)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The metric that a written form describes; a function's name gives the function."""
    if isinstance(config, dict) and config.get("class_name") == "function":
        return find_function(config, custom_objects)
    if isinstance(config, dict) and config.get("class_name") == "MeanMetricWrapper":
        return MeanMetricWrapper.from_config(config.get("config", {}), custom_objects)
    if isinstance(config, dict):
        return _deserialize(config, "metrics", custom_objects)
    return get(config, custom_objects)


__all__ = [
    "AUC",
    "Accuracy",
    "BCE",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "BinaryIoU",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "ConcordanceCorrelation",
    "CosineSimilarity",
    "F1Score",
    "FBetaScore",
    "FalseNegatives",
    "FalsePositives",
    "Hinge",
    "IoU",
    "KLD",
    "KLDivergence",
    "LogCoshError",
    "MAE",
    "MAPE",
    "MSE",
    "MSLE",
    "Mean",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanIoU",
    "MeanMetricWrapper",
    "MeanRelativeError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Metric",
    "OneHotIoU",
    "OneHotMeanIoU",
    "PearsonCorrelation",
    "Poisson",
    "Precision",
    "PrecisionAtRecall",
    "R2Score",
    "Recall",
    "RecallAtPrecision",
    "RootMeanSquaredError",
    "SensitivityAtSpecificity",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "SparseTopKCategoricalAccuracy",
    "SpecificityAtSensitivity",
    "SquaredHinge",
    "Sum",
    "TopKCategoricalAccuracy",
    "TrueNegatives",
    "TruePositives",
    "accuracy",
    "as_metric",
    "bce",
    "binary_accuracy",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_accuracy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_hinge",
    "concordance_correlation",
    "cosine_similarity",
    "deserialize",
    "find_function",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "kld",
    "kullback_leibler_divergence",
    "log_cosh",
    "logcosh",
    "mae",
    "mape",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "mse",
    "msle",
    "pearson_correlation",
    "poisson",
    "resolve_accuracy",
    "serialize",
    "sparse_categorical_accuracy",
    "sparse_categorical_crossentropy",
    "sparse_top_k_categorical_accuracy",
    "squared_hinge",
    "top_k_categorical_accuracy",
]
