"""From a graph to instructions: nodes are fused, lowered, ordered, and told where results go."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from typing import Any

from lernwerk.core.graph import Graph, Node, Symbol
from lernwerk.engines.native.cluster import Fusion, Unit
from lernwerk.engines.native.instruction import Instruction
from lernwerk.engines.native.lowering.linalg import product
from lernwerk.engines.native.program import program
from lernwerk.engines.native.step import Step, lowered
from lernwerk.engines.native.views import Views


class Lowerer:
    """The instructions of a graph in their order.

    ``homes[symbol]`` is the Variable in whose memory a result is written in place; ``commits``
    are results that are copied into their Variables after the last instruction.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.views = Views(graph)
        self.root = self.views.root
        self._makers = {symbol: node for node in graph.nodes for symbol in node.outputs}
        self.homes: dict[Symbol, Any] = {}
        self.commits: list[tuple[Any, Symbol]] = []
        made = self._instructions()
        made = [*self._snapshots(), *made]
        self.instructions = self._ordered(made)

    # ---- what is computed

    def _instructions(self) -> list[Instruction]:
        units = Fusion(self.views.nodes, self.root).units
        plain = {id(unit): self._plain(unit) for unit in units if not unit.is_cluster}
        wanted = {self.root(symbol) for symbol in self.graph.results()}
        reads: dict[Symbol, set[int]] = {}
        for unit in units:
            for symbol in self._read(unit, plain):
                reads.setdefault(symbol, set()).add(unit.number)
        found: list[Instruction] = []
        for unit in reversed(units):  # so that what only dead units read is dead as well
            own = {self.root(symbol) for node in unit.members for symbol in node.outputs}
            used = {s for s in own if s in wanted or reads.get(s, set()) - {unit.number}}
            if used:
                found.append(plain.get(id(unit)) or self._fused(unit, used))
            else:
                for symbol in self._read(unit, plain):
                    reads[symbol].discard(unit.number)
        return found[::-1]

    def _read(self, unit: Unit, plain: dict[int, Instruction]) -> Iterable[Symbol]:
        if id(unit) in plain:
            return plain[id(unit)].inputs
        return {self.root(symbol) for node in unit.members for symbol in node.inputs}

    def _plain(self, unit: Unit) -> Instruction:
        (node,) = unit.nodes
        inputs = list(map(self.root, node.inputs))
        step: Step | None
        if node.primitive.name == "matmul":
            found = product(node, self._makers)
            step = found.step() if found else None
            if found:
                inputs = [self.root(found.a), self.root(found.b)]
        else:
            step = lowered(node)
        return Instruction([node], step, inputs, list(map(self.root, node.outputs)))

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
        """Topological order, those that write Variables last; then the copies into Variables."""
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
            others = [each for each in readers.get(old, []) if each is not writer]
            if writer is not None and target not in self.homes and writer.may_replace(target, old):
                if not any(_depends(each, writer, after) for each in others):
                    self.homes[target] = variable
                    after[writer].update(others)
                    writes.add(writer)
                    continue
            self.commits.append((variable, target))
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


def _depends(start: Instruction, goal: Instruction, after: Dependencies) -> bool:
    """Whether ``start`` must run after ``goal``, directly or by way of others."""
    seen, waiting = {start}, [start]
    while waiting:
        each = waiting.pop()
        if each is goal:
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
    return result
