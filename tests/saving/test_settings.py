"""The settings of ``compile`` for several outputs go both ways, in every form that Keras takes."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lernwerk
from lernwerk.saving import load_model

X = np.random.default_rng(3).normal(size=(16, 4)).astype("float32")
Y = {"one": np.ones((16, 1), "float32"), "two": np.eye(3, dtype="float32")[np.arange(16) % 3]}
WEIGHTS = {"one": np.linspace(0.5, 2, 16), "two": np.linspace(2, 0.1, 16)}
pytestmark = pytest.mark.filterwarnings("ignore:.*copy keyword:DeprecationWarning")

SETTINGS = {
    "lists": lambda k: {
        "loss": ["mse", "categorical_crossentropy"], "loss_weights": [0.5, 2.0],
        "metrics": [["mae"], ["accuracy", k.metrics.TopKCategoricalAccuracy(2, name="top")]],
    },
    "dicts": lambda k: {
        "loss": {"one": k.losses.MeanSquaredError(reduction="sum"),
                 "two": k.losses.CategoricalCrossentropy(label_smoothing=0.1)},
        "loss_weights": {"one": 1.0, "two": 3.0}, "metrics": {"two": "acc", "one": ["mse", "mae"]},
    },
    "one_loss_only": lambda k: {"loss": {"two": "categorical_crossentropy"}},
    "weighted": lambda k: {
        "loss": {"one": "mse", "two": "mse"}, "weighted_metrics": {"one": ["mae"]},
        "metrics": {"two": [k.metrics.CategoricalAccuracy(name="right")]},
    },
}  # fmt: skip


def _compiled(k: Any, name: str) -> Any:
    entry = k.Input((4,))
    outputs = {"one": k.layers.Dense(1, name="one")(entry),
               "two": k.layers.Dense(3, "softmax", name="two")(entry)}  # fmt: skip
    model = k.Model(entry, outputs)
    generator = np.random.default_rng(1)
    model.set_weights([generator.uniform(-0.5, 0.5, w.shape) for w in model.get_weights()])
    model.compile(k.optimizers.Adam(0.01), **SETTINGS[name](k))
    return _plainly(model)


def _plainly(model: Any) -> Any:
    """Keras's model without XLA, which takes seconds for each; ours as it is."""
    if hasattr(model, "jit_compile"):
        model.jit_compile = False
    return model


def _scores(model: Any) -> dict[str, float]:
    found = model.evaluate(X, Y, sample_weight=WEIGHTS, verbose=0, return_dict=True)
    return {name: float(value) for name, value in found.items()}


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_go_both_ways(name: str, keras: Any, tmp_path: Path) -> None:
    ours, theirs = _compiled(lernwerk, name), _compiled(keras, name)
    for ending in ("keras", "h5"):
        path = tmp_path / f"m.{ending}"
        theirs.save(path)
        assert _scores(load_model(path)) == pytest.approx(_scores(theirs), rel=1e-4)
        ours.fit(X, Y, sample_weight=WEIGHTS, epochs=0, verbose=0)
        ours.evaluate(X, Y, verbose=0)  # metrics get the names of outputs now
        ours.save(path)
        loaded = _plainly(keras.saving.load_model(path))
        assert _scores(loaded) == pytest.approx(_scores(ours), rel=1e-4)
        assert _scores(load_model(path)) == pytest.approx(_scores(ours), rel=1e-6)


def test_the_training_goes_on_in_the_other(keras: Any, tmp_path: Path) -> None:
    """Keras itself cannot go on with a model from an .h5 file; we can with its."""
    for ours, load, ending in (
        (lernwerk, keras.saving.load_model, "keras"), (keras, load_model, "keras"),
        (keras, load_model, "h5"), (lernwerk, load_model, "h5"),
    ):  # fmt: skip
        model = _compiled(ours, "dicts")
        model.fit(X, Y, batch_size=8, shuffle=False, verbose=0)
        model.save(tmp_path / f"m.{ending}")
        loaded = _plainly(load(tmp_path / f"m.{ending}"))
        for each in (model, loaded):
            each.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0)
        for a, b in zip(model.get_weights(), loaded.get_weights(), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)


def test_names_are_written_as_they_were_given(tmp_path: Path) -> None:
    model = _compiled(lernwerk, "lists")
    model.evaluate(X, Y, verbose=0)
    model.save(tmp_path / "m.keras")
    written = json.loads(zipfile.ZipFile(tmp_path / "m.keras").read("config.json"))
    settings = written["compile_config"]
    assert settings["loss_weights"] == [0.5, 2.0]
    assert settings["metrics"][1][0] == "accuracy"
    assert settings["metrics"][1][1]["config"]["name"] == "top"


def test_a_schedule_and_its_step_come_back(keras: Any, tmp_path: Path) -> None:
    for ours, load in ((lernwerk, keras.saving.load_model), (keras, load_model)):
        schedule = ours.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)
        model = ours.Sequential([ours.Input((4,)), ours.layers.Dense(1)])
        model.compile(ours.optimizers.SGD(schedule, momentum=0.9), "mse")
        _plainly(model).fit(X, Y["one"], batch_size=4, shuffle=False, verbose=0)
        model.save(tmp_path / "m.keras")
        loaded = load(tmp_path / "m.keras")
        rates = [float(np.asarray(each.optimizer.learning_rate)) for each in (model, loaded)]
        assert rates[0] == pytest.approx(rates[1]) == pytest.approx(0.1 * 0.5**2)


def test_without_optimizer(keras: Any, tmp_path: Path) -> None:
    model = _compiled(lernwerk, "lists")
    model.save(tmp_path / "m.keras", include_optimizer=False)
    assert not load_model(tmp_path / "m.keras").compiled
    assert not keras.saving.load_model(tmp_path / "m.keras").compiled
