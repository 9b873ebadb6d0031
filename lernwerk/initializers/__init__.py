"""The initializers of weights under Keras's names; seeds make them repeat, on every engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lernwerk.configurable import deserialize as _deserialize
from lernwerk.configurable import resolve, serialize
from lernwerk.core.tensor import Tensor
from lernwerk.initializers.constant import Constant, Identity, Ones, Zeros
from lernwerk.initializers.initializer import Initializer, RandomInitializer
from lernwerk.initializers.random import (
    Orthogonal,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
)
from lernwerk.initializers.scaled import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    VarianceScaling,
    compute_fans,
)

IdentityInitializer, OrthogonalInitializer = Identity, Orthogonal
normal, uniform, zero, one = RandomNormal, RandomUniform, Zeros, Ones  # the names in Keras 1
zeros, ones, constant, identity, orthogonal = Zeros, Ones, Constant, Identity, Orthogonal
random_normal, random_uniform, truncated_normal = RandomNormal, RandomUniform, TruncatedNormal
variance_scaling = VarianceScaling
glorot_normal, glorot_uniform = GlorotNormal, GlorotUniform
he_normal, he_uniform = HeNormal, HeUniform
lecun_normal, lecun_uniform = LecunNormal, LecunUniform

NAMES: Mapping[str, type[Initializer]] = {
    "zeros": Zeros,
    "ones": Ones,
    "constant": Constant,
    "identity": Identity,
    "orthogonal": Orthogonal,
    "random_normal": RandomNormal,
    "random_uniform": RandomUniform,
    "truncated_normal": TruncatedNormal,
    "variance_scaling": VarianceScaling,
    "glorot_normal": GlorotNormal,
    "glorot_uniform": GlorotUniform,
    "he_normal": HeNormal,
    "he_uniform": HeUniform,
    "lecun_normal": LecunNormal,
    "lecun_uniform": LecunUniform,
}
_ALIASES: Mapping[str, type[Initializer]] = {
    "zero": Zeros,
    "one": Ones,
    "normal": RandomNormal,
    "uniform": RandomUniform,
    "IdentityInitializer": Identity,
    "OrthogonalInitializer": Orthogonal,
    **{each.__name__: each for each in NAMES.values()},
}


def get(identifier: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """An initializer from its name, config, class, function or itself; an array is a Constant.

    Raises ArgumentError with the nearest name.
    """
    if isinstance(identifier, (np.ndarray, Tensor)):
        return Constant(identifier)
    return resolve(identifier, "initializers", {**_ALIASES, **NAMES}, custom_objects)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The initializer that a written form, or a name, describes."""
    if isinstance(config, str):
        return get(config, custom_objects)
    return _deserialize(config, "initializers", custom_objects)


__all__ = [
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "IdentityInitializer",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "OrthogonalInitializer",
    "RandomInitializer",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "compute_fans",
    "constant",
    "deserialize",
    "get",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "lecun_normal",
    "lecun_uniform",
    "normal",
    "one",
    "ones",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "serialize",
    "truncated_normal",
    "uniform",
    "variance_scaling",
    "zero",
    "zeros",
]
