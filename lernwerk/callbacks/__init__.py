"""Callbacks: Keras's way to look into a training and to steer it.

They subscribe to the same events as everything else; ``subscriber_for`` translates events into the
hooks that a callback may override.
"""

from lernwerk.callbacks.backup import BackupAndRestore
from lernwerk.callbacks.callback import Callback, single_steps
from lernwerk.callbacks.callback_list import CallbackList
from lernwerk.callbacks.csv_logger import CSVLogger
from lernwerk.callbacks.dispatch import subscriber_for, wants_single_steps
from lernwerk.callbacks.early_stopping import EarlyStopping
from lernwerk.callbacks.history import History
from lernwerk.callbacks.lambda_callback import LambdaCallback
from lernwerk.callbacks.learning_rate import LearningRateScheduler, ReduceLROnPlateau
from lernwerk.callbacks.model_checkpoint import ModelCheckpoint
from lernwerk.callbacks.moving_average import SwapEMAWeights
from lernwerk.callbacks.progress import ProgbarLogger
from lernwerk.callbacks.remote_monitor import RemoteMonitor
from lernwerk.callbacks.tensorboard import EventWriter, TensorBoard
from lernwerk.callbacks.termination import TerminateOnNaN

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "EventWriter",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "RemoteMonitor",
    "SwapEMAWeights",
    "TensorBoard",
    "TerminateOnNaN",
    "single_steps",
    "subscriber_for",
    "wants_single_steps",
]
