"""PyDataset: batches by their number, for data that is read or made while training.

A subclass says how many batches there are and makes one of them. This module imports nothing of
the package, because the training, which stands above ``utils``, asks whether it was given one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any


class PyDataset:
    """The base of data sets that make their batches themselves; ``Sequence`` is its older name.

    ``dataset[i]`` is batch i: x, (x, y) or (x, y, sample_weight); ``len(dataset)`` (or the property
    ``num_batches``, None for endless) the number of batches. ``on_epoch_begin`` and
    ``on_epoch_end`` are called around every epoch, for instance to shuffle.

    ``workers``, ``use_multiprocessing`` and ``max_queue_size`` are kept for the training to read.
    """

    def __init__(
        self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10
    ) -> None:
        self.workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        # A subclass that forgets super().__init__() has these all the same.
        for name, value in (
            ("workers", 1), ("use_multiprocessing", False), ("max_queue_size", 10),
        ):  # fmt: skip
            if not hasattr(cls, name):
                setattr(cls, name, value)

    def __getitem__(self, index: int) -> Any:
        """Batch number ``index``."""
        raise NotImplementedError(f"{type(self).__name__} has no __getitem__(self, index)")

    @property
    def num_batches(self) -> int | None:
        """The number of batches; None where there is no end."""
        if hasattr(self, "__len__"):
            return len(self)
        raise NotImplementedError(f"{type(self).__name__} has neither __len__ nor num_batches")

    def __iter__(self) -> Iterator[Any]:
        count = self.num_batches
        for index in itertools.count() if count is None else range(count):
            yield self[index]

    def on_epoch_begin(self) -> None:
        """Called before every epoch."""

    def on_epoch_end(self) -> None:
        """Called after every epoch."""


Sequence = PyDataset
