"""Limits on gradients: the norm of each, of all together, or the size of each element."""

from __future__ import annotations

from collections.abc import Sequence

from lernwerk import ops
from lernwerk.core.tensor import Tensor


def clipped(
    gradients: Sequence[Tensor],
    clipnorm: float | None,
    global_clipnorm: float | None,
    clipvalue: float | None,
) -> list[Tensor]:
    """The gradients within the one limit that is given; None and 0 are no limits.

    ``clipnorm``: g * limit / max(|g|, limit); ``global_clipnorm``: the same with the norm of all
    gradients together; ``clipvalue``: each element between -limit and limit.
    Source: Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063, algorithm 1.
    """
    if clipnorm:
        return [_within_norm(g, _norm([g]), clipnorm) for g in gradients]
    if global_clipnorm:
        norm = _norm(gradients)
        return [_within_norm(g, norm, global_clipnorm) for g in gradients]
    if clipvalue:
        return [ops.minimum(ops.maximum(g, -clipvalue), clipvalue) for g in gradients]
    return list(gradients)


def _norm(gradients: Sequence[Tensor]) -> Tensor:
    """sqrt(sum of the squares of all elements)."""
    total = ops.sum(ops.square(gradients[0]))
    for gradient in gradients[1:]:
        total = total + ops.sum(ops.square(gradient))
    return ops.sqrt(total)


def _within_norm(gradient: Tensor, norm: Tensor, limit: float) -> Tensor:
    """The gradient, scaled down to the limit where the norm is above it."""
    return gradient * limit / ops.maximum(norm, limit)
