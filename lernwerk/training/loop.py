"""The training loop: epochs, slices of epochs, validation; it tells subscribers, nothing else.

An epoch runs in slices of about a twentieth of a second, so that display, callbacks and Ctrl-C are
served ten times a second and more while no Python runs between the steps of a slice.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lernwerk.core.random import RandomStream
from lernwerk.errors import TrainingWarning
from lernwerk.ops.primitive import Array
from lernwerk.training import events
from lernwerk.training.divergence import explain_divergence, present_state
from lernwerk.training.feeding import Rows
from lernwerk.training.step import Steps

SLICE_SECONDS = 0.05
SAMPLE = 32  # rows that callbacks may look at: TensorBoard draws activations and gradients of them


@dataclass(frozen=True)
class Schedule:
    """How long to train: epochs ``first`` to ``last - 1``, in batches."""

    first: int
    last: int
    batch_size: int
    shuffle: bool
    single_steps: bool = False
    validation_every: int = 1
    validation_batch_size: int = 32


class Loop:
    """Runs a training; ``model.interrupted`` ends it after the slice that is running."""

    def __init__(
        self, steps: Steps, order: RandomStream, subscribers: Sequence[events.Subscriber]
    ) -> None:
        self.steps = steps
        self.order = order
        self.subscribers = list(subscribers)
        self.diverged = False

    def send(self, event: events.Event) -> None:
        """Tell every subscriber, in their order."""
        for subscriber in self.subscribers:
            subscriber(event)

    def fit(self, rows: Rows, validation: Rows | None, schedule: Schedule) -> None:
        """Train on the rows."""
        model = self.steps.model
        batches = -(-len(rows) // schedule.batch_size)
        model.stop_training = model.interrupted = False
        model.resumed_epoch = None  # BackupAndRestore sets it when the training starts
        named = getattr(model, "resolved_metrics", {})
        sample = rows.part(slice(0, SAMPLE))
        self.send(
            events.TrainingStarted(schedule.last, batches, len(rows), named, sample, validation)
        )
        logs: dict[str, float] = {}
        first = schedule.first if model.resumed_epoch is None else model.resumed_epoch
        for epoch in range(first, schedule.last):
            started = time.perf_counter()
            self.send(events.EpochStarted(epoch))
            logs = self._epoch(epoch, rows, schedule)
            if model.interrupted:  # half an epoch is kept in the weights, but not in the history
                break
            due = (epoch + 1) % schedule.validation_every == 0
            if validation is not None and due:
                logs |= self._validate(validation, schedule.validation_batch_size)
            self.send(events.EpochFinished(epoch, time.perf_counter() - started, logs))
            if model.stop_training or model.interrupted:
                break
        self.send(events.TrainingFinished(logs))

    def _epoch(self, epoch: int, rows: Rows, schedule: Schedule) -> dict[str, float]:
        count = len(rows)
        order = self.order.permutation(count) if schedule.shuffle else np.arange(count)
        self.steps.reset()
        start = present_state(self.steps.model.state_variables)
        done = 0
        logs: dict[str, float] = {}
        for part in self._slices(order, schedule):
            if schedule.single_steps:
                self.send(events.StepStarted(done))
            self.steps.run("train", rows, part, schedule.batch_size)
            done += -(-len(part) // schedule.batch_size)
            logs = self.steps.logs()
            if not (self.diverged or np.isfinite(logs["loss"])):
                self.diverged = True  # said once in a training
                found = explain_divergence(self.steps, rows, order, schedule, epoch, start)
                warnings.warn(found, TrainingWarning, stacklevel=4)
            self.send(events.StepsFinished(epoch, done, logs))
            model = self.steps.model
            if model.interrupted or model.stop_training:
                break
        return logs

    def _slices(self, order: Array, schedule: Schedule) -> Iterator[Array]:
        """Parts of the order, whole batches each, that take about SLICE_SECONDS."""
        size = schedule.batch_size
        start = 0
        batches = 1 if schedule.single_steps else self.steps.batches_per_slice.get(size, 1)
        while start < len(order):
            began = time.perf_counter()
            yield order[start : start + batches * size]
            start += batches * size
            if not schedule.single_steps:
                batches = _next_size(batches, time.perf_counter() - began)
                self.steps.batches_per_slice[size] = batches

    def _validate(self, rows: Rows, batch_size: int) -> dict[str, float]:
        self.send(events.ValidationStarted())
        logs = {f"val_{name}": value for name, value in self.test(rows, batch_size).items()}
        self.send(events.ValidationFinished(logs))
        return logs

    def test(self, rows: Rows, batch_size: int) -> dict[str, float]:
        """Loss and metrics over the rows."""
        self.steps.reset()
        self.steps.run("test", rows, np.arange(len(rows)), batch_size)
        return self.steps.logs()


def _next_size(batches: int, seconds: float) -> int:
    """The number of batches for the next slice, at most four times as many as before."""
    wanted = int(batches * SLICE_SECONDS / max(seconds, 1e-6))
    return max(1, min(wanted, 4 * batches))


def predict_rows(steps: Steps, x: Array, batch_size: int) -> Any:
    """The model's outputs for all rows."""
    if len(x) <= batch_size:
        return steps.once("predict", x).numpy()
    parts = steps.run("predict", Rows(x), np.arange(len(x)), batch_size)
    return np.concatenate([part.numpy() for part in parts])
