"""The program behind a product: it runs on each part of the result while that is warm.

A matrix product also stores its result; that of a convolution in bfloat16 stays in scratch memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from lernwerk.core.graph import Symbol
from lernwerk.engines.native.cluster import Unit
from lernwerk.engines.native.elementwise import KINDS
from lernwerk.engines.native.instruction import Instruction
from lernwerk.engines.native.lowering.convolution_bfloat16 import Convolution
from lernwerk.engines.native.lowering.linalg import Product
from lernwerk.engines.native.memory import rounded

Root = Callable[[Symbol], Symbol]
_TILE = 1024  # native/fused.hpp: a row is no longer where rows begin anywhere
_HEAD = 10  # numbers of a program before the lengths of its axes
_LARGE = 1 << 15  # elements: 128 KB, which a step no longer finds in a first-level cache


def following(
    units: list[Unit],
    products: Mapping[Unit, Product | Convolution],
    root: Root,
    updates: set[Symbol],
) -> dict[Unit, Unit]:
    """For products the cluster that is to run with them; its domain becomes their rows and columns.

    Clusters that write ``updates`` stay alone, because those of all weights become one
    (``families.py``), unless the product is large: its weights change while it is warm.
    """
    by = {root(each.node.outputs[0]): unit for unit, each in products.items()}
    found: dict[Unit, Unit] = {}
    for unit in units:
        updating = any(root(symbol) in updates for n in unit.members for symbol in n.outputs)
        read = (root(symbol) for node in unit.members for symbol in node.inputs)
        for source in dict.fromkeys(by[symbol] for symbol in read if symbol in by):
            if updating and not _is_large(products[source]):
                continue
            if source not in found and _can_follow(unit, source, products[source], units):
                found[source] = unit
                _contract(unit, source, units)
                unit.split = (products[source].m, products[source].n)
                break
    return found


def _is_large(product: Product | Convolution) -> bool:
    matrix = isinstance(product, Product) and product.path == "rows"
    return matrix and product.m * product.n >= _LARGE


def _can_follow(
    unit: Unit, source: Unit, product: Product | Convolution, units: list[Unit]
) -> bool:
    matrix = (product.m, product.n)
    if product.batch != 1 or product.node.outputs[0].dtype != "float32":
        return False
    if unit.register != "float32" or unit.elements != product.m * product.n:
        return False
    if unit.split not in (None, matrix) or 0 in matrix:
        return False
    # Nothing else that the cluster waits for may itself wait for the product.
    bit = 1 << source.number
    return not any(unit.before >> u.number & 1 and u.before & bit for u in units)


def _contract(unit: Unit, source: Unit, units: list[Unit]) -> None:
    """Note that both run as one: what waits for either waits for all that either waits for."""
    both = 1 << unit.number | 1 << source.number
    bits = unit.before | source.before | both
    for each in units:
        if each.before & both or each in (unit, source):
            each.before |= bits & ~(1 << each.number)


def joined(product: Product, first: Instruction, second: Instruction) -> Instruction:
    """One instruction from a product and the program that follows it."""
    assert first.step is not None and second.step is not None
    shared = rounded(product.shared())
    step = replace(
        second.step,
        kernel=f"{product.kernel}_fused",
        whole=(*product.whole(), shared, *second.step.whole),
        shared=shared + second.step.shared,
        local=max(first.step.local, second.step.local),
    )
    # Factors are still read for other rows while the program writes.
    replaceable = [[s for s in each if s not in first.inputs] for each in second.replaceable]
    return Instruction(
        [*first.nodes, *second.nodes],
        step,
        [*first.inputs, *second.inputs],
        [*first.outputs, *second.outputs],
        [[], *replaceable],
    )


def joined_convolution(first: Instruction, second: Instruction) -> Instruction | None:
    """One instruction from a convolution and the only program that reads its result.

    None where the program needs the result as a whole, or rows that are longer than a tile.
    """
    (y,) = first.outputs
    assert first.step is not None and second.step is not None
    place, program = second.inputs.index(y), second.step.whole
    axes = program[_HEAD - 1]
    cover = program[_HEAD + axes + place * (2 + axes)]
    if second.inputs.count(y) > 1 or cover != KINDS.index("full") or y.shape[-1] > _TILE:
        return None
    shared, local = rounded(first.step.shared), rounded(first.step.local)
    step = replace(
        second.step,
        kernel=f"{first.step.kernel}_fused",
        whole=(*first.step.whole, shared, local, place, *program),
        shared=shared + second.step.shared,
        local=local + second.step.local,
    )
    replaceable = [[s for s in each if s not in first.inputs] for each in second.replaceable]
    others = [symbol for symbol in second.inputs if symbol is not y]
    return Instruction(
        [*first.nodes, *second.nodes],
        step,
        [*first.inputs, *others],
        second.outputs,
        replaceable,
    )
