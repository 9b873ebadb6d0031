"""Matrix products as steps."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from lernwerk.core.graph import Node, Symbol
from lernwerk.engines.native.step import Step

# As in native/kernels/matmul.cpp: columns of B in one piece, chunks, parts of a long sum, a part
# of k for chunks of columns; and the widest vector.
GROUP = 256
MOST_CHUNKS = 16
_PART = 1024
_DEPTH = 512
VECTOR = 16
_PATHS = ("rows", "few_rows", "long_sum", "columns", "batch", "small")

# Up to so many multiplications (half a microsecond) neither packing nor sharing out is repaid ...
_SMALL, _SMALL_WIDTH = 1 << 16, 256
_TURNED = 1 << 10  # ... but turning a transposed B is not, either, for few rows.
_FEW_ROWS = 5  # with fewer rows, packing B is not repaid
_LONG_SUM = 2048  # a small result of longer sums is added up from parts: work for all threads
_SMALL_RESULT = 1 << 16
_WIDE_ROWS = 64  # with fewer rows and several groups of columns, the columns are shared out,
_SMALL_FACTOR = 1 << 17  # and where A (so many elements) stays in the cache while B passes by

# As in native/kernels/matmul_bfloat16.cpp: what is packed at a time, in general and of long sums.
_PACKED_ROWS, _PACKED_DEPTH = 128, 2048
_LONG_COLUMNS, _LONG_DEPTH = 1024, 256
_TILE_DEPTH = 32
# Long sums in bfloat16 are cut for results of up to 1 MB, of which each part needs its own.
_MOST_ROWS, _MOST_RESULTS = 512, 1 << 18
# Below, products in bfloat16 are no faster than those in float32.
_SHORTEST, _LARGE = 8, 1 << 18


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
    bfloat16: bool = False
    narrow: int = 0  # in bfloat16: which operands are, a bit for each

    @property
    def kernel(self) -> str:
        """The name of the kernel; with an epilogue it ends in _fused."""
        return "matmul_bfloat16" if self.bfloat16 else "matmul"

    def fits_bfloat16(self) -> bool:
        """Whether the product is large enough for tiles of 16 by 16 and 32 of depth."""
        large = min(self.m, self.n, self.k) >= _SHORTEST and self.m * self.n * self.k >= _LARGE
        return self.batch == 1 and large and self.a.dtype == "float32"

    def in_bfloat16(self, narrow: int = 0) -> Product:
        """The product of the same factors, rounded."""
        return replace(self, bfloat16=True, narrow=narrow)

    def parts(self) -> int:
        """Into how many parts a product in bfloat16 cuts long sums; 0 where it does not."""
        if self.k < _LONG_SUM or self.m > _MOST_ROWS or self.m * self.n > _MOST_RESULTS:
            return 0
        return min(8, self.k // 1024)

    @property
    def path(self) -> str:
        """How the product is cut into chunks; it depends on lengths alone."""
        groups = -(-self.n // GROUP)
        if self.batch > 1:
            return "batch"
        if self._is_small():
            return "small"
        if self.m < _FEW_ROWS:
            return "few_rows"
        if self.k >= _LONG_SUM and self.m * self.n <= _SMALL_RESULT:
            return "long_sum"
        small = self.m * self.k <= _SMALL_FACTOR
        long = self.k >= _LONG_SUM and self.m <= self.n
        if groups > 1 and (self.m < _WIDE_ROWS or (groups >= 4 and (small or long))):
            return "columns"
        return "rows"

    def _is_small(self) -> bool:
        if self.m * self.n * self.k > _SMALL or self.n > _SMALL_WIDTH or self.k > _PART:
            return False
        return not self.transpose_b or self.m >= _FEW_ROWS or self.n * self.k <= _TURNED

    def whole(self) -> tuple[int, ...]:
        """The parameters of the kernel."""
        lengths = (self.batch, self.m, self.n, self.k)
        ways = (self.parts(), self.narrow) if self.bfloat16 else (_PATHS.index(self.path),)
        return (*lengths, int(self.transpose_a), int(self.transpose_b), *ways)

    def shared(self) -> int:
        """Bytes for B packed, or for the parts of a long sum."""
        if self.bfloat16:
            packed = 2 * _whole(self.k, _TILE_DEPTH) * _whole(self.n, VECTOR)
            return 4 * self.parts() * self.m * self.n or packed
        if self.path == "small":
            return 4 * max(self.m, self.k) * _whole(self.n, VECTOR)
        if self.path == "rows":
            return 4 * self.k * _whole(self.n, VECTOR if self.n <= GROUP else GROUP)
        if self.path != "long_sum":
            return 0
        chunks = min(MOST_CHUNKS, self.k // _PART)
        packed = -(-self.k // chunks) * min(_whole(max(self.m, self.n), VECTOR), GROUP)
        return 4 * ((chunks + 1) * self.m * self.n + chunks * packed)

    def step(self) -> Step | None:
        """The step of the product on its own."""
        if self.node.outputs[0].dtype == "float64":
            return Step("matmul_double", self.whole())
        return Step(self.kernel, self.whole(), shared=self.shared(), local=self.local())

    def local(self) -> int:
        """Bytes for the parts of the factors that a thread packs for itself."""
        if not self.bfloat16:
            return 4 * _DEPTH * GROUP if self.path == "columns" else 0
        if self.parts():
            columns = min(_LONG_COLUMNS, _whole(self.n, VECTOR))
            return 2 * _LONG_DEPTH * (_whole(self.m, VECTOR) + columns)
        return 2 * _PACKED_ROWS * min(_PACKED_DEPTH, _whole(self.k, _TILE_DEPTH))


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


def _whole(size: int, unit: int) -> int:
    """The next multiple of a unit."""
    return -(-size // unit) * unit


def _plain(symbol: Symbol, makers: dict[Symbol, Node]) -> tuple[Symbol, bool]:
    """A factor, or what it is the transpose of (in its last two axes)."""
    maker, rank = makers.get(symbol), len(symbol.shape)
    if maker is None or maker.primitive.name != "transpose" or rank < 2:
        return symbol, False
    axes = maker.attributes["axes"]
    order = tuple(range(rank))[::-1] if axes is None else tuple(axis % rank for axis in axes)
    swapped = (*range(rank - 2), rank - 1, rank - 2)
    return (maker.inputs[0], True) if order == swapped else (symbol, False)
