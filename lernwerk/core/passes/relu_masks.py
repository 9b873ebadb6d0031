"""The mask of relu from its result: relu(x) > 0 just where x > 0.

The gradient rule of relu compares its input, which then has to be kept beside the result until the
way back. Reading the mask from the result keeps one array less, with the same bits. So does reading
it from the result rounded to bfloat16, if numbers below 1e-38 count as zero: others do not round to
zero.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lernwerk.core.graph import Graph, Node, Symbol


def relu_masks(graph: Graph) -> Graph:
    """Compare the results of relu with zero instead of its inputs, rounded where they are."""
    results: dict[Symbol, Symbol] = {}  # by the input of relu
    rectified: dict[Symbol, Symbol] = {}  # the inputs by the results
    nodes: list[Node] = []
    for node in graph.nodes:
        if node.primitive.name == "relu":
            results[node.inputs[0]] = node.outputs[0]
            rectified[node.outputs[0]] = node.inputs[0]
        elif node.primitive.name == "round_bfloat16" and node.inputs[0] in rectified:
            results[rectified[node.inputs[0]]] = node.outputs[0]
        elif _is_mask(node, graph) and node.inputs[0] in results:
            changed = Node(
                node.primitive,
                (results[node.inputs[0]], node.inputs[1]),
                node.attributes,
                node.scope,
            )
            changed.outputs = node.outputs
            node = changed
        nodes.append(node)
    changed_any = any(a is not b for a, b in zip(nodes, graph.nodes, strict=True))
    return replace(graph, nodes=nodes) if changed_any else graph


def _is_mask(node: Node, graph: Graph) -> bool:
    if node.primitive.name != "greater":
        return False
    zero = graph.constants.get(node.inputs[1])
    return zero is not None and zero.size == 1 and bool(np.all(zero == 0))
