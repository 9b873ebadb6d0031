"""The losses under Keras's names: ``MeanSquaredError()`` and ``mean_squared_error``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lernwerk.configurable import deserialize as _deserialize
from lernwerk.configurable import resolve, to_config
from lernwerk.losses.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from lernwerk.losses.divergence import KLDivergence, Poisson, kl_divergence, poisson
from lernwerk.losses.focal import (
    BinaryFocalCrossentropy,
    CategoricalFocalCrossentropy,
    CategoricalGeneralizedCrossEntropy,
    binary_focal_crossentropy,
    categorical_focal_crossentropy,
    categorical_generalized_cross_entropy,
)
from lernwerk.losses.loss import Loss, LossFunctionWrapper
from lernwerk.losses.margin import (
    CategoricalHinge,
    Hinge,
    SquaredHinge,
    categorical_hinge,
    hinge,
    squared_hinge,
)
from lernwerk.losses.overlap import Dice, Tversky, dice, tversky
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
from lernwerk.losses.sequence import CTC, ctc

# The names of Keras up to 2.3.
mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
bce = BCE = binary_crossentropy
kld = KLD = kullback_leibler_divergence = kl_divergence
logcosh, huber_loss = log_cosh, huber
cosine = cosine_proximity = cosine_similarity

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
    binary_focal_crossentropy: BinaryFocalCrossentropy,
    categorical_focal_crossentropy: CategoricalFocalCrossentropy,
    categorical_generalized_cross_entropy: CategoricalGeneralizedCrossEntropy,
    dice: Dice,
    tversky: Tversky,
    ctc: CTC,
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
    "cosine": cosine_similarity,
    "cosine_proximity": cosine_similarity,
    "CosineProximity": CosineSimilarity,
}


def get(identifier: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """A loss from its name, config, class or itself; function names give functions, as in Keras.

    Raises ArgumentError with the nearest name.
    """
    if isinstance(identifier, str) and identifier in (custom_objects or {}):
        return custom_objects[identifier]  # type: ignore[index]
    if isinstance(identifier, dict):
        return deserialize(identifier, custom_objects)
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


def serialize(loss: Any) -> Any:
    """A loss in Keras's written form; a function by its name."""
    return to_config(loss)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The loss that a written form describes; a function's name gives the function."""
    if isinstance(config, dict) and config.get("class_name") == "function":
        config = config.get("config")
    if isinstance(config, dict) and config.get("class_name") == "LossFunctionWrapper":
        return LossFunctionWrapper.from_config(config.get("config", {}), custom_objects)
    if isinstance(config, dict):
        return _deserialize(config, "losses", custom_objects)
    return get(config, custom_objects)


__all__ = [
    "BCE",
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CTC",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalGeneralizedCrossEntropy",
    "CategoricalHinge",
    "CosineSimilarity",
    "Dice",
    "Hinge",
    "Huber",
    "KLD",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "LossFunctionWrapper",
    "MAE",
    "MAPE",
    "MSE",
    "MSLE",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "Tversky",
    "as_loss",
    "bce",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_generalized_cross_entropy",
    "categorical_hinge",
    "cosine",
    "cosine_proximity",
    "cosine_similarity",
    "ctc",
    "deserialize",
    "dice",
    "get",
    "hinge",
    "huber",
    "huber_loss",
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
    "poisson",
    "serialize",
    "sparse_categorical_crossentropy",
    "squared_hinge",
    "tversky",
]
