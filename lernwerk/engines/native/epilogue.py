"""The program behind a matrix product: it runs on each part of the result while that is warm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from lernwerk.core.graph import Symbol
from lernwerk.engines.native.cluster import Unit
from lernwerk.engines.native.instruction import Instruction
from lernwerk.engines.native.lowering.linalg import Product
from lernwerk.engines.native.memory import rounded

Root = Callable[[Symbol], Symbol]
_LARGE = 1 << 15  # elements: 128 KB, which a step no longer finds in a first-level cache


def following(
    units: list[Unit], products: Mapping[Unit, Product], root: Root, updates: set[Symbol]
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


def _is_large(product: Product) -> bool:
    return product.path == "rows" and product.m * product.n >= _LARGE


def _can_follow(unit: Unit, source: Unit, product: Product, units: list[Unit]) -> bool:
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
