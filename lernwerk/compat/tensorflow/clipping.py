"""Numbers and gradients kept within bounds."""

from __future__ import annotations

from typing import Any

from lernwerk import ops
from lernwerk.backend.arguments import tensor


def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None) -> Any:
    """Numbers below the least become it, and those above the largest."""
    return ops.clip(tensor(t), clip_value_min, clip_value_max)


def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str | None = None) -> Any:
    """The tensor, shortened to this length where it is longer."""
    x = tensor(t)
    length = ops.sqrt(ops.sum(ops.square(x), axis=axes, keepdims=axes is not None))
    return x * clip_norm / ops.maximum(length, clip_norm)


def global_norm(t_list: Any, name: str | None = None) -> Any:
    """The length of all tensors together."""
    return ops.sqrt(ops.sum([ops.sum(ops.square(tensor(t))) for t in t_list if t is not None]))


def clip_by_global_norm(
    t_list: Any, clip_norm: Any, use_norm: Any = None, name: str | None = None
) -> tuple[list[Any], Any]:
    """The tensors, shortened together to this length; and their length before."""
    length = global_norm(t_list) if use_norm is None else use_norm
    share = clip_norm / ops.maximum(length, clip_norm)
    return [None if t is None else tensor(t) * share for t in t_list], length


__all__ = ["clip_by_global_norm", "clip_by_norm", "clip_by_value", "global_norm"]
