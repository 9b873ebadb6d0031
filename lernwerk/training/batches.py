"""Data that come batch by batch: generators, sequences with ``__getitem__``, data loaders.

Nothing is known of such data beforehand: every batch is checked when it comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lernwerk.core.random import RandomStream
from lernwerk.errors import DataError, UsageError
from lernwerk.training.feeding import Rows
from lernwerk.utils.pydataset import PyDataset

Prepare = Callable[..., Rows]


def comes_in_batches(x: Any) -> bool:
    """Whether a value gives batches itself: no array, table, list or dict of arrays."""
    if isinstance(x, (np.ndarray, list, tuple, dict, str, bytes)) or x is None:
        return False
    if hasattr(x, "shape") or hasattr(x, "dtypes") or hasattr(x, "__array__"):
        return False
    return hasattr(x, "__next__") or hasattr(x, "__iter__") or hasattr(x, "__getitem__")


class Batches:
    """A source of batches (x, y, sample_weight); ``steps`` is how many make an epoch, if given.

    ``prepare(x, y, sample_weight)`` checks a batch and brings it into the model's form.
    Each epoch starts the source anew, except a generator, and except where ``steps`` are given:
    then the next epoch goes on where the last one ended, and begins anew at its end.
    """

    def __init__(self, source: Any, prepare: Prepare, steps: int | None, where: str) -> None:
        self.source, self.prepare, self.where = source, prepare, where
        self.given_steps = steps
        self._running: Iterator[Any] | None = None

    @property
    def steps(self) -> int | None:
        """The number of batches of an epoch, None where nobody knows it."""
        if self.given_steps is not None:
            return int(self.given_steps)
        length = getattr(self.source, "__len__", None)
        try:
            return None if length is None else int(length())
        except TypeError:  # a data set of unknown length
            return None

    def epoch(self, order: RandomStream | None = None) -> Iterator[Rows]:
        """The batches of an epoch; with ``order`` those of a sequence come in a random order."""
        wanted = self.given_steps
        if hasattr(self.source, "on_epoch_begin"):
            self.source.on_epoch_begin()
        if wanted is None:
            yield from self._counted(self._fresh(order))
            self._ended()
            return
        for _ in range(wanted):
            batch = self._next(order)
            if batch is None:
                return
            yield batch

    def _next(self, order: RandomStream | None) -> Rows | None:
        if self._running is None:
            self._running = self._fresh(order)
        try:
            return self._checked(next(self._running))
        except StopIteration:
            self._ended()
        if hasattr(self.source, "__next__") and not _is_sequence(self.source):
            return None
        self._running = self._fresh(order)
        try:
            return self._checked(next(self._running))
        except StopIteration:
            raise self._empty() from None

    def _fresh(self, order: RandomStream | None) -> Iterator[Any]:
        if hasattr(self.source, "__getitem__") and not hasattr(self.source, "__iter__"):
            return self._indexed(order)
        if _is_sequence(self.source):
            return self._indexed(order)
        return iter(self.source)

    def _indexed(self, order: RandomStream | None) -> Iterator[Any]:
        count = len(self.source)
        numbers = np.arange(count) if order is None else order.permutation(count)
        return (self.source[int(i)] for i in numbers)

    def _ended(self) -> None:
        self._running = None
        if hasattr(self.source, "on_epoch_end"):
            self.source.on_epoch_end()

    def _counted(self, batches: Iterator[Any]) -> Iterator[Rows]:
        empty = True
        for batch in batches:
            empty = False
            yield self._checked(batch)
        if empty:
            raise self._empty()

    def _empty(self) -> DataError:
        kind = type(self.source).__name__
        return DataError(self.where, "at least one batch", f"none from {kind}",
                         "A generator gives each batch once: make a new one, or let it loop with "
                         "while True and give steps_per_epoch.")  # fmt: skip

    def _checked(self, batch: Any) -> Rows:
        return self.prepare(*unpacked(self.where, batch))


def _is_sequence(source: Any) -> bool:
    """Whether a source has numbered batches, so that they can come in any order.

    A PyDataset may be an endless iterator besides, as those of ImageDataGenerator are.
    """
    if isinstance(source, PyDataset):
        return hasattr(source, "__len__")
    return (
        hasattr(source, "__getitem__") and hasattr(source, "__len__")
        and not hasattr(source, "__next__") and hasattr(source, "on_epoch_end")
    )  # fmt: skip


def unpacked(where: str, batch: Any) -> tuple[Any, Any, Any]:
    """x, y and weights of a batch: Keras's ``x``, ``(x,)``, ``(x, y)`` or ``(x, y, weights)``."""
    if not isinstance(batch, tuple):
        if isinstance(batch, list) and len(batch) in (2, 3):  # data loaders give lists
            return batch[0], batch[1], batch[2] if len(batch) == 3 else None
        return batch, None, None
    if not 1 <= len(batch) <= 3:
        raise UsageError(where, "batches (x, y) or (x, y, sample_weight)",
                         f"a tuple of {len(batch)}")  # fmt: skip
    return (*batch, *(None,) * (3 - len(batch)))  # type: ignore[return-value]
