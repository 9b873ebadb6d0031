"""Which products are in bfloat16, and which roundings nobody has to compute.

A product of two rounded factors is one in bfloat16. Its kernel rounds while it packs, so it may as
well read what was rounded: a rounding that only such products read is no work, but a view.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lernwerk.core.graph import Graph, Node, Symbol
from lernwerk.engines.native.extension import extension
from lernwerk.engines.native.views import is_view
from lernwerk.ops.rounding import round_bfloat16

_ROUNDING = "round_bfloat16"
# Which inputs of a product are factors; otherwise the first two.
_FACTORS = {"lstm": (0, 3, 4), "lstm_gradient": (0,)}
# Operations that only choose among their first input's numbers, or zero.
_CHOOSING = {"transpose", "slice", "flip", "gather", "relu", "max", "max_pooling", "embed"}
_ROUND_INSIDE = {"lstm", "lstm_gradient"}  # their first results, where ``rounded`` is set


class Rounding:
    """The products in bfloat16 of a graph, and the roundings that only they read (``absorbed``).

    ``fits`` says of a node with rounded factors whether there is a kernel for it; ``is_possible``,
    whether anything is rounded at all and the processor has the instructions.
    """

    def __init__(
        self, graph: Graph, makers: dict[Symbol, Node], fits: Callable[[Node], bool]
    ) -> None:
        self._makers = makers
        self._constants = graph.constants
        self._fits = fits
        self._readers: dict[Symbol, list[Node]] = {}
        self._results = set(graph.results())
        for node in graph.nodes:
            for symbol in node.inputs:
                self._readers.setdefault(symbol, []).append(node)
        roundings = [node for node in graph.nodes if node.primitive.name == _ROUNDING]
        self.is_possible = bool(roundings) and bool(extension().has_bfloat16())
        self._rounded: set[Symbol] = set()
        for node in graph.nodes if self.is_possible else ():
            self._rounded.update(self._rounded_outputs(node))
        self.absorbed = {
            node for node in roundings if self.is_possible and self._only_factors(node.outputs[0])
        }

    def is_product(self, node: Node) -> bool:
        """Whether a kernel computes a node in bfloat16."""
        if node.attributes.get("rounded"):
            return self.is_possible
        rounded = self.is_possible and all(map(self.is_rounded, node.inputs[:2]))
        return rounded and self._fits(node)

    def is_rounded(self, symbol: Symbol) -> bool:
        """Whether all numbers of a value are known to be those of bfloat16."""
        return symbol in self._rounded or self._is_rounded_constant(symbol)

    def _is_rounded_constant(self, symbol: Symbol) -> bool:
        array = self._constants.get(symbol)
        return array is not None and bool(np.all(round_bfloat16(array) == array))

    def _rounded_outputs(self, node: Node) -> tuple[Symbol, ...]:
        name = node.primitive.name
        if name == _ROUNDING:
            return node.outputs
        if name in _ROUND_INSIDE:
            return node.outputs[:1] if node.attributes.get("rounded") else ()
        chosen = _chosen(node)
        return node.outputs if chosen and all(map(self.is_rounded, chosen)) else ()

    def factors(self, node: Node) -> set[int]:
        """The inputs that the kernel of a product rounds itself."""
        return set(_factors(node)) if self.is_product(node) else set()

    def _only_factors(self, symbol: Symbol) -> bool:
        """Whether only products read a value, also in another shape or transposed."""
        if symbol in self._results:
            return False
        return all(
            self._only_factors(node.outputs[0])
            if is_view(node)
            else self._is_factor(symbol, node) or self._is_read_through(node)
            for node in self._readers.get(symbol, [])
        )

    def _is_factor(self, symbol: Symbol, node: Node) -> bool:
        """Whether a node rounds what it reads of a value."""
        factors = _factors(node)
        others = (each for i, each in enumerate(node.inputs) if i not in factors)
        return symbol not in others and self.is_product(node)

    def _is_read_through(self, node: Node) -> bool:
        """Whether a node is the transposition of a matrix for products, which do it themselves."""
        if node.primitive.name != "transpose" or len(node.inputs[0].shape) != 2:
            return False
        (turned,) = node.outputs
        return turned not in self._results and all(
            map(self.is_product, self._readers.get(turned, []))
        )


def _factors(node: Node) -> tuple[int, ...]:
    return _FACTORS.get(node.primitive.name, (0, 1))


def _chosen(node: Node) -> tuple[Symbol, ...]:
    """The inputs among whose numbers, and zero, a node only chooses; none for other nodes."""
    name = node.primitive.name
    if name == "where":
        return node.inputs[1:]
    if name == "max_pooling_gradient":
        return node.inputs[2:] if windows_are_apart(node) else ()
    return node.inputs[:1] if name in _CHOOSING or is_view(node) else ()


def windows_are_apart(node: Node) -> bool:
    """Whether no pixel is in two windows of a pooling."""
    pairs = zip(node.attributes["size"], node.attributes["strides"], strict=True)
    return all(size <= stride for size, stride in pairs)
