"""CSVLogger: the values of each epoch as a line of a table."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from lernwerk.callbacks.callback import Callback, Logs


class CSVLogger(Callback):
    """Write the values of each epoch to a CSV file, line by line while the training runs.

    Arguments: ``filename``; ``separator``; ``append``: go on at the end of a file that exists.
    The columns are ``epoch`` (from 0) and the names of the first epoch in alphabetical order;
    values of a validation that does not take place are ``NA``.
    """

    def __init__(
        self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False
    ) -> None:
        self.filename = os.fspath(filename)
        self.sep = separator
        self.append = append
        self.keys: list[str] | None = None
        self._file: TextIO | None = None

    def on_train_begin(self, logs: Logs = None) -> None:
        """Open the file."""
        path = Path(self.filename)
        self._has_header = self.append and path.exists() and path.stat().st_size > 0
        self._close()
        self._file = path.open("a" if self.append else "w", newline="", encoding="utf-8")
        self.keys = None

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Write a line, before the first one the names."""
        logs = logs or {}
        assert self._file is not None  # opened when the training began
        writer = csv.writer(self._file, delimiter=self.sep)
        if self.keys is None:
            self.keys = _columns(logs)
            if not self._has_header:
                writer.writerow(["epoch", *self.keys])
        writer.writerow([epoch, *(_text(logs.get(key, "NA")) for key in self.keys)])
        self._file.flush()

    def on_train_end(self, logs: Logs = None) -> None:
        """Close the file."""
        self._close()

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _columns(logs: dict[str, Any]) -> list[str]:
    names = sorted(logs)
    if not any(name.startswith("val_") for name in names):
        names += [f"val_{name}" for name in names]
    return names


def _text(value: Any) -> Any:
    """A value as it is; several numbers in brackets and quotes, as Keras writes them."""
    if isinstance(value, str) or np.ndim(value) == 0 or not isinstance(value, Iterable):
        return value
    return f'"[{", ".join(map(str, value))}]"'
