"""Gathers, scatters and one-hot vectors as steps: arrays are (outer, axis, inner) for a kernel.

An index beyond its axis ends the kernel, and the NumPy definition words the error.
"""

from __future__ import annotations

import math

from lernwerk.core.graph import Node, Symbol
from lernwerk.engines.native.step import Step, lowers

_INDICES = ("int32", "int64")


@lowers("gather")
def _gather(node: Node) -> Step | None:
    """Parameters: bytes of an element and of an index, outer, length, inner, picks."""
    x, indices = node.inputs
    at = node.attributes["axis"] % len(x.shape)
    return _picks(node, indices, x, at, math.prod(indices.shape))


@lowers("scatter_add")
def _scatter_add(node: Node) -> Step | None:
    """Parameters: as those of gather."""
    indices, updates = node.inputs
    (y,) = node.outputs
    if updates.dtype != "float32":
        return None
    return _picks(
        node, indices, y, node.attributes["axis"] % len(y.shape), math.prod(indices.shape)
    )


@lowers("take_along_axis")
def _take_along_axis(node: Node) -> Step | None:
    """Parameters: as those of gather."""
    x, indices = node.inputs
    at = node.attributes["axis"] % len(x.shape)
    return _picks(node, indices, x, at, indices.shape[at]) if x.dtype.itemsize == 4 else None


@lowers("add_along_axis")
def _add_along_axis(node: Node) -> Step | None:
    """Parameters: as those of gather."""
    indices, updates = node.inputs
    (y,) = node.outputs
    at = node.attributes["axis"] % len(y.shape)
    if updates.dtype != "float32" or updates.shape != indices.shape:
        return None
    return _picks(node, indices, y, at, indices.shape[at])


def _picks(node: Node, indices: Symbol, array: Symbol, at: int, count: int) -> Step | None:
    """The step that goes through ``count`` indices along one axis of the array."""
    if indices.dtype.name not in _INDICES:
        return None
    outer, length = math.prod(array.shape[:at]), array.shape[at]
    inner = math.prod(array.shape[at + 1 :])
    sizes = (array.dtype.itemsize, indices.dtype.itemsize)
    return Step(node.primitive.name, (*sizes, outer, length, inner, count))


@lowers("one_hot")
def _one_hot(node: Node) -> Step | None:
    """Parameters: number of indices, depth, bytes of an index."""
    (indices,), (y,) = node.inputs, node.outputs
    if indices.dtype.name not in _INDICES or y.dtype != "float32":
        return None
    whole = (math.prod(indices.shape), node.attributes["depth"], indices.dtype.itemsize)
    return Step("one_hot", whole)
