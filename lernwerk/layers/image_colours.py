"""Layers that change the colours of pictures in training: contrast and brightness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.errors import ArgumentError
from lernwerk.layers.image_layer import SEED, _RandomImageLayer, factor_range, per_picture


class _ColourLayer(_RandomImageLayer):
    """A layer whose results stay within a range of values."""

    ranges = {"seed": SEED}

    def __init__(self, value_range: Sequence[float], seed: int | None, **keywords: Any) -> None:
        super().__init__(seed=seed, **keywords)
        if len(value_range) != 2:
            raise ArgumentError(self.name, "value_range, a pair of numbers", value_range)
        self.value_range = tuple(sorted(value_range))
        self.check_arguments()

    def _clipped(self, images: Tensor) -> Tensor:
        low, high = (float(bound) for bound in self.value_range)
        return ops.minimum(ops.maximum(images, low), high)  # type: ignore[no-any-return]


class RandomContrast(_ColourLayer):
    """Make differences within each picture larger or smaller in training.

    y = (x - mean) u + mean, the mean of each channel, u from [1 - lower, 1 + upper), within
    ``value_range``; ``factor`` is (lower, upper), or f for (f, f), each from [0, 1]

    Shapes: x (b, h, w, c) -> y (b, h, w, c)
    Differs: Keras 3 takes a single f for (0, f), against its own description.
    """

    def __init__(
        self, factor: Any, value_range: Sequence[float] = (0, 255), seed: int | None = None,
        **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(value_range, seed, **keywords)
        low, high = factor_range(self.name, "factor", factor, 0, 1)
        self.factor = (low, high) if isinstance(factor, (tuple, list)) else (high, high)

    def _varied(self, images: Tensor) -> Tensor:
        bounds = 1.0 - self.factor[0], 1.0 + self.factor[1]
        strength = per_picture(self._uniform(images.shape[0], bounds))
        mean = ops.mean(images, axis=(1, 2), keepdims=True)
        return self._clipped((images - mean) * strength + mean)


class RandomBrightness(_ColourLayer):
    """Make each picture brighter or darker in training.

    y = x + u (high - low) of the ``value_range`` (low, high), u from [lower, upper), within that
    range; ``factor`` is (lower, upper), or f for (-f, f), each from [-1, 1]

    Shapes: x (b, h, w, c) -> y (b, h, w, c)
    """

    def __init__(
        self, factor: Any, value_range: Sequence[float] = (0, 255), seed: int | None = None,
        **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(value_range, seed, **keywords)
        self.factor = factor_range(self.name, "factor", factor, -1, 1)

    def _varied(self, images: Tensor) -> Tensor:
        low, high = self.value_range
        shift = self._uniform(images.shape[0], self.factor) * float(high - low)
        return self._clipped(images + per_picture(shift))
