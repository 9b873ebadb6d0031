"""A graph run node by node to find the first value that is not finite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lernwerk.core.graph import Graph, Node, Symbol
from lernwerk.ops.primitive import Array


@dataclass(frozen=True)
class NotFinite:
    """The node that made the first NaN or infinity, the value, and its place in the output."""

    node: Node
    value: float
    position: tuple[int, ...]


def first_not_finite(graph: Graph, inputs: Sequence[Array]) -> NotFinite | None:
    """Run the graph on the present values of its states; nothing is assigned.

    Returns None where every value is finite.
    """
    values: dict[Symbol, Array] = dict(graph.constants)
    values.update(zip(graph.inputs, inputs, strict=True))
    values.update((symbol, state.array) for state, symbol in graph.states.items())
    with np.errstate(all="ignore"):
        for node in graph.nodes:
            result = node.primitive.forward(*(values[s] for s in node.inputs), **node.attributes)
            outputs = (result,) if node.primitive.single else result
            for symbol, value in zip(node.outputs, outputs, strict=True):
                values[symbol] = np.asarray(value)
                found = _place(values[symbol])
                if found is not None:
                    return NotFinite(node, float(values[symbol][found]), found)
    return None


def _place(array: Array) -> tuple[int, ...] | None:
    """The index of the first element that is not finite."""
    if array.dtype.kind != "f" or np.isfinite(array).all():
        return None
    first = int(np.argmin(np.isfinite(array)))
    return tuple(int(i) for i in np.unravel_index(first, array.shape))
