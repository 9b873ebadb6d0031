"""ModelCheckpoint: the model, or its weights, on disk while it is trained."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from lernwerk.callbacks.callback import Logs, single_steps
from lernwerk.callbacks.monitoring import Monitor
from lernwerk.errors import COUNT, ArgumentError, check_ranges, nearest

_WEIGHTS = ".weights.h5"


class ModelCheckpoint(Monitor):
    """Save the model after every epoch, after every so many steps, or when it has become better.

    Arguments as in Keras: ``filepath`` may have places for the epoch, the batch and any value of
    the logs, ``"{epoch:02d}-{val_loss:.2f}.keras"``; ``monitor``, ``verbose``, ``save_best_only``,
    ``save_weights_only``, ``mode``; ``save_freq``: "epoch" or a number of steps (which makes
    ``fit`` run step by step); ``initial_value_threshold``: only what is better is saved. The old
    ``period`` saves every so many epochs. Folders are made.

    Differs: every name is taken (``weights.hdf5``, ``cp.ckpt``); ``load_weights`` and
    ``load_model`` go by what is in a file, not by its name.
    Raises ArgumentError for arguments that it does not know, and for places that nothing fills.
    """

    without = "The model is saved all the same."

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
        *,
        period: int = 1,
    ) -> None:
        super().__init__(monitor, mode)
        self.filepath = os.fspath(filepath)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = save_freq
        self.best = self.initial_value_threshold = initial_value_threshold
        self.period = period
        self._check_arguments()
        self._epoch = 0
        self._steps_since = self._epochs_since = 0

    def _check_arguments(self) -> None:
        where = "ModelCheckpoint"
        check_ranges(where, {"period": self.period}, {"period": COUNT})
        if self.save_freq != "epoch" and self.save_freq not in COUNT:
            raise ArgumentError(where, "save_freq 'epoch' or a number of steps",
                                repr(self.save_freq))  # fmt: skip
        if self.save_weights_only and self.filepath.endswith(".keras"):
            raise ArgumentError(
                where, f"a filepath that ends in {_WEIGHTS} with save_weights_only",
                repr(self.filepath), "A .keras file holds a whole model.",
            )  # fmt: skip

    @property
    def saves_by_steps(self) -> bool:
        """Whether it saves after a number of steps."""
        return self.save_freq != "epoch"

    def on_train_begin(self, logs: Logs = None) -> None:
        """Warn once a training; the best value stays from one training to the next."""
        self._warned = False

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Note which epoch it is."""
        self._epoch = epoch

    @single_steps("saves_by_steps")
    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Save after every ``save_freq`` steps."""
        if not self.saves_by_steps:
            return
        self._steps_since += 1
        if self._steps_since >= int(self.save_freq):
            self._steps_since = 0
            self._save_if_due(self._epoch, {"batch": batch + 1} | (logs or {}))

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Save after every epoch."""
        self._epochs_since += 1
        if not self.saves_by_steps and self._epochs_since >= self.period:
            self._epochs_since = 0
            self._save_if_due(epoch, logs or {})

    def _save_if_due(self, epoch: int, logs: dict[str, Any]) -> None:
        path = self._path(epoch, logs)
        if not self._is_due(epoch, logs, path):
            return
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._save(path)
        self._say(epoch, f"finished saving model to {path}")

    def _path(self, epoch: int, logs: dict[str, Any]) -> str:
        known = {"epoch": epoch + 1, **logs}
        try:
            return self.filepath.format(**known)
        except (KeyError, IndexError) as error:
            name = str(error.args[0])
            raise ArgumentError(
                "ModelCheckpoint", f"places of filepath to be among {', '.join(known)}", repr(name),
                nearest(name, known),
            ) from None  # fmt: skip

    def _is_due(self, epoch: int, logs: dict[str, Any], path: str) -> bool:
        if not self.save_best_only:
            self._say(epoch, f"saving model to {path}")
            return True
        value = self.value(logs)
        if value is None:
            return True
        best = "None" if self.best is None else f"{self.best:.5f}"
        if not self.better(value, self.best):
            self._say(epoch, f"{self.monitor} did not improve from {best}")
            return False
        self._say(
            epoch, f"{self.monitor} improved from {best} to {value:.5f}, saving model to {path}"
        )
        self.best = value
        return True

    def _say(self, epoch: int, text: str) -> None:
        if self.verbose:
            print(f"\nEpoch {epoch + 1}: {text}")

    def _save(self, path: str) -> None:
        save = self.model.save_weights if self.save_weights_only else self.model.save
        ending = _WEIGHTS if self.save_weights_only else ".keras"
        try:
            save(path, overwrite=True)
        except ArgumentError:  # a name of Keras 2: weights.hdf5
            beside = f"{path}{ending}"
            save(beside, overwrite=True)
            Path(beside).replace(path)
