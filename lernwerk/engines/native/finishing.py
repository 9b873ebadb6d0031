"""Bias and relu behind a convolution become part of its kernel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lernwerk.core.graph import Graph, Node, Symbol

Root = Callable[[Symbol], Symbol]


@dataclass(frozen=True)
class Finish:
    """What follows a convolution: the bias to add and whether relu comes after it."""

    bias: Symbol
    relu: bool
    nodes: tuple[Node, ...]

    @property
    def output(self) -> Symbol:
        """The result of the last node."""
        return self.nodes[-1].outputs[0]


def finishes(nodes: Iterable[Node], graph: Graph, root: Root) -> dict[Node, Finish]:
    """For convolutions whose result is read by an addition of a bias alone, what follows them."""
    nodes = list(nodes)
    readers: dict[Symbol, list[Node]] = {}
    for node in nodes:
        for symbol in node.inputs:
            readers.setdefault(root(symbol), []).append(node)
    results = Counter(map(root, graph.results()))

    def only_reader(symbol: Symbol) -> Node | None:
        found = readers.get(root(symbol), [])
        return found[0] if len(found) == 1 and not results[root(symbol)] else None

    found: dict[Node, Finish] = {}
    ready = set(map(root, graph.sources()))  # what is known before the convolution is reached
    for node in nodes:
        if node.primitive.name == "convolution" and node.outputs[0].dtype == "float32":
            following = only_reader(node.outputs[0])
            bias = _bias(following, node.outputs[0], root) if following else None
            if following and bias and root(bias) in ready:
                last = only_reader(following.outputs[0])
                relu = last is not None and last.primitive.name == "relu"
                chain = (following, last) if relu and last else (following,)
                found[node] = Finish(bias, relu, chain)
        ready.update(map(root, node.outputs))
    return found


def _bias(node: Node, product: Symbol, root: Root) -> Symbol | None:
    """The other operand of an addition, if it has one number for each channel."""
    if node.primitive.name != "add" or node.outputs[0].shape != product.shape:
        return None
    others = [symbol for symbol in node.inputs if root(symbol) is not root(product)]
    if len(others) != 1 or others[0].dtype != "float32":
        return None
    shape = others[0].shape
    return others[0] if shape[-1:] == product.shape[-1:] and _is_vector(shape) else None


def _is_vector(shape: tuple[int, ...]) -> bool:
    return all(n == 1 for n in shape[:-1])
