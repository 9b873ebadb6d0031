"""Nadam: Adam with Nesterov's look-ahead and a momentum that grows over the steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.core.variable import Variable
from lernwerk.errors import FRACTION, NOT_NEGATIVE
from lernwerk.optimizers.optimizer import EPSILON, Optimizer

_GROWTH = 0.96  # the base of the momentum schedule, Dozat 2016, section 3.1


class Nadam(Optimizer):
    """Adam in which the momentum already contains the present gradient.

    u_t = beta_1 * (1 - 0.5 * 0.96^t);   U_t = u_1 * ... * u_t
    m <- m + (1 - beta_1) * (g - m)
    v <- v + (1 - beta_2) * (g^2 - v)
    m^ = u_(t+1) * m / (1 - U_(t+1)) + (1 - u_t) * g / (1 - U_t)
    w <- w - rate * m^ / (sqrt(v / (1 - beta_2^t)) + epsilon)
    (t is the number of the step, counted from 1)

    Differs: nothing.
    Source: Dozat 2016, "Incorporating Nesterov Momentum into Adam", ICLR workshop.
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
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = EPSILON if epsilon is None else epsilon
        self.check_ranges()

    def slot_groups(self) -> list[dict[str, float]]:
        """The averages of gradient and squared gradient."""
        return [{"momentum": 0.0, "velocity": 0.0}]

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the slots, and behind them the product U, which all variables share."""
        known = self.built
        super().build(variables)
        if not known:
            dtype = variables[0].spec.dtype
            self._product = self.add_variable((), "ones", dtype, "momentum_product")

    def before_updates(self) -> None:
        """U_t = U_(t-1) * u_t."""
        t = self.step_number(self._product)
        self._product.assign(self._product * self._scheduled(t))

    def _scheduled(self, t: Tensor) -> Tensor:
        return self.beta_1 * (1.0 - 0.5 * ops.power(_GROWTH, t))

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """The formula in the description of the class."""
        t = self.step_number(variable)
        now, following = self._scheduled(t), self._scheduled(t + 1.0)
        product = self._product.astype(variable.dtype)
        momentum = self.slot("momentum", variable)
        velocity = self.slot("velocity", variable)
        m = momentum + (1 - self.beta_1) * (gradient - momentum)
        v = velocity + (1 - self.beta_2) * (ops.square(gradient) - velocity)
        momentum.assign(m)
        velocity.assign(v)
        ahead = following * m / (1.0 - product * following)
        ahead = ahead + (1.0 - now) * gradient / (1.0 - product)
        scale = ops.sqrt(v / (1.0 - ops.power(self.beta_2, t))) + self.epsilon
        variable.assign(variable - learning_rate * ahead / scale)
