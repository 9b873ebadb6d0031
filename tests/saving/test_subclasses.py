"""Models and layers of the user's own in files: registered, given, in scopes; with Keras too."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lernwerk
from lernwerk import layers, saving
from lernwerk.errors import FileError, UsageError
from lernwerk.registration import get_custom_objects
from lernwerk.saving import custom_object_scope, load_model, register_keras_serializable

X = np.random.default_rng(2).normal(size=(6, 4)).astype("float32")
pytestmark = pytest.mark.filterwarnings("ignore:.*copy keyword:DeprecationWarning")


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    """What a test registers ends with it."""
    before = dict(get_custom_objects())
    yield
    get_custom_objects().clear()
    get_custom_objects().update(before)


def _classes(k: Any) -> tuple[Any, Any]:
    """A layer and a model that hold layers in all the ways there are."""

    class Block(k.layers.Layer):
        def __init__(self, units: int = 3, **keywords: Any) -> None:
            super().__init__(**keywords)
            self.units = units
            self._late = k.layers.Dense(units)
            self.early = k.layers.Dense(units, activation="tanh")
            self.deep = [k.layers.Dense(units), [k.layers.Dense(units), k.layers.Dense(units)]]

        def build(self, input_shape: Any) -> None:
            self.shift = self.add_weight(shape=(self.units,), name="shift", initializer="ones")
            super().build(input_shape)

        def call(self, inputs: Any) -> Any:
            x = self._late(self.early(inputs))
            for each in (self.deep[0], *self.deep[1]):
                x = each(x)
            return x + self.shift

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "units": self.units}

    class Net(k.Model):
        def __init__(self, units: int = 3, **keywords: Any) -> None:
            super().__init__(**keywords)
            self.units = units
            self._private = k.layers.Dense(4)
            self.blocks = [Block(units), Block(units)]
            self.zoo = {"one": k.layers.Dense(2), "two": k.layers.Dense(2)}
            self.alone = k.layers.BatchNormalization()
            self.memory = k.layers.LSTM(2)

        def call(self, inputs: Any, training: Any = None) -> Any:
            x = self.alone(self._private(inputs), training=training)
            for block in self.blocks:
                x = block(x)
            return self.zoo["one"](x) + self.zoo["two"](x) + self.memory(inputs[:, None])

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "units": self.units}

    return Block, Net


def _filled(model: Any) -> Any:
    model(X)
    generator = np.random.default_rng(4)
    model.set_weights([generator.uniform(0.1, 0.9, w.shape).astype("float32")
                       for w in model.get_weights()])  # fmt: skip
    return model


@pytest.mark.parametrize("ending", ["keras", "weights.h5"])
def test_a_model_of_one_s_own_goes_both_ways(ending: str, keras: Any, tmp_path: Path) -> None:
    ours, theirs = _classes(lernwerk), _classes(keras)
    path = tmp_path / f"m.{ending}"
    for (_, one), (block, other), load in (
        (ours, theirs, keras.saving.load_model), (theirs, ours, load_model)
    ):  # fmt: skip
        model = _filled(one(2))
        if ending == "keras":
            model.save(path)
            loaded = load(path, custom_objects={"Net": other, "Block": block})
        else:
            model.save_weights(path)
            loaded = other(2)
            loaded(X)
            loaded.load_weights(path)
        np.testing.assert_allclose(np.asarray(loaded(X)), np.asarray(model(X)), rtol=1e-4)


def test_the_training_goes_on(tmp_path: Path) -> None:
    _, Net = _classes(lernwerk)
    model = Net(2)
    model.compile("adam", "mse", metrics=["mae"])
    y = np.ones((6, 2), "float32")
    model.fit(X, y, verbose=0)
    model.save(tmp_path / "m.keras")
    with custom_object_scope({"Net": Net}):
        loaded = load_model(tmp_path / "m.keras")
    for each in (model, loaded):
        each.fit(X, y, verbose=0)
    for a, b in zip(model.state_variables, loaded.state_variables, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_registered_classes_need_no_custom_objects(keras: Any, tmp_path: Path) -> None:
    Block, _ = _classes(lernwerk)
    TheirBlock, _ = _classes(keras)
    register_keras_serializable("mine")(Block)
    keras.saving.register_keras_serializable("mine")(TheirBlock)
    model = lernwerk.Sequential([lernwerk.Input((4,)), Block(2), layers.Dense(1)])
    model.save(tmp_path / "m.keras")
    written = json.loads(zipfile.ZipFile(tmp_path / "m.keras").read("config.json"))
    layer = written["config"]["layers"][1]
    assert (layer["module"], layer["class_name"], layer["registered_name"]) == (
        None, "Block", "mine>Block",
    )  # fmt: skip
    expected = model.predict(X)
    np.testing.assert_array_equal(load_model(tmp_path / "m.keras").predict(X), expected)
    again = keras.saving.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(np.asarray(again(X)), expected, rtol=1e-4)
    again.save(tmp_path / "n.keras")
    np.testing.assert_allclose(load_model(tmp_path / "n.keras").predict(X), expected, rtol=1e-4)


def test_registered_functions_go_both_ways(keras: Any, tmp_path: Path) -> None:
    def doubled(x: Any) -> Any:
        return x * 2.0

    def distance(y_true: Any, y_pred: Any) -> Any:
        return (y_true - y_pred) ** 2

    for each in (doubled, distance):
        register_keras_serializable("mine")(each)
        keras.saving.register_keras_serializable("mine")(each)
    for k, load in ((lernwerk, keras.saving.load_model), (keras, load_model)):
        model = k.Sequential([k.Input((4,)), k.layers.Dense(2, activation=doubled)])
        model.compile("sgd", distance, metrics=[distance])
        model.save(tmp_path / "m.keras")
        loaded = load(tmp_path / "m.keras")
        np.testing.assert_allclose(np.asarray(loaded(X)), np.asarray(model(X)), rtol=1e-5)
        assert loaded.loss is not None


def test_a_class_that_nobody_gave_is_named(tmp_path: Path) -> None:
    Block, _ = _classes(lernwerk)
    model = lernwerk.Sequential([lernwerk.Input((4,)), Block(2)])
    model.save(tmp_path / "m.keras")
    with pytest.raises(FileError) as refused:
        load_model(tmp_path / "m.keras")
    assert str(refused.value) == (
        f"{tmp_path / 'm.keras'}, config.json, config: expected custom_objects with the class "
        "'Block', got none of this name. load_model(filepath, custom_objects={'Block': Block})"
    )


def test_a_layer_that_holds_layers_needs_no_from_config(tmp_path: Path) -> None:
    @register_keras_serializable()
    class Residual(layers.Layer):
        def __init__(self, inner: Any, rest: Any, **keywords: Any) -> None:
            super().__init__(**keywords)
            self.inner, self.rest = inner, rest

        def call(self, inputs: Any) -> Any:
            return inputs + self.rest[0](self.inner(inputs))

    model = lernwerk.Sequential(
        [lernwerk.Input((4,)), Residual(layers.Dense(3), [layers.Dense(4)])]
    )
    model.save(tmp_path / "m.keras")
    np.testing.assert_array_equal(load_model(tmp_path / "m.keras").predict(X), model.predict(X))


def test_keras_s_own_way_with_inner_layers(tmp_path: Path) -> None:
    @register_keras_serializable("mine")
    class Around(layers.Layer):
        def __init__(self, inner: Any, **keywords: Any) -> None:
            super().__init__(**keywords)
            self.inner = inner

        def call(self, inputs: Any) -> Any:
            return self.inner(inputs) * 2.0

        def get_config(self) -> dict[str, Any]:
            config = super().get_config()
            return {**config, "inner": saving.serialize_keras_object(self.inner)}

        @classmethod
        def from_config(cls, config: dict[str, Any]) -> Any:
            inner = saving.deserialize_keras_object(config.pop("inner"))
            return cls(inner, **config)

    model = lernwerk.Sequential([lernwerk.Input((4,)), Around(layers.Dense(3))])
    model.save(tmp_path / "m.keras")
    np.testing.assert_array_equal(load_model(tmp_path / "m.keras").predict(X), model.predict(X))


def test_a_layer_may_keep_what_it_likes(tmp_path: Path) -> None:
    @register_keras_serializable("mine")
    class Table(layers.Layer):
        numbers = np.zeros(3)

        def call(self, inputs: Any) -> Any:
            return inputs * float(self.numbers.sum())

        def save_own_variables(self, store: Any) -> None:
            store["numbers"] = self.numbers

        def load_own_variables(self, store: Any) -> None:
            self.numbers = np.asarray(store["numbers"])

        def save_assets(self, folder: str) -> None:
            (Path(folder) / "note.txt").write_text(f"{self.numbers.sum()}")

        def load_assets(self, folder: str) -> None:
            self.note = (Path(folder) / "note.txt").read_text()

    layer = Table()
    layer.numbers = np.arange(3.0)
    model = lernwerk.Sequential([lernwerk.Input((4,)), layer])
    model.save(tmp_path / "m.keras")
    loaded = load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(loaded.layers[0].numbers, layer.numbers)
    assert loaded.layers[0].note == "3.0"
    assert "assets/layers/table/note.txt" in zipfile.ZipFile(tmp_path / "m.keras").namelist()


def test_subclasses_made_of_tensors(keras: Any, tmp_path: Path) -> None:
    """A model class with a step of its own is still written as layers and connections."""

    def make(k: Any) -> Any:
        class Trained(k.Model):
            def train_step(self, data: Any) -> Any:
                return super().train_step(data)

        return Trained

    ours, theirs = make(lernwerk), make(keras)
    entry = lernwerk.Input((4,))
    model = ours(entry, layers.Dense(2)(entry))
    model.save(tmp_path / "m.keras")
    loaded = load_model(tmp_path / "m.keras", custom_objects={"Trained": ours})
    assert type(loaded) is ours
    again = keras.saving.load_model(tmp_path / "m.keras", custom_objects={"Trained": theirs})
    for each in (loaded, again):
        np.testing.assert_allclose(np.asarray(each(X)), model.predict(X), rtol=1e-5)


# ---- lambdas


def test_a_lambda_is_refused_where_it_would_be_written(tmp_path: Path) -> None:
    for layer in (layers.Lambda(lambda x: x * 2.0), layers.Dense(2, activation=lambda x: x)):
        model = lernwerk.Sequential([lernwerk.Input((4,)), layer])
        with pytest.raises(UsageError):
            model.save(tmp_path / "m.keras")
        assert not (tmp_path / "m.keras").exists()


def test_the_function_of_a_lambda_is_given_by_the_caller(keras: Any, tmp_path: Path) -> None:
    def squared(x: Any) -> Any:
        return x * x

    listed = [keras.layers.Lambda(squared), keras.layers.Lambda(lambda x: x * 2, name="twice")]
    model = keras.Sequential([keras.Input((4,)), *listed])
    model.save(tmp_path / "m.keras")
    given = {"squared": squared, "twice": lambda x: x * 2.0}
    loaded = load_model(tmp_path / "m.keras", custom_objects=given)
    np.testing.assert_allclose(loaded.predict(X), X * X * 2, rtol=1e-6)
    for safe_mode, more in ((True, ""), (False, "safe_mode=False runs no code either. ")):
        with pytest.raises(FileError) as refused:
            load_model(tmp_path / "m.keras", {"squared": squared}, safe_mode=safe_mode)
        assert str(refused.value) == (
            f"{tmp_path / 'm.keras'}: expected layers of known formulas, got a Lambda with code in "
            f"the file. {more}Write the function as a Layer subclass and give it by "
            "custom_objects, or give the function itself under the layer's name: "
            "custom_objects={'twice': function}."
        )


def test_a_lambda_with_a_named_function_is_written(tmp_path: Path) -> None:
    def squared(x: Any) -> Any:
        return x * x

    model = lernwerk.Sequential([lernwerk.Input((4,)), layers.Lambda(squared)])
    model.save(tmp_path / "m.keras")
    loaded = load_model(tmp_path / "m.keras", custom_objects={"squared": squared})
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    with pytest.raises(FileError, match="expected the name of a known function, got"):
        load_model(tmp_path / "m.keras")
