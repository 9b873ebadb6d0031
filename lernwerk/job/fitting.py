"""The training of a job: best weights kept, resumable after every epoch, stoppable at any time."""

from __future__ import annotations

import contextlib
import math
import signal
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from lernwerk.callbacks import Callback, EarlyStopping
from lernwerk.core.random import set_random_seed
from lernwerk.errors import TrainingWarning
from lernwerk.job.checkpoint import Checkpoint, Progress
from lernwerk.job.choice import Choice
from lernwerk.job.preparation import Prepared
from lernwerk.job.wording import counted
from lernwerk.models import Model
from lernwerk.names import reset_names
from lernwerk.optimizers import Adam


@dataclass(frozen=True)
class Fitted:
    """A trained network: what it went through and why it ended; epochs count from 1."""

    model: Model
    checkpoint: Checkpoint
    best_epoch: int
    stopped: str
    warnings: list[str]

    @property
    def progress(self) -> Progress:
        """The finished epochs and their values."""
        return self.checkpoint.progress

    def results_are_written(self) -> None:
        """Forget the stored state, unless the training may still go on."""
        if not self.model.interrupted:
            self.checkpoint.remove()


class CosineRate(Callback):
    """The learning rate falls along half a cosine: rate * (1 + cos(pi * epoch / epochs)) / 2.

    Source: Loshchilov & Hutter 2017, arXiv:1608.03983
    """

    def __init__(self, rate: float, epochs: int) -> None:
        self.rate = rate
        self.epochs = epochs

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Set the rate of this epoch."""
        share = (1 + math.cos(math.pi * epoch / self.epochs)) / 2
        self.model.optimizer.learning_rate = self.rate * share


def build(prepared: Prepared, choice: Choice, seed: int) -> Model:
    """The network, compiled, with its weights drawn from the seed."""
    set_random_seed(seed)
    reset_names()  # the same names in every run, whatever else was built in this process
    model = choice.build()
    model.build_for((None, *prepared.problem.shape))
    classification = prepared.raw.task == "classification"
    model.compile(
        Adam(learning_rate=choice.settings.learning_rate),
        "sparse_categorical_crossentropy" if classification else "mse",
        metrics=["accuracy"] if classification else ["mae"],
    )
    model.optimizer.build(model.trainable_variables)
    return model


def fit(
    model: Model,
    prepared: Prepared,
    choice: Choice,
    folder: Path,
    identity: dict[str, Any],
    *,
    resume: bool,
    verbose: int | str,
    announce: Callable[[str], None],
) -> Fitted:
    """Train, from the stored state with ``resume``; Ctrl-C ends it cleanly."""
    settings = choice.settings
    stopping = EarlyStopping("val_loss", patience=settings.patience, restore_best_weights=True)
    checkpoint = Checkpoint(folder, identity, stopping)
    if resume:
        checkpoint.load(model)
        announce(f"Going on after epoch {checkpoint.progress.epochs} of {settings.epochs}.")
    first = checkpoint.progress.epochs
    last = first if checkpoint.progress.stopped else settings.epochs
    notes: list[str] = []
    with interruptible(model), noted(notes):
        model.fit(
            prepared.training.x, prepared.training.y, settings.batch_size, last, verbose,
            [CosineRate(settings.learning_rate, settings.epochs), stopping, checkpoint],
            validation_data=(prepared.validation.x, prepared.validation.y),
            initial_epoch=first, validation_batch_size=256,
        )  # fmt: skip
    why = _why_it_ended(model, checkpoint.progress, stopping, settings.epochs)
    best = stopping.best_epoch + 1 if stopping.best_weights is not None else 0
    return Fitted(model, checkpoint, best, why, notes)


def _why_it_ended(model: Model, progress: Progress, stopping: EarlyStopping, epochs: int) -> str:
    if model.interrupted:
        whole = counted(progress.epochs, "whole epoch")
        return f"Ended by Ctrl-C after {whole}; what was learned is kept, --resume goes on."
    if progress.stopped:
        return f"The validation loss has not improved since epoch {stopping.best_epoch + 1}."
    return f"All {epochs} epochs were done."


@contextlib.contextmanager
def noted(notes: list[str]) -> Iterator[None]:
    """Keep what a training warns of for the report; it is shown all the same."""
    show = warnings.showwarning

    def note(text: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> None:
        if issubclass(category, TrainingWarning):
            notes.append(str(text))
        show(text, category, *rest, **more)

    warnings.showwarning = note
    try:
        yield
    finally:
        warnings.showwarning = show


@contextlib.contextmanager
def interruptible(model: Model) -> Iterator[None]:
    """Ctrl-C asks the training to end after the step that is running; a second one ends all."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        model.interrupted = True
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
