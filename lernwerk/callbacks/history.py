"""History: the values of all epochs."""

from __future__ import annotations

from lernwerk.callbacks.callback import Callback, Logs
from lernwerk.legacy import Values


class History(Callback):
    """What ``fit`` returns: ``history`` has a list of values for every name, one an epoch.

    ``epoch`` lists the numbers of the epochs, ``params`` and ``model`` are those of the training;
    the newest one is ``model.history`` too. Names of earlier years find their values:
    ``history["acc"]`` is ``history["accuracy"]`` where that was asked for.
    """

    def __init__(self) -> None:
        self.history: dict[str, list[float]] = Values()
        self.epoch: list[int] = []

    def on_train_begin(self, logs: Logs = None) -> None:
        """Number the epochs of this training anew; values of one before are kept, as in Keras."""
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Note the values."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
        if self.model is not None:
            self.model.history = self
