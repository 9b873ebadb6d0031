"""Initializers whose spread follows from the numbers of inputs and outputs of a layer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from lernwerk.core.tensor import Tensor
from lernwerk.errors import POSITIVE, check_name, check_ranges
from lernwerk.initializers.initializer import (
    RandomInitializer,
    as_dtype,
    checked_shape,
    normal,
    truncated_normal,
    uniform,
)

# The standard deviation of a standard normal number that is known to lie in [-2, 2].
_TRUNCATED = 0.8796256610342398
_MODES = ("fan_in", "fan_out", "fan_avg")
_DISTRIBUTIONS = ("truncated_normal", "untruncated_normal", "uniform")


def compute_fans(
    shape: Sequence[int],
    input_axes: Sequence[int] | None = None,
    output_axes: Sequence[int] | None = None,
) -> tuple[int, int]:
    """The numbers of inputs and outputs that a weight of this shape connects, as Keras counts.

    (c, n): c and n. (*k, c, n), a kernel: c and n times the product of k. (n): n and n.
    With both axes given: the products of their lengths.
    """
    if input_axes is not None and output_axes is not None:
        first, second = (
            math.prod(shape[axis] for axis in axes) for axes in (input_axes, output_axes)
        )
        return first, second
    if len(shape) < 2:
        return (shape[0], shape[0]) if shape else (1, 1)
    window = math.prod(shape[:-2])
    return shape[-2] * window, shape[-1] * window


class VarianceScaling(RandomInitializer):
    """Numbers of mean 0 and variance ``scale`` / n, where n follows from the shape.

    n is the number of inputs ('fan_in'), of outputs ('fan_out') or their mean ('fan_avg');
    ``distribution`` is 'truncated_normal' (or 'normal'), 'untruncated_normal' or 'uniform'
    (between -sqrt(3 scale / n) and its negative).

    Differs: the config has ``input_axes`` and ``output_axes`` only where they are given, because
    older versions of Keras 3 do not know them.
    Source: He et al. 2015, arXiv:1502.01852; https://keras.io/api/layers/initializers/
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: Any = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        super().__init__(seed)
        where = type(self).__name__
        kind = distribution.lower()
        self.scale, self.mode = scale, mode
        self.distribution = "truncated_normal" if kind == "normal" else kind
        self.input_axes, self.output_axes = input_axes, output_axes
        check_ranges(where, {"scale": scale}, {"scale": POSITIVE})
        check_name(where, "mode", mode, _MODES)
        check_name(where, "distribution", self.distribution, _DISTRIBUTIONS)

    def __call__(self, shape: Sequence[int], dtype: Any = "float32") -> Tensor:
        """A new Tensor of numbers."""
        wanted = checked_shape(type(self).__name__, shape)
        deviation = math.sqrt(self.scale / max(1.0, self._fan(wanted)))
        stream = self.stream()
        if self.distribution == "uniform":
            spread = uniform(stream, wanted, dtype)
            spread *= 2.0  # in place: there may be a hundred million
            spread -= 1.0
            spread *= math.sqrt(3.0) * deviation
            return as_dtype(spread, dtype)
        if self.distribution == "untruncated_normal":
            return as_dtype(deviation * normal(stream, wanted, dtype), dtype)
        return as_dtype(deviation / _TRUNCATED * truncated_normal(stream, wanted, dtype), dtype)

    def _fan(self, shape: tuple[int, ...]) -> float:
        fan_in, fan_out = compute_fans(shape, self.input_axes, self.output_axes)
        return {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]

    def get_config(self) -> dict[str, Any]:
        """The arguments under Keras's keys; the axes only where they are given."""
        config = super().get_config()
        axes = ("input_axes", "output_axes")
        return {k: v for k, v in config.items() if not (k in axes and v is None)}


class _Fixed(VarianceScaling):
    """A VarianceScaling whose scale, mode and distribution have a name of their own."""

    kind: tuple[float, str, str]

    def __init__(
        self,
        seed: Any = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        super().__init__(*self.kind, seed, input_axes, output_axes)


class GlorotUniform(_Fixed):
    """Uniform between -a and a, a = sqrt(6 / (fan_in + fan_out)); Keras's default for kernels.

    Source: Glorot & Bengio 2010, AISTATS, equation 16.
    """

    kind = (1.0, "fan_avg", "uniform")


class GlorotNormal(_Fixed):
    """Truncated normal, variance 2 / (fan_in + fan_out).

    Source: Glorot & Bengio 2010, AISTATS, equation 12.
    """

    kind = (1.0, "fan_avg", "truncated_normal")


class HeUniform(_Fixed):
    """Uniform between -a and a, a = sqrt(6 / fan_in); made for ReLU.

    Source: He et al. 2015, arXiv:1502.01852.
    """

    kind = (2.0, "fan_in", "uniform")


class HeNormal(_Fixed):
    """Truncated normal, variance 2 / fan_in; made for ReLU.

    Source: He et al. 2015, arXiv:1502.01852, equation 10.
    """

    kind = (2.0, "fan_in", "truncated_normal")


class LecunUniform(_Fixed):
    """Uniform between -a and a, a = sqrt(3 / fan_in).

    Source: LeCun et al. 1998, "Efficient BackProp", section 4.6.
    """

    kind = (1.0, "fan_in", "uniform")


class LecunNormal(_Fixed):
    """Truncated normal, variance 1 / fan_in; made for SELU.

    Source: LeCun et al. 1998, "Efficient BackProp", equation 16; Klambauer et al. 2017.
    """

    kind = (1.0, "fan_in", "truncated_normal")
