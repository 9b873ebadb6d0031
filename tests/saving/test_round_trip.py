"""What is saved is loaded: every kind of layer, the state of a training, extras, own classes."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lernwerk import layers, losses, metrics, optimizers
from lernwerk.core.random import set_random_seed
from lernwerk.errors import ArgumentError, FileError, UsageError
from lernwerk.models import Sequential
from lernwerk.saving import load_model, load_weights, read_extras, save_model, save_weights

X = np.random.default_rng(3).normal(size=(40, 5)).astype("float32")
Y = np.random.default_rng(4).integers(0, 3, 40)


def _classifier(optimizer: Any = "adam") -> Sequential:
    set_random_seed(11)
    model = Sequential(
        [
            layers.Input((5,)), layers.Dense(8, activation="relu"), layers.Dropout(0.3),
            layers.BatchNormalization(), layers.Dense(3, activation="softmax"),
        ]
    )  # fmt: skip
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _bits(model: Sequential) -> list[bytes]:
    return [variable.numpy().tobytes() for variable in model.state_variables]


def test_every_layer_comes_back_with_the_same_outputs(case: Any, tmp_path: Path) -> None:
    model = case.make(layers, Sequential)
    save_model(model, tmp_path / "m.keras")
    loaded = load_model(tmp_path / "m.keras")
    x = case.x
    np.testing.assert_array_equal(loaded.predict(x), model.predict(x))
    assert loaded.get_config() == model.get_config()
    for one, other in zip(loaded.weights, model.weights, strict=True):
        assert (one.path, one.trainable) == (other.path, other.trainable)
        np.testing.assert_array_equal(one.numpy(), other.numpy())


def test_weights_alone_come_back_into_another_model(case: Any, tmp_path: Path) -> None:
    model, other = case.make(layers, Sequential), case.make(layers, Sequential)
    other.set_weights([np.zeros_like(w) for w in other.get_weights()])
    save_weights(model, tmp_path / "m.weights.h5")
    load_weights(other, tmp_path / "m.weights.h5")
    for one, two in zip(other.weights, model.weights, strict=True):
        np.testing.assert_array_equal(one.numpy(), two.numpy())


@pytest.mark.parametrize(
    "optimizer",
    [
        optimizers.SGD(0.1), optimizers.SGD(0.1, momentum=0.9, nesterov=True), optimizers.RMSprop(),
        optimizers.Adagrad(), optimizers.Adadelta(), optimizers.Adam(amsgrad=True, clipnorm=1.0),
        optimizers.Nadam(),
    ],
    ids=lambda each: each.name,
)  # fmt: skip
def test_a_training_goes_on_bit_for_bit_as_if_never_saved(optimizer: Any, tmp_path: Path) -> None:
    model = _classifier(type(optimizer).from_config(optimizer.get_config()))
    model.fit(X, Y, epochs=2, batch_size=16, verbose=0)
    save_model(model, tmp_path / "m.keras")
    loaded = load_model(tmp_path / "m.keras")
    assert _bits(loaded) == _bits(model)
    histories = [each.fit(X, Y, epochs=2, batch_size=16, verbose=0) for each in (model, loaded)]
    assert _bits(loaded) == _bits(model)
    assert histories[0].history == histories[1].history


def test_saving_does_not_change_the_training(tmp_path: Path) -> None:
    model, other = _classifier(), _classifier()
    model.fit(X, Y, verbose=0)
    other.fit(X, Y, verbose=0)
    save_model(model, tmp_path / "m.keras")
    load_model(tmp_path / "m.keras")
    model.fit(X, Y, verbose=0)
    other.fit(X, Y, verbose=0)
    assert _bits(model) == _bits(other)


def test_a_compiled_model_that_was_never_trained(tmp_path: Path) -> None:
    model = _classifier()
    save_model(model, tmp_path / "m.keras")
    loaded = load_model(tmp_path / "m.keras")
    model.fit(X, Y, verbose=0)
    loaded.fit(X, Y, verbose=0)
    assert _bits(loaded) == _bits(model)


def test_compile_settings_come_back(tmp_path: Path) -> None:
    model = _classifier()
    model.compile(
        optimizers.Adam(0.02, beta_1=0.8), losses.SparseCategoricalCrossentropy(),
        metrics=["accuracy", metrics.SparseTopKCategoricalAccuracy(k=2, name="top")],
        run_eagerly=True,
    )  # fmt: skip
    save_model(model, tmp_path / "m.keras")
    loaded = load_model(tmp_path / "m.keras")
    assert loaded.optimizer.get_config() == model.optimizer.get_config()
    assert loaded.loss.get_config() == model.loss.get_config()
    assert loaded._steps is not None and loaded._steps.run_eagerly
    assert loaded.evaluate(X, Y, verbose=0) == model.evaluate(X, Y, verbose=0)
    assert loaded.metrics_names == ["loss", "accuracy", "top"]


def test_compile_false_leaves_the_training_out(tmp_path: Path) -> None:
    model = _classifier()
    model.fit(X, Y, verbose=0)
    save_model(model, tmp_path / "m.keras")
    loaded = load_model(tmp_path / "m.keras", compile=False)
    assert loaded.optimizer is None
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))


def test_adapted_statistics_come_back(tmp_path: Path) -> None:
    layer = layers.Normalization()
    layer.adapt(X)
    model = Sequential([layers.Input((5,)), layer, layers.Dense(1)])
    save_model(model, tmp_path / "m.keras")
    np.testing.assert_array_equal(load_model(tmp_path / "m.keras").predict(X), model.predict(X))


def test_a_model_inside_a_model(tmp_path: Path) -> None:
    inner = Sequential([layers.Input((5,)), layers.Dense(4), layers.Dense(3)])
    model = Sequential([layers.Input((5,)), inner, layers.Dense(2)])
    save_model(model, tmp_path / "m.keras")
    np.testing.assert_array_equal(
        load_model(tmp_path / "m.keras").predict(X[:6]), model.predict(X[:6])
    )


# ---- extras


def test_extras_come_back_and_disturb_nothing(dense: Any, tmp_path: Path) -> None:
    model = dense.make(layers, Sequential)
    extras = {"job.json": b'{"target": "x"}', "empty": b""}
    save_model(model, tmp_path / "m.keras", extras=extras)
    assert read_extras(tmp_path / "m.keras") == extras
    np.testing.assert_array_equal(
        load_model(tmp_path / "m.keras").predict(X[:6]), model.predict(X[:6])
    )
    save_model(model, tmp_path / "n.keras")
    assert read_extras(tmp_path / "n.keras") == {}


def test_names_of_extras_stay_inside(dense: Any, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="expected names of letters, digits"):
        save_model(dense.make(layers, Sequential), tmp_path / "m.keras", extras={"../x": b""})
    assert not (tmp_path / "m.keras").exists()


# ---- own classes and functions


class Shift(layers.Layer):
    """y = x + shift * factor, with a layer inside."""

    def __init__(self, factor: float = 1.0, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.factor = factor
        self.mix = layers.Dense(4)
        self.rest = [layers.Dense(4), layers.Dense(4)]

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the shift."""
        self.shift = self.add_weight("shift", (int(input_shape[-1] or 0),), "ones")

    def call(self, inputs: Any) -> Any:
        """The formula above."""
        y = self.mix(inputs + self.shift * self.factor)
        return self.rest[1](self.rest[0](y))


def twice(x: Any) -> Any:
    """y = 2 x"""
    return x * 2.0


def distance(y_true: Any, y_pred: Any) -> Any:
    """The mean absolute difference."""
    return losses.mean_absolute_error(y_true, y_pred)


def test_a_layer_of_the_users_own(tmp_path: Path) -> None:
    model = Sequential([layers.Input((5,)), Shift(3.0), layers.Dense(2, activation=twice)])
    model.predict(X[:6])
    save_model(model, tmp_path / "m.keras")
    loaded = load_model(tmp_path / "m.keras", custom_objects={"Shift": Shift, "twice": twice})
    np.testing.assert_array_equal(loaded.predict(X[:6]), model.predict(X[:6]))
    written = json.loads(zipfile.ZipFile(tmp_path / "m.keras").read("config.json"))
    layer = written["config"]["layers"][1]
    assert (layer["module"], layer["registered_name"]) == (None, "Shift")


def test_a_loss_and_a_metric_of_the_users_own(dense: Any, tmp_path: Path) -> None:
    model = dense.make(layers, Sequential)
    model.compile("sgd", distance, metrics=[distance])
    y = np.zeros((6, 2), "float32")
    model.fit(X[:6], y, verbose=0)
    save_model(model, tmp_path / "m.keras")
    loaded = load_model(tmp_path / "m.keras", custom_objects={"distance": distance})
    assert loaded.evaluate(X[:6], y, verbose=0) == model.evaluate(X[:6], y, verbose=0)
    with pytest.raises(FileError, match="expected the name of one of the losses, got 'distance'"):
        load_model(tmp_path / "m.keras")


# ---- refusals before anything is written


def test_an_existing_file_is_kept_on_request(dense: Any, tmp_path: Path) -> None:
    (tmp_path / "m.keras").write_bytes(b"mine")
    with pytest.raises(FileError, match="expected a new file, got one that exists"):
        save_model(dense.make(layers, Sequential), tmp_path / "m.keras", overwrite=False)
    assert (tmp_path / "m.keras").read_bytes() == b"mine"


def test_the_ending_is_checked(dense: Any, tmp_path: Path) -> None:
    model = dense.make(layers, Sequential)
    with pytest.raises(ArgumentError, match=r"expected a path that ends in \.keras"):
        save_model(model, tmp_path / "m.pb")
    with pytest.raises(ArgumentError, match=r"expected a path that ends in \.weights\.h5"):
        save_weights(model, tmp_path / "m.npz")
    with pytest.raises(
        ArgumentError, match=r"expected a \.keras file \(a zip\), or a path that end"
    ):
        save_model(model, tmp_path / "m.keras", save_format="tf")


def test_a_model_without_shape_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected a built model, got one without input shape"):
        save_model(Sequential([layers.Dense(2)]), tmp_path / "m.keras")
    with pytest.raises(UsageError, match="expected a built model, got one without input shape"):
        load_weights(Sequential([layers.Dense(2)]), tmp_path / "m.weights.h5")


def test_two_layers_of_one_name_are_refused(tmp_path: Path) -> None:
    model = Sequential([layers.Input((5,)), layers.Dense(2, name="a"), layers.Dense(2, name="a")])
    with pytest.raises(UsageError, match="expected layers of different names, got 'a' twice"):
        save_model(model, tmp_path / "m.keras")


def test_configs_have_to_be_plain(tmp_path: Path) -> None:
    model = Sequential([layers.Input((5,)), layers.Rescaling(1.0)])
    model.layers[0].scale = object()
    with pytest.raises(UsageError, match="expected configs of numbers, strings, lists and dicts"):
        save_model(model, tmp_path / "m.keras")
    assert list(tmp_path.iterdir()) == []


# ---- weights into models


def test_weights_of_an_optimizer_come_along(tmp_path: Path) -> None:
    model, other = _classifier(), _classifier()
    model.fit(X, Y, verbose=0)
    save_weights(model, tmp_path / "m.weights.h5")
    load_weights(other, tmp_path / "m.weights.h5")
    slots = zip(other.optimizer.variables, model.optimizer.variables, strict=True)
    assert all(np.array_equal(one.numpy(), two.numpy()) for one, two in slots)


def test_an_optimizer_that_does_not_fit_is_left_with_a_warning(tmp_path: Path) -> None:
    model, other = _classifier(), _classifier("sgd")
    model.fit(X, Y, verbose=0)
    save_weights(model, tmp_path / "m.weights.h5")
    with pytest.warns(UserWarning, match="The optimizer's state is left as it is"):
        load_weights(other, tmp_path / "m.weights.h5")
    np.testing.assert_array_equal(other.predict(X), model.predict(X))
    assert not other.optimizer.built


def test_weights_are_taken_out_of_a_whole_model(lstm: Any, tmp_path: Path) -> None:
    model = lstm.make(layers, Sequential)
    save_model(model, tmp_path / "m.keras")
    other = Sequential([layers.Input((7, 3)), *lstm.listed(layers)])
    load_weights(other, tmp_path / "m.keras")
    x = lstm.x
    np.testing.assert_array_equal(other.predict(x), model.predict(x))


def test_nothing_is_assigned_where_one_weight_does_not_fit(dense: Any, tmp_path: Path) -> None:
    save_weights(dense.make(layers, Sequential), tmp_path / "m.weights.h5")
    other = Sequential([layers.Input((5,)), layers.Dense(4, name="first"), layers.Dense(3)])
    before = other.get_weights()
    with pytest.raises(
        FileError,
        match=r"expected kernel of layer dense\S* with shape \(4, 3\), got shape \(4, 2\)",
    ):
        load_weights(other, tmp_path / "m.weights.h5")
    for one, two in zip(other.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, two)
