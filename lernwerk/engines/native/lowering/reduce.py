"""Reductions as steps: every one over neighbouring axes is (outer, n, inner) -> (outer, inner)."""

from __future__ import annotations

import math

from lernwerk.core.graph import Node
from lernwerk.engines.native.step import Step, lowers
from lernwerk.ops.common import positive_axes

_PARTS = 16  # native/ranges.hpp: the most chunks, each with its own row of results
_STRIPS = 8 * 512  # native/kernels/reduce.cpp: rows as long as this are not cut into chunks
_SUFFIXES = {"float32": "", "int32": "_int32", "bool": "_bool"}


@lowers("sum", "cumsum")
def _sum(node: Node) -> Step | None:
    """Parameters: outer, n, inner; one kernel for each type."""
    return _step(node, node.primitive.name + _SUFFIXES.get(node.inputs[0].dtype.name, "?"))


@lowers("prod", "max", "min", "argmax", "argmin")
def _of_floats(node: Node) -> Step | None:
    """Parameters: outer, n, inner."""
    return _step(node, node.primitive.name) if node.inputs[0].dtype == "float32" else None


@lowers("any", "all")
def _of_truths(node: Node) -> Step | None:
    """Parameters: outer, n, inner."""
    return _step(node, node.primitive.name) if node.inputs[0].dtype == "bool" else None


def _step(node: Node, kernel: str) -> Step | None:
    (x,) = node.inputs
    folded = _folded(x.shape, positive_axes(kernel, node.attributes["axis"], len(x.shape)))
    if kernel.endswith("?") or folded is None:
        return None
    _, n, inner = folded
    if n == 0 and kernel in ("max", "min", "argmax", "argmin"):
        return None  # there is no extreme of nothing: NumPy says so
    return Step(kernel, folded, shared=4 * _PARTS * min(inner, _STRIPS))


def _folded(shape: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, int, int] | None:
    """The lengths before, of and after the reduced axes; None where others lie between them."""
    reduced = [i for i in axes if shape[i] != 1]
    first = reduced[0] if reduced else len(shape)
    last = reduced[-1] + 1 if reduced else len(shape)
    if any(shape[i] != 1 and i not in axes for i in range(first, last)):
        return None
    return math.prod(shape[:first]), math.prod(shape[first:last]), math.prod(shape[last:])
