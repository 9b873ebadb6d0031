"""Stochastic gradient descent, with momentum and Nesterov's look-ahead."""

from __future__ import annotations

from typing import Any, ClassVar

from lernwerk.core.tensor import Tensor
from lernwerk.core.variable import Variable
from lernwerk.errors import Range
from lernwerk.optimizers.optimizer import Optimizer


class SGD(Optimizer):
    """Gradient descent, with momentum where ``momentum`` > 0.

    w <- w - rate * g
    with momentum:       m <- momentum * m - rate * g;   w <- w + m
    with ``nesterov``:   m as above;   w <- w + momentum * m - rate * g

    Differs: nothing.
    Source: Robbins & Monro 1951, doi:10.1214/aoms/1177729586; Sutskever et al. 2013 (ICML),
    equations 1 to 4, for the momentum and Nesterov's form of it.
    """

    ranges: ClassVar = {"momentum": Range(0, 1)}

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        *common: Any,
        **keywords: Any,
    ) -> None:
        super().__init__(learning_rate, *common, **keywords)
        self.momentum = momentum
        self.nesterov = nesterov
        self.check_ranges()

    def slot_groups(self) -> list[dict[str, float]]:
        """The momentum of each variable, where there is any."""
        return [{"momentum": 0.0}] if self.momentum else []

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """The formula in the description of the class."""
        descent = learning_rate * gradient
        if not self.momentum:
            variable.assign(variable - descent)
            return
        slot = self.slot("momentum", variable)
        m = self.momentum * slot - descent
        slot.assign(m)
        variable.assign(variable + (self.momentum * m - descent if self.nesterov else m))
