"""Rounding to bfloat16: the numbers of mixed precision, kept in float32 arrays.

NumPy has no bfloat16. A float32 whose last 16 bits are zero is the same number, so values stay
float32 arrays and are rounded where bfloat16 would round them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from lernwerk.ops.common import FLOAT32
from lernwerk.ops.primitive import Array, Sample, namespace, primitive, sample

_KEPT = 0xFFFF0000  # sign, exponent and the first 7 bits behind the point
_ALMOST_HALF = 0x7FFF  # just below half of the last bit that is kept


def _samples(random: np.random.Generator) -> Iterator[Sample]:
    for shape in ((3, 4), (2, 1, 3), ()):
        yield sample(random.normal(size=shape))


def _gradient(g: Any, y: Any, x: Any) -> tuple[Any]:
    return (round_bfloat16(g),)


@primitive(gradient=_gradient, samples=_samples, source="Wang & Kanwar 2019, BFloat16, Google")
def round_bfloat16(x: Array) -> Array:
    """Round float32 numbers to the 8 significant bits of bfloat16, halves to the even neighbour.

    y = the nearest number to x that bfloat16 has; NaN stays. The gradient is rounded as well.

    Shapes: x (*s) -> y (*s)
    Differs: numbers of other types pass unchanged: the policy is one for float32.
    """
    if x.dtype != FLOAT32:
        return x
    bits = x.view(np.uint32)
    bits = (bits + ((bits >> 16 & 1) + _ALMOST_HALF)) & np.uint32(_KEPT)
    return namespace(x).where(x == x, bits.view(FLOAT32), x)
