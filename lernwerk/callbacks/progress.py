"""ProgbarLogger: the progress of each epoch as Keras prints it."""

from __future__ import annotations

import sys
import time
from typing import Any

from lernwerk.callbacks.callback import Callback, Logs, single_steps
from lernwerk.training.display import values

WIDTH = 20


class ProgbarLogger(Callback):
    """Print each epoch: ``7/7 ━━━━ 1s 20ms/step - loss: 0.1234``.

    On a terminal the line grows while the epoch runs. ``fit`` shows its progress by itself; this
    one is for a CallbackList in a loop of one's own.
    """

    def __init__(self) -> None:
        self.verbose: int = 1
        self.epochs = 1
        self.target: int | None = None
        self.seen = 0
        self._in_fit = False
        self._began = 0.0

    def set_params(self, params: dict[str, Any]) -> None:
        """Take over how many epochs and steps there are, and how much to say."""
        super().set_params(params)
        verbose = params.get("verbose", 1)
        self.verbose = 1 if verbose == "auto" else int(verbose)
        self.epochs = params.get("epochs") or 1
        self.target = params.get("steps")

    def on_train_begin(self, logs: Logs = None) -> None:
        """Inside ``fit`` a validation shows no progress of its own."""
        self._in_fit = True

    def on_train_end(self, logs: Logs = None) -> None:
        """An evaluation afterwards shows its progress again."""
        self._in_fit = False

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Print the number of the epoch."""
        self._start()
        if self.verbose and self.epochs > 1:
            print(f"Epoch {epoch + 1}/{self.epochs}")

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Print its values."""
        self._finish(logs)

    def on_test_begin(self, logs: Logs = None) -> None:
        """Begin the line of an evaluation."""
        if not self._in_fit:
            self._start()

    def on_test_end(self, logs: Logs = None) -> None:
        """Print the values of an evaluation."""
        if not self._in_fit:
            self._finish(logs)

    def on_predict_begin(self, logs: Logs = None) -> None:
        """Begin the line of a prediction."""
        self._start()

    def on_predict_end(self, logs: Logs = None) -> None:
        """Print that a prediction is done."""
        self._finish(None)

    @single_steps(False)
    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Let the line grow."""
        self._update(batch, logs)

    @single_steps(False)
    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Let the line of an evaluation grow."""
        if not self._in_fit:
            self._update(batch, logs)

    @single_steps(False)
    def on_predict_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Let the line of a prediction grow."""
        self._update(batch, None)

    def _start(self) -> None:
        self.seen = 0
        self._began = time.perf_counter()

    def _update(self, batch: int, logs: Logs) -> None:
        self.seen = batch + 1
        if self.verbose == 1 and sys.stdout.isatty():
            print(f"\r{self._line(self.seen, logs)}", end="", flush=True)

    def _finish(self, logs: Logs) -> None:
        if self.target is None:  # a generator: known after its first epoch
            self.target = self.seen
        if self.verbose:
            start = "\r" if self.verbose == 1 and sys.stdout.isatty() else ""
            print(f"{start}{self._line(self.target, logs)}", flush=True)

    def _line(self, step: int, logs: Logs) -> str:
        seconds = time.perf_counter() - self._began
        total = self.target or "Unknown"
        parts = [f"{step}/{total}"]
        if self.verbose == 1 and self.target:
            done = WIDTH * step // self.target
            parts.append("━" * done + " " * (WIDTH - done))
        each = _duration(seconds / max(step, 1))
        joint = " - " if self.verbose == 2 else " "
        line = joint.join([*parts, f"{seconds:.0f}s", f"{each}/step"])
        return f"{line} - {values(logs)}" if logs else line


def _duration(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.0f}s"
    return f"{seconds * 1e3:.0f}ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f}us"
