"""Common subexpressions: the same operation on the same values is computed once."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from lernwerk.core.graph import Graph, Node, Symbol


def common_subexpressions(graph: Graph) -> Graph:
    """The graph in which equal nodes are one; random numbers differ by their counter, an input."""
    seen: dict[Hashable, Node] = {}
    same: dict[Symbol, Symbol] = {}
    nodes: list[Node] = []
    for node in graph.nodes:
        inputs = tuple(same.get(symbol, symbol) for symbol in node.inputs)
        key = (node.primitive.name, inputs, _frozen(node.attributes))
        known = seen.get(key)
        if known is not None:
            same.update(zip(node.outputs, known.outputs, strict=True))
            continue
        kept = Node(node.primitive, inputs, node.attributes, node.scope)
        kept.outputs = node.outputs
        seen[key] = kept
        nodes.append(kept)
    if not same:
        return graph
    return replace(
        graph,
        nodes=nodes,
        outputs=[same.get(symbol, symbol) for symbol in graph.outputs],
        updates={v: same.get(symbol, symbol) for v, symbol in graph.updates.items()},
    )


def _frozen(attributes: dict[str, object]) -> Hashable:
    return tuple((name, repr(value)) for name, value in sorted(attributes.items()))
