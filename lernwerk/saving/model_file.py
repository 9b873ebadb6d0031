"""save_model, load_model, save_weights and load_weights.

They put together the parts beside this file: the zip, the weights file, the places of variables and
the making of objects. Loading compares everything first and assigns last.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from lernwerk.core.variable import Variable
from lernwerk.errors import ArgumentError, FileError, LernwerkError, UsageError
from lernwerk.models.model import Model
from lernwerk.models.sequential import Sequential
from lernwerk.ops.primitive import Array
from lernwerk.saving.archive import (
    CONFIG,
    METADATA,
    WEIGHTS,
    Archive,
    extra_members,
    write_archive,
)
from lernwerk.saving.building import Budget, check_input, measured
from lernwerk.saving.layout import STATES, places, seed_places
from lernwerk.saving.matching import Assignments, optimizer_paths
from lernwerk.saving.objects import Reader, compile_from, model_config, refuse_code
from lernwerk.saving.weights_file import WeightsFile, weights_bytes
from lernwerk.utils.atomic import write_atomically

FilePath = str | os.PathLike[str]

FORMAT = "3.6.0"  # the oldest Keras whose files look like this


# ---- writing


def save_model(
    model: Model,
    filepath: FilePath,
    overwrite: bool = True,
    extras: Mapping[str, bytes] | None = None,
) -> None:
    """Write a model to a ``.keras`` file that Keras 3 opens too.

    The file holds the layers, the weights, and of a compiled model the settings and state of the
    training, so that it goes on as if it had never stopped. ``extras`` are further members for
    ``read_extras``. The file is written whole or not at all.
    Raises FileError where it cannot be written, or exists and ``overwrite`` is False; ArgumentError
    for a path that does not end in .keras, UsageError for a model that is not built.
    """
    _check_target(filepath, overwrite, ".keras", "save_model")
    if not isinstance(model, Sequential):
        raise UsageError(
            "save_model", "a Sequential model", f"one of class {type(model).__name__}",
            "Its weights can be saved: model.save_weights('model.weights.h5').",
        )  # fmt: skip
    _check_built(model, "save_model")
    _check_names(model)
    date = datetime.now().strftime("%Y-%m-%d@%H:%M:%S")
    metadata = {"keras_version": FORMAT, "date_saved": date, "written_by": "lernwerk"}
    members = {
        METADATA: json.dumps(metadata).encode(),
        CONFIG: json.dumps(model_config(model), default=_refuse_value).encode(),
        WEIGHTS: _weights(model, state=True),
    }
    write_archive(filepath, members | extra_members(extras))


def save_weights(model: Model, filepath: FilePath, overwrite: bool = True) -> None:
    """Write the weights of a model, and its optimizer's state, to a ``.weights.h5`` file.

    Raises FileError, ArgumentError and UsageError as ``save_model``.
    """
    _check_target(filepath, overwrite, ".weights.h5", "save_weights")
    _check_built(model, "save_weights")
    content = _weights(model, state=False)
    with write_atomically(filepath) as temporary:
        temporary.write_bytes(content)


def _weights(model: Model, state: bool) -> bytes:
    arrays: dict[str, Array] = {}
    groups: dict[str, str] = {}
    for place in places(model):
        groups |= place.names()
        arrays |= {path: variable.numpy() for path, variable in place.paths()}
    arrays |= {path: _keras_seed(variable) for path, variable in seed_places(model)}
    if model.optimizer is not None:
        groups["optimizer/vars"] = model.optimizer.name
        arrays |= {path: v.numpy() for path, v in optimizer_paths(model.optimizer)}
    if state:
        arrays |= {f"{STATES}/{i}": v.numpy() for i, v in enumerate(_random_states(model))}
    return weights_bytes(arrays, groups, sealed=not state)  # a zip has checksums of its own


def _keras_seed(state: Variable) -> Array:
    """A random stream as Keras keeps one: seed and number of draws."""
    seed, _, _, step = state.numpy()
    return np.array([seed, step], np.uint32)


def _random_states(model: Model) -> list[Variable]:
    return [*model.random_states, model._order.state]


def _refuse_value(value: Any) -> Any:
    raise UsageError(
        "save_model", "configs of numbers, strings, lists and dicts", repr(value)[:80],
        "get_config of a layer of your own has to return such values only.",
    )  # fmt: skip


def _check_target(filepath: FilePath, overwrite: bool, ending: str, where: str) -> None:
    if not os.fspath(filepath).endswith(ending):
        raise ArgumentError(where, f"a path that ends in {ending}", repr(os.fspath(filepath)),
                            f"For example 'model{ending}'.")  # fmt: skip
    if not overwrite and Path(filepath).exists():
        raise FileError(os.fspath(filepath), "a new file", "one that exists",
                        "Choose another name, or overwrite=True.")  # fmt: skip


def _check_names(model: Sequential) -> None:
    """Keras does not open a model in which two layers have one name."""
    names = [layer.name for layer in model.layers]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(
                "save_model", "layers of different names", f"{name!r} twice",
                f"Give one of them another: name='{name}_{len(names)}'.",
            )  # fmt: skip


def _check_built(model: Model, where: str) -> None:
    if not model.built:
        raise UsageError(
            where, "a built model", "one without input shape",
            "Begin it with Input(shape=...), or call it on data first.",
        )  # fmt: skip


# ---- reading


def load_model(
    filepath: FilePath, custom_objects: Mapping[str, Any] | None = None, compile: bool = True
) -> Model:
    """The model in a ``.keras`` file, ours or of Keras 3, ready to go on training.

    ``custom_objects`` gives classes and functions of your own by name. With ``compile=False``
    optimizer, loss and metrics of the file are passed over. Nothing in a file is ever executed.
    Raises FileError with one sentence that says what is wrong with the file.
    """
    with Archive(filepath) as archive:
        try:
            return _loaded(archive, custom_objects, compile)
        except FileError:
            raise
        except LernwerkError as error:
            where = f"{archive.path}, {CONFIG}, {error.where}"
            raise FileError(where, error.expected, error.got, error.hint) from error
        except Exception as error:  # a config may be wrong in more ways than layers check
            reason = f"{type(error).__name__}: {error}".splitlines()[0][:200].rstrip(".")
            raise FileError(archive.path, "a config that describes a model", reason) from error


def _loaded(archive: Archive, custom: Mapping[str, Any] | None, compile: bool) -> Model:
    config = _json(archive)
    refuse_code(archive.path, config)
    reader = Reader(Budget(archive.path, archive.size(WEIGHTS)), custom)
    model = _built(config, reader)
    settings = config.get("compile_config") if compile else None
    if settings:
        compile_from(model, settings, reader)
    _check_size(archive.path, archive.size(WEIGHTS), model)
    with WeightsFile(archive.path, archive.read(WEIGHTS)) as weights:
        found = Assignments(weights, model)
        if settings:
            found.optimizer()
        found.random_states(_random_states(model))
        found.apply()
    return model


def _json(archive: Archive) -> dict[str, Any]:
    try:
        config = json.loads(archive.read(CONFIG))
    except (ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise FileError(archive.path, f"JSON in {CONFIG}", reason, "The file is damaged."
                        ) from error  # fmt: skip
    if not isinstance(config, dict) or "class_name" not in config:
        raise FileError(archive.path, f"a model in {CONFIG}", repr(config)[:60])
    return config


def _built(config: Mapping[str, Any], reader: Reader) -> Sequential:
    """The model with zeros for weights."""
    model = reader.object(config, "")
    if not isinstance(model, Sequential):
        raise FileError(reader.where, "a Sequential model", f"a {type(model).__name__}")
    shape = (config.get("build_config") or {}).get("input_shape")
    if not model.built and shape is not None:
        with measured([model], reader.budget):
            model.build_for(check_input(reader.where, shape))
    if not model.built:
        raise FileError(reader.where, "a model with an input shape", "none",
                        "Save it again after it has seen data.")  # fmt: skip
    return model


def _check_size(where: str, size: int, model: Model) -> None:
    """Refuse a weights file beyond what this model and any optimizer can fill."""
    every = model.weights
    numbers = sum(variable.size * variable.spec.dtype.itemsize for variable in every)
    entries = 4 * (len(every) + len(places(model)))  # with up to three slots for each weight
    limit = 16 * numbers + 2**14 * (entries + 16)
    if size > limit:
        raise FileError(where, f"weights of at most {limit:,} bytes for this model",
                        f"{size:,} bytes", "It is not unpacked.")  # fmt: skip


def load_weights(model: Model, filepath: FilePath) -> None:
    """Read the weights from a ``.weights.h5`` or ``.keras`` file into a model of the same layers.

    The optimizer's state comes along where the file has it and the model is compiled; one that does
    not fit is left out with a warning. Weights are compared first: where one is missing, left over
    or of another shape, FileError names it and nothing is changed.
    """
    _check_built(model, "load_weights")
    path = os.fspath(filepath)
    with WeightsFile(path, _content(path, model)) as weights:
        found = Assignments(weights, model)
        if model.optimizer is not None:
            found.optimizer_if_it_fits()
        found.random_states([])
        found.apply()


def _content(path: str, model: Model) -> bytes:
    try:
        with Path(path).open("rb") as file:
            packed = file.read(2) == b"PK"
    except OSError as error:
        reason = error.strerror or str(error)
        raise FileError(path, "a readable file", reason, "Check the path.") from error
    if packed:
        with Archive(path) as archive:
            _check_size(path, archive.size(WEIGHTS), model)
            return archive.read(WEIGHTS)
    _check_size(path, Path(path).stat().st_size, model)
    return Path(path).read_bytes()
