"""What a finished training is known by: the one record that reports are made from.

It holds plain values and arrays and computes almost nothing; the job fills it, ``report`` turns it
into a page and ``summary`` into JSON. It knows neither models nor files.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np

from lernwerk.errors import DataError, check_name

Array = np.ndarray[Any, Any]
Task = Literal["classification", "regression"]
Kind = Literal["table", "pictures", "arrays"]


@dataclass(frozen=True)
class Mistake:
    """One held-back row that the model got most wrong.

    ``probability`` is what the model gave its own answer (classification), ``error`` is predicted
    minus true (regression). ``picture`` has shape (h, w) or (h, w, 1, 3 or 4) in uint8; ``row``
    holds the raw columns of a table.
    """

    title: str
    true: str | float
    predicted: str | float
    probability: float | None = None
    error: float | None = None
    picture: Array | None = None
    row: dict[str, Any] | None = None


@dataclass(frozen=True)
class Outcome:
    """Everything that a report says about one training.

    The first entry of ``scores`` is the headline and stands beside the same entry of ``baseline``.
    Raises ArgumentError for an unknown task or kind and DataError where ``true`` and ``predicted``
    differ in length.
    """

    title: str
    task: Task
    data_name: str
    kind: Kind
    created: str
    """ISO date and time."""
    sentences: list[str]
    """What was found in the data, a sentence each."""
    columns: list[dict[str, Any]]
    """One dictionary a column: ``name``, ``kind``, ``missing``, ``summary``."""
    decisions: list[tuple[str, str]]
    """What was decided, and why."""
    layers: list[tuple[str, str, str]]
    """Layer, shape of its output, number of its parameters."""
    parameters: int
    history: dict[str, list[float]]
    """Keras's keys, one number an epoch."""
    best_epoch: int
    """The epoch whose weights were kept, counted from 1; 0 where none was finished."""
    epoch_seconds: list[float]
    seconds: float
    """Duration of the whole training."""
    stopped: str
    """Why the training ended, as a sentence."""
    scores: dict[str, float]
    """On the held-back rows; the headline first."""
    baseline: dict[str, float]
    """The same measures for the obvious guess."""
    baseline_name: str
    """The obvious guess in words, such as ``always the largest class``."""
    true: Array
    """Held-back truth: indices of classes, names of classes, or values. Shape (n) or (n, 1)."""
    predicted: Array
    """The model's answers, like ``true``."""
    class_names: list[str] | None = None
    probabilities: Array | None = None
    """Shape (n, k), or (n) and (n, 1) for the second of two classes."""
    examples: list[Mistake] = field(default_factory=list)
    """The worst mistakes, worst first."""
    split: dict[str, int] = field(default_factory=dict)
    """Rows of each part, such as ``training``, ``validation``, ``held back``."""
    settings: dict[str, Any] = field(default_factory=dict)
    command: str = ""
    predict_command: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    """Version, engine, processor and the like."""
    warnings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        check_name("outcome", "task", self.task, get_args(Task))
        check_name("outcome", "kind", self.kind, get_args(Kind))
        if np.size(self.true) != np.size(self.predicted):
            raise DataError("outcome", f"{np.size(self.true)} predictions", np.size(self.predicted))

    @property
    def headline(self) -> str:
        """The measure that counts most, empty where nothing was scored."""
        return next(iter(self.scores), "")

    @property
    def rows(self) -> int:
        """All rows of the data set, in whichever part."""
        return sum(self.split.values())

    def summary(self) -> dict[str, Any]:
        """The outcome without its arrays, for ``json.dumps``; NaN and infinity become None."""
        return {name: plain(getattr(self, name)) for name in vars(self) if name not in _ROWS}


# Fields with an entry for every held-back row: too long for a line of JSON.
_ROWS = {"true", "predicted", "probabilities", "examples"}


def plain(value: Any) -> Any:
    """A value in JSON's own types: NumPy numbers unwrapped, anything unknown as its text."""
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(entry) for entry in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)
