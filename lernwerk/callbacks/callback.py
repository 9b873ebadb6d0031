"""Callback: the base of all callbacks, with every hook of Keras, and the mark on step hooks.

``fit`` runs slices of many steps without Python. A hook that has to be called around every single
step makes it run step by step, which is slower; so the hooks that need it are marked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from lernwerk.legacy import OldNames

Logs = dict[str, Any] | None
Hook = TypeVar("Hook", bound=Callable[..., Any])


def single_steps(needed: bool | str) -> Callable[[Hook], Hook]:
    """Mark a step hook with whether it needs a call for every single step; unmarked ones do.

    False: it does nothing, or a call after each slice of steps is enough. A name: the property of
    the callback that says so.
    """

    def mark(hook: Hook) -> Hook:
        hook.single_steps = needed  # type: ignore[attr-defined]
        return hook

    return mark


class Callback(metaclass=OldNames):
    """Look into a training and steer it: override the hooks you need.

    Attributes, set before the training: ``model``; ``params`` with ``epochs``, ``steps`` and
    ``verbose``; ``sample``, the first rows of the training data as (x, y, sample_weight), and
    ``validation_data`` in the same form, each None where ``fit`` does not know it.
    ``model.stop_training = True`` in any hook ends the training.

    What is added to the ``logs`` of ``on_epoch_end`` is in the History too.
    Source: https://keras.io/api/callbacks/base_callback/
    """

    model: Any = None
    params: dict[str, Any] = {}
    sample: Any = None
    validation_data: Any = None

    def set_model(self, model: Any) -> None:
        """Called once with the model."""
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Called once with ``epochs``, ``steps`` and ``verbose``."""
        self.params = params

    def set_data(self, sample: Any, validation_data: Any) -> None:
        """Called once with the first rows of the training data and the validation's."""
        self.sample = sample
        self.validation_data = validation_data

    def on_train_begin(self, logs: Logs = None) -> None:
        """Before the first epoch."""

    def on_train_end(self, logs: Logs = None) -> None:
        """After the last epoch."""

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Before an epoch, counted from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """After an epoch and its validation."""

    @single_steps(False)
    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Before a step of ``fit``."""
        self.on_batch_begin(batch, logs=logs)

    @single_steps(False)
    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """After a step of ``fit``; ``logs`` has the means since the epoch began."""
        self.on_batch_end(batch, logs=logs)

    @single_steps(False)
    def on_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """The old name of ``on_train_batch_begin``."""

    @single_steps(False)
    def on_batch_end(self, batch: int, logs: Logs = None) -> None:
        """The old name of ``on_train_batch_end``."""

    def on_test_begin(self, logs: Logs = None) -> None:
        """Before an evaluation or a validation."""

    def on_test_end(self, logs: Logs = None) -> None:
        """After an evaluation or a validation; names in ``logs`` have no ``val_``."""

    @single_steps(False)
    def on_test_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Before a batch of an evaluation or a validation."""

    @single_steps(False)
    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:
        """After a batch of an evaluation or a validation."""

    def on_predict_begin(self, logs: Logs = None) -> None:
        """Before a prediction."""

    def on_predict_end(self, logs: Logs = None) -> None:
        """After a prediction."""

    @single_steps(False)
    def on_predict_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Before a batch of a prediction."""

    @single_steps(False)
    def on_predict_batch_end(self, batch: int, logs: Logs = None) -> None:
        """After a batch of a prediction; ``logs["outputs"]`` are its outputs."""


HOOKS = tuple(name for name in vars(Callback) if name.startswith("on_"))
