"""The form of values that lie in memory as bfloat16, in two bytes: narrow values."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from lernwerk.core.graph import Symbol
from lernwerk.ops.primitive import Spec

NARROW = np.dtype("V2")  # NumPy has no bfloat16: two bytes without a meaning


def narrow_form(symbol: Symbol) -> Symbol:
    """The value that lies in memory in place of a value in float32."""
    return Symbol(Spec(symbol.shape, NARROW), symbol.label)


def narrow_bits(operands: Iterable[Symbol]) -> int:
    """Which operands of a kernel are narrow, as the kernels read it: a bit for each."""
    return sum(1 << i for i, symbol in enumerate(operands) if symbol.dtype == NARROW)
