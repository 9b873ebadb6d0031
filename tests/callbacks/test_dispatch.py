"""Which hook is called when, with which arguments; single steps; CallbackList."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from lernwerk import callbacks
from lernwerk.callbacks import (
    Callback,
    CallbackList,
    History,
    ProgbarLogger,
    TerminateOnNaN,
    single_steps,
    subscriber_for,
    wants_single_steps,
)
from lernwerk.callbacks.callback import HOOKS
from lernwerk.training import events
from lernwerk.training.feeding import Rows


class Every(Callback):
    """Notes every hook with its arguments."""

    def __init__(self) -> None:
        self.calls: list[Any] = []


def _noting(name: str) -> Any:
    def hook(self: Every, *given: Any, **named: Any) -> None:
        self.calls.append((name, *given, *named.values()))

    return hook


for _name in HOOKS:
    setattr(Every, _name, _noting(_name))

EVENTS = [
    (events.TrainingStarted(2, 3, 24), ("on_train_begin", {})),
    (events.EpochStarted(1), ("on_epoch_begin", 1, {})),
    (events.StepStarted(0), ("on_train_batch_begin", 0, {})),
    (events.StepsFinished(1, 3, {"loss": 1.0}), ("on_train_batch_end", 2, {"loss": 1.0})),
    (events.ValidationStarted(), ("on_test_begin", {})),
    (events.TestStepStarted(4), ("on_test_batch_begin", 4, {})),
    (events.TestStepsFinished(5, {"loss": 2.0}), ("on_test_batch_end", 4, {"loss": 2.0})),
    (events.ValidationFinished({"val_loss": 2.0}), ("on_test_end", {"loss": 2.0})),
    (events.EpochFinished(1, 0.5, {"loss": 1.0}), ("on_epoch_end", 1, {"loss": 1.0})),
    (events.TrainingFinished({"loss": 1.0}), ("on_train_end", {"loss": 1.0})),
    (events.EvaluationStarted(3), ("on_test_begin", {})),
    (events.EvaluationFinished({"loss": 2.0}), ("on_test_end", {"loss": 2.0})),
    (events.PredictionStarted(3), ("on_predict_begin", {})),
    (events.PredictionStepStarted(0), ("on_predict_batch_begin", 0, {})),
    (events.PredictionStepsFinished(1, "y"), ("on_predict_batch_end", 0, {"outputs": "y"})),
    (events.PredictionFinished(), ("on_predict_end", {})),
]


@pytest.mark.parametrize(("event", "call"), EVENTS)
def test_events_become_hooks(event: Any, call: Any) -> None:
    for callback in (Every(), CallbackList(every := Every())):
        subscriber_for(callback)(event)
        seen = every if isinstance(callback, CallbackList) else callback
        assert seen.calls == [call]  # type: ignore[attr-defined]


def test_every_hook_has_its_event() -> None:
    called = {call[0] for _, call in EVENTS}
    assert set(HOOKS) - called == {"on_batch_begin", "on_batch_end"}  # the old names


def test_hooks_and_their_arguments_are_those_of_keras(keras: Any) -> None:
    real = keras.callbacks.Callback
    assert set(HOOKS) == {name for name in dir(real) if name.startswith("on_")}
    for name in HOOKS:
        mine, theirs = (list(inspect.signature(getattr(kind, name)).parameters)
                        for kind in (Callback, real))  # fmt: skip
        assert mine == theirs


SAME = [name for name in callbacks.__all__ if isinstance(getattr(callbacks, name), type)]


@pytest.mark.parametrize("name", SAME)
def test_arguments_are_those_of_keras(keras: Any, name: str) -> None:
    """Their order and defaults; what Lernwerk adds is behind them and by keyword only."""
    if not hasattr(keras.callbacks, name):
        assert name == "EventWriter"
        return
    real = inspect.signature(getattr(keras.callbacks, name)).parameters.values()
    mine = inspect.signature(getattr(callbacks, name)).parameters.values()
    plain = (inspect.Parameter.POSITIONAL_OR_KEYWORD,)
    listed = [[(p.name, p.default) for p in each if p.kind in plain] for each in (mine, real)]
    assert listed[0] == listed[1]


def test_logs_of_an_epoch_are_shared() -> None:
    class Adds(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            logs["more"] = 1.0

    history, logs = History(), {"loss": 0.5}
    for callback in (Adds(), history):
        subscriber_for(callback)(events.EpochFinished(0, 0.1, logs))
    assert history.history == {"loss": [0.5], "more": [1.0]}


def test_callbacks_are_given_rows_to_look_at(net: Any, data: Any) -> None:
    x, y = data
    for callback in (Callback(), CallbackList(inner := Callback())):
        net().fit(x, y, epochs=1, verbose=0, callbacks=callback, validation_data=(x, y))
        seen = inner if isinstance(callback, CallbackList) else callback
        assert (seen.sample[0] == x[:32]).all()
        assert (seen.validation_data[1] == y).all()
        assert seen.sample[2] is None
    started = events.TrainingStarted(1, 1, 2, sample=Rows(x), validation=None)
    assert started == events.TrainingStarted(1, 1, 2)


# ---- single steps


def test_single_steps_are_asked_for_by_hooks_of_each_phase() -> None:
    class Train(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None: ...

    class Old(Callback):
        def on_batch_begin(self, batch: int, logs: Any = None) -> None: ...

    class Test(Callback):
        def on_test_batch_begin(self, batch: int, logs: Any = None) -> None: ...

    class Predict(Callback):
        def on_predict_batch_end(self, batch: int, logs: Any = None) -> None: ...

    class Content(Callback):
        @single_steps(False)
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None: ...

    class OfContent(Content):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None: ...

    phases = ("train", "test", "predict")
    for kind, wanted in (
        (Callback, ""), (Train, "train"), (Old, "train"), (Test, "test"), (Predict, "predict"),
        (Content, ""), (OfContent, "train"), (TerminateOnNaN, ""), (ProgbarLogger, ""),
    ):  # fmt: skip
        asked = [phase for phase in phases if wants_single_steps([kind()], phase)]
        assert asked == wanted.split()
        inside = [p for p in phases if wants_single_steps([CallbackList([kind()])], p)]
        assert inside == wanted.split()


def test_what_is_no_callback_can_be_one() -> None:
    class Duck:
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None: ...

    assert wants_single_steps([Duck()])
    assert not wants_single_steps([Duck()], "test")


def test_the_old_names_are_called() -> None:
    class Old(Callback):
        seen: list[Any] = []

        def on_batch_begin(self, batch: int, logs: Any = None) -> None:
            self.seen.append(("begin", batch))

        def on_batch_end(self, batch: int, logs: Any = None) -> None:
            self.seen.append(("end", batch, logs))

    receive = subscriber_for(CallbackList([old := Old()]))
    receive(events.StepStarted(3))
    receive(events.StepsFinished(0, 4, {"loss": 1.0}))
    assert old.seen == [("begin", 3), ("end", 3, {"loss": 1.0})]


# ---- CallbackList


def test_a_list_hands_on_what_it_gets(keras: Any) -> None:
    class Model:
        history: Any = None

    for kind, base in ((CallbackList, callbacks), (keras.callbacks.CallbackList, keras.callbacks)):
        model, own = Model(), base.Callback()
        listed = kind([own, base.History()], add_history=True, model=model, epochs=3, steps=2,
                      verbose=0)  # fmt: skip
        assert [type(each).__name__ for each in listed.callbacks] == ["Callback", "History"]
        assert own.model is model
        assert own.params == {"epochs": 3, "steps": 2, "verbose": 0}
        assert model.history is listed.callbacks[1]


def test_a_list_adds_what_is_missing() -> None:
    listed = CallbackList(add_history=True, add_progbar=True)
    assert [type(each) for each in listed] == [History, ProgbarLogger]
    listed.append(every := Every())
    listed.on_epoch_begin(0)
    assert every.calls == [("on_epoch_begin", 0, {})]
    assert list(CallbackList([[every]])) == [every]


def test_a_list_in_fit(net: Any, data: Any) -> None:
    every = Every()
    net().fit(*data, batch_size=8, epochs=1, verbose=0, callbacks=CallbackList([every]))
    names = [call[0] for call in every.calls]
    assert names.count("on_train_batch_begin") == names.count("on_train_batch_end") == 3
