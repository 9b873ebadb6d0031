"""RMSprop: the gradient divided by a moving average of its size."""

from __future__ import annotations

from typing import Any, ClassVar

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.core.variable import Variable
from lernwerk.errors import FRACTION, NOT_NEGATIVE, Range
from lernwerk.optimizers.optimizer import EPSILON, Optimizer


class RMSprop(Optimizer):
    """Divide the gradient by the root of a moving average of its square.

    v <- rho * v + (1 - rho) * g^2
    w <- w - rate * g / sqrt(v + epsilon)
    with ``centered``:   a <- rho * a + (1 - rho) * g;   v - a^2 in the place of v in the root
    with ``momentum``:   m <- momentum * m + (the step above);   w <- w - m

    Differs: nothing.
    Source: Tieleman & Hinton 2012, Coursera "Neural Networks for Machine Learning", lecture 6.5;
    centered: Graves 2013, arXiv:1308.0850, equations 38 to 45.
    """

    ranges: ClassVar = {"rho": FRACTION, "momentum": Range(0, 1), "epsilon": NOT_NEGATIVE}

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float | None = EPSILON,
        centered: bool = False,
        *common: Any,
        **keywords: Any,
    ) -> None:
        super().__init__(learning_rate, *common, **keywords)
        self.rho = rho
        self.momentum = momentum
        self.epsilon = EPSILON if epsilon is None else epsilon
        self.centered = centered
        self.check_ranges()

    def slot_groups(self) -> list[dict[str, float]]:
        """The velocity; with the options the momentum and the average gradient."""
        momentum = [{"momentum": 0.0}] if self.momentum else []
        average = [{"average_gradient": 0.0}] if self.centered else []
        return [{"velocity": 0.0}, *momentum, *average]

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """The formula in the description of the class."""
        v = self._averaged("velocity", variable, ops.square(gradient))
        if self.centered:
            v = v - ops.square(self._averaged("average_gradient", variable, gradient))
        step = learning_rate * gradient / ops.sqrt(v + self.epsilon)
        if self.momentum:
            slot = self.slot("momentum", variable)
            step = self.momentum * slot + step
            slot.assign(step)
        variable.assign(variable - step)

    def _averaged(self, name: str, variable: Variable, value: Tensor) -> Tensor:
        slot = self.slot(name, variable)
        average = self.rho * slot + (1 - self.rho) * value
        slot.assign(average)
        return average
