"""The state of an unfinished training on disk, written after every epoch.

It holds every Variable that the next step depends on, the history and the early stopping, so that a
training that goes on from it is bit for bit the one that was never interrupted.
"""

from __future__ import annotations

import json
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lernwerk.callbacks import Callback, EarlyStopping
from lernwerk.errors import FileError, UsageError
from lernwerk.ops.primitive import Array
from lernwerk.utils.atomic import write_atomically

NAME = "checkpoint.npz"
_STOPPING = ("wait", "best", "best_epoch", "stopped_epoch")


@dataclass
class Progress:
    """What a training has done so far."""

    history: dict[str, list[float]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    stopped: bool = False

    @property
    def epochs(self) -> int:
        """The number of finished epochs."""
        return len(self.seconds)


class Checkpoint(Callback):
    """Writes the state after every epoch and brings a stored one back before the first.

    ``identity`` describes data, network and settings; a stored state of another training is
    refused. Place it after the EarlyStopping it stores.
    """

    def __init__(self, folder: Path, identity: dict[str, Any], stopping: EarlyStopping) -> None:
        self.path = folder / NAME
        self.identity = identity
        self.stopping = stopping
        self.progress = Progress()
        self._loaded: dict[str, Any] | None = None
        self._best: list[Array] | None = None
        self._began = 0.0

    # ---- reading

    def load(self, model: Any) -> None:
        """Read the stored state into the model's Variables.

        Raises UsageError where there is none, FileError where it is damaged or of another training.
        """
        stored, arrays, best = self._read()
        self._compare(stored["identity"])
        variables = model.state_variables
        if [a.shape for a in arrays] != [v.shape for v in variables]:
            raise FileError(str(self.path), "the state of this network", "one of another",
                            "Train anew without --resume.")  # fmt: skip
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)
        self.progress = Progress(**stored["progress"])
        self._loaded, self._best = stored["stopping"], best or None

    def _read(self) -> tuple[dict[str, Any], list[Array], list[Array]]:
        if not self.path.exists():
            raise UsageError(
                "--resume", f"an unfinished training in {self.path.parent}", "none",
                "Train without --resume, or name the folder with --out.",
            )  # fmt: skip
        try:
            with np.load(self.path, allow_pickle=False) as file:
                stored = json.loads(str(file["meta"]))
                arrays = [file[f"state_{i}"] for i in range(stored["states"])]
                best = [file[f"best_{i}"] for i in range(stored["bests"])]
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise FileError(
                str(self.path), "a readable checkpoint", f"a damaged one ({error})",
                "Train anew without --resume.",
            ) from None  # fmt: skip
        return stored, arrays, best

    def _compare(self, stored: dict[str, Any]) -> None:
        for name, value in self.identity.items():
            if stored.get(name) != value:
                raise FileError(
                    str(self.path), f"{name} {value!r} as in this call", repr(stored.get(name)),
                    "Resume with the same data and settings, or train anew without --resume.",
                )  # fmt: skip

    def on_train_begin(self, logs: Any = None) -> None:
        """Bring the early stopping back to where it was."""
        if self._loaded is not None:
            for name in _STOPPING:
                setattr(self.stopping, name, self._loaded[name])
            self.stopping.best_weights = self._best

    # ---- writing

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Note when it began."""
        self._began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Note the epoch and write the state."""
        self.progress.seconds.append(time.perf_counter() - self._began)
        for name, value in (logs or {}).items():
            self.progress.history.setdefault(name, []).append(value)
        self.progress.stopped = bool(self.model.stop_training)
        states = [variable.numpy() for variable in self.model.state_variables]
        best = self.stopping.best_weights or []
        meta = {
            "identity": self.identity, "states": len(states), "bests": len(best),
            "progress": vars(self.progress),
            "stopping": {name: getattr(self.stopping, name) for name in _STOPPING},
        }  # fmt: skip
        arrays = {f"state_{i}": array for i, array in enumerate(states)}
        arrays |= {f"best_{i}": array for i, array in enumerate(best)}
        with write_atomically(self.path) as temporary, Path(temporary).open("wb") as file:
            np.savez(file, meta=np.array(json.dumps(meta)), **arrays)

    def remove(self) -> None:
        """Delete the file: the training is finished."""
        self.path.unlink(missing_ok=True)
