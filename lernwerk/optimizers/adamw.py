"""AdamW: Adam with weight decay beside the gradient, not in it."""

from __future__ import annotations

from typing import Any

from lernwerk.errors import NOT_NEGATIVE, ArgumentError
from lernwerk.optimizers.adam import Adam
from lernwerk.optimizers.optimizer import EPSILON


class AdamW(Adam):
    """Adam whose variables shrink by the factor (1 - rate * weight_decay) before each update.

    w <- w - rate * weight_decay * w, then as in ``Adam``

    Differs: nothing.
    Source: Loshchilov & Hutter 2019, arXiv:1711.05101, algorithm 2.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float | None = EPSILON,
        amsgrad: bool = False,
        *common: Any,
        **keywords: Any,
    ) -> None:
        own = (beta_1, beta_2, epsilon, amsgrad)
        super().__init__(learning_rate, *own, weight_decay, *common, **keywords)
        if weight_decay is None:
            raise ArgumentError(
                "AdamW", f"weight_decay to be {NOT_NEGATIVE}", "None",
                "Adam is the optimizer without it.",
            )  # fmt: skip
