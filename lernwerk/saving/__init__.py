"""Saving and loading models and weights in Keras's file formats; loading never runs code."""

from lernwerk.models.written import deserialize_keras_object, serialize_keras_object
from lernwerk.registration import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from lernwerk.saving.archive import read_extras
from lernwerk.saving.reading import load_model, model_from_config, model_from_json
from lernwerk.saving.weights import load_weights
from lernwerk.saving.writing import model_to_json, save_model, save_weights

__all__ = [
    "CustomObjectScope", "custom_object_scope", "deserialize_keras_object", "get_custom_objects",
    "get_registered_name", "get_registered_object", "load_model", "load_weights",
    "model_from_config", "model_from_json", "model_to_json", "read_extras",
    "register_keras_serializable", "save_model", "save_weights", "serialize_keras_object",
]  # fmt: skip
