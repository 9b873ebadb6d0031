"""The losses under Keras's names: ``MeanSquaredError()`` and ``mean_squared_error``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lernwerk.configurable import deserialize as _deserialize
from lernwerk.configurable import resolve, serialize
from lernwerk.losses.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from lernwerk.losses.divergence import KLDivergence, Poisson, kl_divergence, poisson
from lernwerk.losses.loss import Loss, LossFunctionWrapper
from lernwerk.losses.margin import (
    CategoricalHinge,
    Hinge,
    SquaredHinge,
    categorical_hinge,
    hinge,
    squared_hinge,
)
from lernwerk.losses.regression import (
    CosineSimilarity,
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    cosine_similarity,
    huber,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)

CLASSES: Mapping[Callable[..., Any], type[Loss]] = {
    binary_crossentropy: BinaryCrossentropy,
    categorical_crossentropy: CategoricalCrossentropy,
    sparse_categorical_crossentropy: SparseCategoricalCrossentropy,
    kl_divergence: KLDivergence,
    poisson: Poisson,
    hinge: Hinge,
    squared_hinge: SquaredHinge,
    categorical_hinge: CategoricalHinge,
    mean_squared_error: MeanSquaredError,
    mean_absolute_error: MeanAbsoluteError,
    mean_absolute_percentage_error: MeanAbsolutePercentageError,
    mean_squared_logarithmic_error: MeanSquaredLogarithmicError,
    cosine_similarity: CosineSimilarity,
    log_cosh: LogCosh,
    huber: Huber,
}
_SHORT: Mapping[str, Callable[..., Any]] = {
    "bce": binary_crossentropy,
    "kld": kl_divergence,
    "mae": mean_absolute_error,
    "mse": mean_squared_error,
    "mape": mean_absolute_percentage_error,
    "msle": mean_squared_logarithmic_error,
}
NAMES: Mapping[str, Any] = {
    **{function.__name__: function for function in CLASSES},
    **{each.__name__: each for each in CLASSES.values()},
    **_SHORT,
    **{name.upper(): function for name, function in _SHORT.items()},
    "kullback_leibler_divergence": kl_divergence,
    "logcosh": log_cosh,
    "huber_loss": huber,
}


def get(identifier: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """A loss from its name, config, class or itself; function names give functions, as in Keras.

    Raises ArgumentError with the nearest name.
    """
    return resolve(identifier, "losses", NAMES, custom_objects)


def as_loss(identifier: Any, custom_objects: Mapping[str, Any] | None = None) -> Loss:
    """A Loss object for everything that ``compile(loss=...)`` takes.

    A name or function of this package becomes the object of its class, named as it was given; a
    function of the user's is wrapped.
    """
    found = get(identifier, custom_objects)
    if isinstance(found, Loss):
        return found
    name = identifier if isinstance(identifier, str) else None
    if found in CLASSES:
        return CLASSES[found](**({} if name is None else {"name": name}))
    return LossFunctionWrapper(found, name=name)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The loss that a written form describes; a function's name gives the function."""
    if isinstance(config, str):
        return get(config, custom_objects)
    return _deserialize(config, "losses", custom_objects)


__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "CosineSimilarity",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "LossFunctionWrapper",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "as_loss",
    "binary_crossentropy",
    "categorical_crossentropy",
    "categorical_hinge",
    "cosine_similarity",
    "deserialize",
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
    "serialize",
    "sparse_categorical_crossentropy",
    "squared_hinge",
]
