"""Batch and layer normalization as steps."""

from __future__ import annotations

import math

from lernwerk.core.graph import Node
from lernwerk.engines.native.step import Step, lowers

# Sizes that the widest vectors like: a multiple of their 16 floats, four of them at least. Rows of
# 128 channels and more waste at most an eighth of their last vector.
_VECTOR, _NARROW, _WIDE = 16, 64, 128
_CHUNKS = 16  # at most, as in native/ranges.hpp


@lowers("batch_normalization", "batch_normalization_gradient")
def _batch_normalization(node: Node) -> Step | None:
    """Parameters: rows, channels, rows that make one wide row; epsilon."""
    shape = node.inputs[0].shape
    if not _usable(node):
        return None
    rows, c = math.prod(shape[:-1]), shape[-1]
    fold = _fold(rows, c)
    # Two doubles for each column of each chunk, four floats for each column.
    shared = fold * c * (2 * 8 * _CHUNKS + 4 * 4)
    epsilon = node.attributes["epsilon"]
    return Step(node.primitive.name, (rows, c, fold), (epsilon,), shared=shared)


@lowers("layer_normalization")
def _layer_normalization(node: Node) -> Step | None:
    """Parameters: rows, channels; epsilon."""
    shape = node.inputs[0].shape
    if not _usable(node):
        return None
    sizes = math.prod(shape[:-1]), shape[-1]
    return Step("layer_normalization", sizes, (node.attributes["epsilon"],))


def _usable(node: Node) -> bool:
    """Single precision, something to compute, and parameters of one number for each channel."""
    x = node.inputs[0].shape
    return (
        math.prod(x) > 0
        and all(s.shape in (x, x[-1:]) for s in node.inputs)
        and all(s.dtype == "float32" for s in (*node.inputs, *node.outputs))
    )


def _fold(rows: int, c: int) -> int:
    """How many rows side by side fill vectors."""
    if c >= _WIDE:
        return 1
    fold = _VECTOR // math.gcd(c, _VECTOR)
    fold *= -(-_NARROW // (fold * c))
    return fold if 2 * fold <= rows else 1
