"""Events, display, single steps, stopping and interruption of a training."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from lernwerk import Input, Sequential, layers
from lernwerk.callbacks import Callback, LambdaCallback
from lernwerk.core.random import set_random_seed
from lernwerk.errors import ArgumentError, TrainingWarning, UsageError
from lernwerk.training import events
from lernwerk.training.display import Bar, Lines, display, values

X = np.random.default_rng(0).normal(size=(20, 3)).astype("float32")
Y = X.sum(axis=1, keepdims=True)


def model(**options: Any) -> Sequential:
    set_random_seed(1)
    made = Sequential([layers.Dense(4, "tanh", input_shape=(3,)), layers.Dense(1)])
    made.compile("sgd", "mse", **options)
    return made


class Recorder(Callback):
    """Writes down every call."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def on_train_begin(self, logs: Any = None) -> None:
        self.calls.append("train begin")

    def on_train_end(self, logs: Any = None) -> None:
        self.calls.append(("train end", sorted(logs)))

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.calls.append(("epoch begin", epoch))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.calls.append(("epoch end", epoch, sorted(logs)))

    def on_test_begin(self, logs: Any = None) -> None:
        self.calls.append("test begin")

    def on_test_end(self, logs: Any = None) -> None:
        self.calls.append("test end")


class Steps(Recorder):
    """Also every step."""

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.calls.append(("batch begin", batch))

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.calls.append(("batch end", batch))


def test_callbacks_are_called_in_keras_s_order(keras: Any) -> None:
    recorder = Steps()
    model().fit(X, Y, batch_size=8, epochs=2, verbose=0, callbacks=recorder,
                validation_data=(X, Y))  # fmt: skip
    calls: list[Any] = []

    class Real(keras.callbacks.Callback):
        pass

    for name in ("train_begin", "train_end", "epoch_begin", "epoch_end", "test_begin", "test_end",
                 "train_batch_begin", "train_batch_end"):  # fmt: skip

        def note(self: Any, *given: Any, name: str = name, **more: Any) -> None:
            arguments = [*given, *more.values()]
            label = name.replace("train_batch", "batch").replace("_", " ")
            ends = name in ("epoch_end", "train_end")
            logs = [sorted(arguments[-1])] if ends else []
            number = [arguments[0]] if "batch" in name or "epoch" in name else []
            calls.append((label, *number, *logs) if number or logs else label)

        setattr(Real, f"on_{name}", note)
    real = keras.Sequential([keras.layers.Dense(1)])
    real.compile("sgd", "mse")
    real.fit(X, Y, batch_size=8, epochs=2, verbose=0, callbacks=[Real()], validation_data=(X, Y))
    assert recorder.calls == calls


def test_steps_are_counted_in_slices_and_singly() -> None:
    seen: list[tuple[int, int]] = []
    steps = LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append((batch, len(logs))))
    model().fit(X, Y, batch_size=3, epochs=2, verbose=0, callbacks=[steps])
    assert seen == [(batch, 1) for _ in range(2) for batch in range(7)]


def test_what_a_callback_adds_to_the_logs_is_in_the_history() -> None:
    class Rate(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            logs["rate"] = 0.5 / (epoch + 1)

    assert model().fit(X, Y, epochs=2, verbose=0, callbacks=[Rate()]).history["rate"] == [0.5, 0.25]


def test_events_come_in_order_with_their_numbers() -> None:
    found: list[events.Event] = []
    net = model()
    from lernwerk.training.feeding import Rows
    from lernwerk.training.loop import Schedule

    net.train_loop([found.append]).fit(
        Rows(X, Y), Rows(X, Y), Schedule(0, 2, 5, False, validation_every=2)
    )
    kinds = [type(event).__name__ for event in found]
    assert kinds[0] == "TrainingStarted"
    assert kinds[-1] == "TrainingFinished"
    assert kinds.count("EpochStarted") == kinds.count("EpochFinished") == 2
    assert kinds.count("ValidationStarted") == kinds.count("ValidationFinished") == 1
    assert found[0] == events.TrainingStarted(2, 4, 20)
    steps = [e for e in found if isinstance(e, events.StepsFinished)]
    assert [e.step for e in steps if e.epoch == 0][-1] == 4
    assert steps[0].step == 1  # the first slice is one step
    ends = [e for e in found if isinstance(e, events.EpochFinished)]
    assert [sorted(e.logs) for e in ends] == [["loss"], ["loss", "val_loss"]]
    assert all(e.seconds > 0 for e in ends)


def test_lines_without_a_terminal(capsys: Any) -> None:
    for verbose in (2, "auto", 1):
        history = model(metrics=["mae"]).fit(X, Y, epochs=2, verbose=verbose).history
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 2
        expected = rf"Epoch 2/2 - \d+\.\ds - loss: {history['loss'][1]:.4f} - mae: "
        assert re.match(expected, lines[1])
    model().fit(X, Y, verbose=0)
    assert capsys.readouterr().out == ""


def test_numbers_are_shown_with_four_digits() -> None:
    logs = {"loss": 0.12345, "tiny": 1.5e-7, "big": 123456.0, "zero": 0.0, "bad": float("nan")}
    assert values(logs) == (
        "loss: 0.1235 - tiny: 1.5000e-07 - big: 1.2346e+05 - zero: 0.0000 - bad: nan"
    )


def test_the_display_is_chosen_by_verbose_and_terminal(monkeypatch: Any) -> None:
    with display(0) as shown:
        assert shown == []
    with display(2) as shown:
        assert [type(each) for each in shown] == [Lines]
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    with display("auto") as shown:
        assert [type(each) for each in shown] == [Bar]


def test_the_bar_writes_a_line_an_epoch_and_is_stopped(capsys: Any) -> None:
    bar = Bar()
    try:
        bar(events.TrainingStarted(2, 4, 16))
        bar(events.StepsFinished(0, 2, {"loss": 0.5}))
        assert bar.progress.tasks[0].completed == 2
        assert bar.progress.tasks[0].total == 8
        bar(events.EpochFinished(0, 1.25, {"loss": 0.25}))
        bar(events.StepsFinished(1, 1, {"loss": 0.2}))
        assert bar.progress.tasks[0].completed == 5
    finally:
        bar.progress.stop()
    assert "Epoch 1/2 - 1.2s - loss: 0.2500" in capsys.readouterr().out


def test_the_bar_is_stopped_after_an_error(monkeypatch: Any) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    kept: list[Bar] = []

    def fail() -> None:
        with display(1) as shown:
            kept.extend(shown)  # type: ignore[arg-type]
            shown[0](events.TrainingStarted(1, 1, 1))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert not kept[0].progress.live.is_started


def test_stop_training_after_an_epoch_and_within_one() -> None:
    def stop(_: Any, logs: Any) -> None:
        net.stop_training = True

    net = model()
    history = net.fit(X, Y, epochs=5, verbose=0, callbacks=[LambdaCallback(on_epoch_end=stop)])
    assert history.epoch == [0]
    recorder = Steps()
    net.fit(X, Y, batch_size=2, epochs=5, verbose=0,
            callbacks=[recorder, LambdaCallback(on_train_batch_end=stop)])  # fmt: skip
    assert [c for c in recorder.calls if c[0] == "batch end"] == [("batch end", 0)]
    assert ("epoch end", 0, ["loss"]) in recorder.calls
    assert net.optimizer.iterations.numpy() == 1 + 1


def test_interruption_within_an_epoch_leaves_whole_epochs_in_the_history() -> None:
    net = model()
    calls = []

    def interrupt(batch: int, logs: Any) -> None:
        calls.append(batch)
        net.interrupted = len(calls) == 14

    history = net.fit(X, Y, batch_size=2, epochs=5, verbose=0,
                      callbacks=[LambdaCallback(on_train_batch_end=interrupt)])  # fmt: skip
    assert history.epoch == [0]
    assert len(history.history["loss"]) == 1
    assert calls[-1] == 3
    assert net.optimizer.iterations.numpy() == 14
    assert net.interrupted
    again = net.fit(X, Y, epochs=2, verbose=0)  # a new training begins anew
    assert again.epoch == [0, 1]


def test_interruption_at_the_end_of_an_epoch_trains_no_further() -> None:
    net = model()

    def interrupt(epoch: int, logs: Any) -> None:
        net.interrupted = True

    recorder = Recorder()
    history = net.fit(X, Y, batch_size=10, epochs=5, verbose=0,
                      callbacks=[LambdaCallback(on_epoch_end=interrupt), recorder])  # fmt: skip
    assert history.epoch == [0]
    assert net.optimizer.iterations.numpy() == 2
    assert recorder.calls[-1] == ("train end", ["loss"])


def test_validation_freq_and_initial_epoch(keras: Any) -> None:
    history = model().fit(X, Y, initial_epoch=2, epochs=6, verbose=0, validation_data=(X, Y),
                          validation_freq=2)  # fmt: skip
    assert history.epoch == [2, 3, 4, 5]
    assert len(history.history["val_loss"]) == 2
    real = keras.Sequential([keras.layers.Dense(1)])
    real.compile("sgd", "mse")
    theirs = real.fit(X, Y, initial_epoch=2, epochs=6, verbose=0, validation_data=(X, Y),
                      validation_freq=2)  # fmt: skip
    assert theirs.epoch == history.epoch
    assert len(theirs.history["val_loss"]) == 2


TAIL = (
    "validation_split: expected all classes in both parts, got classes [0, 1] in one part only (it "
    "takes the last rows unshuffled). Shuffle first: p = np.random.permutation(len(x)); "
    "x, y = x[p], y[p]."
)


def classifier() -> Sequential:
    net = Sequential([layers.Dense(2, "softmax")])
    net.compile("sgd", "sparse_categorical_crossentropy")
    return net


def test_validation_split_warns_of_a_sorted_tail() -> None:
    y = np.array([0] * 15 + [1] * 5)
    with pytest.warns(TrainingWarning) as warned:
        classifier().fit(X, y, verbose=0, validation_split=0.25)
    assert [str(each.message) for each in warned] == [TAIL]
    classifier().fit(X, np.arange(20) % 2, verbose=0, validation_split=0.25)


@pytest.mark.parametrize(
    ("options", "kind", "text"),
    [
        ({"batch_size": 0}, ArgumentError,
         "model.fit: expected batch_size to be an integer >= 1, got 0."),
        ({"epochs": -1}, ArgumentError,
         "model.fit: expected epochs to be an integer >= 0, got -1."),
        ({"validation_split": 1}, ArgumentError,
         "model.fit: expected validation_split to be a number in [0, 1), got 1."),
        ({"validation_split": 0.99}, UsageError,
         "model.fit: expected rows on both sides of validation_split, got 0 of 20 for training."),
        ({"validation_data": X}, UsageError,
         "model.fit: expected validation_data=(x, y) or (x, y, sample_weight), got ndarray."),
        ({"validation_freq": 0}, ArgumentError,
         "model.fit: expected validation_freq to be an integer >= 1, got 0."),
        ({"y": None}, UsageError,
         "model.fit: expected targets y, got None. model.fit(x, y)"),
    ],
)  # fmt: skip
def test_arguments_of_fit_that_are_refused(options: Any, kind: Any, text: str) -> None:
    with pytest.raises(kind) as refused:
        model().fit(X, **{"y": Y, "verbose": 0, **options})
    assert str(refused.value) == text


def test_the_resolved_accuracy_is_named_in_the_log(capsys: Any) -> None:
    model = Sequential([Input((2,)), layers.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(np.ones((4, 2)), [0, 1, 2, 0], verbose=2)
    assert capsys.readouterr().out.startswith(
        "Metrics: accuracy is SparseCategoricalAccuracy\nEpoch 1/1"
    )
