"""The objective: the losses of a model's outputs, weighed and added to one number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lernwerk import losses, metrics
from lernwerk.core.tensor import Tensor
from lernwerk.errors import UsageError
from lernwerk.training.outputs import Outputs


class Objective:
    """What ``compile(loss=..., loss_weights=...)`` says, for the outputs once they are known.

    total = sum over outputs i of weight_i * loss_i(y_i, prediction_i)

    With several losses the mean of each is logged as ``<output>_loss``.
    """

    def __init__(self, loss: Any, loss_weights: Any = None) -> None:
        self.loss, self.loss_weights = _as_losses(loss), loss_weights
        self.outputs: Outputs | None = None
        self.losses: list[Any] = []
        self.weights: list[float] = []
        self.means: list[metrics.Mean] = []

    def resolve(self, outputs: Outputs) -> None:
        """Give each output its loss and weight."""
        if self.outputs == outputs:
            return
        self.outputs = outputs
        given = [self.loss] if outputs.single else outputs.one_by_one("compile, loss", self.loss)
        given = [each[0] if isinstance(each, list) and len(each) == 1 else each for each in given]
        if outputs.single and isinstance(given[0], dict):
            given = outputs.one_by_one("compile, loss", given[0])
        self.losses = given
        weights = self.loss_weights
        listed = [None] if weights is None else outputs.one_by_one("compile, loss_weights", weights)
        listed = listed * len(outputs) if weights is None else listed
        self.weights = [1.0 if each is None else float(each) for each in listed]
        several = sum(loss is not None for loss in self.losses) > 1
        self.means = [metrics.Mean(f"{name}_loss") for name, loss in
                      zip(outputs.names, self.losses, strict=True)
                      if several and loss is not None]  # fmt: skip

    def __call__(
        self, targets: Sequence[Any], predictions: Sequence[Tensor], weights: Sequence[Any]
    ) -> Tensor | None:
        """The total for a batch; None where no output has a loss."""
        total: Any = None
        means = iter(self.means)
        for index, loss in enumerate(self.losses):
            if loss is None:
                continue
            y, prediction = targets[index], predictions[index]
            if y is None and not getattr(loss, "allows_no_target", False):
                raise UsageError("fit", f"targets for {self.outputs.names[index]}", "None")  # type: ignore[union-attr]
            value = loss(y, prediction, sample_weight=weights[index], mask=prediction.mask)
            if self.means:
                next(means).update_state(value, sample_weight=float(len(prediction)))
            value = value if self.weights[index] == 1.0 else value * self.weights[index]
            total = value if total is None else total + value
        return total


def _as_losses(loss: Any) -> Any:
    """Losses as objects, in the form in which they were given."""
    if isinstance(loss, dict) and "class_name" not in loss:
        return {name: _as_losses(each) for name, each in loss.items()}
    if isinstance(loss, (list, tuple)):
        return [_as_losses(each) for each in loss]
    return None if loss is None else losses.as_loss(loss)
