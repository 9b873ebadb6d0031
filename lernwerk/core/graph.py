"""The typed graph of a traced function: symbols, nodes in topological order, and its print-out.

A graph knows primitives and shapes, but neither Tensors nor engines. Its inputs are the arguments
of the function, its states the Variables that it reads, its updates the Variables that it assigns.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lernwerk.errors import LernwerkError
from lernwerk.ops.primitive import Array, Dtype, Primitive, Spec


class GraphError(LernwerkError, RuntimeError):
    """A graph that breaks its own rules: a fault of a pass or of the tracer."""


class Symbol:
    """One value of a graph: its type and its label."""

    __slots__ = ("dtype", "label", "shape")

    def __init__(self, spec: Spec, label: str) -> None:
        self.shape = spec.shape
        self.dtype: Dtype = np.dtype(spec.dtype)
        self.label = label

    @property
    def spec(self) -> Spec:
        """Shape and dtype."""
        return Spec(self.shape, self.dtype)

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """The memory of the value in bytes."""
        return self.size * self.dtype.itemsize

    def __repr__(self) -> str:
        return f"{self.label} {self.dtype} {_shape(self.shape)}"


class Node:
    """One operation of a graph; ``scope`` names the layer that asked for it."""

    __slots__ = ("attributes", "inputs", "outputs", "primitive", "scope")

    def __init__(
        self,
        primitive: Primitive,
        inputs: tuple[Symbol, ...],
        attributes: dict[str, Any],
        scope: str = "",
    ) -> None:
        self.primitive = primitive
        self.inputs = inputs
        self.attributes = attributes
        self.scope = scope
        self.outputs: tuple[Symbol, ...] = ()

    def __str__(self) -> str:
        results = ", ".join(str(out) for out in self.outputs)
        arguments = [symbol.label for symbol in self.inputs]
        arguments += [f"{k}={v}" for k, v in self.attributes.items()]
        scope = f"    # {self.scope}" if self.scope else ""
        return f"{results} = {self.primitive.name}({', '.join(arguments)}){scope}"


@dataclass(eq=False)
class Graph:
    """A traced function. ``states`` and ``updates`` have the Variables as keys."""

    name: str
    inputs: list[Symbol] = field(default_factory=list)
    constants: dict[Symbol, Array] = field(default_factory=dict)
    states: dict[Any, Symbol] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)
    outputs: list[Symbol] = field(default_factory=list)
    updates: dict[Any, Symbol] = field(default_factory=dict)

    def results(self) -> list[Symbol]:
        """Everything that must be computed: the outputs and the new values of the states."""
        return [*self.outputs, *self.updates.values()]

    def sources(self) -> list[Symbol]:
        """Everything that is there before the first node."""
        return [*self.inputs, *self.constants, *self.states.values()]

    def lines(self) -> Iterator[str]:
        """The print-out, one line a symbol, node or result."""
        yield f"graph {self.name}"
        for symbol in self.inputs:
            yield f"  input    {symbol}"
        for symbol, array in self.constants.items():
            yield f"  constant {symbol}{_constant_text(array)}"
        for state, symbol in self.states.items():
            yield f"  state    {symbol}    # {state.name}"
        for node in self.nodes:
            yield f"  {node}"
        yield f"  return   {', '.join(symbol.label for symbol in self.outputs) or 'nothing'}"
        for state, symbol in self.updates.items():
            yield f"  update   {self.states[state].label} <- {symbol.label}    # {state.name}"

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def svg(self, notes: Mapping[Node, str] | None = None) -> str:
        """The drawing of the graph as a self-contained SVG; ``notes`` add a line to nodes."""
        from lernwerk.core.drawing import graph_svg

        return graph_svg(self, notes)

    def _repr_html_(self) -> str:
        return self.svg()


def verify(graph: Graph) -> None:
    """Check that every symbol is defined before use and typed as its primitive says."""
    defined = set(graph.sources())
    for node in graph.nodes:
        _check_defined(graph, defined, node.inputs, str(node))
        specs = node.primitive.infer([symbol.spec for symbol in node.inputs], node.attributes)
        found = [symbol.spec for symbol in node.outputs]
        if list(specs) != found:
            raise GraphError(f"graph {graph.name}, {node}", f"outputs {specs}", found)
        if not defined.isdisjoint(node.outputs):
            raise GraphError(f"graph {graph.name}, {node}", "new symbols as outputs", "known ones")
        defined.update(node.outputs)
    _check_defined(graph, defined, tuple(graph.results()), "return")
    for state, symbol in graph.updates.items():
        if state not in graph.states:
            raise GraphError(f"graph {graph.name}, update", "a state of the graph", state.name)
        if symbol.spec != graph.states[state].spec:
            raise GraphError(f"graph {graph.name}", f"{graph.states[state]}", symbol)


def _check_defined(
    graph: Graph, defined: set[Symbol], used: tuple[Symbol, ...], where: str
) -> None:
    for symbol in used:
        if symbol not in defined:
            raise GraphError(f"graph {graph.name}, {where}", "defined symbols", symbol.label)


def _shape(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, shape))})"


def _constant_text(array: Array) -> str:
    return f" = {array.item()}" if array.size == 1 else ""
