"""Models and weights into .h5 files, Keras's older format, which Keras 3 opens too."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lernwerk.core.variable import Variable
from lernwerk.models.model import Model
from lernwerk.saving.legacy.optimizer_state import GROUP
from lernwerk.saving.legacy.weights import groups_of
from lernwerk.saving.matching import optimizer_state
from lernwerk.saving.writing import FORMAT, check_built, model_config, plain
from lernwerk.utils.atomic import write_atomically

_LIMIT = 64_000  # bytes in an attribute of HDF5; longer lists are kept in pieces


def save_old_model(model: Model, path: str, include_optimizer: bool = True) -> None:
    """Write a model to an .h5 file."""
    import h5py

    check_built(model, "save_model")
    config = model_config(model, include_optimizer)
    settings = config.pop("compile_config", None)
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.attrs["keras_version"], file.attrs["backend"] = FORMAT, "lernwerk"
        file.attrs["model_config"] = _text(without_modules(config))
        if settings is not None:
            optimizer = settings.pop("optimizer")
            settings["optimizer_config"] = optimizer
            file.attrs["training_config"] = _text(without_modules(settings))
            _write(file.create_group(GROUP), optimizer_state(model))
        _write_layers(file.create_group("model_weights"), model)
    _settle(buffer, path)


def save_old_weights(model: Model, path: str) -> None:
    """Write the weights of a model in the form of .h5 files."""
    import h5py

    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        _write_layers(file, model)
    _settle(buffer, path)


def _settle(buffer: io.BytesIO, path: str) -> None:
    with write_atomically(path) as temporary:
        temporary.write_bytes(buffer.getvalue())


def without_modules(form: Any) -> Any:
    """A written form as Keras's reader of .h5 files wants it: layers without their modules.

    What stands in the arguments of a layer, and operations, keep theirs.
    """
    if isinstance(form, list):
        return [without_modules(each) for each in form]
    if not isinstance(form, dict):
        return form
    found = dict(form)
    module = found.get("module")
    if isinstance(module, str) and module.startswith("keras.src.ops"):
        return found
    if "class_name" in found and "module" in found:
        for key in ("module", "registered_name", "build_config"):
            found.pop(key, None)
    inner = found.get("config")
    if isinstance(inner, dict) and isinstance(inner.get("layers"), list):
        found["config"] = {**inner, "layers": [without_modules(each) for each in inner["layers"]]}
    elif "class_name" not in found:
        found = {key: without_modules(value) for key, value in found.items()}
    return found


def _text(value: Any) -> bytes:
    return json.dumps(value, default=plain).encode()


def _write_layers(group: Any, model: Model) -> None:
    groups = groups_of(model)
    _note(group, "layer_names", [layer.name for layer in model.layers])
    group.attrs["keras_version"], group.attrs["backend"] = FORMAT, "lernwerk"
    for name, variables in groups.items():
        _write(group.create_group(name), variables)


def _write(group: Any, variables: Sequence[Variable]) -> None:
    named = _distinct(variables)
    _note(group, "weight_names", list(named))
    for name, variable in named.items():
        group.create_dataset(name, data=variable.numpy())


def _distinct(variables: Sequence[Variable]) -> Mapping[str, Variable]:
    """The variables by their paths, with numbers where two have one path."""
    found: dict[str, Variable] = {}
    for variable in variables:
        name, number = variable.path, 0
        while name in found:
            number += 1
            name = f"{variable.path}_{number}"
        found[name] = variable
    return found


def _note(group: Any, name: str, texts: Sequence[str]) -> None:
    encoded = [each.encode() for each in texts]
    pieces = 1
    while any(np.asarray(part).nbytes > _LIMIT for part in np.array_split(encoded, pieces)):
        pieces += 1
    if pieces == 1:
        group.attrs[name] = encoded
        return
    for number, part in enumerate(np.array_split(encoded, pieces)):
        group.attrs[f"{name}{number}"] = part
