"""Which products are in bfloat16, and which roundings nobody has to compute.

A product of two rounded factors is one in bfloat16. Its kernel rounds while it packs, so it may as
well read what was rounded: a rounding that only such products read is no work, but a view.
"""

from __future__ import annotations

from collections.abc import Callable

from lernwerk.core.graph import Graph, Node, Symbol
from lernwerk.engines.native.extension import extension
from lernwerk.engines.native.views import is_view

_ROUNDING = "round_bfloat16"
# Which inputs of a product are factors; otherwise the first two.
_FACTORS = {"lstm": (0, 3, 4), "lstm_gradient": (0,)}
# Operations that only choose among their first input's numbers, or zero.
_CHOOSING = {"transpose", "slice", "flip", "gather", "relu", "max", "max_pooling"}


class Rounding:
    """The products in bfloat16 of a graph, and the roundings that only they read (``absorbed``).

    ``fits`` says of a node with rounded factors whether there is a kernel for it.
    """

    def __init__(
        self, graph: Graph, makers: dict[Symbol, Node], fits: Callable[[Node], bool]
    ) -> None:
        self._makers = makers
        self._fits = fits
        self._readers: dict[Symbol, list[Node]] = {}
        self._results = set(graph.results())
        for node in graph.nodes:
            for symbol in node.inputs:
                self._readers.setdefault(symbol, []).append(node)
        roundings = [node for node in graph.nodes if node.primitive.name == _ROUNDING]
        self._possible = bool(roundings) and bool(extension().has_bfloat16())
        self.absorbed = {
            node for node in roundings if self._possible and self._only_factors(node.outputs[0])
        }

    def is_product(self, node: Node) -> bool:
        """Whether a kernel computes a node in bfloat16."""
        if node.attributes.get("rounded"):
            return self._possible
        rounded = self._possible and all(map(self._is_rounded, node.inputs[:2]))
        return rounded and self._fits(node)

    def _is_rounded(self, symbol: Symbol) -> bool:
        maker = self._makers.get(symbol)
        while maker is not None and (maker.primitive.name in _CHOOSING or is_view(maker)):
            maker = self._makers.get(maker.inputs[0])
        return maker is not None and maker.primitive.name == _ROUNDING

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
        factors = _FACTORS.get(node.primitive.name, (0, 1))
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
