"""Callbacks that set the learning rate: on a plateau, or by a function of the epoch."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np

from lernwerk.callbacks.callback import Callback, Logs
from lernwerk.callbacks.monitoring import Monitor
from lernwerk.errors import NOT_NEGATIVE, ArgumentError, Range, check_ranges


def rate_of(optimizer: Any) -> float:
    """The present learning rate."""
    rate = optimizer.learning_rate
    return float(rate.numpy() if hasattr(rate, "numpy") else rate)


class ReduceLROnPlateau(Monitor):
    """Multiply the learning rate by ``factor`` when a value has not improved for some epochs.

    Arguments as in Keras: ``monitor``, ``factor`` (below 1), ``patience``, ``verbose``, ``mode``,
    ``min_delta`` (the smallest gain that counts), ``cooldown`` (epochs after a change that are not
    counted) and ``min_lr``. The rate is in the logs as ``learning_rate``.
    """

    ranges = {
        "factor": Range(None, 1, high_included=False), "patience": Range(0),
        "cooldown": Range(0), "min_lr": NOT_NEGATIVE,
    }  # fmt: skip

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        self.factor = factor
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.min_lr = min_lr
        check_ranges("ReduceLROnPlateau", vars(self), self.ranges)
        self.on_train_begin()

    def on_train_begin(self, logs: Logs = None) -> None:
        """Forget the training before."""
        self._warned = False
        self.best = None
        self.wait = 0
        self.cooldown_counter = 0

    def in_cooldown(self) -> bool:
        """Whether epochs after the last change are still passed over."""
        return self.cooldown_counter > 0

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Compare with the best value so far, and reduce."""
        logs = {} if logs is None else logs
        logs["learning_rate"] = rate_of(self.model.optimizer)
        value = self.value(logs)
        if value is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self.better(value, self.best):
            self.best, self.wait = value, 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience:
                self._reduce(epoch)

    def _reduce(self, epoch: int) -> None:
        rate = rate_of(self.model.optimizer)
        if rate <= np.float32(self.min_lr):  # the rate is kept in float32
            return
        reduced = max(rate * self.factor, self.min_lr)
        self.model.optimizer.learning_rate = reduced
        if self.verbose:
            print(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {reduced}.")
        self.cooldown_counter, self.wait = self.cooldown, 0


class LearningRateScheduler(Callback):
    """Set the learning rate before every epoch: ``schedule(epoch, rate)`` or ``schedule(epoch)``.

    Epochs count from 0. The rate is in the logs as ``learning_rate``.
    Raises ArgumentError where the function returns no number.
    """

    def __init__(self, schedule: Callable[..., Any], verbose: int = 0) -> None:
        self.schedule = schedule
        self.verbose = verbose
        self._takes_rate = _takes(schedule, 2)

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Set the rate of this epoch."""
        optimizer = self.model.optimizer
        rate = (
            self.schedule(epoch, rate_of(optimizer)) if self._takes_rate else self.schedule(epoch)
        )
        number = rate.item() if getattr(rate, "size", 0) == 1 else rate
        if isinstance(number, bool) or not isinstance(number, Real):
            raise ArgumentError(
                "LearningRateScheduler", "schedule to return a number", repr(rate),
                "For example lambda epoch, rate: rate * 0.95.",
            )  # fmt: skip
        optimizer.learning_rate = float(number)
        if self.verbose:
            print(f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to {number}.")

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Note the rate."""
        if logs is not None:
            logs["learning_rate"] = rate_of(self.model.optimizer)


def _takes(function: Callable[..., Any], count: int) -> bool:
    """Whether the function can be called with that many arguments."""
    try:
        inspect.signature(function).bind(*range(count))
    except TypeError:
        return False
    except ValueError:  # a function in C without a signature
        return True
    return True
