"""Sorting along the last axis as steps."""

from __future__ import annotations

import math

from lernwerk.core.graph import Node
from lernwerk.engines.native.step import Step, lowers

_BYTES = 16  # for each element of a row: its key, and room for a pass over it


@lowers("sort", "argsort")
def _sort(node: Node) -> Step | None:
    """Parameters: rows, their length."""
    shape, axis = node.inputs[0].shape, node.attributes["axis"] % len(node.inputs[0].shape)
    if math.prod(shape[axis + 1 :]) != 1:
        return None
    return _step(node, math.prod(shape[:axis]), shape[axis])


@lowers("top_k")
def _top_k(node: Node) -> Step | None:
    """Parameters: rows, their length, how many of each are wanted."""
    shape = node.inputs[0].shape
    return _step(node, math.prod(shape[:-1]), shape[-1], node.attributes["k"])


def _step(node: Node, rows: int, n: int, *more: int) -> Step | None:
    if node.inputs[0].dtype != "float32":
        return None
    return Step(node.primitive.name, (rows, n, *more), local=_BYTES * n)
