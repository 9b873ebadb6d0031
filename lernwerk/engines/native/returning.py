"""A layer there and back in one pass over its input: x w, the loss, and x^T d while x is warm.

Where x is high and w is slim (a layer with few outputs on a large batch), reading x from memory is
what takes the time; the kernel's gradient needs the same rows of x again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from lernwerk.core.graph import Symbol
from lernwerk.engines.native.cluster import Unit
from lernwerk.engines.native.instruction import Instruction
from lernwerk.engines.native.lowering.linalg import GROUP, MOST_CHUNKS, VECTOR, Product
from lernwerk.engines.native.memory import rounded
from lernwerk.engines.native.step import Step

Root = Callable[[Symbol], Symbol]
_FLOAT = 4
_TILE = 1024  # native/fused.hpp
_BLOCK = 1 << 17  # elements of x: 512 kB stay in a second-level cache
# Less than this is not worth reading once: it stays in the caches anyway.
_LARGE = 1 << 22
# Columns of w that are multiplied in place of rows; native/slim.cpp has registers for so many.
_SLIM = 14
_OUTPUTS = 7  # the place of the number of outputs in a program, native/fused.hpp


def way_back(
    there: Product,
    joined: Instruction,
    products: Mapping[Unit, Product],
    made: Mapping[Unit, Instruction],
    root: Root,
) -> Unit | None:
    """The product x^T d whose x is that of a product and whose d comes from its program."""
    fits = there.path == "rows" and not (there.transpose_a or there.bfloat16)
    if not fits or there.n > GROUP or there.m * there.k < _LARGE:
        return None
    assert joined.step is not None
    program = joined.step.whole[len(there.whole()) + 1 :]
    arrays = joined.outputs[1 : 1 + program[_OUTPUTS]]  # sums are known only at the end
    for unit, back in products.items():
        if unit not in made or back.path != "long_sum" or back.bfloat16:
            continue
        if back.node.outputs[0].dtype != "float32":
            continue
        same = back.transpose_a and not back.transpose_b and root(back.a) is root(there.a)
        if same and (back.m, back.n) == (there.k, there.n) and root(back.b) in arrays:
            return unit
    return None


def there_and_back(
    there: Product, joined: Instruction, back: Product, second: Instruction
) -> Instruction:
    """One instruction for a product, its program, and the product back."""
    made = _slim if there.n <= _SLIM else _packed
    return replace(
        joined,
        nodes=[*joined.nodes, *second.nodes],
        step=made(there, joined, joined.outputs.index(second.inputs[1])),
        outputs=[*joined.outputs, *second.outputs],
        replaceable=[*joined.replaceable, []],
    )


def _slim(there: Product, joined: Instruction, d: int) -> Step:
    """The step where w has fewer columns than a vector has places; d is the place of D."""
    assert joined.step is not None
    rows, blocks, sums, program = _blocks(there, joined)
    columns = _FLOAT * there.n * (there.k + VECTOR)
    program_at = rounded(columns)
    parts_at = program_at + rounded(sums)
    lengths = (there.m, there.n, there.k, int(there.transpose_b), rows)
    return replace(
        joined.step,
        kernel="slim_there_and_back",
        whole=(*lengths, program_at, parts_at, d, *program),
        shared=parts_at + min(blocks, MOST_CHUNKS) * columns,
    )


def _packed(there: Product, joined: Instruction, d: int) -> Step:
    """The step where w is wider."""
    assert joined.step is not None
    rows, _, sums, program = _blocks(there, joined)
    program_at = rounded(there.shared())
    parts_at = program_at + rounded(sums)
    packed_at = rounded(joined.step.local)
    vectors = -(-there.n // VECTOR) * VECTOR
    return replace(
        joined.step,
        kernel="matmul_there_and_back",
        whole=(*there.whole(), rows, program_at, parts_at, packed_at, d, *program),
        shared=parts_at + _FLOAT * MOST_CHUNKS * there.k * there.n,
        local=packed_at + _FLOAT * rows * vectors,
    )


def _blocks(there: Product, joined: Instruction) -> tuple[int, int, int, tuple[int, ...]]:
    """Rows of a block, the number of blocks, bytes of the sums they leave, the program."""
    assert joined.step is not None
    tile = _TILE // there.n
    rows = max(1, _BLOCK // there.k // tile) * tile
    blocks = -(-there.m // rows)
    sums = (joined.step.shared - rounded(there.shared())) // MOST_CHUNKS * blocks
    return rows, blocks, sums, joined.step.whole[len(there.whole()) + 1 :]
