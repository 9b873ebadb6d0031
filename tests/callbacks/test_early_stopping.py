"""EarlyStopping against real Keras on recorded sequences; LambdaCallback; History."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lernwerk import Sequential, callbacks, layers
from lernwerk.callbacks import Callback, EarlyStopping, History, LambdaCallback, wants_single_steps
from lernwerk.errors import ArgumentError


class Recorded:
    """A model whose only weight is the number of the epoch."""

    def __init__(self) -> None:
        self.stop_training = False
        self.weights = [-1]
        self.metrics: list[Any] = []

    def get_weights(self) -> list[int]:
        return list(self.weights)

    def set_weights(self, weights: list[int]) -> None:
        self.weights = list(weights)


def run(callback: Any, monitor: str, values: list[float]) -> tuple[int, list[int], int, int, Any]:
    """Epochs run, weights afterwards, stopped and best epoch, best value."""
    model = Recorded()
    callback.set_model(model)
    callback.on_train_begin()
    epoch = -1
    for epoch, value in enumerate(values):
        model.weights = [epoch]
        callback.on_epoch_end(epoch, {monitor: value, "loss": 0.0} if monitor != "loss"
                              else {monitor: value})  # fmt: skip
        if model.stop_training:
            break
    callback.on_train_end({})
    best = None if callback.best is None else float(callback.best)
    return epoch + 1, model.weights, callback.stopped_epoch, callback.best_epoch, best


FALLING = [5.0, 4.0, 4.2, 3.9, 3.95, 3.91, 3.92, 3.0, 3.5, 3.6, 3.7]
RISING = [0.1, 0.5, 0.4, 0.55, 0.54, 0.53, 0.6, 0.2, 0.1, 0.0]
OPTIONS: list[tuple[str, dict[str, Any], list[float]]] = [
    ("loss", {}, FALLING),
    ("loss", {"patience": 2}, FALLING),
    ("loss", {"patience": 3, "restore_best_weights": True}, FALLING),
    ("loss", {"patience": 99, "restore_best_weights": True}, FALLING),
    ("loss", {"min_delta": 0.5, "patience": 2, "restore_best_weights": True}, FALLING),
    ("loss", {"min_delta": -0.5, "patience": 3}, FALLING),
    ("loss", {"baseline": 4.5, "patience": 2}, FALLING),
    ("loss", {"baseline": 1.0, "patience": 3, "restore_best_weights": True}, FALLING),
    ("loss", {"baseline": 3.92, "patience": 3, "restore_best_weights": True}, FALLING),
    ("loss", {"start_from_epoch": 4, "patience": 1, "restore_best_weights": True}, FALLING),
    ("loss", {"start_from_epoch": 4, "patience": 0}, FALLING),
    ("score", {"mode": "max", "patience": 2, "restore_best_weights": True}, RISING),
    ("score", {"mode": "max", "baseline": 0.58, "patience": 4}, RISING),
    ("score", {"mode": "min", "patience": 2}, RISING),
    ("score", {"mode": "max", "min_delta": 0.06, "patience": 2}, RISING),
    ("loss", {"patience": 0}, [1.0, 1.0]),
    ("loss", {"patience": 1, "restore_best_weights": True}, [2.0, float("nan"), float("nan")]),
]


@pytest.mark.parametrize(("monitor", "options", "values"), OPTIONS)
def test_early_stopping_does_what_keras_s_does(
    keras: Any, monitor: str, options: dict[str, Any], values: list[float]
) -> None:
    mine = run(EarlyStopping(monitor, **options), monitor, values)
    real = run(keras.callbacks.EarlyStopping(monitor, **options), monitor, values)
    assert mine == real


def test_a_first_value_that_is_not_a_number_is_not_the_best() -> None:
    stopping = EarlyStopping("loss", patience=2, restore_best_weights=True)
    assert run(stopping, "loss", [float("nan"), 3.0, 2.0, 5.0, 5.0])[:2] == (5, [2])


NAMES = {"loss": None, "accuracy": "BinaryAccuracy", "mse": "MeanSquaredError",
         "mae": "MeanAbsoluteError", "root_mean_squared_error": "RootMeanSquaredError",
         "r2_score": "R2Score", "precision": "Precision", "recall": "Recall",
         "kl_divergence": "KLDivergence", "poisson": "Poisson", "hinge": "Hinge",
         "logcosh": "LogCoshError", "binary_crossentropy": "BinaryCrossentropy",
         "sparse_categorical_accuracy": "SparseCategoricalAccuracy",
         "mean_absolute_percentage_error": "MeanAbsolutePercentageError"}  # fmt: skip


@pytest.mark.parametrize(("name", "kind"), NAMES.items())
def test_the_direction_is_read_off_the_name_as_keras_reads_it_off_the_metric(
    keras: Any, name: str, kind: str | None
) -> None:
    found = "down" if kind is None else getattr(keras.metrics, kind)()._direction
    for prefix in ("", "val_"):
        assert EarlyStopping(prefix + name).rising == (found == "up")


def test_early_stopping_can_be_used_again() -> None:
    stopping = EarlyStopping("loss", patience=1, restore_best_weights=True)
    first = run(stopping, "loss", FALLING)
    assert run(stopping, "loss", FALLING) == first


def test_early_stopping_says_so_if_asked(capsys: Any) -> None:
    run(EarlyStopping("loss", patience=1, verbose=1), "loss", [1.0, 2.0, 3.0])
    assert capsys.readouterr().out == "Epoch 2: early stopping\n"
    stopping = EarlyStopping("loss", patience=1, verbose=1, restore_best_weights=True)
    run(stopping, "loss", [1.0, 2.0, 3.0])
    assert capsys.readouterr().out == (
        "Epoch 2: early stopping\nRestoring model weights from the end of the best epoch: 1.\n"
    )


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: EarlyStopping(mode="up"),
         "EarlyStopping: expected mode 'auto', 'min' or 'max', got 'up'."),
        (lambda: EarlyStopping(patience=-1),
         "EarlyStopping: expected patience to be a number >= 0, got -1."),
        (lambda: run(EarlyStopping("acuracy"), "accuracy", [1.0]),
         "EarlyStopping: expected monitor to be one of accuracy, loss, got 'acuracy'. "
         "Did you mean 'accuracy'?"),
        (lambda: LambdaCallback(on_epoch_ends=print),
         "LambdaCallback: expected the name of a hook, got 'on_epoch_ends'. "
         "Did you mean 'on_epoch_end'?"),
    ],
)  # fmt: skip
def test_what_callbacks_refuse(make: Any, text: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        make()
    assert str(refused.value) == text


def net() -> tuple[Sequential, np.ndarray, np.ndarray]:
    x = np.random.default_rng(0).normal(size=(20, 2)).astype("float32")
    model = Sequential([layers.Dense(1, input_shape=(2,))])
    model.compile("sgd", "mse")
    return model, x, x[:, :1]


def test_the_best_weights_come_back_even_after_all_epochs() -> None:
    model, x, y = net()
    kept: list[np.ndarray] = []

    def spoil(epoch: int, logs: Any) -> None:
        kept.append(model.get_weights()[0])
        logs["score"] = [3.0, 1.0, 2.0][epoch]

    stopping = EarlyStopping("score", mode="min", patience=9, restore_best_weights=True)
    model.fit(x, y, epochs=3, verbose=0, callbacks=[LambdaCallback(on_epoch_end=spoil), stopping])
    assert stopping.stopped_epoch == 0
    np.testing.assert_array_equal(model.get_weights()[0], kept[1])
    assert (kept[1] != kept[2]).any()


def test_epochs_without_validation_are_passed_over() -> None:
    model, x, y = net()
    stopping = EarlyStopping("val_loss", patience=1, min_delta=1e9)
    history = model.fit(x, y, epochs=9, verbose=0, validation_data=(x, y), validation_freq=2,
                        callbacks=stopping)  # fmt: skip
    assert history.epoch == [0, 1, 2, 3]


def test_the_history_is_the_model_s_too() -> None:
    model, x, y = net()
    history = model.fit(x, y, epochs=2, verbose=0)
    assert model.history is history
    assert history.model is model
    assert history.params["epochs"] == 2


def test_lambda_callbacks_get_what_they_ask_for() -> None:
    model, x, y = net()
    seen: list[Any] = []
    made = LambdaCallback(
        on_train_begin=lambda logs=None: seen.append("begin"),
        on_epoch_end=lambda epoch, logs: seen.append((epoch, sorted(logs))),
        on_train_end=None,
    )
    model.fit(x, y, epochs=2, verbose=0, callbacks=[made])
    assert seen == ["begin", (0, ["loss"]), (1, ["loss"])]


def test_parameters_and_model_are_set() -> None:
    model, x, y = net()
    plain = Callback()
    model.fit(x, y, batch_size=8, epochs=2, verbose=0, callbacks=plain)
    assert plain.model is model
    assert plain.params == {"epochs": 2, "steps": 3, "verbose": 0, "validation": False}


def test_single_steps_are_asked_for_only_where_a_step_method_is_overridden() -> None:
    class Own(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            pass

    assert wants_single_steps([History(), Own()])
    assert wants_single_steps([LambdaCallback(on_train_batch_begin=lambda batch, logs=None: None)])
    assert not wants_single_steps([History(), EarlyStopping(), LambdaCallback(on_epoch_end=print)])


def test_the_public_names(keras: Any) -> None:
    mine = {name for name in dir(keras.callbacks) if name[0].isupper()} - {"OrbaxCheckpoint"}
    assert mine <= set(callbacks.__all__)  # OrbaxCheckpoint writes files of a library of JAX's
