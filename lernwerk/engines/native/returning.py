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

Root = Callable[[Symbol], Symbol]
_FLOAT = 4
_TILE = 1024  # native/fused.hpp
_BLOCK = 1 << 17  # elements of x: 512 kB stay in a second-level cache
# Less than this is not worth reading once: it stays in the caches anyway.
_LARGE = 1 << 22
_OUTPUTS = 7  # the place of the number of outputs in a program, native/fused.hpp


def way_back(
    there: Product,
    joined: Instruction,
    products: Mapping[Unit, Product],
    made: Mapping[Unit, Instruction],
    root: Root,
) -> Unit | None:
    """The product x^T d whose x is that of a product and whose d comes from its program."""
    if there.path != "rows" or there.transpose_a or there.n > GROUP or there.m * there.k < _LARGE:
        return None
    assert joined.step is not None
    program = joined.step.whole[len(there.whole()) + 1 :]
    arrays = joined.outputs[1 : 1 + program[_OUTPUTS]]  # sums are known only at the end
    for unit, back in products.items():
        if unit not in made or back.path != "long_sum" or back.node.outputs[0].dtype != "float32":
            continue
        same = back.transpose_a and not back.transpose_b and root(back.a) is root(there.a)
        if same and (back.m, back.n) == (there.k, there.n) and root(back.b) in arrays:
            return unit
    return None


def there_and_back(
    there: Product, joined: Instruction, back: Product, second: Instruction
) -> Instruction:
    """One instruction for a product, its program, and the product back."""
    assert joined.step is not None
    own = there.whole()
    program = joined.step.whole[len(own) + 1 :]
    tile = _TILE // there.n
    rows = max(1, _BLOCK // there.k // tile) * tile
    blocks = -(-there.m // rows)
    program_at = rounded(there.shared())
    sums = (joined.step.shared - program_at) // MOST_CHUNKS * blocks
    parts_at = program_at + rounded(sums)
    packed_at = rounded(joined.step.local)
    vectors = -(-there.n // VECTOR) * VECTOR
    d = joined.outputs.index(second.inputs[1])
    step = replace(
        joined.step,
        kernel="matmul_there_and_back",
        whole=(*own, rows, program_at, parts_at, packed_at, d, *program),
        shared=parts_at + _FLOAT * MOST_CHUNKS * back.m * back.n,
        local=packed_at + _FLOAT * rows * vectors,
    )
    return replace(
        joined,
        nodes=[*joined.nodes, *second.nodes],
        step=step,
        outputs=[*joined.outputs, *second.outputs],
        replaceable=[*joined.replaceable, []],
    )
