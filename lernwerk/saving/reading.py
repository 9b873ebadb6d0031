"""load_model: the model in a file, ready to go on training; nothing in a file is ever executed.

Everything is compared first and assigned last.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lernwerk.configurable import deserialize
from lernwerk.errors import DataError, FileError, LernwerkError
from lernwerk.models.model import Model
from lernwerk.registration import custom_object_scope
from lernwerk.saving.archive import CONFIG, WEIGHTS, Archive
from lernwerk.saving.assets import load_assets
from lernwerk.saving.building import check_inputs, within_budget
from lernwerk.saving.layout import places
from lernwerk.saving.legacy.old_config import modern, modern_settings
from lernwerk.saving.matching import Assignments
from lernwerk.saving.refusal import without_code
from lernwerk.saving.weights_file import SIGNATURE, WeightsFile
from lernwerk.saving.writing import random_states

FilePath = str | os.PathLike[str]
Custom = Mapping[str, Any]


def load_model(
    filepath: FilePath,
    custom_objects: Custom | None = None,
    compile: bool = True,
    safe_mode: bool = True,
) -> Any:
    """The model in a ``.keras`` file, ours or of Keras 3, or in an ``.h5`` file of Keras 1 to 3.

    ``custom_objects`` gives classes and functions of your own by name, and the function of a Lambda
    by the layer's name; so do ``register_keras_serializable`` and ``custom_object_scope``. With
    ``compile=False`` optimizer, loss and metrics of the file are passed over. Code in a file is
    never run, with ``safe_mode=False`` neither.
    Raises FileError with one sentence that says what is wrong with the file.
    """
    path = os.fspath(filepath)
    if begins_with(path, SIGNATURE):
        from lernwerk.saving.legacy.reading import load_old_model

        return load_old_model(path, custom_objects, compile, safe_mode)
    with Archive(path) as archive:
        return explained(path, CONFIG, lambda: _loaded(archive, custom_objects, compile, safe_mode))


def explained(path: str, part: str, load: Callable[[], Any]) -> Any:
    """What ``load`` returns; whatever it raises as a FileError that names file and place."""
    try:
        return load()
    except FileError:
        raise
    except LernwerkError as error:
        where = f"{path}, {part}, {error.where}"
        raise FileError(where, error.expected, error.got, error.hint) from error
    except Exception as error:  # a config may be wrong in more ways than layers check
        text = (str(error).splitlines() or [""])[0]
        reason = f"{type(error).__name__}: {text}"[:200].rstrip(".")
        raise FileError(path, "a config that describes a model", reason) from error


def _loaded(archive: Archive, custom: Custom | None, compile: bool, safe_mode: bool) -> Model:
    path, size = archive.path, archive.size(WEIGHTS)
    with custom_object_scope(custom):
        config = _config(archive, safe_mode)
        with within_budget(path, size):
            model = made(path, config)
        settings = config.get("compile_config") if compile else None
        if settings:
            model.compile_from_config(settings)
        check_size(path, size, model)
        with WeightsFile(path, archive.read(WEIGHTS)) as weights:
            found = Assignments(weights, model)
            if settings and model.optimizer is not None:
                found.optimizer()
            found.random_states(random_states(model))
            found.apply()
        load_assets(model, archive)
    return model


def _config(archive: Archive, safe_mode: bool) -> dict[str, Any]:
    try:
        config = json.loads(archive.read(CONFIG))
    except (ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise FileError(archive.path, f"JSON in {CONFIG}", reason, "The file is damaged."
                        ) from error  # fmt: skip
    return checked(archive.path, config, safe_mode)


def checked(where: str, config: Any, safe_mode: bool) -> dict[str, Any]:
    """A config without code, its inputs within measure."""
    if not isinstance(config, dict) or "class_name" not in config:
        raise FileError(where, "the config of a model", repr(config)[:60])
    check_inputs(where, config)
    found: dict[str, Any] = without_code(where, config, safe_mode)
    return found


def made(where: str, config: Mapping[str, Any]) -> Model:
    """The model of a config, with new weights."""
    model = deserialize(config)
    if not isinstance(model, Model):
        raise FileError(where, "a model", f"a {type(model).__name__}")
    shape = (config.get("build_config") or {}).get("input_shape")
    if not model.built and shape is not None:
        model.build_for(shape)
    if not model.built:
        raise FileError(where, "a model with an input shape", "none",
                        "Save it again after it has seen data.")  # fmt: skip
    return model


def model_from_config(config: Any, custom_objects: Custom | None = None) -> Any:
    """The model that a config describes, of any Keras: ``{"class_name": ..., "config": ...}``.

    Raises DataError for unknown classes and for code.
    """
    if not isinstance(config, dict) or "class_name" not in config:
        raise DataError("model_from_config", "a dict with a class_name", repr(config)[:60])
    with custom_object_scope(custom_objects):
        current = modern(without_code("model_from_config", config))
        model = deserialize(current)
        settings = modern_settings(current.get("compile_config"))
        if settings and isinstance(model, Model):
            model.compile_from_config(settings)
    return model


def model_from_json(json_string: str, custom_objects: Custom | None = None) -> Any:
    """The model that ``model.to_json()`` described, Keras's or ours, with new weights."""
    try:
        config = json.loads(json_string)
    except (TypeError, ValueError) as error:
        raise DataError("model_from_json", "JSON text", str(error)) from error
    return model_from_config(config, custom_objects)


# ---- files


def begins_with(path: str, signature: bytes) -> bool:
    """Whether a file begins with these bytes; FileError where it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            return file.read(len(signature)) == signature
    except OSError as error:
        hint = "Check the path." if isinstance(error, FileNotFoundError) else ""
        reason = (error.strerror or str(error)).rstrip(".")
        raise FileError(path, "a readable file", reason, hint) from error


def check_size(where: str, size: int, model: Model) -> None:
    """Refuse a weights file beyond what this model and any optimizer can fill."""
    every = model.weights
    numbers = sum(variable.size * variable.spec.dtype.itemsize for variable in every)
    entries = 4 * (len(every) + len(places(model)))  # with up to three slots for each weight
    limit = 16 * numbers + 2**14 * (entries + 16)
    if size > limit:
        raise FileError(where, f"weights of at most {limit:,} bytes for this model",
                        f"{size:,} bytes", "It is not unpacked.")  # fmt: skip
