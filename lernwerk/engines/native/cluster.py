"""Fusion: elementwise nodes of one domain, and the sums behind them, as clusters.

A cluster becomes one program, which passes over memory once. Nodes join the cluster of one of their
inputs unless a path through other nodes leads from the cluster to them, so that the units can be
put in order. Plain reshapes do not matter: symbols that share memory count as one (``views.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from lernwerk.core.graph import Node, Symbol
from lernwerk.engines.native.elementwise import (
    cover_of,
    is_reduction,
    is_sealed,
    lengths,
    reduction_split,
    register_of,
    size,
    stays_flexible,
)

# Registers of a tile are 4 kB each: with many more a program would leave the first-level cache.
MOST_NODES = 24
MOST_INPUTS = 16
Root = Callable[[Symbol], Symbol]
Split = tuple[int, int]


@dataclass(eq=False)
class Unit:
    """Nodes that are computed by one instruction, in their order; ``sums`` end a cluster."""

    number: int
    nodes: list[Node] = field(default_factory=list)
    sums: list[Node] = field(default_factory=list)
    register: str | None = None  # of a cluster; None for a node that stands alone
    elements: int = 0  # of the domain
    shape: tuple[int, ...] | None = None  # of the domain, once an input covers it in part
    split: Split | None = None  # its rows and columns, once something needs them
    flexible: bool = False  # nothing but truth so far: registers of any type will do
    before: int = 0  # the units that must run earlier, as bits

    @property
    def members(self) -> list[Node]:
        """All nodes."""
        return [*self.nodes, *self.sums]

    @property
    def is_cluster(self) -> bool:
        """Whether a fused program computes it."""
        return self.register is not None


class Fusion:
    """Puts nodes, which come in topological order, into units."""

    def __init__(self, nodes: Iterable[Node], root: Root) -> None:
        self.root = root
        self.units: list[Unit] = []
        self._made_by: dict[Symbol, Unit] = {}
        self._sealed: set[Symbol] = set()  # no member of the same cluster may read these
        for node in nodes:
            self._place(node)

    def _place(self, node: Node) -> None:
        if is_reduction(node):
            unit = self._join(node, str(node.outputs[0].dtype), node.inputs[0])
            unit.sums.append(node)
        else:
            register = register_of(node)
            unit = self._join(node, register, node.outputs[0]) if register else self._new()
            unit.nodes.append(node)
        self._link(unit, node)
        for symbol in map(self.root, node.outputs):
            self._made_by[symbol] = unit
            if unit.register and (node in unit.sums or is_sealed(node, unit.register)):
                self._sealed.add(symbol)

    def _new(self) -> Unit:
        self.units.append(Unit(len(self.units)))
        return self.units[-1]

    def _sources(self, node: Node) -> list[Unit]:
        found = (self._made_by.get(self.root(symbol)) for symbol in node.inputs)
        return list(dict.fromkeys(unit for unit in found if unit is not None))

    def _join(self, node: Node, register: str, domain: Symbol) -> Unit:
        """The cluster that takes a node with that domain; a new one where none can."""
        splits = _splits(node)
        for unit in self._candidates(node, domain):
            if unit.elements == size(domain) and self._fits(unit, node, register, domain, splits):
                break
        else:
            unit = self._new()
            unit.register, unit.elements = register, size(domain)
            unit.flexible = True
        if unit.flexible and not stays_flexible(node):
            unit.register, unit.flexible = register, False
        if splits:
            unit.shape = lengths(domain)
            unit.split = unit.split or next((split for split in splits if split), None)
        return unit

    def _candidates(self, node: Node, domain: Symbol) -> list[Unit]:
        """Clusters a node may join: the makers of its inputs, the latest first; numbers any."""
        units = self.units if size(domain) == 1 else self._sources(node)
        return sorted((u for u in units if u.is_cluster), key=lambda unit: -unit.number)

    def _fits(
        self, unit: Unit, node: Node, register: str, domain: Symbol, splits: set[Split | None]
    ) -> bool:
        if len(unit.members) >= MOST_NODES or len(self._inputs(unit, node)) > MOST_INPUTS:
            return False
        if unit.register != register and not (unit.flexible or stays_flexible(node)):
            return False
        if splits and unit.shape not in (None, lengths(domain)):
            return False
        if unit.split and any(split not in (None, unit.split) for split in splits):
            return False
        if len({split for split in splits if split}) > 1:
            return False
        own = (self.root(s) for s in node.inputs if self._made_by.get(self.root(s)) is unit)
        bit = 1 << unit.number
        cycle = any(each is not unit and each.before & bit for each in self._sources(node))
        return not cycle and self._sealed.isdisjoint(own)

    def _inputs(self, unit: Unit, node: Node) -> set[Symbol]:
        nodes = [*unit.members, node]
        made = {self.root(symbol) for each in nodes for symbol in each.outputs}
        return {self.root(symbol) for each in nodes for symbol in each.inputs} - made

    def _link(self, unit: Unit, node: Node) -> None:
        """Note what must run before the unit, and before all that wait for it."""
        bits = unit.before
        for source in self._sources(node):
            if source is not unit:
                bits |= source.before | 1 << source.number
        if bits != unit.before:
            unit.before = bits
            bit = 1 << unit.number
            for other in self.units:
                if other.before & bit:
                    other.before |= bits


def _splits(node: Node) -> set[Split | None]:
    """The rows and columns that a node needs; None stands for strides; empty: any domain will do."""
    if is_reduction(node):
        split = reduction_split(node)
        return {split[1:]} if split and split[0] != "all" else set()
    if node.primitive.name == "dropout":
        return set()
    covers = [cover_of(symbol, node) for symbol in node.inputs]
    return {cover.split for cover in covers if cover.kind not in ("full", "scalar")}
