"""What happens in a training, as typed events for subscribers: history, display, callbacks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

Logs = dict[str, float]


@dataclass(frozen=True)
class TrainingStarted:
    """Before the first epoch: how many epochs, steps in each, and rows.

    ``metrics`` says what each name stands for: ``{"accuracy": "BinaryAccuracy"}``.
    """

    epochs: int
    steps: int
    rows: int
    metrics: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EpochStarted:
    """Before an epoch, counted from 0."""

    epoch: int


@dataclass(frozen=True)
class StepStarted:
    """Before a step; sent only while a subscriber asks for single steps."""

    step: int


@dataclass(frozen=True)
class StepsFinished:
    """After a slice of an epoch; ``step`` steps of it are done, ``logs`` are the means so far."""

    epoch: int
    step: int
    logs: Logs


@dataclass(frozen=True)
class ValidationStarted:
    """Before the validation at the end of an epoch."""


@dataclass(frozen=True)
class ValidationFinished:
    """After the validation, with its results."""

    logs: Logs


@dataclass(frozen=True)
class EpochFinished:
    """After an epoch and its validation; ``seconds`` is the time both took."""

    epoch: int
    seconds: float
    logs: Logs = field(default_factory=dict)


@dataclass(frozen=True)
class TrainingFinished:
    """After the last epoch, also when the training was stopped early."""

    logs: Logs


Event = (
    TrainingStarted | EpochStarted | StepStarted | StepsFinished | ValidationStarted
    | ValidationFinished | EpochFinished | TrainingFinished
)  # fmt: skip
Subscriber = Callable[[Event], None]
