"""Which symbols share memory: a reshape is the same numbers in the same order."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from lernwerk.core.graph import Graph, Node, Symbol

_ALWAYS = {"reshape", "identity", "stop_gradient"}


def is_view(node: Node) -> bool:
    """Whether a node only gives its input another shape."""
    name = node.primitive.name
    if name in _ALWAYS:
        return True
    if name == "transpose":
        shape, axes = node.inputs[0].shape, node.attributes["axes"]
        order = range(len(shape))[::-1] if axes is None else [axis % len(shape) for axis in axes]
        long = [axis for axis in order if shape[axis] != 1]
        return long == sorted(long)
    if name in ("broadcast_to", "sum") and node.inputs[0].dtype == node.outputs[0].dtype:
        return _lengths(node.inputs[0]) == _lengths(node.outputs[0])
    return name == "cast" and node.inputs[0].dtype == node.outputs[0].dtype


def _lengths(symbol: Symbol) -> list[int]:
    return [n for n in symbol.shape if n != 1]


class Views:
    """The root of every symbol: the one whose memory it is."""

    def __init__(self, graph: Graph, others: Collection[Node] = ()) -> None:
        """``others`` are nodes that count as views although they are none by themselves."""
        self._roots: dict[Symbol, Symbol] = {}
        self.nodes: list[Node] = []  # those that compute something
        for node in graph.nodes:
            if node in others or is_view(node):
                self._roots[node.outputs[0]] = self.root(node.inputs[0])
            else:
                self.nodes.append(node)

    def root(self, symbol: Symbol) -> Symbol:
        """The symbol that owns the memory."""
        return self._roots.get(symbol, symbol)

    def replace(self, root: Symbol, other: Symbol) -> None:
        """Let another symbol own the memory in place of a root."""
        self._roots = {s: other if r is root else r for s, r in self._roots.items()}
        self._roots[root] = other

    def stand_in(self, result: Symbol, others: Iterable[Symbol]) -> None:
        """Let values that are never stored count as the result that comes of them."""
        for symbol in others:
            if symbol is not result:
                self._roots[symbol] = result
