"""A batch as one tuple and back: (x,), (x, y) or (x, y, sample_weight)."""

from __future__ import annotations

from typing import Any

from lernwerk.errors import DataError


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """One object for a batch: ``x`` alone where there is nothing else, else a tuple.

    A list or tuple of several inputs without targets becomes ``(x,)``, so that it cannot be taken
    for inputs and targets.
    """
    if y is None:
        return x if not isinstance(x, (tuple, list)) else (x,)
    return (x, y) if sample_weight is None else (x, y, sample_weight)


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """The three parts of a batch; what it lacks is None. DataError for more than three."""
    if not isinstance(data, (tuple, list)):
        return data, None, None
    if isinstance(data, list):
        data = tuple(data)
    if not 1 <= len(data) <= 3:
        raise DataError("a batch", "x, (x, y) or (x, y, sample_weight)", f"{len(data)} parts")
    x, y, weight = (*data, None, None)[:3]
    return x, y, weight
