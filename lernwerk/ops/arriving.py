"""Gradients that arrive at operations with several outputs, of which some may be unused.

No operation itself; a help for gradient rules, which see None where nobody used an output.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk.ops.broadcasting import broadcast_to


def zeros_like(y: Any) -> Any:
    """Zeros in the shape and type of ``y``: one zero in memory, seen as often as needed."""
    return broadcast_to(np.zeros((), y.dtype), shape=tuple(y.shape))


def arriving(g: Any, y: Any) -> Any:
    """The gradient that arrives at output ``y``: zeros where nobody used it."""
    return zeros_like(y) if g is None else g
