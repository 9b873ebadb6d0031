"""Connections of functional models as Keras 1 and 2 wrote them, in the form of today.

A use of a layer was a list with one entry for each input: ``[name, use, place, keywords]``. A model
inside another one counted its making as its first use, a Sequential too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from lernwerk.errors import DataError
from lernwerk.saving.legacy.old_layers import is_recurrent
from lernwerk.saving.legacy.tensorflow_functions import is_function, operation_form

_CONSTANT = "_CONSTANT_VALUE"  # in the place of a name: the third entry is the input itself
_MODELS = ("Sequential", "Functional", "Model")


def modern_network(inner: Mapping[str, Any]) -> dict[str, Any]:
    """The config of a functional model, its uses, inputs and outputs in the form of today."""
    layers = inner["layers"]
    if not any(isinstance(use, list) for each in layers for use in each.get("inbound_nodes") or []):
        return {key: value for key, value in inner.items() if key != "build_input_shape"}
    names = {each.get("name") for each in layers}
    models = {each.get("name") for each in layers if each["class_name"] in _MODELS}
    chains = {each.get("name") for each in layers if each["class_name"] == "Sequential"}
    found = [_layer(each, names, models) for each in layers]
    ends = {key: _end(inner.get(key), chains) for key in ("input_layers", "output_layers")}
    kept = {key: inner[key] for key in ("name", "trainable") if key in inner}
    return {**kept, "layers": found, **ends}


def _layer(
    form: Mapping[str, Any], names: Collection[Any], late: Collection[Any]
) -> dict[str, Any]:
    uses = [_use(use, str(form["class_name"]), names, late)
            for use in form.get("inbound_nodes") or []]  # fmt: skip
    found = {**form, "inbound_nodes": uses}
    return operation_form(found) if is_function(form["class_name"]) else found


def _use(use: Any, kind: str, names: Collection[Any], late: Collection[Any]) -> Any:
    if not isinstance(use, list):
        return use
    inputs, keywords = [], {}
    for entry in [use] if _is_place(use, names) else use:
        if not _is_place(entry, names):
            raise DataError("config", "[name of a layer, use, place]", repr(entry)[:60])
        inputs.append(entry[2] if entry[0] == _CONSTANT else _tensor(entry, late))
        if len(entry) > 3 and isinstance(entry[3], dict):
            keywords |= entry[3]
    given = {key: _tensors(value, names, late) for key, value in keywords.items()}
    if is_recurrent(kind) and len(inputs) > 1 and "initial_state" not in given:
        given["initial_state"], inputs = inputs[1:], inputs[:1]
    return {"args": [inputs[0] if len(inputs) == 1 else inputs], "kwargs": given}


def _tensors(value: Any, names: Collection[Any], late: Collection[Any]) -> Any:
    """A keyword's value with tensors for the places in it."""
    if _is_place(value, names):
        return _tensor(value, late)
    if isinstance(value, list):
        return [_tensors(each, names, late) for each in value]
    return value


def _is_place(value: Any, names: Collection[Any]) -> bool:
    return (
        isinstance(value, list) and len(value) >= 3 and isinstance(value[0], str)
        and (value[0] == _CONSTANT or (
            value[0] in names and all(type(each) is int for each in value[1:3])
        ))
    )  # fmt: skip


def _tensor(entry: list[Any], late: Collection[Any]) -> dict[str, Any]:
    history = {"keras_history": _place(entry, late)}
    return {"class_name": "__keras_tensor__", "config": history}


def _place(entry: list[Any], late: Collection[Any]) -> list[Any]:
    name, use, place = entry[:3]
    return [name, max(use - 1, 0) if name in late else use, place]


def _end(ends: Any, late: Collection[Any]) -> Any:
    """Inputs or outputs; a single one is no list."""
    if isinstance(ends, dict):
        return {key: _end(each, late) for key, each in ends.items()}
    if not isinstance(ends, list):
        raise DataError("config", "a list of inputs and outputs", repr(ends)[:60])
    if ends and isinstance(ends[0], str):
        return _place(ends, late)
    found = [_end(each, late) for each in ends]
    return found[0] if len(found) == 1 else found
