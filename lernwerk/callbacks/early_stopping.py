"""EarlyStopping: end a training that no longer gains."""

from __future__ import annotations

from typing import Any

from lernwerk.callbacks.callback import Logs
from lernwerk.callbacks.monitoring import Monitor
from lernwerk.errors import Range, check_ranges


class EarlyStopping(Monitor):
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
        super().__init__(monitor, mode, min_delta)
        check_ranges("EarlyStopping", {"patience": patience}, {"patience": Range(0)})
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self.on_train_begin()

    def on_train_begin(self, logs: Logs = None) -> None:
        """Forget the training before."""
        self._warned = False
        self.wait = 0
        self.stopped_epoch = 0
        self.best_epoch = 0
        self.best: float | None = None
        self.best_weights: list[Any] | None = None

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Compare with the best value so far."""
        value = self.value(logs)
        if value is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self._keep_weights(epoch)
        self.wait += 1
        if self.better(value, self.best):
            self.best, self.best_epoch = value, epoch
            if self.restore_best_weights:
                self._keep_weights(epoch)
            if self.baseline is None or self.better(value, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def _keep_weights(self, epoch: int) -> None:
        self.best_weights, self.best_epoch = self.model.get_weights(), epoch

    def on_train_end(self, logs: Logs = None) -> None:
        """Bring the best weights back."""
        if self.verbose and self.stopped_epoch:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.best_weights is not None:
            if self.verbose:
                best = self.best_epoch + 1
                print(f"Restoring model weights from the end of the best epoch: {best}.")
            self.model.set_weights(self.best_weights)
