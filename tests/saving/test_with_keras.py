"""Files go both ways between Lernwerk and the real Keras, with the state of the training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lernwerk import layers, losses, metrics, optimizers
from lernwerk.models import Sequential
from lernwerk.saving import load_model, load_weights, save_model, save_weights

X = np.random.default_rng(3).normal(size=(32, 5)).astype("float32")
Y = np.random.default_rng(4).integers(0, 3, 32)
CLOSE = {"rtol": 1e-5, "atol": 1e-5}
# Keras reads its own variables in a way that NumPy 2 remarks on.
pytestmark = pytest.mark.filterwarnings("ignore:.*copy keyword:DeprecationWarning")


def _outputs(model: Any, x: Any) -> Any:
    """Keras's outputs without compiling the model first."""
    return np.asarray(model(x))


def test_keras_opens_our_file(case: Any, keras: Any, tmp_path: Path) -> None:
    model = case.make(layers, Sequential)
    save_model(model, tmp_path / "m.keras", extras={"job.json": b"{}"})
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(_outputs(loaded, case.x), model.predict(case.x), **CLOSE)


def test_we_open_the_file_of_keras(case: Any, keras: Any, tmp_path: Path) -> None:
    model = case.make(keras.layers, keras.Sequential)
    model.save(tmp_path / "m.keras")
    loaded = load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(loaded.predict(case.x), _outputs(model, case.x), **CLOSE)
    assert [each.name for each in loaded.layers] == [each.name for each in model.layers]


def test_weights_go_both_ways(case: Any, keras: Any, tmp_path: Path) -> None:
    ours, theirs = case.make(layers, Sequential), case.make(keras.layers, keras.Sequential)
    theirs.set_weights([w * 2 for w in theirs.get_weights()])
    theirs.save_weights(tmp_path / "theirs.weights.h5")
    save_weights(ours, tmp_path / "ours.weights.h5")
    before = ours.get_weights()
    load_weights(ours, tmp_path / "theirs.weights.h5")
    for one, two in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
    theirs.load_weights(tmp_path / "ours.weights.h5")
    for one, two in zip(theirs.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, two)


OPTIMIZERS = {
    "sgd": lambda m: m.SGD(0.1), "momentum": lambda m: m.SGD(0.1, momentum=0.9, nesterov=True),
    "rmsprop": lambda m: m.RMSprop(0.01, momentum=0.5, centered=True),
    "adagrad": lambda m: m.Adagrad(0.1), "adadelta": lambda m: m.Adadelta(1.0),
    "adam": lambda m: m.Adam(0.01, clipnorm=1.0), "amsgrad": lambda m: m.Adam(0.01, amsgrad=True),
    "nadam": lambda m: m.Nadam(0.01, weight_decay=0.01),
}  # fmt: skip


_SHORT = ("momentum", "adam")  # the others take the same ways, at seconds each
_EACH = [
    pytest.param(name, marks=() if name in _SHORT else pytest.mark.slow) for name in OPTIMIZERS
]


def _trained(modules: Any, sequential: Any, optimizer: Any) -> Any:
    shape = modules.Input((5,))
    model = sequential(
        [shape, modules.Dense(8, "tanh"), modules.BatchNormalization(), modules.Dense(3, "softmax")]
    )
    generator = np.random.default_rng(1)
    model.set_weights([generator.uniform(0.1, 0.5, w.shape) for w in model.get_weights()])
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    _uncompiled(model).fit(X, Y, batch_size=16, epochs=2, shuffle=False, verbose=0)
    return model


def _uncompiled(model: Any) -> Any:
    """Keras's model without XLA, which takes seconds for each; ours as it is."""
    if hasattr(model, "jit_compile"):
        model.jit_compile = False
    return model


def _same_state(one: Any, other: Any) -> None:
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    slots = zip(one.optimizer.variables, other.optimizer.variables, strict=True)
    for a, b in slots:
        np.testing.assert_allclose(np.asarray(a.numpy()), np.asarray(b.numpy()), rtol=1e-4,
                                   atol=1e-5)  # fmt: skip


@pytest.mark.parametrize("name", _EACH)
def test_keras_goes_on_with_our_training(name: str, keras: Any, tmp_path: Path) -> None:
    model = _trained(layers, Sequential, OPTIMIZERS[name](optimizers))
    save_model(model, tmp_path / "m.keras")
    loaded = _uncompiled(keras.saving.load_model(tmp_path / "m.keras"))
    _same_state(loaded, model)
    for each in (loaded, model):
        each.fit(X, Y, batch_size=16, shuffle=False, verbose=0)
    _same_state(loaded, model)
    scores = loaded.evaluate(X, Y, verbose=0)
    np.testing.assert_allclose(scores, model.evaluate(X, Y, verbose=0), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", _EACH)
def test_we_go_on_with_the_training_of_keras(name: str, keras: Any, tmp_path: Path) -> None:
    model = _trained(keras.layers, keras.Sequential, OPTIMIZERS[name](keras.optimizers))
    model.save(tmp_path / "m.keras")
    loaded = load_model(tmp_path / "m.keras")
    _same_state(loaded, model)
    for each in (loaded, model):
        each.fit(X, Y, batch_size=16, shuffle=False, verbose=0)
    _same_state(loaded, model)
    scores = loaded.evaluate(X, Y, verbose=0)
    np.testing.assert_allclose(scores, model.evaluate(X, Y, verbose=0), rtol=1e-4, atol=1e-5)


LOSSES = {
    "mse": lambda k: "mse", "huber": lambda k: k.Huber(),
    "logits": lambda k: k.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
    "binary": lambda k: k.BinaryCrossentropy(from_logits=True, reduction="sum"),
    "function": lambda k: k.mean_absolute_error, "cosine": lambda k: k.CosineSimilarity(),
}  # fmt: skip
METRICS = {
    "names": lambda m: ["mae", "mse"], "objects": lambda m: [m.RootMeanSquaredError(name="r")],
    "precision": lambda m: [m.Precision(thresholds=0.3), m.Recall()],
    "top": lambda m: [m.TopKCategoricalAccuracy(k=2)], "none": lambda m: None,
}  # fmt: skip


def _compiled(modules: Any, sequential: Any, loss: Any, listed: Any) -> Any:
    model = sequential([modules.Input((5,)), modules.Dense(3)])
    model.compile("sgd", loss, metrics=listed)
    return _uncompiled(model)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("listed", METRICS)
def test_settings_go_both_ways(loss: str, listed: str, keras: Any, tmp_path: Path) -> None:
    y = np.eye(3, dtype="float32")[Y]
    ours = _compiled(layers, Sequential, LOSSES[loss](losses), METRICS[listed](metrics))
    save_model(ours, tmp_path / "ours.keras")
    theirs = _uncompiled(keras.saving.load_model(tmp_path / "ours.keras"))
    expected = theirs.evaluate(X, y, verbose=0)
    np.testing.assert_allclose(ours.evaluate(X, y, verbose=0), expected, rtol=1e-4, atol=1e-5)
    again = _compiled(
        keras.layers, keras.Sequential, LOSSES[loss](keras.losses),
        METRICS[listed](keras.metrics),
    )  # fmt: skip
    again.save(tmp_path / "theirs.keras")
    loaded = load_model(tmp_path / "theirs.keras")
    expected = again.evaluate(X, y, verbose=0)
    np.testing.assert_allclose(loaded.evaluate(X, y, verbose=0), expected, rtol=1e-4, atol=1e-5)


def test_adapted_statistics_go_both_ways(keras: Any, tmp_path: Path) -> None:
    for modules, sequential, other in (
        (layers, Sequential, keras.saving.load_model), (keras.layers, keras.Sequential, load_model)
    ):  # fmt: skip
        layer = modules.Normalization()
        layer.adapt(X)
        model = sequential([modules.Input((5,)), layer, modules.Dense(1)])
        save = model.save if modules is keras.layers else None
        save_model(model, tmp_path / "m.keras") if save is None else save(tmp_path / "m.keras")
        loaded = other(tmp_path / "m.keras")
        np.testing.assert_allclose(np.asarray(loaded.predict(X, verbose=0)),
                                   np.asarray(model.predict(X, verbose=0)), **CLOSE)  # fmt: skip
