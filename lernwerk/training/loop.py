"""The training loop: epochs, slices of epochs, validation; it tells subscribers, nothing else.

An epoch runs in slices of about a twentieth of a second, so that display, callbacks and Ctrl-C are
served ten times a second and more while no Python runs between the steps of a slice.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from lernwerk.core.random import RandomStream
from lernwerk.core.tensor import Tensor
from lernwerk.core.tree import leaves, map_leaves
from lernwerk.errors import TrainingWarning, message
from lernwerk.ops.primitive import Array
from lernwerk.training import events
from lernwerk.training.batches import Batches
from lernwerk.training.divergence import divergence_message, explain_divergence, present_state
from lernwerk.training.feeding import Rows, first_array
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
    single_tests: bool = False
    validation_every: int = 1
    validation_batch_size: int = 32
    steps: int | None = None  # of an epoch, where not all rows make one


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

    def fit(
        self, data: Rows | Batches, validation: Rows | Batches | None, schedule: Schedule
    ) -> None:
        """Train on the data."""
        model = self.steps.model
        model.stop_training = model.interrupted = False
        model.resumed_epoch = None  # BackupAndRestore sets it when the training starts
        named = getattr(model, "resolved_metrics", {})
        rows = len(data) if isinstance(data, Rows) else 0
        looked_at = data.part(slice(0, SAMPLE)) if isinstance(data, Rows) else None
        of_validation = validation if isinstance(validation, Rows) else None
        self.send(events.TrainingStarted(schedule.last, steps_of(data, schedule), rows, named,
                                         looked_at, of_validation))  # fmt: skip
        logs: dict[str, Any] = {}
        first = schedule.first if model.resumed_epoch is None else model.resumed_epoch
        for epoch in range(first, schedule.last):
            started = time.perf_counter()
            self.send(events.EpochStarted(epoch))
            logs = self._epoch(epoch, data, schedule)
            if model.interrupted:  # half an epoch is kept in the weights, but not in the history
                break
            due = (epoch + 1) % schedule.validation_every == 0
            if validation is not None and due:
                logs |= self._validate(validation, schedule)
            self.send(events.EpochFinished(epoch, time.perf_counter() - started, logs))
            if model.stop_training or model.interrupted:
                break
        self.send(events.TrainingFinished(logs))

    def _epoch(self, epoch: int, data: Rows | Batches, schedule: Schedule) -> dict[str, Any]:
        if isinstance(data, Batches):
            return self._epoch_of_batches(epoch, data, schedule)
        rows = data
        count = len(rows)
        order = self.order.permutation(count) if schedule.shuffle else np.arange(count)
        if schedule.steps is not None:
            order = order[: schedule.steps * schedule.batch_size]
        self.steps.reset()
        start = present_state(self.steps.model.state_variables)
        done = 0
        logs: dict[str, Any] = {}
        for part in self._slices(order, schedule):
            if schedule.single_steps:
                self.send(events.StepStarted(done))
            self.steps.run("train", rows, part, schedule.batch_size)
            done += -(-len(part) // schedule.batch_size)
            logs = self.steps.logs()
            if not (self.diverged or _is_finite(logs)):
                self.diverged = True  # said once in a training
                found = explain_divergence(self.steps, rows, order, schedule, epoch, start)
                warnings.warn(found, TrainingWarning, stacklevel=4)
            self.send(events.StepsFinished(epoch, done, logs))
            model = self.steps.model
            if model.interrupted or model.stop_training:
                break
        return logs

    def _epoch_of_batches(self, epoch: int, data: Batches, schedule: Schedule) -> dict[str, Any]:
        self.steps.reset()
        model = self.steps.model
        logs: dict[str, Any] = {}
        done, told = 0, time.perf_counter()
        for batch in data.epoch(self.order if schedule.shuffle else None):
            if schedule.single_steps:
                self.send(events.StepStarted(done))
            self.steps.once("train", batch.x, batch.y, batch.weight)
            done += 1
            if schedule.single_steps or time.perf_counter() - told > SLICE_SECONDS:
                logs, told = self._tell(epoch, done), time.perf_counter()
            if model.interrupted or (schedule.single_steps and model.stop_training):
                return logs
        if data.given_steps is not None and done < data.given_steps:
            warnings.warn(_ran_out(done, data.given_steps), TrainingWarning, stacklevel=4)
            model.stop_training = True
        return self._tell(epoch, done)

    def _tell(self, epoch: int, done: int) -> dict[str, Any]:
        logs = self.steps.logs()
        if not (self.diverged or _is_finite(logs)):
            self.diverged = True
            warnings.warn(divergence_message(epoch, done), TrainingWarning, stacklevel=5)
        self.send(events.StepsFinished(epoch, done, logs))
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
            if not schedule.single_steps and start <= len(order):  # less says nothing of a slice
                batches = _next_size(batches, time.perf_counter() - began)
                self.steps.batches_per_slice[size] = batches

    def _validate(self, data: Rows | Batches, schedule: Schedule) -> dict[str, Any]:
        self.send(events.ValidationStarted())
        found = self.test(data, schedule.validation_batch_size, None, schedule.single_tests)
        logs = {f"val_{name}": value for name, value in found.items()}
        self.send(events.ValidationFinished(logs))
        return logs

    def test(
        self,
        data: Rows | Batches,
        batch_size: int,
        steps: int | None = None,
        single_steps: bool = False,
    ) -> dict[str, Any]:
        """Loss and metrics over the data."""
        self.steps.reset()
        done = 0
        for run, count in self._tests(data, batch_size, steps, single_steps):
            if single_steps:
                self.send(events.TestStepStarted(done))
            run()
            done += count
            if single_steps:
                self.send(events.TestStepsFinished(done, self.steps.logs()))
        logs = self.steps.logs()
        if not single_steps:
            self.send(events.TestStepsFinished(done, logs))
        return logs

    def _tests(
        self, data: Rows | Batches, batch_size: int, steps: int | None, single_steps: bool
    ) -> Iterator[tuple[Callable[[], Any], int]]:
        """What runs each part of an evaluation, with its number of batches."""
        if isinstance(data, Batches):
            for batch in data.epoch():
                yield partial(self.steps.once, "test", batch.x, batch.y, batch.weight), 1
            return
        order = np.arange(len(data))[: None if steps is None else steps * batch_size]
        size = batch_size if single_steps else len(order)
        for start in range(0, len(order), size):
            part = order[start : start + size]
            count = -(-len(part) // batch_size)
            yield partial(self.steps.run, "test", data, part, batch_size), count


def steps_of(data: Rows | Batches, schedule: Schedule) -> int:
    """The number of steps of an epoch; 0 where nobody knows it."""
    if isinstance(data, Batches):
        return data.steps or 0
    available = -(-len(data) // schedule.batch_size)
    return available if schedule.steps is None else min(available, schedule.steps)


def _is_finite(logs: dict[str, Any]) -> bool:
    return bool(np.isfinite(logs.get("loss", 0.0)))


def _ran_out(done: int, wanted: int) -> str:
    return message(
        "fit", f"{wanted} batches in each epoch", f"{done} before the data ended",
        f"Let the generator loop with while True, or give steps_per_epoch={done or 1}.",
    )  # fmt: skip


def _next_size(batches: int, seconds: float) -> int:
    """The number of batches for the next slice, at most four times as many as before."""
    wanted = int(batches * SLICE_SECONDS / max(seconds, 1e-6))
    return max(1, min(wanted, 4 * batches))


def predict_rows(steps: Steps, x: Any, batch_size: int) -> Any:
    """The model's outputs for all rows."""
    count = len(first_array(x))
    if count <= batch_size:
        return _arrays(steps.once("predict", x))
    return joined(map(_arrays, steps.run("predict", Rows(x), np.arange(count), batch_size)))


def predict_batches(steps: Steps, batches: Iterable[Rows], send: Callable[[Any], None]) -> Any:
    """The model's outputs for all batches, one after the other."""
    outputs = []
    for done, batch in enumerate(batches):
        send(events.PredictionStepStarted(done))
        outputs.append(_arrays(steps.once("predict", batch.x)))
        send(events.PredictionStepsFinished(done + 1, outputs[-1]))
    return joined(outputs)


def _arrays(outputs: Any) -> Any:
    if isinstance(outputs, Tensor):  # the short way for single predictions
        return outputs.numpy()
    return map_leaves(lambda leaf: leaf.numpy() if isinstance(leaf, Tensor) else leaf, outputs)


def joined(parts: Iterable[Any]) -> Any:
    """The outputs of several batches as one, in their form."""
    listed = list(parts)
    if isinstance(listed[0], np.ndarray):
        return np.concatenate(listed)
    columns = iter([np.concatenate(c) for c in zip(*map(leaves, listed), strict=True)])
    return map_leaves(lambda _: next(columns), listed[0])
