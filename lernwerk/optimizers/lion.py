"""Lion: steps of one size, in the direction of the sign of a momentum."""

from __future__ import annotations

from typing import Any, ClassVar

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.core.variable import Variable
from lernwerk.errors import Range
from lernwerk.optimizers.optimizer import Optimizer
from lernwerk.optimizers.state import Slots

_MOMENTS = Range(0, 1, low_included=False)  # 0 would be the sign of the gradient alone


class Lion(Optimizer):
    """Move each weight by the rate, in the direction that gradient and momentum agree on.

    w <- w - rate * sign(beta_1 * m + (1 - beta_1) * g)
    m <- beta_2 * m + (1 - beta_2) * g

    Differs: nothing.
    Source: Chen et al. 2023, arXiv:2302.06675, program 1.
    """

    ranges: ClassVar = {"beta_1": _MOMENTS, "beta_2": Range(0, 1)}

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        *common: Any,
        **keywords: Any,
    ) -> None:
        super().__init__(learning_rate, *common, **keywords)
        self.beta_1, self.beta_2 = beta_1, beta_2
        self.check_ranges()

    def slot_groups(self) -> list[Slots]:
        """The momentum."""
        return [{"momentum": 0.0}]

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """The formula in the description of the class."""
        momentum = self.slot("momentum", variable)
        direction = ops.sign(self.beta_1 * momentum + (1 - self.beta_1) * gradient)
        variable.assign(variable - learning_rate * direction)
        momentum.assign(self.beta_2 * momentum + (1 - self.beta_2) * gradient)
