"""Choices behind the gradient of a maximum pooling, made before it: there are fewer numbers there.

The gradient of each window goes to the pixel that is its maximum. So the mask of relu in front of
the pooling may be read from the maxima, ``x > 0`` just where ``y > 0``, and where no pixel lies in
two windows, numbers may be rounded before they are sent. A sum over all pixels is one over all
windows: where a gradient is not zero there is one pixel that it goes to.

Every bit stays, but for the sign of zero, the order of sums, and gradients that are not finite: the
definition spreads these over their windows.
"""

from __future__ import annotations

import operator
from collections import Counter
from dataclasses import replace

import numpy as np

from lernwerk.core.graph import Graph, Node, Symbol
from lernwerk.ops.common import positive_axes
from lernwerk.ops.primitive import Spec

_SENT, _ROUNDED = "max_pooling_gradient", "round_bfloat16"


def early_choices(graph: Graph) -> Graph:
    """Move roundings, masks of relu and sums in front of the gradients of maximum poolings."""
    reads = Counter(symbol for node in graph.nodes for symbol in node.inputs)
    reads.update(graph.results())
    makers: dict[Symbol, Node] = {}
    nodes: list[Node] = []
    for node in graph.nodes:
        sent = makers.get(node.inputs[_place(node)]) if node.inputs else None
        made = [node]
        if sent is not None and sent.primitive.name == _SENT:
            if node.primitive.name == "sum":
                made = [_summed(node, sent, makers, graph)]
            elif reads[sent.outputs[0]] == 1:
                made = _moved(node, sent, makers, graph)
        nodes += made
        makers.update((symbol, each) for each in made for symbol in each.outputs)
    same = len(nodes) == len(graph.nodes) and all(map(operator.is_, nodes, graph.nodes))
    return graph if same else replace(graph, nodes=nodes)


def _summed(node: Node, sent: Node, makers: dict[Symbol, Node], graph: Graph) -> Node:
    """The sum over the windows for one over the pixels of masked gradients; else the node."""
    x, y, g = sent.inputs
    chosen = makers.get(g)
    rank = len(x.shape)
    axes = positive_axes("sum", node.attributes["axis"], rank)
    if chosen is None or chosen.primitive.name != "where" or not {*range(1, rank - 1)} <= {*axes}:
        return node
    if _mask_of(chosen, y, makers, graph) is None:
        return node
    made = _like(node, (g,), node.outputs[0].shape, node.outputs[0].label)
    made.outputs = node.outputs
    return made


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
