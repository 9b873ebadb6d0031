"""Adagrad: the rate of each weight falls with the squares of all its gradients so far."""

from __future__ import annotations

from typing import Any, ClassVar

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.core.variable import Variable
from lernwerk.errors import NOT_NEGATIVE
from lernwerk.optimizers.optimizer import EPSILON, Optimizer


class Adagrad(Optimizer):
    """Divide the gradient by the root of the sum of all its squares.

    a <- a + g^2          (a starts at ``initial_accumulator_value``)
    w <- w - rate * g / sqrt(a + epsilon)

    Differs: nothing.
    Source: Duchi, Hazan & Singer 2011, Journal of Machine Learning Research 12, 2121-2159.
    """

    ranges: ClassVar = {"initial_accumulator_value": NOT_NEGATIVE, "epsilon": NOT_NEGATIVE}

    def __init__(
        self,
        learning_rate: Any = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float | None = EPSILON,
        *common: Any,
        **keywords: Any,
    ) -> None:
        super().__init__(learning_rate, *common, **keywords)
        self.initial_accumulator_value = initial_accumulator_value
        self.epsilon = EPSILON if epsilon is None else epsilon
        self.check_ranges()

    def slot_groups(self) -> list[dict[str, float]]:
        """The sum of squares."""
        return [{"accumulator": self.initial_accumulator_value}]

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """The formula in the description of the class."""
        slot = self.slot("accumulator", variable)
        a = slot + ops.square(gradient)
        slot.assign(a)
        variable.assign(variable - learning_rate * gradient / ops.sqrt(a + self.epsilon))
