"""Configs of Keras 1 and 2, and of Keras 3's .h5 files, in the form of today.

An old form has no ``module``. Data becomes data here; objects are made of it elsewhere, and old
names of arguments are those of ``lernwerk/legacy.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lernwerk import legacy
from lernwerk.errors import DataError
from lernwerk.models.operation_table import operation_module
from lernwerk.registration import own_object
from lernwerk.saving.legacy.old_layers import RENAMED, layer_options, merge_form
from lernwerk.saving.legacy.old_nodes import modern_network
from lernwerk.saving.legacy.tensorflow_functions import is_function

_INNER_LAYERS = ("layer", "backward_layer", "forward_layer", "cell")


def modern(form: Any) -> Any:
    """A model or layer in the form of today; what already is in it stays."""
    if not isinstance(form, dict) or "class_name" not in form or "module" in form:
        return form
    name, inner = form["class_name"], form.get("config", {})
    if own_object(name) is not None or not isinstance(name, str):
        return {**form, "module": None, "registered_name": name}
    if name == "Sequential":
        return _model(form, name, _sequential(inner))
    if name in ("Model", "Functional") and isinstance(inner, dict):
        listed = [_listed_layer(each) for each in _layers(inner)]
        return _model(form, "Functional", modern_network({**inner, "layers": listed}))
    if not isinstance(inner, dict):
        raise DataError("config", f"the arguments of {name} as a dict", repr(inner)[:60])
    return _layer(name, inner)


def _model(form: Mapping[str, Any], name: str, inner: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: form[key] for key in ("build_config", "compile_config") if key in form}
    return {"module": "keras", "class_name": name, "config": dict(inner),
            "registered_name": None, **kept}  # fmt: skip


def _sequential(inner: Any) -> dict[str, Any]:
    """Before Keras 2.2 the config was the list of layers itself."""
    config = {"layers": inner} if isinstance(inner, list) else dict(inner)
    config["layers"] = [modern(each) for each in _layers(config)]
    shape = config.pop("build_input_shape", None)
    if isinstance(shape, dict):  # as TensorFlow writes a shape
        shape = shape.get("items") or shape.get("config")
    kept = {key: config[key] for key in ("name", "trainable", "layers") if key in config}
    return kept | ({} if shape is None else {"build_input_shape": shape})


def _layers(inner: Mapping[str, Any]) -> list[Any]:
    listed = inner.get("layers")
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise DataError("config", "a list of layers", repr(listed)[:60])
    return listed


def _listed_layer(form: Mapping[str, Any]) -> dict[str, Any]:
    """A layer of a functional model, its name and uses as they are."""
    if is_function(form["class_name"]):
        return dict(form)
    if _is_operation(form):
        return {**form, "module": operation_module(form["class_name"])}
    kept = {key: form[key] for key in ("name", "inbound_nodes") if key in form}
    found: dict[str, Any] = modern(dict(form))
    return {**found, **kept}


def _is_operation(form: Mapping[str, Any]) -> bool:
    """Whether this is an operation in an .h5 file of Keras 3: some have the names of layers."""
    inner = form.get("config")
    plain = isinstance(inner, dict) and "trainable" not in inner
    uses = form.get("inbound_nodes") or []
    return plain and "module" not in form and bool(uses) and all(
        isinstance(use, dict) for use in uses
    ) and operation_module(form.get("class_name")) is not None  # fmt: skip


def _layer(name: str, inner: Mapping[str, Any]) -> dict[str, Any]:
    if name == "Merge":
        return merge_form(inner)
    config = {key: _value(key, value) for key, value in inner.items()}
    noted = dict(legacy.NOTES)  # a file is no program: its old names are nobody's news
    _, config = legacy.translate(RENAMED.get(name, name), (), layer_options(name, config))
    legacy.NOTES.clear()
    legacy.NOTES.update(noted)
    return {"module": "keras.layers", "class_name": RENAMED.get(name, name), "config": config,
            "registered_name": None}  # fmt: skip


def _value(key: str, value: Any) -> Any:
    if key in _INNER_LAYERS:
        return modern(value)
    if key == "cells" and isinstance(value, list):
        return [modern(each) for each in value]
    if isinstance(value, dict) and "module" not in value:
        return _inner_object(value)
    return value


def _inner_object(value: dict[str, Any]) -> Any:
    """An initializer, regularizer or constraint; in Keras 1 the last two had only a name."""
    if "class_name" in value:
        return value.get("config", {}).get("name", value) if value["class_name"] in (
            "Policy", "PolicyV1", "DTypePolicy",
        ) else value  # fmt: skip
    name = value.get("name")
    rest = {key: each for key, each in value.items() if key != "name"}
    if name in ("WeightRegularizer", "L1L2Regularizer", "ActivityRegularizer"):
        return {"class_name": "L1L2", "config": rest}
    if isinstance(name, str):
        renamed = {"m": "max_value", "axis": "axis"}
        return {"class_name": name, "config": {renamed.get(k, k): v for k, v in rest.items()}}
    return value


# ---- compile settings


def modern_settings(settings: Any) -> Any:
    """The settings of ``compile`` in the form of today."""
    if not isinstance(settings, dict) or "optimizer_config" not in settings:
        return settings
    return {
        "optimizer": _optimizer(settings["optimizer_config"]),
        **{key: _reduced(settings.get(key)) for key in
           ("loss", "loss_weights", "metrics", "weighted_metrics")},
    }  # fmt: skip


def _optimizer(form: Any) -> Any:
    if not isinstance(form, dict) or not isinstance(form.get("config"), dict):
        raise DataError("training_config", "an optimizer with its arguments", repr(form)[:60])
    if "module" in form or own_object(form.get("class_name")) is not None:
        return form
    from lernwerk import optimizers

    name = str(form.get("class_name")).rpartition(">")[2]
    known = optimizers.NAMES.get(name.lower())
    dropped = ("schedule_decay", "is_legacy_optimizer", "jit_compile")
    config = {key: value for key, value in form["config"].items() if key not in dropped}
    return {"class_name": known.__name__ if known else name, "config": config}


def _reduced(given: Any) -> Any:
    """Losses and metrics without what Keras 2 wrote and nobody takes any more."""
    if isinstance(given, list):
        return [_reduced(each) for each in given]
    if not isinstance(given, dict):
        return given
    if "class_name" not in given or not isinstance(given.get("config"), dict):
        return {key: _reduced(each) for key, each in given.items()}
    config = dict(given["config"])
    if config.get("reduction") in ("auto", "none"):
        reductions = {"auto": "sum_over_batch_size", "none": None}
        config["reduction"] = reductions[config["reduction"]]
    if "fn" in config and "Wrapper" not in str(given["class_name"]):
        del config["fn"]
    return {**given, "config": config}
