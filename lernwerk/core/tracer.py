"""The recorder that is active while a function is traced.

It collects nodes, inputs, constants and the Variables that are read and assigned into a Graph. It
is active per thread (and per task), so that two threads can trace at once.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from lernwerk.core.graph import Graph, Node, Symbol
from lernwerk.ops.primitive import Array, Primitive, Spec

_active: ContextVar[Tracer | None] = ContextVar("tracer", default=None)
_scope: ContextVar[str] = ContextVar("scope", default="")


def current_tracer() -> Tracer | None:
    """The tracer of the function being traced in this thread, if any."""
    return _active.get()


def current_scope() -> str:
    """The scope that nodes recorded now would have."""
    return _scope.get()


@contextmanager
def scope(name: str) -> Iterator[None]:
    """Name the nodes recorded inside after a layer: ``scope("dense_1")``."""
    outer = _scope.get()
    token = _scope.set(f"{outer}/{name}" if outer else name)
    try:
        yield
    finally:
        _scope.reset(token)


@contextmanager
def suspended() -> Iterator[None]:
    """Compute eagerly inside although a function is being traced: weights are made this way."""
    token = _active.set(None)
    try:
        yield
    finally:
        _active.reset(token)


class Tracer:
    """Builds one Graph; used as a context manager."""

    def __init__(self, name: str) -> None:
        self.graph = Graph(name)
        self._labels = (f"%{i}" for i in itertools.count())
        self._constants: dict[Hashable, Symbol] = {}
        self._kept: list[Array] = []

    def __enter__(self) -> Tracer:
        self._token = _active.set(self)
        return self

    def __exit__(self, *error: object) -> None:
        _active.reset(self._token)

    def placeholder(self, spec: Spec) -> Symbol:
        """A new input of the graph."""
        symbol = Symbol(spec, next(self._labels))
        self.graph.inputs.append(symbol)
        return symbol

    def read(self, variable: Any) -> Symbol:
        """The present value of a Variable inside the trace: its last assigned symbol, or itself."""
        graph = self.graph
        if variable not in graph.states:
            graph.states[variable] = Symbol(variable.spec, next(self._labels))
        return graph.updates.get(variable, graph.states[variable])

    def assign(self, variable: Any, value: Any) -> None:
        """Record that the Variable has this value from here on."""
        self.read(variable)
        self.graph.updates[variable] = self.symbol(value)

    def symbol(self, value: Any) -> Symbol:
        """The value as a symbol: arrays become constants of the graph."""
        if isinstance(value, Symbol):
            return value
        return self._constant(value)

    def _constant(self, array: Array) -> Symbol:
        """One constant for an array, and one for all equal numbers."""
        key: Hashable = id(array)
        if array.size == 1:
            key = array.dtype.str, array.shape, array.tobytes()
        found = self._constants.get(key)
        if found is None:
            found = Symbol(Spec(array.shape, array.dtype), next(self._labels))
            self.graph.constants[found] = array.copy()  # its owner may change it later
            self._constants[key] = found
            self._kept.append(array)  # an id is its own only while the array lives
        return found

    def record(
        self,
        primitive: Primitive,
        values: tuple[Any, ...],
        attributes: dict[str, Any],
        specs: tuple[Spec, ...],
    ) -> tuple[Symbol, ...]:
        """Add a node and return its output symbols."""
        node = Node(primitive, tuple(map(self.symbol, values)), attributes, _scope.get())
        node.outputs = tuple(Symbol(spec, next(self._labels)) for spec in specs)
        self.graph.nodes.append(node)
        return node.outputs
