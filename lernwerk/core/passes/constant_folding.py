"""Constant folding: what depends on constants alone is computed once, when the graph is compiled.

Random numbers too are functions of their state: of a constant one they are always the same.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lernwerk.core.graph import Graph, Node, Symbol
from lernwerk.ops.primitive import Array

# The results of a node are kept with the plan: more than this costs more memory than it saves time.
LARGEST_RESULT = 2**20  # bytes


def constant_folding(graph: Graph) -> Graph:
    """The graph in which the results of operations on constants are constants."""
    constants = dict(graph.constants)
    nodes: list[Node] = []
    for node in graph.nodes:
        folded = _folded(node, constants)
        if folded is None:
            nodes.append(node)
        else:
            constants.update(folded)
    if len(nodes) == len(graph.nodes):
        return graph
    return replace(graph, nodes=nodes, constants=constants)


def _folded(node: Node, constants: dict[Symbol, Array]) -> dict[Symbol, Array] | None:
    """The results of a node by symbol, if they are known, small, and can be computed at all."""
    if not all(symbol in constants for symbol in node.inputs) or _is_large(node):
        return None
    try:
        with np.errstate(all="ignore"):
            found = node.primitive.forward(*map(constants.get, node.inputs), **node.attributes)
    except Exception:  # the run will say it, in its own words and only if it gets there
        return None
    arrays = (found,) if node.primitive.single else found
    return {s: np.array(a, s.dtype) for s, a in zip(node.outputs, arrays, strict=True)}


def _is_large(node: Node) -> bool:
    """Whether the results are large, or only repeat what operations broadcast by themselves."""
    if node.primitive.name == "broadcast_to":
        return True
    return sum(symbol.nbytes for symbol in node.outputs) > LARGEST_RESULT
