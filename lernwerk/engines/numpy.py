"""The reference engine: runs a graph node by node with the NumPy forms of the operations.

It is the oracle for every other engine and the fallback where none is built. Values are forgotten
after their last use; Variables are written only after the last node, so that an error or an
interrupt in between leaves them as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lernwerk.core.graph import Graph, Node, Symbol
from lernwerk.core.passes import simplify
from lernwerk.engines.threads import limited, thread_count, worth_sharing
from lernwerk.ops.primitive import Array


@dataclass(frozen=True)
class Instruction:
    """One call; values are in numbered slots, ``last`` are those read for the last time."""

    forward: Callable[..., Any]
    attributes: dict[str, Any]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    single: bool
    last: tuple[int, ...]


class NumpyPlan:
    """A graph as a list of instructions over slots."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._shared = worth_sharing(graph)
        self._slots: dict[Symbol, int] = {}
        for symbol in graph.sources():
            self._slot(symbol)
        self._start: list[Array | None] = [None] * len(self._slots)
        self._constants = list(graph.constants.values())
        self._constant_ids = frozenset(map(id, self._constants))
        for symbol, array in graph.constants.items():
            self._start[self._slots[symbol]] = array
        self._instructions = self._lower()
        self._results = [self._slots[symbol] for symbol in graph.outputs]
        self._updates = [(v, self._slots[s]) for v, s in graph.updates.items()]
        self._states = [(v, self._slots[s]) for v, s in graph.states.items()]
        self._inputs = [self._slots[symbol] for symbol in graph.inputs]

    def _slot(self, symbol: Symbol) -> int:
        return self._slots.setdefault(symbol, len(self._slots))

    def _lower(self) -> list[Instruction]:
        kept = {self._slot(symbol) for symbol in (*self.graph.sources(), *self.graph.results())}
        instructions: list[Instruction] = []
        seen = set(kept)
        for node in reversed(self.graph.nodes):
            inputs = tuple(map(self._slot, node.inputs))
            outputs = tuple(map(self._slot, node.outputs))
            last = set(inputs + outputs) - seen
            seen |= last
            instructions.append(
                Instruction(
                    node.primitive.forward,
                    node.attributes,
                    inputs,
                    outputs,
                    node.primitive.single,
                    tuple(sorted(last)),
                )
            )
        return instructions[::-1]

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        """Run once; see ``lernwerk.core.engine.Plan``."""
        with np.errstate(all="ignore"), limited(thread_count(self._shared)):
            results = self._step(inputs)
        owned = [*inputs, *self._constants, *(variable.array for variable, _ in self._states)]
        return [_own(array, owned) for array in results]

    def run_epoch(self, data: Sequence[Array], order: Array, batch_size: int) -> list[Array]:
        """Run a step for each full batch of ``order``; see ``lernwerk.core.engine.Plan``."""
        collected: list[list[Array]] = [[] for _ in self._results]
        with np.errstate(all="ignore"), limited(thread_count(self._shared)):
            for start in range(0, len(order) - batch_size + 1, batch_size):
                rows = order[start : start + batch_size]
                results = self._step([array[rows] for array in data])
                for parts, result in zip(collected, results, strict=True):
                    parts.append(np.atleast_1d(result))  # a number of each step: a vector in all
        return [_joined(*each) for each in zip(collected, self.graph.outputs, strict=True)]

    def _step(self, inputs: Sequence[Array]) -> list[Array]:
        values: list[Any] = [*self._start, *([None] * (len(self._slots) - len(self._start)))]
        for slot, array in zip(self._inputs, inputs, strict=True):
            values[slot] = array
        for variable, slot in self._states:
            values[slot] = variable.array
        for step in self._instructions:
            _execute(step, values)
        owned = self._constant_ids.union(map(id, inputs))
        for variable, slot in self._updates:
            variable.store(_stored(np.asarray(values[slot]), owned))
        return [np.asarray(values[slot]) for slot in self._results]


def _execute(step: Instruction, values: list[Any]) -> None:
    result = step.forward(*[values[slot] for slot in step.inputs], **step.attributes)
    if step.single:
        values[step.outputs[0]] = result
    else:
        for slot, value in zip(step.outputs, result, strict=True):
            values[slot] = value
    for slot in step.last:
        values[slot] = None


def _own(array: Array, others: Sequence[Array]) -> Array:
    """A copy where the result shares memory with an array that its owner may change."""
    return array.copy() if any(np.may_share_memory(array, each) for each in others) else array


def _stored(array: Array, owned: frozenset[int]) -> Array:
    """An array for a Variable: not one that somebody else owns, and no view of another one."""
    return array if array.base is None and id(array) not in owned else array.copy()


def _joined(parts: Sequence[Array], symbol: Symbol) -> Array:
    """The results of all steps in one array, which is empty where there was no step."""
    return np.concatenate(parts) if parts else np.empty((0, *symbol.shape[1:]), symbol.dtype)


class NumpyEngine:
    """The engine that needs nothing but NumPy."""

    name = "numpy"

    def compile(self, graph: Graph) -> NumpyPlan:
        """Make a graph ready to run."""
        return NumpyPlan(simplify(graph))

    def placement(self, graph: Graph) -> dict[Node, str]:
        """Everything runs in NumPy."""
        return dict.fromkeys(graph.nodes, self.name)


ENGINE = NumpyEngine()
