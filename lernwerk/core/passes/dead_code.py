"""Dead code: nodes whose results nobody uses are left out."""

from __future__ import annotations

from dataclasses import replace

from lernwerk.core.graph import Graph, Node


def dead_code(graph: Graph) -> Graph:
    """The graph without nodes, constants and states that no output and no update needs."""
    needed = set(graph.results())
    kept: list[Node] = []
    for node in reversed(graph.nodes):
        if needed.intersection(node.outputs):
            kept.append(node)
            needed.update(node.inputs)
    constants = {s: a for s, a in graph.constants.items() if s in needed}
    states = {v: s for v, s in graph.states.items() if s in needed or v in graph.updates}
    parts = (kept, graph.nodes), (constants, graph.constants), (states, graph.states)
    if all(len(new) == len(old) for new, old in parts):
        return graph
    return replace(graph, nodes=kept[::-1], constants=constants, states=states)
