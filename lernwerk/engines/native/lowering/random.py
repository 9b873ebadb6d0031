"""Random numbers and dropout as steps."""

from __future__ import annotations

import math
from itertools import groupby

from lernwerk.core.graph import Node
from lernwerk.engines.native.step import Step, lowers


@lowers("random_bits")
def _random_bits(node: Node) -> Step | None:
    """Parameters: number of words."""
    return _numbers(node, "uint32")


@lowers("random_uniform", "random_normal")
def _random_floats(node: Node) -> Step | None:
    """Parameters: number of elements."""
    return _numbers(node, "float32")


def _numbers(node: Node, dtype: str) -> Step | None:
    (state,), (y,) = node.inputs, node.outputs
    if state.dtype != "uint32" or y.dtype != dtype or math.prod(y.shape) > 2**34:
        return None
    return Step(node.primitive.name, (math.prod(y.shape),))


@lowers("dropout")
def _dropout(node: Node) -> Step | None:
    """Parameters: size or (a, b, c), threshold of the words; the scale of what is kept."""
    (x, state), rate = node.inputs, node.attributes["rate"]
    if x.dtype != "float32" or state.dtype != "uint32" or rate >= 1:
        return None
    threshold, scale = int(rate * 2.0**32), 1.0 / (1.0 - rate)
    sizes = _sizes(x.shape, node.attributes["noise_shape"])
    if sizes is None or math.prod(x.shape) > 2**34:
        return None
    a, b, c = sizes
    if b == 1:
        return Step("dropout", (a * c, threshold), (scale,))
    return Step("dropout_shared", (a, b, c, threshold), (scale,), shared=4 * a * c)


def _sizes(
    shape: tuple[int, ...], noise_shape: tuple[int | None, ...] | None
) -> tuple[int, int, int] | None:
    """The axes before, in and after the one run of axes that share decisions."""
    if noise_shape is None:
        return math.prod(shape), 1, 1
    shared = [m == 1 and n != 1 for n, m in zip(shape, noise_shape, strict=True)]
    # Axes of length 1 belong to any run.
    axes = [(n, s) for n, s in zip(shape, shared, strict=True) if n != 1]
    runs = [(s, math.prod(n for n, _ in run)) for s, run in groupby(axes, key=lambda axis: axis[1])]
    pattern = [s for s, _ in runs]
    sizes = [n for _, n in runs]
    if pattern.count(True) > 1:
        return None
    if True not in pattern:
        return math.prod(shape), 1, 1
    middle = pattern.index(True)
    return math.prod(sizes[:middle]), sizes[middle], math.prod(sizes[middle + 1 :])
