"""Layers that normalise: BatchNormalization."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk import initializers, ops, regularizers
from lernwerk.core.tensor import Tensor
from lernwerk.errors import FRACTION, POSITIVE
from lernwerk.layers.core import fixed_last
from lernwerk.layers.input_form import InputForm
from lernwerk.layers.layer import Layer


class BatchNormalization(Layer):
    """Normalise each feature over the batch, then scale and shift.

    training:  y = (x - mean(x)) / sqrt(var(x) + epsilon) * gamma + beta
    otherwise: the same with the moving averages of mean and variance, which training updates by
    moving = moving * momentum + batch * (1 - momentum)

    Shapes: x (*b, c) -> y (*b, c)
    Weights: gamma (c) ones; beta (c) zeros; moving_mean (c) zeros; moving_variance (c) ones, the
    last two not trainable.
    Source: Ioffe & Szegedy 2015, arXiv:1502.03167
    Differs: ``axis`` is always the last one.
    """

    supports_masking = True
    ranges = {"momentum": FRACTION, "epsilon": POSITIVE}
    fixed = {
        "axis": -1, "beta_constraint": None, "gamma_constraint": None, "synchronized": False,
        "renorm": False, "renorm_clipping": None, "renorm_momentum": 0.99,
    }  # fmt: skip

    def __init__(
        self,
        *,  # Keras has axis here
        momentum: float = 0.99,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.momentum = momentum
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.check_arguments()

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make scale, offset and the moving statistics."""
        shape = (fixed_last(self, input_shape),)
        if self.scale:
            self.gamma = self.add_weight(
                "gamma", shape, self.gamma_initializer, regularizer=self.gamma_regularizer,
                autocast=False,
            )  # fmt: skip
        if self.center:
            self.beta = self.add_weight(
                "beta", shape, self.beta_initializer, regularizer=self.beta_regularizer,
                autocast=False,
            )  # fmt: skip
        self.moving_mean = self.add_weight(
            "moving_mean", shape, self.moving_mean_initializer, trainable=False, autocast=False
        )
        self.moving_variance = self.add_weight(
            "moving_variance", shape, self.moving_variance_initializer, trainable=False,
            autocast=False,
        )  # fmt: skip
        self.input_form = InputForm(at_least=2, last=shape[0])

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """y = (x - mean) / sqrt(variance + epsilon) * gamma + beta"""
        scale = self.gamma if self.scale else np.ones(self.moving_mean.shape, self.dtype)
        offset = self.beta if self.center else np.zeros(self.moving_mean.shape, self.dtype)
        if not (training and self.trainable):  # frozen layers keep their statistics, as in Keras
            spread = ops.sqrt(self.moving_variance + self.epsilon)
            return (inputs - self.moving_mean) / spread * scale + offset
        y, mean, variance = ops.batch_normalization(inputs, scale, offset, epsilon=self.epsilon)
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + batch * (1 - self.momentum))
        return y  # type: ignore[no-any-return]
