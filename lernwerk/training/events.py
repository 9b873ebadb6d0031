"""What happens in a training, as typed events for subscribers: history, display, callbacks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Logs = dict[str, float]


@dataclass(frozen=True)
class TrainingStarted:
    """Before the first epoch: how many epochs, steps in each, and rows.

    ``metrics`` says what each name stands for: ``{"accuracy": "BinaryAccuracy"}``. ``sample`` are
    the first rows of the training data and ``validation`` those of the validation, where known.
    """

    epochs: int
    steps: int
    rows: int
    metrics: dict[str, str] = field(default_factory=dict)
    sample: Any = field(default=None, compare=False, repr=False)
    validation: Any = field(default=None, compare=False, repr=False)


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


@dataclass(frozen=True)
class EvaluationStarted:
    """Before ``evaluate`` of its own, outside ``fit``; ``steps`` is the number of batches."""

    steps: int | None = None


@dataclass(frozen=True)
class EvaluationFinished:
    """After ``evaluate``, with its results."""

    logs: Logs


@dataclass(frozen=True)
class TestStepStarted:
    """Before a batch of an evaluation or a validation; sent only while single steps are asked."""

    __test__ = False  # no test case, whatever its name
    step: int


@dataclass(frozen=True)
class TestStepsFinished:
    """``step`` batches of an evaluation or a validation are done; ``logs`` are the means so far."""

    __test__ = False
    step: int
    logs: Logs


@dataclass(frozen=True)
class PredictionStarted:
    """Before ``predict``; ``steps`` is the number of batches."""

    steps: int | None = None


@dataclass(frozen=True)
class PredictionStepStarted:
    """Before a batch of a prediction; sent only while single steps are asked."""

    step: int


@dataclass(frozen=True)
class PredictionStepsFinished:
    """``step`` batches of a prediction are done; ``outputs`` are those of the newest ones."""

    step: int
    outputs: Any = field(default=None, compare=False)


@dataclass(frozen=True)
class PredictionFinished:
    """After ``predict``."""


Event = (
    TrainingStarted | EpochStarted | StepStarted | StepsFinished | ValidationStarted
    | ValidationFinished | EpochFinished | TrainingFinished | EvaluationStarted
    | EvaluationFinished | TestStepStarted | TestStepsFinished | PredictionStarted
    | PredictionStepStarted | PredictionStepsFinished | PredictionFinished
)  # fmt: skip
Subscriber = Callable[[Event], None]
