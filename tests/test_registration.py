"""Classes and functions of the user's own by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import lernwerk
from lernwerk import activations, layers, losses, saving
from lernwerk.core.tensor import Tensor
from lernwerk.errors import ArgumentError, DataError, UsageError
from lernwerk.registration import get_custom_objects, get_registered_object
from lernwerk.saving import (
    custom_object_scope,
    deserialize_keras_object,
    register_keras_serializable,
    serialize_keras_object,
)


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    """What a test registers ends with it."""
    before = dict(get_custom_objects())
    yield
    get_custom_objects().clear()
    get_custom_objects().update(before)


def twice(x: Any) -> Any:
    """y = 2 x"""
    return x * 2.0


def test_names_are_those_of_keras(keras: Any) -> None:
    class Own(layers.Layer):
        pass

    class Theirs(keras.layers.Layer):
        pass

    for found, name, register in ((saving, Own, register_keras_serializable),
                                  (keras.saving, Theirs,
                                   keras.saving.register_keras_serializable)):  # fmt: skip
        assert found.get_registered_name(name) == name.__name__
        register("pack", "name")(name)
        assert found.get_registered_name(name) == "pack>name"
        assert found.get_registered_object("pack>name") is name
        assert found.get_registered_object("name") is None
    assert get_registered_object("x", {"x": twice}) is twice


def test_a_class_without_get_config_is_refused() -> None:
    with pytest.raises(ArgumentError) as refused:
        register_keras_serializable()(dict)
    assert str(refused.value) == (
        "register_keras_serializable(dict): expected a class with get_config, got one without. "
        "def get_config(self): return {'units': self.units}"
    )


def test_scopes_end_and_nest() -> None:
    with custom_object_scope({"twice": twice}):
        assert activations.get("twice") is twice
        with saving.CustomObjectScope({"other": len}):
            assert layers.Dense(2, activation="twice").activation is twice
        with pytest.raises(ArgumentError):
            activations.get("other")
    with pytest.raises(ArgumentError, match="expected the name of a known activation, got 'twice'"):
        activations.get("twice")


def test_registered_functions_are_found_by_every_get() -> None:
    register_keras_serializable("pack")(twice)
    layer = layers.Dense(2, activation=twice)
    config = layer.get_config()
    assert config["activation"] == {
        "module": "builtins", "class_name": "function", "config": "pack>twice",
        "registered_name": "function",
    }  # fmt: skip
    assert layers.Dense.from_config(config).activation is twice
    assert losses.get("pack>twice") is twice
    with pytest.raises(DataError) as refused:
        deserialize_keras_object({**config["activation"], "config": "pack>thrice"})
    assert str(refused.value) == (
        "config: expected custom_objects with the function 'pack>thrice', got none of this name. "
        "load_model(filepath, custom_objects={'pack>thrice': ...})"
    )


VALUES: list[Any] = [
    None, 3, 2.5, "text", True, [1, [2.0]], {"a": {"b": 1}}, slice(1, None, 2), Ellipsis, b"bytes",
    np.arange(4.0).reshape(2, 2), np.array([True, False]),
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values_are_written_as_keras_writes_them(value: Any, keras: Any) -> None:
    written = serialize_keras_object(value)
    if value is not Ellipsis:
        assert written == keras.saving.serialize_keras_object(value)
    again = deserialize_keras_object(written)
    assert type(again) is type(value)
    assert np.array_equal(again, value) if isinstance(value, np.ndarray) else again == value


def test_objects_and_tensors_are_written_as_keras_writes_them(keras: Any) -> None:
    theirs = keras.saving.serialize_keras_object(keras.layers.Dense(3, name="d"))
    again = deserialize_keras_object(theirs)
    assert (type(again), again.units) == (layers.Dense, 3)
    ours = keras.saving.deserialize_keras_object(serialize_keras_object(again))
    assert (type(ours), ours.units) == (keras.layers.Dense, 3)
    tensor = deserialize_keras_object(serialize_keras_object(Tensor(np.ones(2, "float32"))))
    np.testing.assert_array_equal(tensor.numpy(), np.ones(2))
    several = deserialize_keras_object({"inner": [theirs, 3]})
    assert isinstance(several["inner"][0], layers.Dense)


def test_no_lambda_is_written() -> None:
    with pytest.raises(UsageError) as refused:
        serialize_keras_object(lambda x: x)
    assert str(refused.value) == (
        "serialize_keras_object: expected a function with a name, got a lambda. "
        "Give the function a name (def f(x): ...), or write it as a layer of your own."
    )


def test_written_values_that_are_none() -> None:
    for broken in ({"class_name": "__slice__", "config": {"start": "a", "stop": 1, "step": 1}},
                   {"class_name": "__numpy__", "config": {"value": [1], "dtype": "object"}},
                   {"class_name": "__bytes__", "config": {"value": 3}}):  # fmt: skip
        with pytest.raises(DataError, match=f"expected a value of the kind {broken['class_name']}"):
            deserialize_keras_object(broken)


def test_json_goes_both_ways(keras: Any) -> None:
    for ours, theirs in ((lernwerk, keras), (keras, lernwerk)):
        entry = ours.Input((4,))
        model = ours.Model(entry, ours.layers.Dense(2)(entry) + 1.0)
        again = theirs.models.model_from_json(model.to_json())
        assert again.count_params() == model.count_params()
        form = {"class_name": "Functional", "config": model.get_config()}
        if theirs is lernwerk:
            assert theirs.models.model_from_config(form).count_params() == 10
