"""Gathers, scatters and one-hot vectors as steps."""

from __future__ import annotations

import math

from lernwerk.core.graph import Node
from lernwerk.engines.native.step import Step, lowers


@lowers("one_hot")
def _one_hot(node: Node) -> Step | None:
    """Parameters: number of indices, depth."""
    (indices,), (y,) = node.inputs, node.outputs
    if indices.dtype != "int32" or y.dtype != "float32":
        return None
    return Step("one_hot", (math.prod(indices.shape), node.attributes["depth"]))
