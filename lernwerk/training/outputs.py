"""The outputs of a model in a fixed order, and what a user gives for them: lists, dicts, one.

Targets, losses, weights and metrics may be given for one output, one by one, or by name. Here, and
only here, that is brought into the order of the outputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lernwerk.errors import UsageError, nearest

Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Outputs:
    """Names and shapes of the outputs; ``single`` where the model returns no list or dict."""

    names: tuple[str, ...]
    shapes: tuple[Shape, ...]
    single: bool

    @classmethod
    def of(cls, shapes: Any, names: Sequence[str] | None) -> Outputs:
        """The outputs of a model that returns tensors of these shapes, in a list or dict or not."""
        if isinstance(shapes, dict):
            keys = sorted(shapes)
            return cls(tuple(keys), tuple(tuple(shapes[key]) for key in keys), False)
        single = not isinstance(shapes, list)
        listed = [shapes] if single else shapes
        known = names or [f"output_{i + 1}" for i in range(len(listed))]
        return cls(tuple(known), tuple(tuple(each) for each in listed), single)

    def __len__(self) -> int:
        return len(self.names)

    def flat(self, predictions: Any) -> list[Any]:
        """The model's own outputs in order."""
        if isinstance(predictions, dict):
            return [predictions[key] for key in sorted(predictions)]
        return list(predictions) if isinstance(predictions, (list, tuple)) else [predictions]

    def one_by_one(self, where: str, given: Any) -> list[Any]:
        """What was given for each output: by name from a dict, in order from a list."""
        if isinstance(given, dict):
            unknown = [name for name in given if name not in self.names]
            if unknown:
                raise UsageError(
                    where, f"names of outputs ({', '.join(self.names)})", repr(unknown[0]),
                    nearest(str(unknown[0]), self.names),
                )  # fmt: skip
            return [given.get(name) for name in self.names]
        if isinstance(given, (list, tuple)):
            if len(given) != len(self):
                raise UsageError(
                    where, f"one for each of the {len(self)} outputs ({', '.join(self.names)})",
                    f"{len(given)}", "A dict with their names may leave some out.",
                )  # fmt: skip
            return list(given)
        return [given] * len(self)

    def label(self, index: int, name: str) -> str:
        """The name of a value of one output in the logs: with several outputs, theirs in front."""
        return name if len(self) == 1 else f"{self.names[index]}_{name}"
