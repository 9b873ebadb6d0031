"""Steps of an optimizer that are done later: what ``get_updates`` of Keras 1 and 2 gives.

``K.function(inputs, outputs, updates=optimizer.get_updates(loss, weights))`` makes one step in each
call; the loss is a symbolic tensor.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lernwerk.core.gradient import gradient


class Update:
    """One step of an optimizer down a symbolic loss."""

    def __init__(self, optimizer: Any, loss: Any, variables: Sequence[Any]) -> None:
        self.optimizer = optimizer
        self.loss = loss
        self.variables = list(variables)

    def run(self, value: Any) -> None:
        """Make the step, with the value that the loss has now."""
        total = value.sum() if value.ndim else value
        self.optimizer.apply(gradient(total, self.variables), self.variables)


def updates_of(optimizer: Any, arguments: Sequence[Any], keywords: dict[str, Any]) -> list[Update]:
    """The updates for (params, constraints, loss) of Keras 1, (loss, params) or (params, loss)."""
    given = [each for each in arguments if not isinstance(each, dict)]
    lists = [each for each in given if isinstance(each, (list, tuple))]
    variables = keywords.get("params", next(iter(lists), []))
    losses = [each for each in given if not isinstance(each, (list, tuple))]
    loss = keywords["loss"] if "loss" in keywords else losses[-1]
    return [Update(optimizer, loss, variables)]


__all__ = ["Update", "updates_of"]
