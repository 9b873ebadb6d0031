"""Fusion: elementwise nodes of one domain, and the sums behind them, as clusters.

A cluster becomes one program, which passes over memory once. Nodes join the cluster of one of their
inputs unless a path through other nodes leads from the cluster to them, so that the units can be
put in order. Plain reshapes do not matter: symbols that share memory count as one (``views.py``).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from lernwerk.core.graph import Node, Symbol
from lernwerk.engines.native.elementwise import (
    cover_of,
    is_comparison,
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
        self._number: dict[Node, int] = {}
        self._made_by: dict[Symbol, Unit] = {}
        self._read_by: dict[Symbol, list[Unit]] = {}
        self._sealed: set[Symbol] = set()  # no member of the same cluster may read these
        for i, node in enumerate(nodes):
            self._number[node] = i
            self._place(node)
        self.units = [unit for unit in self.units if unit.members]

    def _place(self, node: Node) -> None:
        if is_reduction(node):
            unit = self._join(node, str(node.outputs[0].dtype), node.inputs[0])
            unit.sums.append(node)
        else:
            register = register_of(node)
            unit = self._join(node, register, node.outputs[0]) if register else self._new()
            unit.nodes.append(node)
        self._link(unit, node)
        for symbol in map(self.root, node.inputs):
            self._read_by.setdefault(symbol, []).append(unit)
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
        fitting = [
            unit
            for unit in self._candidates(node, domain)
            if unit.elements == size(domain) and self._fits(unit, node, register, domain, splits)
        ]
        if fitting:
            unit = fitting[0]
            for other in fitting[1:]:
                self._merge(unit, other)
        else:
            unit = self._new()
            unit.register, unit.elements, unit.flexible = register, size(domain), True
        if unit.flexible and not stays_flexible(node):
            unit.register, unit.flexible = register, False
        if splits:
            unit.shape = lengths(domain)
            unit.split = unit.split or next((split for split in splits if split), None)
        return unit

    def _candidates(self, node: Node, domain: Symbol) -> list[Unit]:
        """Clusters a node may join: the makers and readers of its inputs; single numbers any."""
        if is_comparison(node) and size(domain) > 1:
            return []  # whoever reads the answer takes the comparison along: nothing is stored
        if size(domain) == 1:
            units = [unit for unit in self.units if unit.members]
        else:
            shared = (self._read_by.get(s, ()) for s in map(self.root, node.inputs) if size(s) > 1)
            units = [*self._sources(node), *itertools.chain.from_iterable(shared)]
        return [unit for unit in dict.fromkeys(units) if unit.is_cluster]

    def _merge(self, unit: Unit, other: Unit) -> None:
        """Take over the members of another cluster, if both can be one."""
        if not self._can_merge(unit, other):
            return
        unit.nodes = sorted([*unit.nodes, *other.nodes], key=self._number.__getitem__)
        unit.sums = [*unit.sums, *other.sums]
        if unit.flexible:
            unit.register, unit.flexible = other.register, other.flexible
        unit.shape, unit.split = unit.shape or other.shape, unit.split or other.split
        moved, kept = 1 << other.number, 1 << unit.number
        bits = (unit.before | other.before) & ~moved & ~kept
        unit.before = bits
        for each in self.units:
            if each is not unit and each.before & (moved | kept):
                each.before = (each.before | bits | kept) & ~moved
        self._made_by |= {symbol: unit for symbol, by in self._made_by.items() if by is other}
        for readers in self._read_by.values():
            readers[:] = [unit if each is other else each for each in readers]
        other.nodes, other.sums, other.register, other.before = [], [], None, 0

    def _can_merge(self, a: Unit, b: Unit) -> bool:
        if len(a.members) + len(b.members) > MOST_NODES:
            return False
        inputs = self._inputs_of([*a.members, *b.members])
        if len(inputs) > MOST_INPUTS or not (a.register == b.register or a.flexible or b.flexible):
            return False
        if a.split and b.split and a.split != b.split:
            return False
        if a.shape and b.shape and a.shape != b.shape:
            return False
        return not any(self._blocks(first, second) for first, second in ((a, b), (b, a)))

    def _blocks(self, first: Unit, second: Unit) -> bool:
        """Whether a path through others, or a sealed result, leads from one to the other."""
        bit = 1 << first.number
        if not second.before & bit:
            return False
        between = (u for u in self.units if u not in (first, second) and u.before & bit)
        if any(second.before >> u.number & 1 for u in between):
            return True
        read = {self.root(symbol) for node in second.members for symbol in node.inputs}
        made = {self.root(symbol) for node in first.members for symbol in node.outputs}
        return not self._sealed.isdisjoint(read & made)

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
        return self._inputs_of([*unit.members, node])

    def _inputs_of(self, nodes: list[Node]) -> set[Symbol]:
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
    """The rows and columns that a node needs; None stands for strides; empty: any will do."""
    if is_reduction(node):
        split = reduction_split(node)
        return {split[1:]} if split and split[0] != "all" else set()
    if node.primitive.name == "dropout":
        return set()
    covers = [cover_of(symbol, node) for symbol in node.inputs]
    return {cover.split for cover in covers if cover.kind not in ("full", "scalar")}
