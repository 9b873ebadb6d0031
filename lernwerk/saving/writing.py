"""save_model and save_weights: models and weights into files that Keras 3 opens too."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from lernwerk.configurable import serialize
from lernwerk.core.variable import Variable
from lernwerk.errors import ArgumentError, FileError, UsageError
from lernwerk.layers.symbolic import KerasTensor
from lernwerk.models.model import Model
from lernwerk.models.written import written
from lernwerk.ops.primitive import Array
from lernwerk.saving.archive import CONFIG, METADATA, WEIGHTS, extra_members, write_archive
from lernwerk.saving.assets import asset_members
from lernwerk.saving.layout import STATES, places, seed_places
from lernwerk.saving.matching import optimizer_paths, optimizer_state
from lernwerk.saving.refusal import check_written
from lernwerk.saving.weights_file import weights_bytes
from lernwerk.utils.atomic import write_atomically

FilePath = str | os.PathLike[str]

FORMAT = "3.6.0"  # the oldest Keras whose files look like this
OLD_ENDINGS = (".h5", ".hdf5")


def save_model(
    model: Model,
    filepath: FilePath,
    overwrite: bool = True,
    zipped: bool | None = None,
    include_optimizer: bool = True,
    save_format: str | None = None,
    extras: Mapping[str, bytes] | None = None,
) -> None:
    """Write a model to a ``.keras`` file that Keras 3 opens too.

    The file holds the layers, the weights, and of a compiled model the settings and state of the
    training, so that it goes on as if it had never stopped. ``extras`` are further members for
    ``read_extras``. The file is written whole or not at all. A path that ends in .h5 or .hdf5 gets
    Keras's older format (``docs/files.md``).
    Raises FileError where it cannot be written, or exists and ``overwrite`` is False; ArgumentError
    for another ending, UsageError for a model that is not built or holds a lambda.
    """
    path = os.fspath(filepath)
    if path.endswith(OLD_ENDINGS) and not path.endswith(".weights.h5"):
        from lernwerk.saving.legacy.writing import save_old_model

        check_target(path, overwrite, OLD_ENDINGS, "save_model")
        save_old_model(model, path, include_optimizer)
        return
    if zipped is False or save_format not in (None, "keras"):
        raise ArgumentError("save_model", "a .keras file (a zip), or a path that ends in .h5",
                            f"zipped={zipped}, save_format={save_format!r}")  # fmt: skip
    check_target(path, overwrite, (".keras",), "save_model")
    check_built(model, "save_model")
    _check_names(model)
    _warn_of_symbolic_losses(model)
    date = datetime.now().strftime("%Y-%m-%d@%H:%M:%S")
    metadata = {"keras_version": FORMAT, "date_saved": date, "written_by": "lernwerk"}
    members = {
        METADATA: json.dumps(metadata).encode(),
        CONFIG: json.dumps(model_config(model, include_optimizer), default=plain).encode(),
        WEIGHTS: _weights(model, state=True, optimizer=include_optimizer),
    }
    write_archive(filepath, members | asset_members(model) | extra_members(extras))


def save_weights(model: Model, filepath: FilePath, overwrite: bool = True) -> None:
    """Write the weights of a model, and its optimizer's state, to a ``.weights.h5`` file.

    Another path that ends in .h5 or .hdf5 gets the weights in Keras's older format.
    Raises FileError, ArgumentError and UsageError as ``save_model``.
    """
    path = os.fspath(filepath)
    check_target(path, overwrite, (".weights.h5", *OLD_ENDINGS), "save_weights")
    check_built(model, "save_weights")
    if not path.endswith(".weights.h5"):
        from lernwerk.saving.legacy.writing import save_old_weights

        save_old_weights(model, path)
        return
    content = _weights(model, state=False, optimizer=True)
    with write_atomically(filepath) as temporary:
        temporary.write_bytes(content)


def model_config(model: Model, compiled: bool = True) -> dict[str, Any]:
    """The written form of a model with what it was built and compiled for."""
    config = serialize(model)
    config["build_config"] = model.get_build_config() or {
        "input_shape": config["config"].get("build_input_shape")
    }
    if compiled and model.compiled:
        config["compile_config"] = model.get_compile_config()
    check_written(config)
    return config


def model_to_json(model: Model, **options: Any) -> str:
    """The config as JSON text; ``options`` are those of ``json.dumps``."""
    return json.dumps(model_config(model), default=plain, **options)


def plain(value: Any) -> Any:
    """A value that JSON does not know in Keras's written form."""
    found = written(value)
    if found is value:
        raise UsageError(
            "save_model", "configs of numbers, strings, lists and dicts", repr(value)[:80],
            "get_config of a layer of your own has to return such values only.",
        )  # fmt: skip
    return found


def _weights(model: Model, state: bool, optimizer: bool) -> bytes:
    arrays: dict[str, Array] = {}
    groups: dict[str, str] = {}
    for place in places(model):
        groups |= place.names()
        arrays |= place.arrays()
    arrays |= {path: _keras_seed(variable) for path, variable in seed_places(model)}
    if model.optimizer is not None and optimizer:
        groups["optimizer/vars"] = model.optimizer.name
        arrays |= {path: v.numpy() for path, v in optimizer_paths(optimizer_state(model))}
    if state:
        arrays |= {f"{STATES}/{i}": v.numpy() for i, v in enumerate(random_states(model))}
    return weights_bytes(arrays, groups, sealed=not state)  # a zip has checksums of its own


def _keras_seed(state: Variable) -> Array:
    """A random stream as Keras keeps one: seed and number of draws."""
    seed, _, _, step = state.numpy()
    return np.array([seed, step], np.uint32)


def random_states(model: Model) -> list[Variable]:
    """The counters of all random streams of a model."""
    return [*model.random_states, model._order.state]


# ---- what cannot be written


def check_target(path: str, overwrite: bool, endings: tuple[str, ...], where: str) -> None:
    """Refuse a path of another ending, and one that is taken where nothing may be overwritten."""
    if not path.endswith(endings):
        raise ArgumentError(where, f"a path that ends in {endings[0]}", repr(path),
                            f"For example 'model{endings[0]}'.")  # fmt: skip
    if not overwrite and Path(path).exists():
        raise FileError(path, "a new file", "one that exists",
                        "Choose another name, or overwrite=True.")  # fmt: skip


def _check_names(model: Model) -> None:
    """Keras does not open a model in which two layers have one name."""
    names = [layer.name for layer in model.layers]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(
                "save_model", "layers of different names", f"{name!r} twice",
                f"Give one of them another: name='{name}_{len(names)}'.",
            )  # fmt: skip


def _warn_of_symbolic_losses(model: Model) -> None:
    if any(isinstance(each, KerasTensor) for each in model._lasting_losses):
        warnings.warn(
            f"{model.name}: the loss of model.add_loss(tensor) is not written to the file. "
            "Call add_loss in a layer of your own, or again after loading.",
            stacklevel=3,
        )


def check_built(model: Model, where: str) -> None:
    """Refuse a model without weights."""
    if not model.built:
        raise UsageError(
            where, "a built model", "one without input shape",
            "Begin it with Input(shape=...), or call it on data first.",
        )  # fmt: skip
