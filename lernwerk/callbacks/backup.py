"""BackupAndRestore: a training that was cut off goes on where it was, bit for bit."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from lernwerk.callbacks.callback import Callback, Logs, single_steps
from lernwerk.errors import COUNT, ArgumentError, FileError, UsageError
from lernwerk.ops.primitive import Array
from lernwerk.utils.atomic import write_atomically

NAME, PREVIOUS = "training_state.npz", "training_state.previous.npz"


class BackupAndRestore(Callback):
    """Write the state of the training to ``backup_dir`` and, where there is one, begin with it.

    The state is everything that the next step depends on: weights, the optimizer's slots and rate,
    random streams, the order of the rows. Run the same program again after an interruption, and
    ``fit`` goes on at the first epoch that was not finished; its numbers are those of a training
    that was never interrupted. What other callbacks count is not part of it.

    Arguments as in Keras: ``save_freq`` "epoch", or a number of steps (the epoch they belong to is
    then begun anew with the weights of that moment); ``double_checkpoint`` keeps the state before
    the newest too, for the case that that one is damaged; ``delete_checkpoint``: delete it when the
    training is finished. Only files of its own are deleted.
    Raises FileError for a state that is damaged or of another model.
    """

    def __init__(
        self,
        backup_dir: str | os.PathLike[str],
        save_freq: str | int = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        if not os.fspath(backup_dir):
            raise ArgumentError("BackupAndRestore", "a folder as backup_dir", "an empty name")
        if save_freq != "epoch" and save_freq not in COUNT:
            raise ArgumentError("BackupAndRestore", "save_freq 'epoch' or a number of steps",
                                repr(save_freq))  # fmt: skip
        self.backup_dir = Path(backup_dir)
        self.save_freq = save_freq
        self.double_checkpoint = double_checkpoint
        self.delete_checkpoint = delete_checkpoint
        self._epoch = self._steps_since = 0

    @property
    def saves_by_steps(self) -> bool:
        """Whether it saves after a number of steps."""
        return self.save_freq != "epoch"

    # ---- going on

    def on_train_begin(self, logs: Logs = None) -> None:
        """Bring a stored state back."""
        paths = [self.backup_dir / name for name in (NAME, PREVIOUS)]
        present = [path for path in paths if path.exists()]
        for path in present:
            try:
                self._restore(*_read(path))
                return
            except FileError:
                if path is present[-1]:
                    raise

    def _restore(self, meta: dict[str, Any], arrays: list[Array]) -> None:
        model = self.model
        if not model.built:
            raise UsageError(
                "BackupAndRestore", "a built model", "one without input shape",
                "Begin it with Input(shape=...), or call it on data first.",
            )  # fmt: skip
        model.optimizer.build(model.trainable_variables)
        variables = model.state_variables
        if [array.shape for array in arrays] != [variable.shape for variable in variables]:
            raise FileError(
                str(self.backup_dir), "the state of this model", "one of another",
                f"Delete the folder to train anew: rm -r '{self.backup_dir}'.",
            )  # fmt: skip
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)
        model.resumed_epoch = meta["epoch"]

    # ---- writing

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Note which epoch it is."""
        self._epoch = epoch

    @single_steps("saves_by_steps")
    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Write the state after every ``save_freq`` steps."""
        if not self.saves_by_steps:
            return
        self._steps_since += 1
        if self._steps_since >= int(self.save_freq):
            self._steps_since = 0
            self._write(batch + 1)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Write the state after every epoch."""
        self._epoch = epoch + 1
        if not self.saves_by_steps:
            self._write(0)

    def _write(self, batch: int) -> None:
        self.backup_dir.mkdir(parents=True, exist_ok=True)
        path = self.backup_dir / NAME
        if self.double_checkpoint and path.exists():
            with write_atomically(self.backup_dir / PREVIOUS) as temporary:
                shutil.copyfile(path, temporary)
        states = [variable.numpy() for variable in self.model.state_variables]
        meta = {"epoch": self._epoch, "batch": batch, "states": len(states)}
        arrays = {f"state_{i}": array for i, array in enumerate(states)}
        with write_atomically(path) as temporary, Path(temporary).open("wb") as file:
            np.savez(file, meta=np.array(json.dumps(meta)), **arrays)

    def on_train_end(self, logs: Logs = None) -> None:
        """Delete the state: the training is finished, unless it was interrupted."""
        if not self.delete_checkpoint or getattr(self.model, "interrupted", False):
            return
        for name in (NAME, PREVIOUS):
            (self.backup_dir / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # files of others in it stay, and so does the folder
            self.backup_dir.rmdir()


def _read(path: Path) -> tuple[dict[str, Any], list[Array]]:
    try:
        with np.load(path, allow_pickle=False) as file:
            meta = json.loads(str(file["meta"]))
            return meta, [file[f"state_{i}"] for i in range(meta["states"])]
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        reason = str(error).rstrip(".")
        raise FileError(
            str(path), "a readable training state", f"a damaged one ({reason})",
            "Delete it to train anew.",
        ) from None  # fmt: skip
