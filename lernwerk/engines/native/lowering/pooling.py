"""Pooling over one or two spatial axes as steps; one axis is taken as pictures of one row."""

from __future__ import annotations

from typing import Any

from lernwerk.core.graph import Node
from lernwerk.engines.native.step import Step, lowers


@lowers("max_pooling", "average_pooling")
def _pooling(node: Node) -> Step | None:
    """Parameters: as in ``_geometry``; of maxima, narrow operands."""
    return _step(node, node.inputs[0].shape, node.outputs[0].shape)


@lowers("max_pooling_gradient", "max_pooling_pick")
def _of_maxima(node: Node) -> Step | None:
    """Parameters: as in ``_geometry``; of the gradient, narrow operands."""
    return _step(node, node.inputs[0].shape, node.inputs[1].shape)


@lowers("average_pooling_gradient")
def _average_pooling_gradient(node: Node) -> Step | None:
    """Parameters: as in ``_geometry``."""
    return _step(node, node.attributes["input_shape"], node.inputs[0].shape)


def _step(node: Node, x: tuple[int, ...], y: tuple[int, ...]) -> Step | None:
    if any(each.dtype != "float32" for each in (*node.inputs, *node.outputs)) or len(x) > 4:
        return None
    name = node.primitive.name
    narrow = (0,) if name in ("max_pooling", "max_pooling_gradient") else ()
    return Step(name, (*_geometry(x, y, **_options(node.attributes)), *narrow))


def _options(attributes: dict[str, Any]) -> dict[str, Any]:
    return {name: attributes[name] for name in ("size", "strides", "padding")}


def _geometry(
    x: tuple[int, ...],
    y: tuple[int, ...],
    *,
    size: tuple[int, ...],
    strides: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
) -> tuple[int, ...]:
    """Batch, height, width, channels, rows, columns, size, strides and padding in front."""
    above = (1,) * (4 - len(x))  # the height of a row
    before = (*(0 for _ in above), *(low for low, _ in padding))
    spatial = (*above, *x[1:-1])
    counts = (*above, *y[1:-1])
    return (x[0], *spatial, x[-1], *counts, *above, *size, *above, *strides, *before)
