"""Adamax: Adam with the largest gradient so far in the place of the root of the squares."""

from __future__ import annotations

from typing import Any, ClassVar

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.core.variable import Variable
from lernwerk.errors import FRACTION, NOT_NEGATIVE
from lernwerk.optimizers.optimizer import EPSILON, Optimizer
from lernwerk.optimizers.state import Slots


class Adamax(Optimizer):
    """Move along the average gradient, divided by the largest one, which fades slowly.

    m <- m + (1 - beta_1) * (g - m)
    u <- max(beta_2 * u, |g|)
    w <- w - rate * m / ((1 - beta_1^t) * (u + epsilon))
    (t is the number of the step, counted from 1)

    Differs: nothing.
    Source: Kingma & Ba 2015, arXiv:1412.6980, algorithm 2.
    """

    ranges: ClassVar = {"beta_1": FRACTION, "beta_2": FRACTION, "epsilon": NOT_NEGATIVE}

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float | None = EPSILON,
        *common: Any,
        **keywords: Any,
    ) -> None:
        super().__init__(learning_rate, *common, **keywords)
        self.beta_1, self.beta_2 = beta_1, beta_2
        self.epsilon = EPSILON if epsilon is None else epsilon
        self.check_ranges()

    def slot_groups(self) -> list[Slots]:
        """The average gradient and the fading largest one."""
        return [{"momentum": 0.0, "norm": 0.0}]

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """The formula in the description of the class."""
        t = self.step_number(variable)
        momentum, norm = self.slot("momentum", variable), self.slot("norm", variable)
        m = momentum + (1 - self.beta_1) * (gradient - momentum)
        u = ops.maximum(self.beta_2 * norm, ops.absolute(gradient))
        momentum.assign(m)
        norm.assign(u)
        rate = learning_rate / (1.0 - ops.power(self.beta_1, t))
        variable.assign(variable - rate * m / (u + self.epsilon))
