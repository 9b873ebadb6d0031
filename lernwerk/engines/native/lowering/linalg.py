"""Matrix products as steps."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lernwerk.core.graph import Node, Symbol
from lernwerk.engines.native.step import Step

# As in native/kernels/matmul.cpp: columns of B in one piece, parts of a long sum, and a vector.
_GROUP = 256
_MOST_CHUNKS = 16
_DEPTH = 512
_VECTOR = 16
_SMALL_RESULT = 1 << 16


@dataclass(frozen=True)
class Product:
    """A product of matrices: its factors without the transpositions, and its lengths."""

    node: Node
    a: Symbol
    b: Symbol
    transpose_a: bool
    transpose_b: bool
    batch: int
    m: int
    n: int
    k: int

    def whole(self) -> tuple[int, ...]:
        """The parameters of the kernel."""
        lengths = (self.batch, self.m, self.n, self.k)
        return (*lengths, int(self.transpose_a), int(self.transpose_b))

    def shared(self) -> int:
        """Bytes for B packed, or for the parts of a long sum."""
        groups = -(-self.n // _GROUP)
        packed = 4 * self.k * groups * _GROUP
        if self.m * self.n > _SMALL_RESULT:
            return packed
        columns = -(-self.n // _VECTOR) * _VECTOR
        parts = 4 * _MOST_CHUNKS * (self.m * self.n + -(-self.k // _MOST_CHUNKS + 1) * columns)
        return max(packed, parts)

    def step(self) -> Step | None:
        """The step of the product on its own."""
        if self.node.outputs[0].dtype == "float64":
            return Step("matmul_double", self.whole())
        return Step("matmul", self.whole(), shared=self.shared(), local=4 * _DEPTH * _GROUP)


def product(node: Node, makers: dict[Symbol, Node]) -> Product | None:
    """The product that a node is, reading through transpositions; None where there is no kernel.

    There is none for other operations and types, and for batches broadcast against each other.
    """
    if node.primitive.name != "matmul":
        return None
    types = {symbol.dtype.name for symbol in (*node.inputs, *node.outputs)}
    if types not in ({"float32"}, {"float64"}):
        return None
    left, right = (symbol.shape for symbol in node.inputs)
    n = right[-1] if len(right) > 1 else 1
    if len(right) <= 2:
        batch, m = 1, math.prod(left[:-1])
    elif left[:-2] == right[:-2]:
        batch, m = math.prod(left[:-2]), left[-2]
    else:
        return None
    (a, transpose_a), (b, transpose_b) = (_plain(symbol, makers) for symbol in node.inputs)
    if transpose_a and len(left) != len(right):  # the rows of several matrices make one
        a, transpose_a = node.inputs[0], False
    return Product(node, a, b, transpose_a, transpose_b, batch, m, n, left[-1])


def _plain(symbol: Symbol, makers: dict[Symbol, Node]) -> tuple[Symbol, bool]:
    """A factor, or what it is the transpose of (in its last two axes)."""
    maker, rank = makers.get(symbol), len(symbol.shape)
    if maker is None or maker.primitive.name != "transpose" or rank < 2:
        return symbol, False
    axes = maker.attributes["axes"]
    order = tuple(range(rank))[::-1] if axes is None else tuple(axis % rank for axis in axes)
    swapped = (*range(rank - 2), rank - 1, rank - 2)
    return (maker.inputs[0], True) if order == swapped else (symbol, False)
