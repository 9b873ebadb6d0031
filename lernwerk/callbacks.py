"""Callbacks: Keras's way to look into a training and to steer it.

They subscribe to the same events as everything else; ``subscriber_for`` translates events into the
methods that a callback may override.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lernwerk.errors import ArgumentError, Range, check_ranges
from lernwerk.training import events

Logs = dict[str, float] | None


class Callback:
    """Override what you need; ``self.model`` and ``self.params`` are set before the training."""

    model: Any = None
    params: dict[str, Any] = {}

    def set_model(self, model: Any) -> None:
        """Called once with the model."""
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Called once with ``epochs``, ``steps`` and ``verbose``."""
        self.params = params

    def on_train_begin(self, logs: Logs = None) -> None:
        """Before the first epoch."""

    def on_train_end(self, logs: Logs = None) -> None:
        """After the last epoch."""

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Before an epoch."""

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """After an epoch and its validation."""

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Before a step."""

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """After a step."""

    def on_test_begin(self, logs: Logs = None) -> None:
        """Before a validation."""

    def on_test_end(self, logs: Logs = None) -> None:
        """After a validation."""


class History(Callback):
    """What ``fit`` returns: ``history`` has a list of values for every name, one an epoch."""

    def __init__(self) -> None:
        self.history: dict[str, list[float]] = {}
        self.epoch: list[int] = []

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Note the values."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)


class LambdaCallback(Callback):
    """A callback from functions: ``LambdaCallback(on_epoch_end=lambda epoch, logs: ...)``."""

    def __init__(self, **functions: Any) -> None:
        known = [name for name in vars(Callback) if name.startswith("on_")]
        for name, function in functions.items():
            if name not in known:
                raise ArgumentError("LambdaCallback", f"one of {', '.join(known)}", repr(name))
            if function is not None:
                setattr(self, name, function)


class EarlyStopping(Callback):
    """Stop when a value has not improved for ``patience`` epochs.

    Arguments as in Keras: ``monitor``, ``min_delta``, ``patience``, ``verbose``, ``mode`` ("min",
    "max" or "auto": from the name), ``baseline``, ``restore_best_weights``, ``start_from_epoch``.
    Source: Prechelt 1998, Early Stopping - But When?
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        check_ranges("EarlyStopping", {"patience": patience}, {"patience": Range(0)})
        if mode not in ("auto", "min", "max"):
            raise ArgumentError("EarlyStopping", "mode 'auto', 'min' or 'max'", repr(mode))
        self.monitor = monitor
        self.min_delta = abs(min_delta)
        self.patience = patience
        self.verbose = verbose
        self.rising = mode == "max" or (mode == "auto" and not monitor.endswith(_FALLING))
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self.on_train_begin()

    def on_train_begin(self, logs: Logs = None) -> None:
        """Forget the training before."""
        self.wait = 0
        self.stopped_epoch = 0
        self.best_epoch = 0
        self.best: float | None = None
        self.best_weights: list[Any] | None = None

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Compare with the best value so far."""
        value = self._value(logs or {})
        if value is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self.best_weights, self.best_epoch = self.model.get_weights(), epoch
        self.wait += 1
        if self._better(value, self.best):
            self.best, self.best_epoch = value, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self._better(value, self.baseline):
                self.wait = 0
            return
        if self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs = None) -> None:
        """Bring the best weights back."""
        if self.best_weights is not None:
            self.model.set_weights(self.best_weights)
        if self.verbose and self.stopped_epoch:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping, best was {self.best_epoch + 1}")

    def _value(self, logs: dict[str, float]) -> float | None:
        skipped = self.monitor.removeprefix("val_") in logs and self.params.get("validation")
        if self.monitor not in logs and not skipped:  # validation_freq leaves epochs out
            raise ArgumentError(
                "EarlyStopping", f"monitor to be one of {', '.join(logs)}", repr(self.monitor),
                "val_... needs validation_data or validation_split in fit."
                if self.monitor.startswith("val_") else "",
            )  # fmt: skip
        return logs.get(self.monitor)

    def _better(self, value: float, reference: float | None) -> bool:
        if reference is None:
            return not np.isnan(value)
        gain = value - reference if self.rising else reference - value
        return gain > self.min_delta


_FALLING = (
    "loss", "error", "mse", "mae", "mape", "msle", "bce", "crossentropy", "divergence", "hinge",
    "poisson", "logcosh",
)  # fmt: skip


def wants_single_steps(callbacks: Sequence[Callback]) -> bool:
    """Whether a callback overrides a method that is called for every step."""
    plain = (Callback.on_train_batch_begin, Callback.on_train_batch_end)
    return any(
        (type(c).on_train_batch_begin, type(c).on_train_batch_end) != plain
        or {"on_train_batch_begin", "on_train_batch_end"} & vars(c).keys()
        for c in callbacks
    )


def subscriber_for(callback: Callback) -> events.Subscriber:
    """A subscriber that calls the callback's methods."""

    def receive(event: events.Event) -> None:
        match event:
            case events.TrainingStarted():
                callback.on_train_begin()
            case events.EpochStarted(epoch):
                callback.on_epoch_begin(epoch)
            case events.StepStarted(step):
                callback.on_train_batch_begin(step)
            case events.StepsFinished(_, step, logs):
                callback.on_train_batch_end(step - 1, dict(logs))
            case events.ValidationStarted():
                callback.on_test_begin()
            case events.ValidationFinished(logs):
                callback.on_test_end(dict(logs))
            case events.EpochFinished(epoch, _, logs):
                callback.on_epoch_end(epoch, logs)  # the dict itself: callbacks may add to it
            case events.TrainingFinished(logs):
                callback.on_train_end(dict(logs))

    return receive
