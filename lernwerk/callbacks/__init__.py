"""Callbacks: Keras's way to look into a training and to steer it.

They subscribe to the same events as everything else; ``subscriber_for`` translates events into the
hooks that a callback may override. What ``fit`` itself does not need is loaded when it is first
used: some of it asks for much of the standard library.
"""

import importlib
from typing import Any

from lernwerk.callbacks.callback import Callback, single_steps
from lernwerk.callbacks.callback_list import CallbackList
from lernwerk.callbacks.dispatch import subscriber_for, wants_single_steps
from lernwerk.callbacks.history import History
from lernwerk.callbacks.progress import ProgbarLogger

_PLACES = {
    "BackupAndRestore": "backup", "CSVLogger": "csv_logger", "EarlyStopping": "early_stopping",
    "EventWriter": "tensorboard", "LambdaCallback": "lambda_callback",
    "LearningRateScheduler": "learning_rate", "ModelCheckpoint": "model_checkpoint",
    "ReduceLROnPlateau": "learning_rate", "RemoteMonitor": "remote_monitor",
    "SwapEMAWeights": "moving_average", "TensorBoard": "tensorboard",
    "TerminateOnNaN": "termination",
}  # fmt: skip

__all__ = [
    "Callback", "CallbackList", "History", "ProgbarLogger", "single_steps", "subscriber_for",
    "wants_single_steps", *_PLACES,
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(importlib.import_module(f"lernwerk.callbacks.{_PLACES[name]}"), name)
    raise AttributeError(f"module 'lernwerk.callbacks' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
