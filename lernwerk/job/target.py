"""Targets to labels or standardised numbers, and back.

Classes are sorted, numbers by value and texts by name; a regression is standardised with mean and
deviation of the training targets. The codec is saved with the model.
"""

from __future__ import annotations

from typing import Any, Self, get_args

import numpy as np
from numpy.typing import NDArray

from lernwerk.errors import DataError, FileError, UsageError, check_name
from lernwerk.job.cells import as_text
from lernwerk.job.config_fields import Fields
from lernwerk.job.raw_data import Task
from lernwerk.job.statistics import mean_and_deviation

TYPES = ("text", "boolean", "integer", "number")


class TargetCodec:
    """Encodes raw targets for training and decodes what the network answers.

    ``classes`` are the raw values of the classes in the order of their labels, ``class_names``
    their texts; ``mean`` and ``deviation`` belong to a regression.
    """

    def __init__(self, task: Task, name: str = "target") -> None:
        check_name("TargetCodec", "task", task, get_args(Task))
        self.task: Task = task
        self.name = name
        self.classes: NDArray[Any] = np.zeros(0)
        self.mean = 0.0
        self.deviation = 0.0

    def fit(self, targets: NDArray[Any], classes: NDArray[Any] | None = None) -> Self:
        """Learn the classes, or mean and deviation, from the training targets.

        ``classes`` may name all classes of the data, so that one without a training row keeps its
        label. Raises DataError where there are no targets.
        """
        targets = np.asarray(targets)
        if not len(targets):
            raise DataError(f"target '{self.name}'", "values to learn from", "none")
        if self.task == "classification":
            self.classes = np.unique(targets if classes is None else np.asarray(classes))
            return self
        mean, deviation = mean_and_deviation(targets.astype(np.float64))
        self.mean, self.deviation = float(mean), float(deviation)
        return self

    @property
    def class_names(self) -> list[str] | None:
        """The classes as texts in the order of their labels; None for a regression."""
        if self.task == "regression":
            return None
        return [as_text(value) for value in self.classes]

    def encode(self, targets: NDArray[Any]) -> NDArray[Any]:
        """Labels (int64) of classes, or standardised float32 targets, shape (rows).

        Raises DataError for a class that is unknown.
        """
        self._check_fitted()
        targets = np.asarray(targets)
        if self.task == "regression":
            return ((targets.astype(np.float64) - self.mean) / self.deviation).astype(np.float32)
        if (targets.dtype.kind == "U") != (self.classes.dtype.kind == "U"):
            raise self._unknown(targets)
        labels = np.minimum(np.searchsorted(self.classes, targets), len(self.classes) - 1)
        unknown = self.classes[labels] != targets
        if unknown.any():
            raise self._unknown(targets[unknown])
        return labels.astype(np.int64)

    def _unknown(self, targets: NDArray[Any]) -> DataError:
        expected = f"one of the {len(self.classes)} known classes"
        return DataError(f"target '{self.name}'", expected, f"{as_text(targets[0])!r}")

    def decode(self, answers: NDArray[Any]) -> NDArray[Any]:
        """Labels back to classes, or standardised numbers back to the target's own unit."""
        self._check_fitted()
        answers = np.asarray(answers)
        if self.task == "regression":
            return answers.astype(np.float64) * self.deviation + self.mean
        return self.classes[answers.astype(np.int64)]

    def decisions(self) -> list[str]:
        """What is done with the target, in words."""
        if self.task == "classification":
            return [
                f"The {len(self.classes)} classes of '{self.name}' are numbered in their order."
            ]
        return [f"The target '{self.name}' is standardised for the training and answers are turned "
                "back into its own unit."]  # fmt: skip

    def config(self) -> dict[str, Any]:
        """Everything that was learned, ready for JSON."""
        self._check_fitted()
        if self.task == "regression":
            return {"task": self.task, "name": self.name, "mean": self.mean,
                    "deviation": self.deviation}  # fmt: skip
        kind = {"b": "boolean", "i": "integer", "u": "integer", "f": "number"}
        return {
            "task": self.task,
            "name": self.name,
            "type": kind.get(self.classes.dtype.kind, "text"),
            "classes": self.classes.tolist(),
        }

    @classmethod
    def from_config(cls, config: Any, where: str = "target") -> Self:
        """The codec that ``config`` described; FileError where it is damaged."""
        fields = Fields(where, config)
        codec = cls(fields.text("task", get_args(Task)), fields.text("name"))  # type: ignore[arg-type]
        if codec.task == "regression":
            codec.mean = fields.number("mean")
            codec.deviation = fields.number("deviation", positive=True)
        else:
            codec.classes = _classes(fields)
        fields.done()
        return codec

    def _check_fitted(self) -> None:
        if not len(self.classes) and not self.deviation:
            raise UsageError("TargetCodec", "fit before use", "no fit", "codec.fit(targets)")


def _classes(fields: Fields) -> NDArray[Any]:
    kind = fields.text("type", TYPES)
    values: Any
    if kind == "text":
        values = np.array(fields.texts("classes"), dtype=np.str_)
    elif kind == "boolean":
        entries = fields.entries("classes")
        values = np.array([entry is True for entry in entries], bool)
        if not all(isinstance(entry, bool) for entry in entries):
            raise FileError(fields.where, "true and false for 'classes'", f"{entries!r:.60}")
    else:
        values = np.array(fields.numbers("classes"), np.float64)
        values = values.astype(np.int64) if kind == "integer" else values
    if (
        not len(values)
        or len(np.unique(values)) != len(values)
        or (np.sort(values) != values).any()
    ):
        raise FileError(fields.where, "different classes in order", f"{values.tolist()!r:.60}")
    return values
