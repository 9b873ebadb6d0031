"""Callbacks that follow a value, fed with random sequences, against real Keras."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lernwerk import callbacks
from lernwerk.callbacks import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau
from lernwerk.errors import ArgumentError, TrainingWarning

# Eighths are exact in float32, in which Keras compares; ties are frequent among so few of them.
EIGHTHS = st.integers(-16, 16).map(lambda number: number / 8)
VALUES = st.lists(EIGHTHS, min_size=1, max_size=14)
DELTAS = st.sampled_from([0, 0.125, 0.5, -0.25])
MODES = st.sampled_from(["min", "max"])
fed = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def epochs(values: list[float]) -> list[dict[str, float]]:
    return [{"loss": 1.0, "score": value} for value in values]


@fed
@given(
    VALUES, DELTAS, MODES, st.integers(0, 3), st.one_of(st.none(), EIGHTHS), st.booleans(),
    st.integers(0, 3),
)  # fmt: skip
def test_early_stopping(
    keras: Any, drive: Any, capsys: Any, values: list[float], delta: float, mode: str,
    patience: int, baseline: float | None, restore: bool, start: int,
) -> None:  # fmt: skip
    options = {
        "min_delta": delta, "mode": mode, "patience": patience, "baseline": baseline,
        "restore_best_weights": restore, "start_from_epoch": start, "verbose": 1,
    }  # fmt: skip
    found = []
    for kind in (EarlyStopping, keras.callbacks.EarlyStopping):
        stopping = kind("score", **options)
        model = drive(stopping, epochs(values))
        best = None if stopping.best is None else float(stopping.best)
        found.append((stopping.stopped_epoch, stopping.best_epoch, best, stopping.wait,
                      model.weights, model.stop_training, capsys.readouterr().out))  # fmt: skip
    assert found[0] == found[1]


@fed
@given(
    VALUES, DELTAS, MODES, st.sampled_from([0.5, 0.1]), st.integers(0, 3), st.integers(0, 3),
    st.sampled_from([0.0, 0.01]),
)  # fmt: skip
def test_reduce_on_plateau(
    keras: Any, drive: Any, capsys: Any, values: list[float], delta: float, mode: str,
    factor: float, patience: int, cooldown: int, lowest: float,
) -> None:  # fmt: skip
    options = {"min_delta": delta, "mode": mode, "factor": factor, "patience": patience,
               "cooldown": cooldown, "min_lr": lowest, "verbose": 1}  # fmt: skip
    found = []
    for kind in (ReduceLROnPlateau, keras.callbacks.ReduceLROnPlateau):
        callback = kind("score", **options)
        model = drive(callback, epochs(values))
        found.append((model.optimizer.learning_rate, callback.wait, callback.cooldown_counter,
                      capsys.readouterr().out))  # fmt: skip
    assert found[0] == found[1]


@fed
@given(VALUES, MODES, st.one_of(st.none(), EIGHTHS), st.booleans(), st.booleans())
def test_checkpoints_after_epochs(
    keras: Any, drive: Any, capsys: Any, values: list[float], mode: str, threshold: float | None,
    best_only: bool, weights: bool,
) -> None:  # fmt: skip
    name = "{epoch:02d}-{score:.2f}" + (".weights.h5" if weights else ".keras")
    found = []
    for kind in (ModelCheckpoint, keras.callbacks.ModelCheckpoint):
        callback = kind(name, "score", 1, best_only, weights, mode, "epoch", threshold)
        model = drive(callback, epochs(values))
        found.append((model.saved, capsys.readouterr().out))
    assert found[0] == found[1]


@fed
@given(VALUES, st.integers(1, 7), st.integers(1, 4), st.booleans())
def test_checkpoints_after_steps(
    keras: Any, drive: Any, capsys: Any, values: list[float], frequency: int, steps: int,
    best_only: bool,
) -> None:  # fmt: skip
    found = []
    for kind in (ModelCheckpoint, keras.callbacks.ModelCheckpoint):
        name = "{epoch}-{batch}-{loss:.1f}.keras"
        callback = kind(name, "loss", 1, best_only, mode="min", save_freq=frequency)
        callback.monitor_op = keras.ops.less  # Keras asks for it at the end of an epoch only
        logs = [{"loss": value} for value in values]
        found.append((drive(callback, logs, steps).saved, capsys.readouterr().out))
    assert found[0] == found[1]


LACKING = [
    (EarlyStopping, "EarlyStopping", {}, "Nothing is done."),
    (ReduceLROnPlateau, "ReduceLROnPlateau", {}, "Nothing is done."),
    (ModelCheckpoint, "ModelCheckpoint", {"filepath": "x.keras", "save_best_only": True},
     "The model is saved all the same."),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "name", "options", "end"), LACKING)
def test_a_value_that_is_missing_is_warned_of_once(
    drive: Any, kind: Any, name: str, options: dict[str, Any], end: str
) -> None:
    with pytest.warns(TrainingWarning) as warned:
        drive(kind(monitor="val_loss", **options), [{"loss": 1.0}, {"loss": 2.0}])
    names = "loss, learning_rate" if kind is ReduceLROnPlateau else "loss"
    assert [str(each.message) for each in warned] == [
        f"{name}: expected monitor to be one of {names}, got 'val_loss'. "
        f"val_... needs validation_data or validation_split in fit. {end}"
    ]


@pytest.mark.parametrize(("kind", "name", "options", "end"), LACKING)
def test_a_name_that_nothing_has_is_refused_without_a_mode(
    drive: Any, kind: Any, name: str, options: dict[str, Any], end: str
) -> None:
    with pytest.raises(ArgumentError, match=rf"^{name}: expected monitor to be one of loss"):
        drive(kind(monitor="lost", **options), [{"loss": 1.0}])
    with pytest.warns(TrainingWarning, match=rf"Did you mean 'loss'\? {end}$"):
        drive(kind(monitor="lost", mode="min", **options), [{"loss": 1.0}])


def test_the_direction_is_that_of_the_model_s_metric(net: Any, data: Any) -> None:
    from lernwerk.metrics import MeanAbsoluteError, R2Score

    model = net(metrics=[MeanAbsoluteError(name="gap"), R2Score(name="loss_of_trust")])
    model.fit(*data, epochs=1, verbose=0)
    for name, rising in (("gap", False), ("val_loss_of_trust", True), ("loss", False)):
        callback = callbacks.EarlyStopping(name)
        callback.set_model(model)
        assert callback.rising == rising


def test_what_reduce_on_plateau_refuses() -> None:
    with pytest.raises(ArgumentError) as refused:
        ReduceLROnPlateau(factor=1.0)
    assert str(refused.value) == ("ReduceLROnPlateau: expected factor to be a number < 1, got 1.0.")


def test_the_rate_is_in_the_logs(net: Any, data: Any) -> None:
    history = net("sgd").fit(
        *data, epochs=3, verbose=0,
        callbacks=[ReduceLROnPlateau("loss", 0.5, 0, min_delta=1e9)],
    )  # fmt: skip
    assert history.history["learning_rate"] == pytest.approx([0.01, 0.01, 0.005])
