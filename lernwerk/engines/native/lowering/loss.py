"""Softmax and its cross-entropy as steps."""

from __future__ import annotations

import math

from lernwerk.core.graph import Node
from lernwerk.engines.native.step import Step, lowers


@lowers("softmax", "log_softmax")
def _softmax(node: Node) -> Step | None:
    """Parameters: elements before the axis, along it and after it."""
    (x,) = node.inputs
    if x.dtype != "float32" or not x.shape:
        return None
    axis = node.attributes["axis"] % len(x.shape)
    n = x.shape[axis]
    if n == 0:
        return None
    sizes = math.prod(x.shape[:axis]), n, math.prod(x.shape[axis + 1 :])
    return Step(node.primitive.name, sizes)


@lowers("softmax_crossentropy")
def _softmax_crossentropy(node: Node) -> Step | None:
    """Parameters: rows, classes."""
    logits, probabilities = node.inputs
    if logits.dtype != "float32" or probabilities.dtype != "float32":
        return None
    if logits.shape != probabilities.shape or logits.shape[-1] == 0:
        return None
    return Step("softmax_crossentropy", (math.prod(logits.shape[:-1]), logits.shape[-1]))
