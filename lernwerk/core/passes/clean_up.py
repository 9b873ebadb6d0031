"""Clean-up: operations that change nothing go, and chains of moves become one.

One walk along the graph applies the rules of ``arithmetic.py`` and ``movement.py`` to every node.
They keep every value bit for bit; whatever changes rounding is a pass of its own.
"""

from __future__ import annotations

from dataclasses import replace

from lernwerk.core.graph import Graph, Node, Symbol
from lernwerk.core.passes import arithmetic, movement
from lernwerk.core.passes.rewriting import Answer, Known

_RULES = arithmetic.RULES | movement.RULES


def clean_up(graph: Graph) -> Graph:
    """The graph without operations that only pass their input on."""
    known = Known(graph.constants)
    same: dict[Symbol, Symbol] = {}
    nodes: list[Node] = []
    for node in graph.nodes:
        kept = _simplest(_reading(node, same), known)
        if isinstance(kept, Symbol):
            same[node.outputs[0]] = kept
            continue
        known.makers.update(dict.fromkeys(kept.outputs, kept))
        nodes.append(kept)
    if all(a is b for a, b in zip(nodes, graph.nodes, strict=False)) and not same:
        return graph
    return replace(
        graph,
        nodes=nodes,
        outputs=[same.get(symbol, symbol) for symbol in graph.outputs],
        updates={v: same.get(symbol, symbol) for v, symbol in graph.updates.items()},
    )


def _reading(node: Node, same: dict[Symbol, Symbol]) -> Node:
    """The node with inputs that are still there."""
    if same.keys().isdisjoint(node.inputs):
        return node
    inputs = tuple(same.get(symbol, symbol) for symbol in node.inputs)
    kept = Node(node.primitive, inputs, node.attributes, node.scope)
    kept.outputs = node.outputs
    return kept


def _simplest(node: Node, known: Known) -> Symbol | Node:
    """What is left when no rule has anything more to say; every answer is simpler than before."""
    while True:
        answer = _first_answer(node, known)
        if answer is None:
            return node
        if isinstance(answer, Symbol):
            return answer
        node = answer


def _first_answer(node: Node, known: Known) -> Answer:
    for rule in _RULES.get(node.primitive.name, ()):
        answer = rule(node, known)
        if answer is not None:
            return answer
    return None
