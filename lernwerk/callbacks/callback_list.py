"""CallbackList: several callbacks as one, for training loops of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lernwerk.callbacks.callback import HOOKS, Callback, Logs, single_steps
from lernwerk.callbacks.dispatch import wants_single_steps
from lernwerk.callbacks.history import History
from lernwerk.callbacks.progress import ProgbarLogger


class CallbackList(Callback):
    """Hands every call on to each of its callbacks.

    Arguments: ``callbacks``; ``add_history`` and ``add_progbar``: add a History and a ProgbarLogger
    where there is none; ``model``; further keywords are the ``params``.
    Source: https://keras.io/api/callbacks/
    """

    def __init__(
        self,
        callbacks: Any = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ) -> None:
        self.callbacks: list[Any] = list(_flat(callbacks))
        if add_history and not self._has(History):
            self.callbacks.append(History())
        if add_progbar and not self._has(ProgbarLogger):
            self.callbacks.append(ProgbarLogger())
        if model is not None:
            self.set_model(model)
        self.set_params(params)

    def _has(self, kind: type[Callback]) -> bool:
        return any(isinstance(each, kind) for each in self.callbacks)

    def append(self, callback: Callback) -> None:
        """Add a callback at the end."""
        self.callbacks.append(callback)

    def __iter__(self) -> Any:
        return iter(self.callbacks)

    def set_model(self, model: Any) -> None:
        """Give all of them the model; a History among them becomes ``model.history``."""
        super().set_model(model)
        for each in self.callbacks:
            each.set_model(model)
            if isinstance(each, History):
                model.history = each

    def set_params(self, params: dict[str, Any]) -> None:
        """Give all of them the parameters."""
        super().set_params(params)
        if params:
            for each in self.callbacks:
                each.set_params(params)

    def set_data(self, sample: Any, validation_data: Any) -> None:
        """Give all of them the data to look at."""
        super().set_data(sample, validation_data)
        for each in self.callbacks:
            each.set_data(sample, validation_data)

    @property
    def train_steps(self) -> bool:
        """Whether one of them needs single steps of ``fit``."""
        return wants_single_steps(self.callbacks, "train")

    @property
    def test_steps(self) -> bool:
        """Whether one of them needs single steps of evaluations."""
        return wants_single_steps(self.callbacks, "test")

    @property
    def predict_steps(self) -> bool:
        """Whether one of them needs single steps of predictions."""
        return wants_single_steps(self.callbacks, "predict")


def _flat(callbacks: Any) -> Sequence[Any]:
    if callbacks is None:
        return []
    if isinstance(callbacks, (list, tuple)):
        return [one for each in callbacks for one in _flat(each)]
    return [callbacks]


def _of_training(name: str) -> Any:
    def hook(self: CallbackList, logs: Logs = None) -> None:
        for each in self.callbacks:
            getattr(each, name)({} if logs is None else logs)

    return hook


def _of_epoch(name: str) -> Any:
    def hook(self: CallbackList, epoch: int, logs: Logs = None) -> None:
        for each in self.callbacks:
            getattr(each, name)(epoch, {} if logs is None else logs)

    return hook


def _of_step(name: str) -> Any:
    def hook(self: CallbackList, batch: int, logs: Logs = None) -> None:
        for each in self.callbacks:
            getattr(each, name)(batch, logs={} if logs is None else logs)

    phase = name.removeprefix("on_").split("_")[0]
    # on_batch_begin and on_batch_end are called by the callbacks' own on_train_batch_...
    return single_steps(False if phase == "batch" else f"{phase}_steps")(hook)


def _hook(name: str) -> Any:
    kind = _of_epoch if "epoch" in name else _of_step if "batch" in name else _of_training
    hook = kind(name)
    hook.__name__, hook.__doc__ = name, getattr(Callback, name).__doc__
    return hook


for _name in HOOKS:
    setattr(CallbackList, _name, _hook(_name))
