"""Layers that act in training only, against overfitting: dropout, noise, activity penalties."""

from __future__ import annotations

import math
from typing import Any

from lernwerk import ops, regularizers
from lernwerk.core.random import RandomStream
from lernwerk.core.tensor import Tensor
from lernwerk.errors import FRACTION, NOT_NEGATIVE, Range, ShapeError
from lernwerk.layers.layer import Layer

SEED = Range(0, integer=True)

# Klambauer et al. 2017, equation 14: what selu gives for large negative numbers, -scale * alpha.
_SELU_FLOOR = -1.0507009873554805 * 1.6732632423543772


class Dropout(Layer):
    """In training, set a share of the inputs to zero and scale up the others.

    y = x * mask / (1 - rate), mask = 1 with probability 1 - rate, else 0

    Shapes: x (*s) -> y (*s); ``noise_shape`` has 1 for axes that share their mask.
    Source: Srivastava et al. 2014, JMLR 15, 1929-1958
    """

    supports_masking = True
    ranges = {"rate": Range(0, 1), "seed": SEED}

    def __init__(
        self, rate: float, noise_shape: Any = None, seed: int | None = None, **keywords: Any
    ) -> None:
        super().__init__(**keywords)
        self.rate = rate
        self.noise_shape = None if noise_shape is None else tuple(noise_shape)
        self.seed = seed
        self.check_arguments()
        self.stream = RandomStream(seed)

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """y = x * mask / (1 - rate) in training, else x"""
        if not training or self.rate == 0:
            return inputs
        noise_shape = mask_shape(self.name, self.noise_shape, inputs.shape)
        return ops.dropout(inputs, self.stream.next(), rate=self.rate, noise_shape=noise_shape)


def mask_shape(where: str, given: Any, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """``noise_shape`` with the input's length where it says None."""
    if given is None:
        return None
    if len(given) != len(shape):
        raise ShapeError(where, f"noise_shape with {len(shape)} lengths", given)
    return tuple(n or full for n, full in zip(given, shape, strict=True))


class AlphaDropout(Dropout):
    """Dropout for networks of selu: in training, a share of the inputs gets selu's least value.

    y = a * (x where kept, else p) + b with p = -1.7581, a = 1 / sqrt((1 - rate) (1 + rate p^2)),
    b = -a * p * rate: mean 0 and variance 1 stay what they are.

    Shapes: x (*s) -> y (*s); ``noise_shape`` has 1 for axes that share their mask.
    Source: Klambauer et al. 2017, arXiv:1706.02515, section "New dropout technique"
    """

    ranges = {"rate": FRACTION, "seed": SEED}

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """y = a * (x where kept, else p) + b in training, else x"""
        if not training or self.rate == 0:
            return inputs
        shape = mask_shape(self.name, self.noise_shape, inputs.shape) or inputs.shape
        kept = ops.greater_equal(ops.random_uniform(self.stream.next(), shape=shape), self.rate)
        scale = ((1 - self.rate) * (1 + self.rate * _SELU_FLOOR**2)) ** -0.5
        shift = -scale * _SELU_FLOOR * self.rate
        return ops.where(kept, inputs, _SELU_FLOOR) * scale + shift


class GaussianNoise(Layer):
    """In training, add normal numbers.

    y = x + stddev * e, e normal of mean 0 and variance 1

    Shapes: x (*s) -> y (*s)
    Source: Bishop 1995, doi:10.1162/neco.1995.7.1.108
    Differs: ``stddev`` may be larger than 1.
    """

    supports_masking = True
    ranges = {"stddev": NOT_NEGATIVE, "seed": SEED}

    def __init__(self, stddev: float, seed: int | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.stddev = stddev
        self.seed = seed
        self.check_arguments()
        self.stream = RandomStream(seed)

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """y = x + stddev * e in training, else x"""
        if not training or self.stddev == 0:
            return inputs
        return inputs + self.stddev * _normal(self.stream, inputs)


class GaussianDropout(Layer):
    """In training, multiply by normal numbers of mean 1, as uneven as the masks of dropout.

    y = x * (1 + sqrt(rate / (1 - rate)) * e), e normal of mean 0 and variance 1

    Shapes: x (*s) -> y (*s)
    Source: Srivastava et al. 2014, JMLR 15, 1929-1958, section 10
    """

    supports_masking = True
    ranges = {"rate": FRACTION, "seed": SEED}

    def __init__(self, rate: float, seed: int | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.rate = rate
        self.seed = seed
        self.check_arguments()
        self.stream = RandomStream(seed)

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """y = x * (1 + sqrt(rate / (1 - rate)) * e) in training, else x"""
        if not training or self.rate == 0:
            return inputs
        deviation = math.sqrt(self.rate / (1 - self.rate))
        return inputs * (1.0 + deviation * _normal(self.stream, inputs))


def _normal(stream: RandomStream, like: Tensor) -> Any:
    """Standard normal numbers in the shape and type of a tensor."""
    dtype = "float64" if like.dtype == "float64" else "float32"
    return ops.random_normal(stream.next(), shape=like.shape, dtype=dtype)


class ActivityRegularization(Layer):
    """Pass the input on, and add a penalty for its size to the loss.

    penalty = l1 * sum(|x|) + l2 * sum(x^2)

    Shapes: x (*s) -> y (*s)
    Source: https://keras.io/api/layers/regularization_layers/activity_regularization/
    """

    supports_masking = True
    ranges = {"l1": NOT_NEGATIVE, "l2": NOT_NEGATIVE}

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.l1 = l1
        self.l2 = l2
        self.check_arguments()
        self.activity_regularizer = regularizers.L1L2(l1, l2)

    def call(self, inputs: Tensor) -> Tensor:
        """y = x"""
        return inputs

    def get_config(self) -> dict[str, Any]:
        """The arguments; the regularizer is made of them."""
        config = super().get_config()
        config.pop("activity_regularizer", None)
        return config
