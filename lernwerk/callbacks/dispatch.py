"""From the events of the loop to the hooks of callbacks, and whether these need single steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lernwerk.callbacks.callback import Callback
from lernwerk.training import events

STEP_HOOKS = {
    "train": ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end"),
    "test": ("on_test_batch_begin", "on_test_batch_end"),
    "predict": ("on_predict_batch_begin", "on_predict_batch_end"),
}


def wants_single_steps(callbacks: Sequence[Any], phase: str = "train") -> bool:
    """Whether one of them has a hook that must be called around every step of "train", "test" or
    "predict"."""
    return any(_needs(callback, name) for callback in callbacks for name in STEP_HOOKS[phase])


def _needs(callback: Any, name: str) -> bool:
    hook = getattr(callback, name, None)
    needed = hook is not None and getattr(hook, "single_steps", True)
    return bool(getattr(callback, needed) if isinstance(needed, str) else needed)


def subscriber_for(callback: Callback) -> events.Subscriber:
    """A subscriber that calls the callback's hooks with Keras's arguments."""

    def receive(event: events.Event) -> None:
        match event:
            case events.TrainingStarted():
                callback.set_data(_parts(event.sample), _parts(event.validation))
                callback.on_train_begin({})
            case events.EpochStarted(epoch):
                callback.on_epoch_begin(epoch, {})
            case events.StepStarted(step):
                callback.on_train_batch_begin(step, logs={})
            case events.StepsFinished(_, step, logs):
                callback.on_train_batch_end(step - 1, logs=dict(logs))
            case events.EpochFinished(epoch, _, logs):
                callback.on_epoch_end(epoch, logs)  # the dict itself: callbacks may add to it
            case events.TrainingFinished(logs):
                callback.on_train_end(dict(logs))
            case _:
                _receive_use(callback, event)

    return receive


def _receive_use(callback: Callback, event: events.Event) -> None:
    """The events of evaluations, validations and predictions."""
    match event:
        case events.ValidationStarted() | events.EvaluationStarted():
            callback.on_test_begin({})
        case events.TestStepStarted(step):
            callback.on_test_batch_begin(step, logs={})
        case events.TestStepsFinished(step, logs):
            callback.on_test_batch_end(step - 1, logs=dict(logs))
        case events.ValidationFinished(logs) | events.EvaluationFinished(logs):
            found = {name.removeprefix("val_"): value for name, value in logs.items()}
            callback.on_test_end(found)
        case events.PredictionStarted():
            callback.on_predict_begin({})
        case events.PredictionStepStarted(step):
            callback.on_predict_batch_begin(step, logs={})
        case events.PredictionStepsFinished(step, outputs):
            callback.on_predict_batch_end(step - 1, logs={"outputs": outputs})
        case events.PredictionFinished():
            callback.on_predict_end({})


def _parts(rows: Any) -> Any:
    """A data set as (x, y, sample_weight)."""
    return None if rows is None else (rows.x, rows.y, rows.weight)
