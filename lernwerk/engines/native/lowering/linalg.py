"""Matrix products as steps."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lernwerk.core.graph import Node, Symbol
from lernwerk.engines.native.step import Step

# As in native/kernels/matmul.cpp: columns of B in one piece, chunks, parts of a long sum, a part
# of k for chunks of columns; and the widest vector.
GROUP = 256
MOST_CHUNKS = 16
_PART = 1024
_DEPTH = 512
VECTOR = 16
_PATHS = ("rows", "few_rows", "long_sum", "columns", "batch")

_FEW_ROWS = 5  # with fewer rows, packing B is not repaid
_LONG_SUM = 2048  # a small result of longer sums is added up from parts: work for all threads
_SMALL_RESULT = 1 << 16
_WIDE_ROWS = 64  # with fewer rows and several groups of columns, the columns are shared out,
_SMALL_FACTOR = 1 << 17  # and where A (so many elements) stays in the cache while B passes by


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

    @property
    def path(self) -> str:
        """How the product is cut into chunks; it depends on lengths alone."""
        groups = -(-self.n // GROUP)
        if self.batch > 1:
            return "batch"
        if self.m < _FEW_ROWS:
            return "few_rows"
        if self.k >= _LONG_SUM and self.m * self.n <= _SMALL_RESULT:
            return "long_sum"
        small = self.m * self.k <= _SMALL_FACTOR
        long = self.k >= _LONG_SUM and self.m <= self.n
        if groups > 1 and (self.m < _WIDE_ROWS or (groups >= 4 and (small or long))):
            return "columns"
        return "rows"

    def whole(self) -> tuple[int, ...]:
        """The parameters of the kernel."""
        lengths = (self.batch, self.m, self.n, self.k)
        return (*lengths, int(self.transpose_a), int(self.transpose_b), _PATHS.index(self.path))

    def shared(self) -> int:
        """Bytes for B packed, or for the parts of a long sum."""
        if self.path == "rows":
            return 4 * self.k * _rounded(self.n, VECTOR if self.n <= GROUP else GROUP)
        if self.path != "long_sum":
            return 0
        chunks = min(MOST_CHUNKS, self.k // _PART)
        packed = -(-self.k // chunks) * min(_rounded(max(self.m, self.n), VECTOR), GROUP)
        return 4 * ((chunks + 1) * self.m * self.n + chunks * packed)

    def step(self) -> Step | None:
        """The step of the product on its own."""
        if self.node.outputs[0].dtype == "float64":
            return Step("matmul_double", self.whole())
        local = 4 * _DEPTH * GROUP if self.path == "columns" else 0
        return Step("matmul", self.whole(), shared=self.shared(), local=local)


def _rounded(x: int, unit: int) -> int:
    return -(-x // unit) * unit


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
