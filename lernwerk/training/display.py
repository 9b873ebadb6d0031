"""The progress of a training on the terminal: a live bar, or one line an epoch."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lernwerk.training import events


@contextmanager
def display(verbose: int | str) -> Iterator[list[events.Subscriber]]:
    """The subscribers for Keras's ``verbose``: 0 nothing, 1 or "auto" a live bar, 2 lines."""
    if verbose == 0:
        yield []
    elif verbose in (1, "auto") and sys.stdout.isatty():
        bar = Bar()
        try:
            yield [bar]
        finally:  # also after an error: a live bar hides the cursor
            bar.progress.stop()
    else:
        yield [Lines()]


def values(logs: dict[str, float]) -> str:
    """The values of an epoch as text: ``loss: 0.1234 - accuracy: 0.9876``."""
    return " - ".join(f"{name}: {_number(value)}" for name, value in logs.items())


def _number(value: float) -> str:
    return f"{value:.4f}" if value == 0 or 1e-3 <= abs(value) < 1e5 else f"{value:.4e}"


def meaning(metrics: dict[str, str]) -> str:
    """What "accuracy" stands for in this training, as a line; empty where it is not used."""
    named = [f"{name} is {kind}" for name, kind in metrics.items() if name in ("accuracy", "acc")]
    return f"Metrics: {', '.join(named)}" if named else ""


class Lines:
    """One line an epoch, for logs and pipes."""

    def __init__(self) -> None:
        self.epochs = 0

    def __call__(self, event: events.Event) -> None:
        match event:
            case events.TrainingStarted(epochs, metrics=metrics):
                self.epochs = epochs
                if meaning(metrics):
                    print(meaning(metrics), flush=True)
            case events.EpochFinished(epoch, seconds, logs):
                print(f"Epoch {epoch + 1}/{self.epochs} - {seconds:.1f}s - {values(logs)}",
                      flush=True)  # fmt: skip


class Bar:
    """A live bar with the time left, and one line for each finished epoch."""

    def __init__(self) -> None:
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        self.progress = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
            TimeRemainingColumn(), TextColumn("{task.fields[values]}"), transient=True,
        )  # fmt: skip
        self.task: Any = None
        self.epochs = self.steps = 0

    def __call__(self, event: events.Event) -> None:
        match event:
            case events.TrainingStarted(epochs, steps, metrics=metrics):
                self.epochs, self.steps = epochs, steps
                if meaning(metrics):
                    self.progress.console.print(meaning(metrics), highlight=False)
                total = epochs * steps
                self.task = self.progress.add_task("Training", total=total, values="")
                self.progress.start()
            case events.StepsFinished(epoch, step, logs):
                self.progress.update(
                    self.task, completed=epoch * self.steps + step, values=values(logs),
                    description=f"Epoch {epoch + 1}/{self.epochs}",
                )  # fmt: skip
            case events.EpochFinished(epoch, seconds, logs):
                self.progress.console.print(
                    f"Epoch {epoch + 1}/{self.epochs} - {seconds:.1f}s - {values(logs)}",
                    highlight=False,
                )
