"""From a graph to instructions: nodes are fused, lowered, ordered, and told where results go."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from typing import Any

from lernwerk.core.graph import Graph, Node, Symbol
from lernwerk.engines.native.cluster import Fusion, Unit
from lernwerk.engines.native.epilogue import following, joined, joined_convolution
from lernwerk.engines.native.families import Family, alike, family_of, merged
from lernwerk.engines.native.finishing import Finish, finishes
from lernwerk.engines.native.instruction import Instruction
from lernwerk.engines.native.lowering.convolution import with_epilogue
from lernwerk.engines.native.lowering.convolution_bfloat16 import (
    CONVOLUTIONS,
    LEADING,
    Convolution,
    bfloat16_step,
)
from lernwerk.engines.native.lowering.linalg import Product, product
from lernwerk.engines.native.narrow import narrow_bits, narrow_form
from lernwerk.engines.native.program import program
from lernwerk.engines.native.returning import there_and_back, way_back
from lernwerk.engines.native.rounding import Rounding
from lernwerk.engines.native.step import Step, lowered, may_fail
from lernwerk.engines.native.storage import Groups, Storage, narrow_operands, with_narrow
from lernwerk.engines.native.views import Views


class Lowerer:
    """The instructions of a graph in their order.

    ``homes[symbol]`` is the Variable in whose memory a result is written in place; ``commits``
    are results that are copied into their Variables after the last instruction; ``families`` are
    values that have to lie side by side.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._makers = {symbol: node for node in graph.nodes for symbol in node.outputs}
        self._rounding = Rounding(graph, self._makers, self._fits_bfloat16)
        self.views = Views(graph, self._rounding.absorbed)
        self.root = self.views.root
        self.homes: dict[Symbol, Any] = {}
        self.commits: list[tuple[Any, Symbol]] = []
        self.families: list[Family] = []
        made = self._instructions()
        made = [*self._snapshots(), *made]
        self.instructions = self._ordered(made)

    # ---- what is computed

    def _instructions(self) -> list[Instruction]:
        self._finishes = self._supported_finishes()
        absorbed = {node for each in self._finishes.values() for node in each.nodes}
        for node, finish in self._finishes.items():
            self.views.stand_in(finish.output, [node.outputs[0], finish.nodes[0].outputs[0]])
        units = Fusion([n for n in self.views.nodes if n not in absorbed], self.root).units
        self._store(units)
        products = self._products(units)
        plain = {
            unit: self._plain(unit, products.get(unit)) for unit in units if not unit.is_cluster
        }
        updates = {self.root(symbol) for symbol in self.graph.updates.values()}
        leaders = products | self._convolutions(units)
        followers = following(units, leaders, self.root, updates)
        wanted = {self.root(symbol) for symbol in self.graph.results()}
        reads: dict[Symbol, set[int]] = {}
        for unit in units:
            for symbol in self._read(unit, plain):
                reads.setdefault(symbol, set()).add(unit.number)
        made: dict[Unit, Instruction] = {}
        for unit in reversed(units):  # so that what only dead units read is dead as well
            own = {self.root(symbol) for node in unit.members for symbol in node.outputs}
            used = {s for s in own if s in wanted or reads.get(s, set()) - {unit.number}}
            if used:
                made[unit] = plain.get(unit) or self._fused(unit, used)
            else:
                for symbol in self._read(unit, plain):
                    reads[symbol].discard(unit.number)
        for first, second in followers.items():
            if first in made and second in made and first not in products:
                self._join_convolution(first, second, made, reads, wanted)
            elif first in made and second in made:
                made[second] = joined(products[first], made.pop(first), made[second])
                back = way_back(products[first], made[second], products, made, self.root)
                if back is not None:
                    made[second] = there_and_back(
                        products[first], made[second], products[back], made.pop(back)
                    )
        return [made[unit] for unit in units if unit in made]

    def _convolutions(self, units: list[Unit]) -> dict[Unit, Convolution]:
        found = {unit: unit.nodes[0] for unit in units if not unit.is_cluster}
        return {
            unit: Convolution(node)
            for unit, node in found.items()
            if node.primitive.name in LEADING and self._is_rounded_convolution(node)
        }

    def _join_convolution(
        self,
        first: Unit,
        second: Unit,
        made: dict[Unit, Instruction],
        reads: dict[Symbol, set[int]],
        wanted: set[Symbol],
    ) -> None:
        (y,) = made[first].outputs
        if y in wanted or reads[y] - {second.number}:
            return
        found = joined_convolution(made[first], made[second])
        if found is not None:
            del made[first]
            made[second] = found

    def _read(self, unit: Unit, plain: dict[Unit, Instruction]) -> Iterable[Symbol]:
        if unit in plain:
            return plain[unit].inputs
        return {self.root(symbol) for node in unit.members for symbol in node.inputs}

    def _products(self, units: list[Unit]) -> dict[Unit, Product]:
        matmuls = [unit for unit in units if unit.nodes[:1] and not unit.is_cluster]
        found = {unit: self._product(unit.nodes[0]) for unit in matmuls}
        return {unit: each for unit, each in found.items() if each is not None}

    def _product(self, node: Node) -> Product | None:
        found = product(node, self._makers)
        if found is not None and self._rounding.is_product(node):
            factors = map(self.root, (found.a, found.b))
            found = found.in_bfloat16(narrow_bits(factors))
        return found

    def _store(self, units: list[Unit]) -> None:
        """Let values be narrow where all that make and read them can do that."""
        if not self._rounding.is_possible:
            return
        storage = Storage(self.graph, self.root, self._rounding.is_rounded)
        for finish in self._finishes.values():
            storage.refuse([finish.bias, finish.output])
        for unit in units:
            if unit.is_cluster:
                storage.see_cluster(unit)
            else:
                storage.see_kernel(*self._operands(unit.nodes[0]))
        for root in storage.narrow():
            self.views.replace(root, narrow_form(root))

    def _operands(self, node: Node) -> tuple[list[Symbol], list[Symbol], Groups, set[int]]:
        """What a kernel reads and makes, what of it may be narrow, and what it rounds itself."""
        outputs, factors = list(node.outputs), self._rounding.factors(node)
        found = product(node, self._makers)
        if found is not None:
            groups: Groups = [(0,), (1,)] if factors else []
            return [found.a, found.b], outputs, groups, factors
        known = self._is_rounded_convolution(node) or lowered(node) is not None
        groups = narrow_operands(node, bool(factors)) if known else []
        return list(node.inputs), outputs, groups, factors

    def _fits_bfloat16(self, node: Node) -> bool:
        if node.primitive.name in CONVOLUTIONS:
            return bfloat16_step(node) is not None
        found = product(node, self._makers)
        return found is not None and found.fits_bfloat16()

    def _plain(self, unit: Unit, found: Product | None) -> Instruction:
        (node,) = unit.nodes
        outputs = list(map(self.root, node.outputs))
        if found is not None:
            factors = [self.root(found.a), self.root(found.b)]
            return Instruction([node], found.step(), factors, outputs)
        inputs = list(map(self.root, node.inputs))
        if self._is_rounded_convolution(node):
            step = with_narrow(bfloat16_step(node), [*inputs, *outputs])
            return Instruction([node], step, inputs, outputs)
        finish = self._finishes.get(node)
        if finish is not None:
            inputs.append(self.root(finish.bias))
            return Instruction(
                [node, *finish.nodes], self._finished_step(node), inputs, [self.root(finish.output)]
            )
        step = with_narrow(lowered(node), [*inputs, *outputs])
        return Instruction([node], step, inputs, outputs)

    def _is_rounded_convolution(self, node: Node) -> bool:
        return node.primitive.name in CONVOLUTIONS and self._rounding.is_product(node)

    def _supported_finishes(self) -> dict[Node, Finish]:
        found = finishes(self.views.nodes, self.graph, self.root)
        return {
            node: finish
            for node, finish in found.items()
            if lowered(node) is not None and not self._is_rounded_convolution(node)
        }

    def _finished_step(self, node: Node) -> Step:
        step = lowered(node)
        assert step is not None
        return with_epilogue(step, self._finishes[node].relu)

    def _fused(self, unit: Unit, used: set[Symbol]) -> Instruction:
        made = program(unit, self.root, self.graph.constants, used)
        return Instruction(unit.members, made.step, made.inputs, made.outputs, made.replaceable)

    # ---- where results go

    def _snapshots(self) -> list[Instruction]:
        """Copies of old values that are results themselves, of Variables that get new ones."""
        changing = {self.root(self.graph.states[variable]) for variable in self.graph.updates}
        found = []
        self._kept: dict[Symbol, Symbol] = {}
        for symbol in dict.fromkeys(map(self.root, self.graph.results())):
            if symbol in changing:
                copy = Symbol(symbol.spec, f"{symbol.label}'")
                self._kept[symbol] = copy
                found.append(copied(symbol, copy))
        return found

    def result(self, symbol: Symbol) -> Symbol:
        """The root of an output after the step, when Variables have their new values."""
        root = self.root(symbol)
        return self._kept.get(root, root)

    def _ordered(self, made: list[Instruction]) -> list[Instruction]:
        """Topological order, those that write Variables last; then the copies into Variables.

        No Variable changes before all that may raise an error is done.
        """
        fragile = [each for each in made if may_fail(each.step)]
        by = {symbol: each for each in made for symbol in each.outputs}
        after = _dependencies(made, by)
        readers: dict[Symbol, list[Instruction]] = {}
        for each in made:
            for symbol in each.inputs:
                readers.setdefault(symbol, []).append(each)
        writes = set()
        for variable, symbol in self.graph.updates.items():
            target, writer = self.result(symbol), by.get(self.result(symbol))
            old = self.root(self.graph.states[variable])
            if writer is not None and target not in self.homes and not may_fail(writer.step):
                others = {*readers.get(old, []), *fragile} - {writer}
                if writer.may_replace(target, old) and not _reaches(others, {writer}, after):
                    self.homes[target] = variable
                    after[writer].update(others)
                    writes.add(writer)
                    continue
            self.commits.append((variable, target))
        return self._with_families(made, after, writes)

    def _with_families(
        self, made: list[Instruction], after: Dependencies, writes: set[Instruction]
    ) -> list[Instruction]:
        """Updates that do the same to several Variables become one instruction."""
        owners = {symbol: variable for variable, symbol in self.graph.states.items()} | self.homes
        sources = {*self.graph.inputs, *self.graph.constants}
        for group in alike(made, self.homes, owners):
            family = family_of(group, owners)
            waits = set().union(*(after[each] for each in group))
            cycle = _reaches(waits, set(group), after)
            if cycle or not family.agrees_with(self.families) or family.holds(sources):
                continue
            self.families.append(family)
            one = merged(group)
            after = {each: earlier for each, earlier in after.items() if each not in group}
            after[one] = waits
            for earlier in after.values():
                if not earlier.isdisjoint(group):
                    earlier.difference_update(group)
                    earlier.add(one)
            made = [each for each in made if each not in group]
            made.append(one)
            writes.add(one)
        return _sorted(made, after, writes)


def copied(source: Symbol, target: Symbol) -> Instruction:
    """The instruction that copies memory."""
    count = target.dtype.itemsize
    for n in target.shape:
        count *= n
    return Instruction((), Step("copy_bytes", (count,)), [source], [target])


Dependencies = dict[Instruction, set[Instruction]]


def _dependencies(made: list[Instruction], by: dict[Symbol, Instruction]) -> Dependencies:
    found: Dependencies = {}
    for each in made:
        found[each] = {by[symbol] for symbol in each.inputs if symbol in by} - {each}
    return found


def _reaches(starts: Iterable[Instruction], goals: set[Instruction], after: Dependencies) -> bool:
    """Whether one of ``starts`` is or must run after one of ``goals``."""
    seen = set(starts)
    waiting = list(seen)
    while waiting:
        each = waiting.pop()
        if each in goals:
            return True
        fresh = after[each] - seen
        seen |= fresh
        waiting.extend(fresh)
    return False


def _sorted(
    made: list[Instruction], after: Dependencies, last: set[Instruction]
) -> list[Instruction]:
    number = {each: i for i, each in enumerate(made)}
    missing = {each: len(after[each]) for each in made}
    followers: Dependencies = {each: set() for each in made}
    for each, earlier in after.items():
        for one in earlier:
            followers[one].add(each)
    ready = [(each in last, number[each]) for each in made if not missing[each]]
    heapq.heapify(ready)
    result = []
    while ready:
        each = made[heapq.heappop(ready)[1]]
        result.append(each)
        for follower in followers[each]:
            missing[follower] -= 1
            if not missing[follower]:
                heapq.heappush(ready, (follower in last, number[follower]))
    assert len(result) == len(made), "instructions wait for each other"
    return result
