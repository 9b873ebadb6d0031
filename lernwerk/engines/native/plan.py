"""The plan of the native engine: instructions bound to memory, run without Python in between."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from lernwerk import settings
from lernwerk.core.graph import Graph, Symbol
from lernwerk.engines.native.extension import extension, usable_cores
from lernwerk.engines.native.homes import Home, adjoin, allocated, home_of
from lernwerk.engines.native.lowerer import Lowerer, copied
from lernwerk.engines.native.memory import ALIGNMENT, Arena, byte_size, rounded
from lernwerk.ops.primitive import Array

_NO_LIMIT = 256  # threads; native/pool.hpp
_ARENA, _CONSTANTS = 0, 1  # the first bases; Variables and inputs follow


class NativePlan:
    """Runs a graph with the C++ engine; see ``lernwerk.core.engine.Plan``."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._lock = threading.Lock()
        lowerer = Lowerer(graph)
        self.instructions = list(lowerer.instructions)
        self._states = list(graph.states)
        self._updated = list(graph.updates)
        self._root = lowerer.root
        self._results = [lowerer.result(symbol) for symbol in graph.outputs]
        self._bases, self._places = self._fixed_places(lowerer)
        for variable, symbol in lowerer.commits:
            target = Symbol(symbol.spec, f"{symbol.label}''")
            self._places[target] = self._bases[variable], 0
            self.instructions.append(copied(symbol, target))
        self._families = lowerer.families
        blocks = [block for family in self._families for block in family.values]
        self.arena = Arena(self.instructions, self._places, set(self._results), blocks)
        self._places |= {symbol: (_ARENA, at) for symbol, at in self.arena.offsets.items()}
        self._native = extension().Plan(list(map(self._row, range(len(self.instructions)))))
        self._memory: Array | None = None
        self._local: Array | None = None
        self._room = 1  # threads for whose scratch memory there is room
        self._buffers: dict[int, Array] = {}
        self._addresses: list[int] = []

    # ---- memory

    def _fixed_places(self, lowerer: Lowerer) -> tuple[dict[Any, int], dict[Symbol, Any]]:
        """Bases of Variables and inputs, and the places of all that lies outside the arena."""
        graph, places, offset = self.graph, {}, 0
        self._constants = []
        for symbol, array in graph.constants.items():
            places[symbol] = _CONSTANTS, offset
            self._constants.append((offset, np.ascontiguousarray(array)))
            offset += rounded(array.nbytes)
        self._constant_bytes = offset
        bases: dict[Any, int] = {}
        for variable, symbol in graph.states.items():
            bases[variable] = 2 + len(bases)
            places[symbol] = bases[variable], 0
        for symbol, variable in lowerer.homes.items():
            places[symbol] = bases[variable], 0
        for symbol in graph.inputs:
            bases[symbol] = 2 + len(bases)
            places[symbol] = bases[symbol], 0
        return bases, places

    def _row(self, i: int) -> tuple[Any, ...]:
        each = self.instructions[i]
        inputs = [self._places[symbol] for symbol in each.inputs]
        outputs = [self._places[symbol] for symbol in each.outputs]
        if each.step is None:
            return "", inputs, outputs, [], [], 0, 0
        step = each.step
        scratch = self.arena.scratch[i]
        return (
            step.kernel, inputs, outputs, list(step.whole), list(step.real), scratch,
            rounded(step.local),
        )  # fmt: skip

    def _prepare(self) -> None:
        """Allocate memory at the first run, and scratch for as many threads as are wanted."""
        threads = settings.get("threads") or usable_cores()
        module = extension()
        if module.threads() != threads:
            module.set_threads(threads)
        if self._memory is None:
            self._constant_memory = allocated(self._constant_bytes or ALIGNMENT, self.graph.name)
            for offset, array in self._constants:
                part = self._constant_memory[offset : offset + array.nbytes]
                part[...] = array.reshape(-1).view(np.uint8)
            self._memory = allocated(max(self.arena.size, ALIGNMENT), self.graph.name)
        local = max((rounded(e.step.local) for e in self.instructions if e.step), default=0)
        if self._local is None or self._local.nbytes < local * threads:
            self._local = allocated(max(local * threads, ALIGNMENT), self.graph.name)
            self._room = self._local.nbytes // local if local else _NO_LIMIT
            self._addresses = []

    def _bind(self, homes: Sequence[Home], inputs: Sequence[int]) -> None:
        assert self._memory is not None and self._local is not None
        addresses = [
            self._memory.ctypes.data, self._constant_memory.ctypes.data,
            *[home.address for home in homes], *inputs,
        ]  # fmt: skip
        if addresses != self._addresses:
            self._native.bind(addresses, self._local.ctypes.data, self._room)
            self._addresses = addresses

    def _view(self, symbol: Symbol, shape: tuple[int, ...]) -> Array:
        """The memory of a value as an array."""
        base, offset = self._places[symbol]
        size = byte_size(symbol)
        if not size:
            return np.empty(shape, symbol.dtype)
        raw: Any = (ctypes.c_char * size).from_address(self._native.address(base) + offset)
        return np.frombuffer(raw, symbol.dtype).reshape(shape)

    # ---- running

    def _fallback(self, i: int) -> None:
        """Compute a node by its definition: it has no kernel, or wrong data to complain of."""
        (node,) = self.instructions[i].nodes
        arrays = [self._view(self._root(symbol), symbol.shape) for symbol in node.inputs]
        with np.errstate(all="ignore"):
            found = node.primitive.forward(*arrays, **node.attributes)
        results = [found] if node.primitive.single else found
        for symbol, result in zip(node.outputs, results, strict=True):
            np.copyto(self._view(self._root(symbol), symbol.shape), result, casting="unsafe")

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        """Run once; see ``lernwerk.core.engine.Plan``."""
        with self._lock:
            self._prepare()
            homes = self._homes()
            held = list(map(_plain, inputs))
            self._bind(homes, [array.ctypes.data for array in held])
            self._native.run(self._fallback)  # what may raise comes before Variables are written
            self._written()
            return [
                self._view(root, symbol.shape).copy()
                for root, symbol in zip(self._results, self.graph.outputs, strict=True)
            ]

    def run_epoch(self, data: Sequence[Array], order: Array, batch_size: int) -> list[Array]:
        """Run a step for each full batch of ``order``; see ``lernwerk.core.engine.Plan``."""
        with self._lock:
            steps = len(order) // batch_size if batch_size else 0
            order = _checked_order(order, data)
            self._prepare()
            homes = self._homes()
            held = list(map(_plain, data))
            buffers = [self._buffer(i, symbol) for i, symbol in enumerate(self.graph.inputs)]
            self._bind(homes, [buffer.ctypes.data for buffer in buffers])
            feeds = [
                (self._bases[symbol], array.ctypes.data, buffer.ctypes.data, _row_bytes(symbol))
                for symbol, array, buffer in zip(self.graph.inputs, held, buffers, strict=True)
            ]
            collected = [self._collector(symbol, steps) for symbol in self.graph.outputs]
            harvests = [
                (*self._places[root], array.ctypes.data, byte_size(root))
                for root, array in zip(self._results, collected, strict=True)
            ]
            self._addresses = []  # the engine points inputs at other rows from step to step
            try:
                self._native.run_epoch(
                    steps, order.ctypes.data, batch_size, feeds, harvests, self._fallback
                )
            finally:
                if self._native.steps_done():
                    self._written()
            return collected

    def _homes(self) -> list[Home]:
        for family in self._families:
            for offsets in family.variables:
                adjoin(offsets)
        homes = [home_of(variable) for variable in self._states]
        for home, variable in zip(homes, self._states, strict=True):
            home.refresh(variable)
        return homes

    def _written(self) -> None:
        for variable in self._updated:
            home_of(variable).written(variable)

    def _buffer(self, i: int, symbol: Symbol) -> Array:
        if i not in self._buffers:
            size = 2 * rounded(byte_size(symbol))  # the rows of the next step are brought as well
            self._buffers[i] = allocated(max(size, ALIGNMENT), self.graph.name)
        return self._buffers[i]

    @staticmethod
    def _collector(symbol: Symbol, steps: int) -> Array:
        first = symbol.shape[:1] or (1,)
        return np.empty((steps * first[0], *symbol.shape[1:]), symbol.dtype)


def _plain(array: Array) -> Array:
    """The array as kernels read it: C-contiguous, at an address that fits its type."""
    flags = array.flags
    return array if flags.c_contiguous and flags.aligned else np.array(array, order="C")


def _row_bytes(symbol: Symbol) -> int:
    return byte_size(symbol) // symbol.shape[0] if symbol.shape and symbol.shape[0] else 0


def _checked_order(order: Array, data: Sequence[Array]) -> Array:
    """The order as the engine reads it; IndexError, as in NumPy, for rows beyond the data."""
    order = np.ascontiguousarray(order, np.int64)
    shortest = min((len(array) for array in data), default=0)
    if data and order.size and (order.min() < 0 or order.max() >= shortest):
        found = f"{order.min()} to {order.max()}"
        raise IndexError(f"expected rows in [0, {shortest - 1}], got {found}")
    return order
