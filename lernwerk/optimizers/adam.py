"""Adam: momentum and a scale for each weight, both freed of their bias towards zero."""

from __future__ import annotations

from typing import Any, ClassVar

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.core.variable import Variable
from lernwerk.errors import FRACTION, NOT_NEGATIVE
from lernwerk.optimizers.optimizer import EPSILON, Optimizer


class Adam(Optimizer):
    """Move along the average gradient, divided by the root of the average squared gradient.

    m <- m + (1 - beta_1) * (g - m)
    v <- v + (1 - beta_2) * (g^2 - v)
    w <- w - rate * sqrt(1 - beta_2^t) / (1 - beta_1^t) * m / (sqrt(v) + epsilon)
    with ``amsgrad``:   the largest v so far in the place of v in the last line
    (t is the number of the step, counted from 1)

    Differs: nothing.
    Source: Kingma & Ba 2015, arXiv:1412.6980, the form at the end of section 2; amsgrad: Reddi,
    Kale & Kumar 2018, arXiv:1904.09237.
    """

    ranges: ClassVar = {"beta_1": FRACTION, "beta_2": FRACTION, "epsilon": NOT_NEGATIVE}

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float | None = EPSILON,
        amsgrad: bool = False,
        *common: Any,
        **keywords: Any,
    ) -> None:
        super().__init__(learning_rate, *common, **keywords)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = EPSILON if epsilon is None else epsilon
        self.amsgrad = amsgrad
        self.check_ranges()

    def slot_groups(self) -> list[dict[str, float]]:
        """The averages of gradient and squared gradient; with amsgrad the largest of the latter."""
        return [{"momentum": 0.0, "velocity": 0.0}] + [{"velocity_hat": 0.0}] * self.amsgrad

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """The formula in the description of the class."""
        t = self.step_number(variable)
        correction = ops.sqrt(1.0 - ops.power(self.beta_2, t)) / (1.0 - ops.power(self.beta_1, t))
        momentum = self.slot("momentum", variable)
        velocity = self.slot("velocity", variable)
        m = momentum + (1 - self.beta_1) * (gradient - momentum)
        v = velocity + (1 - self.beta_2) * (ops.square(gradient) - velocity)
        momentum.assign(m)
        velocity.assign(v)
        if self.amsgrad:
            largest = self.slot("velocity_hat", variable)
            v = ops.maximum(largest, v)
            largest.assign(v)
        variable.assign(variable - learning_rate * correction * m / (ops.sqrt(v) + self.epsilon))
