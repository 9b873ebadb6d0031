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

from lernwerk.core.graph import Graph, Symbol
from lernwerk.core.passes import simplify
from lernwerk.engines.threads import limited, threads_for
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
        self._threads = threads_for(graph)
        self._slots: dict[Symbol, int] = {}
        for symbol in graph.sources():
            self._slot(symbol)
        self._start: list[Array | None] = [None] * len(self._slots)
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
        with np.errstate(all="ignore"), limited(self._threads):
            return [_own(array, inputs) for array in self._step(inputs)]

    def run_epoch(self, data: Sequence[Array], order: Array, batch_size: int) -> list[Array]:
        """Run a step for each full batch of ``order``; see ``lernwerk.core.engine.Plan``."""
        collected: list[list[Array]] = [[] for _ in self._results]
        with np.errstate(all="ignore"), limited(self._threads):
            for start in range(0, len(order) - batch_size + 1, batch_size):
                rows = order[start : start + batch_size]
                results = self._step([array[rows] for array in data])
                for parts, result in zip(collected, results, strict=True):
                    parts.append(result)
        return [np.concatenate(parts) for parts in collected]

    def _step(self, inputs: Sequence[Array]) -> list[Array]:
        values: list[Any] = [*self._start, *([None] * (len(self._slots) - len(self._start)))]
        for slot, array in zip(self._inputs, inputs, strict=True):
            values[slot] = array
        for variable, slot in self._states:
            values[slot] = variable.array
        for step in self._instructions:
            _execute(step, values)
        for variable, slot in self._updates:
            variable.store(_own(np.asarray(values[slot]), inputs))
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


def _own(array: Array, inputs: Sequence[Array]) -> Array:
    """A copy where the result shares memory with an input, which its owner may change."""
    return array.copy() if any(np.may_share_memory(array, each) for each in inputs) else array


class NumpyEngine:
    """The engine that needs nothing but NumPy."""

    name = "numpy"

    def compile(self, graph: Graph) -> NumpyPlan:
        """Make a graph ready to run."""
        return NumpyPlan(simplify(graph))


ENGINE = NumpyEngine()
