"""Which module of Keras or TensorFlow shows which modules of Lernwerk: one table.

A key is the canonical spelling; ``canonical`` brings all others to it. Constants are single names
that come before those of the sources: versions, and what has another name or place here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from lernwerk.compat.facade import Where

KERAS_VERSION = "3.10.0"  # the surface that is spoken, as programs ask for it
TENSORFLOW_VERSION = "2.19.0"
ROOTS = ("keras", "tensorflow", "tf_keras", "keras_core")


@dataclass(frozen=True)
class Row:
    """What a facade shows: public names of the sources, and single ones."""

    sources: tuple[str, ...] = ()
    constants: Mapping[str, Any] = field(default_factory=dict)


def _row(*sources: str, **constants: Any) -> Row:
    """A row of modules of Lernwerk; text among the constants is a place ``module:name``."""
    places = {
        name: Where(f"lernwerk.{value}") if isinstance(value, str) and ":" in value else value
        for name, value in constants.items()
    }
    return Row(tuple(f"lernwerk.{source}" for source in sources), places)


_ENGINE = _row("compat.old_layers", "layers", "models")
_RECENT = {"__version__": KERAS_VERSION, "version": lambda: KERAS_VERSION}
_LAYERS = _row(
    "compat.old_layers", "layers", serialize="configurable:serialize",
    deserialize="compat.old_layers:deserialize",
)  # fmt: skip
_UTILS = _row("utils", "compat.old_utils", "registration", clear_session="backend:clear_session")

# Modules of Keras 3 by their own names; where the second part of a key is the same as a module of
# Lernwerk, that is what is shown.
_KERAS: dict[str, Row] = {
    "": _row(
        Model="models:Model",
        Sequential="models:Sequential",
        Input="layers:Input",
        Layer="layers:Layer",
        InputSpec="compat.old_layers:InputSpec",
        Loss="losses:Loss",
        Metric="metrics:Metric",
        Optimizer="optimizers:Optimizer",
        Initializer="initializers:Initializer",
        Regularizer="regularizers:Regularizer",
        KerasTensor="layers.symbolic:KerasTensor",
        Variable="core:Variable",
        DTypePolicy="mixed_precision:DTypePolicy",
        name_scope="backend:name_scope",
        **_RECENT,
    ),
    "activations": _row("activations"),
    "applications": _row("applications"),
    "backend": _row("backend"),
    "callbacks": _row("callbacks", "compat.old_callbacks"),
    "config": _row("config"),
    "constraints": _row("constraints"),
    "datasets": _row("datasets"),
    "dtype_policies": _row("mixed_precision"),
    "initializers": _row("initializers"),
    "layers": _LAYERS,
    "losses": _row("losses"),
    "metrics": _row("metrics"),
    "mixed_precision": _row("mixed_precision"),
    "models": _row("models", "saving"),
    "ops": _row("ops"),
    "ops.image": _row("compat.tensorflow.image"),
    "ops.linalg": _row("ops"),
    "ops.nn": _row("ops"),
    "ops.numpy": _row("ops"),
    "optimizers": _row("optimizers", TFOptimizer="optimizers:Optimizer"),
    "optimizers.schedules": _row("optimizers.schedules"),
    "preprocessing": _row("preprocessing", "utils"),
    "preprocessing.image": _row("preprocessing.image", "utils"),
    "preprocessing.sequence": _row("preprocessing.sequence", "utils"),
    "preprocessing.text": _row("preprocessing.text", "utils"),
    "random": _row("random"),
    "regularizers": _row("regularizers"),
    "saving": _row("saving", "registration", "models"),
    "utils": _UTILS,
    "visualization": _row("plots"),
    "wrappers": _row("compat.scikit_learn"),
    "wrappers.scikit_learn": _row("compat.scikit_learn"),
}
# Spellings of earlier years: old part of the name -> the module of today.
_OLD: dict[str, tuple[str, ...]] = {
    "layers": (
        "advanced_activations", "attention", "convolutional", "core", "embeddings", "experimental",
        "experimental.preprocessing", "local", "merge", "merging", "noise", "normalization",
        "normalization.batch_normalization", "pooling", "preprocessing", "recurrent",
        "recurrent_v2", "regularization", "reshaping", "rnn", "wrappers",
    ),
    "optimizers": (
        "adadelta", "adagrad", "adam", "experimental", "legacy", "nadam", "optimizer", "rmsprop",
        "sgd",
    ),
    "utils": (
        "conv_utils", "data_utils", "generic_utils", "image_utils", "io_utils", "layer_utils",
        "model_visualization", "multi_gpu_utils", "np_utils", "numerical_utils", "vis_utils",
        "training_utils", "dataset_utils", "text_dataset_utils", "test_utils", "losses_utils",
    ),
    "backend": ("common", "tensorflow_backend", "load_backend", "config"),
    "callbacks": ("callbacks", "tensorboard_v1"),
    "initializers": ("initializers", "initializers_v2"),
    "mixed_precision": ("experimental", "policy"),
    "saving": ("hdf5_format", "legacy", "save", "saving_lib"),
    "preprocessing": ("timeseries",),
    "models": ("cloning", "functional", "model", "sequential"),
    "metrics": ("metrics",),
    "losses": ("losses",),
}  # fmt: skip
_RENAMED = {
    "objectives": "losses", "initializations": "initializers", "optimizer_v2": "optimizers",
    "optimizer_v1": "optimizers", "optimizers_v2": "optimizers", "callbacks_v1": "callbacks",
    "backend_config": "backend", "initializers_v2": "initializers",
    "preprocessing.timeseries": "preprocessing.sequence",
    "optimizer_v2.schedules": "optimizers.schedules",
    "optimizer_v2.learning_rate_schedule": "optimizers.schedules",
    "optimizers.learning_rate_schedule": "optimizers.schedules",
    "optimizers.schedules.learning_rate_schedule": "optimizers.schedules",
    "activations.activations": "activations", "experimental": "",
}  # fmt: skip
_RENAMED |= {f"optimizer_v2.{name}": "optimizers" for name in ("optimizer_v2", *_OLD["optimizers"])}
_RENAMED |= {f"{new}.{old}": new for new, olds in _OLD.items() for old in olds}
_ENGINES = (
    "base_layer", "base_layer_v1", "data_adapter", "functional", "input_layer", "input_spec",
    "keras_tensor", "network", "saving", "sequential", "topology", "training",
    "training_utils", "node",
)  # fmt: skip
_KERAS |= dict.fromkeys(("engine", *(f"engine.{part}" for part in _ENGINES)), _ENGINE)

_TENSORFLOW: dict[str, Row] = {
    "tensorflow": _row(
        "compat.tensorflow", __version__=TENSORFLOW_VERSION, VERSION=TENSORFLOW_VERSION,
    ),
    **{
        f"tensorflow.{name}": _row(f"compat.tensorflow.{name}")
        for name in (
            "config", "data", "debugging", "dtypes", "errors", "image", "io", "linalg", "logging",
            "math", "nn", "random", "summary", "test", "train", "version",
        )
    },
    "tensorflow.io.gfile": _row("compat.tensorflow.gfile"),
    "tensorflow.gfile": _row("compat.tensorflow.gfile"),
    "tensorflow.config.experimental": _row("compat.tensorflow.config"),
    "tensorflow.config.threading": _row("compat.tensorflow.config"),
    "tensorflow.config.optimizer": _row("compat.tensorflow.config"),
    "tensorflow.data.experimental": _row("compat.tensorflow.data"),
    "tensorflow.compat": _row(),
    "tensorflow.contrib": _row(),
    **{
        f"tensorflow.{name}": _row(name)
        for name in ("initializers", "losses", "metrics", "optimizers")
    },
    "tensorflow.compat.v1": _row("compat.tensorflow.v1", "compat.tensorflow"),
    "tensorflow.compat.v2": _row("compat.tensorflow", __version__=TENSORFLOW_VERSION),
    "tensorflow.compat.v1.logging": _row("compat.tensorflow.logging"),
    "tensorflow.compat.v1.random": _row("compat.tensorflow.random"),
    "tensorflow.compat.v1.nn": _row("compat.tensorflow.nn"),
    "tensorflow.compat.v1.train": _row("compat.tensorflow.train"),
    "tensorflow.compat.v1.config": _row("compat.tensorflow.config"),
    "tensorflow.compat.v1.math": _row("compat.tensorflow.math"),
    "tensorflow.compat.v1.image": _row("compat.tensorflow.image"),
    "tensorflow.python": _row("compat.tensorflow"),
    "tensorflow.python.client": _row("compat.tensorflow.devices"),
    "tensorflow.python.client.device_lib": _row("compat.tensorflow.devices"),
    "tensorflow.python.framework": _row("compat.tensorflow"),
    "tensorflow.python.framework.ops": _row("compat.tensorflow.v1", "compat.tensorflow"),
    "tensorflow.python.framework.random_seed": _row("compat.tensorflow.random"),
    "tensorflow.python.ops": _row("compat.tensorflow"),
    "tensorflow.python.ops.math_ops": _row("compat.tensorflow.math", "compat.tensorflow"),
    "tensorflow.python.ops.array_ops": _row("compat.tensorflow"),
    "tensorflow.python.platform": _row("compat.tensorflow.logging"),
}  # fmt: skip

MODULES: dict[str, Row] = {
    f"keras.{name}".rstrip("."): row for name, row in _KERAS.items()
} | _TENSORFLOW

# Packages whose modules have the names that Keras's have: each is shown as it is.
_ALIKE = ("applications", "datasets")


def row_of(key: str) -> Row:
    """What is shown under a canonical spelling."""
    if key in MODULES:
        return MODULES[key]
    return _row(key.removeprefix("keras."))


def _is_alike(inner: str) -> bool:
    package, _, name = inner.partition(".")
    return name.isidentifier() and package in _ALIKE and name in _modules_in(package)


@cache
def _modules_in(package: str) -> frozenset[str]:
    """The public modules in a package of Lernwerk."""
    folder = Path(__file__).parents[1] / package
    return frozenset(file.stem for file in folder.glob("[a-z]*.py"))


# What may stand before a module of Keras.
_PREFIXES = re.compile(
    r"^(?:tensorflow\.(?:python\.|contrib\.|compat\.v[12]\.|_api\.v[12]\.)?keras"
    r"|tensorflow\.python\.keras|tf_keras|keras_core|keras)(?=\.|$)"
)
_INSIDE = re.compile(
    r"^(?:(?:api|_v2|_v1|v2|_tf_keras|keras|src|python|legacy_tf_layers)(?=\.|$)\.?)+"
)


@cache
def canonical(fullname: str) -> str | None:
    """The key of ``MODULES`` for a spelling; None where there is no such module."""
    match = _PREFIXES.match(fullname)
    if match is None:
        return fullname if fullname in MODULES else None
    inner = fullname[match.end() :].removeprefix(".")
    inner = _INSIDE.sub("", inner)
    inner = _RENAMED.get(inner, inner)
    key = f"keras.{inner}".rstrip(".")
    return key if key in MODULES or _is_alike(inner) else None


@cache
def children(key: str) -> tuple[str, ...]:
    """The names of the modules directly inside one, in all their spellings."""
    known = {*MODULES, *(f"keras.{old}" for old in _RENAMED)}
    inside = {name[len(key) + 1 :] for name in known if name.startswith(f"{key}.")}
    found = {name.partition(".")[0] for name in inside} - {""}
    found |= _modules_in(key[6:]) if key[6:] in _ALIKE else set()
    if key in ("tensorflow", "tensorflow.compat.v1", "tensorflow.compat.v2", "tensorflow.python"):
        found.add("keras")
    return tuple(sorted(found))
