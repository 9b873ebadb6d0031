"""Adadelta: steps in the units of the weights, from averages of gradients and of steps."""

from __future__ import annotations

from typing import Any, ClassVar

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.core.variable import Variable
from lernwerk.errors import FRACTION, NOT_NEGATIVE
from lernwerk.optimizers.optimizer import EPSILON, Optimizer


class Adadelta(Optimizer):
    """Scale the gradient by the ratio of the usual step to the usual gradient.

    a <- rho * a + (1 - rho) * g^2
    step = sqrt(d + epsilon) / sqrt(a + epsilon) * g
    d <- rho * d + (1 - rho) * step^2
    w <- w - rate * step

    Differs: nothing; like Keras's, its default rate is 0.001 where the paper has 1.
    Source: Zeiler 2012, arXiv:1212.5701, algorithm 1.
    """

    ranges: ClassVar = {"rho": FRACTION, "epsilon": NOT_NEGATIVE}

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.95,
        epsilon: float | None = EPSILON,
        *common: Any,
        **keywords: Any,
    ) -> None:
        super().__init__(learning_rate, *common, **keywords)
        self.rho = rho
        self.epsilon = EPSILON if epsilon is None else epsilon
        self.check_ranges()

    def slot_groups(self) -> list[dict[str, float]]:
        """The averages of squared gradients and of squared steps."""
        return [{"accumulated_grad": 0.0, "accumulated_delta_var": 0.0}]

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """The formula in the description of the class."""
        gradients = self.slot("accumulated_grad", variable)
        steps = self.slot("accumulated_delta_var", variable)
        a = self._average(gradients, gradient)
        step = ops.sqrt(steps + self.epsilon) / ops.sqrt(a + self.epsilon) * gradient
        gradients.assign(a)
        steps.assign(self._average(steps, step))
        variable.assign(variable - learning_rate * step)

    def _average(self, slot: Variable, value: Tensor) -> Tensor:
        return self.rho * slot + (1 - self.rho) * ops.square(value)
