"""Masks of attention: which steps of the values a step of the query may look at.

True means that it may. All masks here broadcast against the scores (b, t, s).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk import ops
from lernwerk.core.tensor import Tensor, as_tensor

# The score of a step that may not be looked at: e^-1e9 is 0, and a row of nothing else is uniform.
NEGATIVE = -1e9


def causal_mask(queries: int, values: int) -> Tensor:
    """Each step sees itself and the steps before it, (1, t, s)."""
    return as_tensor(np.tri(queries, values, dtype=bool)[None])


def window_mask(queries: int, values: int, width: int) -> Tensor:
    """Each step sees the steps that are less than ``width`` away, (1, t, s)."""
    apart = np.abs(np.arange(queries)[:, None] - np.arange(values)[None])
    return as_tensor((apart < width)[None])


def both(one: Any, other: Any) -> Any:
    """Where both masks allow it; None allows everything."""
    if one is None or other is None:
        return other if one is None else one
    return ops.logical_and(one, other)


def as_mask(mask: Any) -> Any:
    """A mask of truth values or of numbers as truth values."""
    return mask if mask is None or mask.dtype == bool else ops.not_equal(mask, 0)
