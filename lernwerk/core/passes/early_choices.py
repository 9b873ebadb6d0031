"""Choices behind the gradient of a maximum pooling, made before it: there are fewer numbers there.

The gradient of each window goes to the pixel that is its maximum. So the mask of relu in front of
the pooling may be read from the maxima, ``x > 0`` just where ``y > 0``, and where no pixel lies in
two windows, numbers may be rounded before they are sent. Every bit stays, but for the sign of zero
and for gradients that are not finite: the definition spreads these over their windows.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from lernwerk.core.graph import Graph, Node, Symbol
from lernwerk.ops.primitive import Spec

_SENT, _ROUNDED = "max_pooling_gradient", "round_bfloat16"


def early_choices(graph: Graph) -> Graph:
    """Move roundings and masks of relu in front of the gradients of maximum poolings."""
    reads = Counter(symbol for node in graph.nodes for symbol in node.inputs)
    reads.update(graph.results())
    makers: dict[Symbol, Node] = {}
    nodes: list[Node] = []
    for node in graph.nodes:
        sent = makers.get(node.inputs[_place(node)]) if node.inputs else None
        if sent is not None and sent.primitive.name == _SENT and reads[sent.outputs[0]] == 1:
            made = _moved(node, sent, makers, graph)
        else:
            made = [node]
        nodes += made
        makers.update((symbol, each) for each in made for symbol in each.outputs)
    changed = len(nodes) > len(graph.nodes)
    return replace(graph, nodes=nodes) if changed else graph


def _place(node: Node) -> int:
    """Which input a choice chooses from."""
    return 1 if node.primitive.name == "where" else 0


def _moved(node: Node, sent: Node, makers: dict[Symbol, Node], graph: Graph) -> list[Node]:
    """The choice on the gradient of the maxima and the sending after it; else the node alone."""
    x, y, g = sent.inputs
    label = f"{node.outputs[0].label}'"
    if node.primitive.name == _ROUNDED and _is_apart(sent):
        chosen = [_like(node, (g,), g.shape, label)]
    elif node.primitive.name == "where" and (mask := _mask_of(node, x, makers, graph)):
        compared = _like(mask, (y, mask.inputs[1]), y.shape, f"{label}'")
        inputs = (compared.outputs[0], g, node.inputs[2])
        chosen = [compared, _like(node, inputs, g.shape, label)]
    else:
        return [node]
    last = _like(sent, (x, y, chosen[-1].outputs[0]), x.shape, label)
    last.outputs = node.outputs
    return [*chosen, last]


def _like(node: Node, inputs: tuple[Symbol, ...], shape: tuple[int, ...], label: str) -> Node:
    """The same operation on other inputs."""
    made = Node(node.primitive, inputs, node.attributes, node.scope)
    made.outputs = (Symbol(Spec(shape, node.outputs[0].dtype), label),)
    return made


def _is_apart(sent: Node) -> bool:
    pairs = zip(sent.attributes["size"], sent.attributes["strides"], strict=True)
    return all(size <= stride for size, stride in pairs)


def _mask_of(node: Node, x: Symbol, makers: dict[Symbol, Node], graph: Graph) -> Node | None:
    """The comparison ``x > 0`` that a node chooses by, if it puts zero elsewhere."""
    condition, _, other = node.inputs
    mask = makers.get(condition)
    if mask is None or mask.primitive.name != "greater" or mask.inputs[0] is not x:
        return None
    return mask if _is_zero(mask.inputs[1], graph) and _is_zero(other, graph) else None


def _is_zero(symbol: Symbol, graph: Graph) -> bool:
    value = graph.constants.get(symbol)
    return value is not None and value.size == 1 and bool(np.all(value == 0))
