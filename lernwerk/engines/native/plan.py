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
        self._updated = set(graph.updates)
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
        self._scratch = max((rounded(e.step.local) for e in self.instructions if e.step), default=0)
        self._room = 1  # threads for whose scratch memory there is room
        self._buffers: list[Array] = []
        self._housed: list[tuple[Any, Home]] = []  # the states with their homes
        self._changed: list[tuple[Any, Home]] = []  # those of the states that a run changes
        self._fixed: list[int] = []  # addresses of all bases but the inputs
        self._addresses: list[int] = []  # of all bases, as the engine has them
        self._views: dict[Any, Array] = {}

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
        local = self._scratch
        if self._local is None or self._local.nbytes < local * threads:
            self._local = allocated(max(local * threads, ALIGNMENT), self.graph.name)
            self._room = self._local.nbytes // local if local else _NO_LIMIT
            self._addresses = []

    def _bring_home(self) -> None:
        """See that the newest numbers of the Variables lie in their homes, where those belong."""
        if not self._fixed or [1 for variable, home in self._housed if variable.home is not home]:
            for family in self._families:
                for offsets in family.variables:
                    adjoin(offsets)
            self._housed = [(variable, home_of(variable)) for variable in self._states]
            self._changed = [each for each in self._housed if each[0] in self._updated]
            homes = [home.address for _, home in self._housed]
            assert self._memory is not None
            self._fixed = [_address(self._memory), _address(self._constant_memory), *homes]
        for variable, home in self._housed:
            if home.version != variable.version:
                home.refresh(variable)

    def _bind(self, inputs: Sequence[Array]) -> None:
        addresses = [*self._fixed, *map(_address, inputs)]
        if addresses != self._addresses:
            assert self._local is not None
            self._native.bind(addresses, _address(self._local), self._room)
            self._addresses = addresses

    def _view(self, symbol: Symbol, shape: tuple[int, ...]) -> Array:
        """The memory of a value as an array; those in the arena, which stays, are kept."""
        view = self._views.get((symbol, shape))
        if view is not None:
            return view
        base, offset = self._places[symbol]
        size = byte_size(symbol)
        if not size:
            return np.empty(shape, symbol.dtype)
        raw: Any = (ctypes.c_char * size).from_address(self._native.address(base) + offset)
        view = np.frombuffer(raw, symbol.dtype).reshape(shape)
        if base == _ARENA:
            self._views[symbol, shape] = view
        return view

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
            self._bring_home()
            held = list(map(_plain, inputs))
            self._bind(held)
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
            self._bring_home()
            held = list(map(_plain, data))
            buffers = self._input_buffers()
            self._bind(buffers)
            feeds = [
                (self._bases[symbol], _address(array), _address(buffer), _row_bytes(symbol))
                for symbol, array, buffer in zip(self.graph.inputs, held, buffers, strict=True)
            ]
            collected = [self._collector(symbol, steps) for symbol in self.graph.outputs]
            harvests = [
                (*self._places[root], _address(array), byte_size(root))
                for root, array in zip(self._results, collected, strict=True)
            ]
            self._addresses = []  # the engine points inputs at other rows from step to step
            try:
                self._native.run_epoch(
                    steps, _address(order), batch_size, feeds, harvests, self._fallback
                )
            finally:
                if self._native.steps_done():
                    self._written()
            return collected

    def _written(self) -> None:
        for variable, home in self._changed:
            home.written(variable)

    def _input_buffers(self) -> list[Array]:
        """Room for the rows of two steps of each input: the next one's are brought as well."""
        if not self._buffers:
            sizes = [2 * rounded(byte_size(symbol)) for symbol in self.graph.inputs]
            self._buffers = [allocated(max(size, ALIGNMENT), self.graph.name) for size in sizes]
        return self._buffers

    @staticmethod
    def _collector(symbol: Symbol, steps: int) -> Array:
        first = symbol.shape[:1] or (1,)
        return np.empty((steps * first[0], *symbol.shape[1:]), symbol.dtype)


def _address(array: Array) -> int:
    """Where an array begins; ``array.ctypes`` would make an object to say so."""
    address: int = array.__array_interface__["data"][0]
    return address


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
    # Read without a sign, a negative number is beyond all data.
    if data and order.size and order.view(np.uint64).max() >= shortest:
        found = f"{order.min()} to {order.max()}"
        raise IndexError(f"expected rows in [0, {shortest - 1}], got {found}")
    return order
