"""Fold normalisation: scales and shifts behind a product move into its kernel and one bias.

    ((x w + bias - mean) / spread) * gamma + beta  =  x (w s) + t

What BatchNormalization leaves of itself in inference is four walks over the output of a convolution
for numbers that do not depend on the input. Here they become a scale s and a shift t of each
channel. Weights change between runs, so w s is computed in every run: worth it where the output is
larger than the kernel. Rounding changes a little; the reference engine leaves this pass out.

Source: Jacob et al. 2018, Quantization and Training of Neural Networks, section 3.2, eq. 14
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from lernwerk import ops
from lernwerk.core.graph import Graph, Node, Symbol
from lernwerk.ops.primitive import Array, Primitive, Spec

_SCALES = frozenset({"multiply", "divide", "negative"})


def fold_normalization(graph: Graph) -> Graph:
    """The graph in which products take up the scales and shifts right behind them."""
    chains = {chain[-1]: (product, chain) for product, chain in _chains(graph)}
    if not chains:
        return graph
    replaced = {node for product, chain in chains.values() for node in (product, *chain)}
    writer = _Writer(_first_free_label(graph))
    for node in graph.nodes:
        if node in chains:
            _write_folded(writer, *chains[node])
        elif node not in replaced:
            writer.nodes.append(node)
    return replace(graph, nodes=writer.nodes, constants=graph.constants | writer.constants)


# ---- finding


def _chains(graph: Graph) -> Iterator[tuple[Node, list[Node]]]:
    """The products with the nodes behind them that are worth folding."""
    fixed = _fixed(graph)
    uses = Counter(symbol for node in graph.nodes for symbol in node.inputs)
    uses.update(graph.results())
    reader = {symbol: node for node in graph.nodes for symbol in node.inputs}
    for node in graph.nodes:
        if _is_product(node) and node.inputs[1] in fixed:
            chain: list[Node] = []
            last = node
            while uses[last.outputs[0]] == 1 and last.outputs[0] in reader:
                following = reader[last.outputs[0]]
                if not _is_link(following, last.outputs[0], fixed):
                    break
                chain.append(following)
                last = following
            if _is_worth_it(node, chain):
                yield node, chain


def _fixed(graph: Graph) -> set[Symbol]:
    """Values that depend on states and constants alone: they are the same for every row."""
    fixed = {*graph.constants, *graph.states.values()}
    for node in graph.nodes:
        if fixed.issuperset(node.inputs):
            fixed.update(node.outputs)
    return fixed


def _is_product(node: Node) -> bool:
    """Whether a node is a product whose last axis is that of its kernel."""
    name = node.primitive.name
    return name == "convolution" or (name == "matmul" and len(node.inputs[1].shape) > 1)


def _is_link(node: Node, y: Symbol, fixed: set[Symbol]) -> bool:
    """Whether a node scales or shifts the channels of ``y`` by values that are fixed."""
    name = node.primitive.name
    if name not in ("add", "subtract", *_SCALES) or node.outputs[0].spec != y.spec:
        return False
    if name == "divide" and node.inputs[0] is not y:
        return False
    return all(s is y or (s in fixed and _is_per_channel(s, y)) for s in node.inputs)


def _is_per_channel(value: Symbol, y: Symbol) -> bool:
    leading = value.shape[:-1]
    fits = not value.shape or value.shape[-1] in (1, y.shape[-1])
    return value.dtype == y.dtype and y.dtype.kind == "f" and fits and set(leading) <= {1}


def _is_worth_it(product: Node, chain: list[Node]) -> bool:
    """Whether fewer walks over the output are left, and a scaled kernel is smaller than it."""
    names = [node.primitive.name for node in chain]
    left = 1 if "add" in names or "subtract" in names else 0
    # Scales, and value - y, whose factor is -1.
    scaled = any(
        node.primitive.name in _SCALES
        or (node.primitive.name == "subtract" and node.inputs[0] is not y)
        for node, y in zip(chain, _results([product, *chain]), strict=False)
    )
    smaller = product.inputs[1].size < product.outputs[0].size
    return len(chain) > left and (smaller or not scaled)


def _results(nodes: list[Node]) -> list[Symbol]:
    return [node.outputs[0] for node in nodes]


# ---- writing


@dataclass
class _Writer:
    """The nodes and constants of the new graph, with labels of their own."""

    free: Iterator[int]
    scope: str = ""
    nodes: list[Node] = field(default_factory=list)
    constants: dict[Symbol, Array] = field(default_factory=dict)

    def node(self, primitive: Primitive, *inputs: Symbol, **attributes: Any) -> Symbol:
        """Add an operation and return its result."""
        made = Node(primitive, inputs, attributes, self.scope)
        specs = primitive.infer([symbol.spec for symbol in inputs], attributes)
        made.outputs = tuple(Symbol(spec, f"%{next(self.free)}") for spec in specs)
        self.nodes.append(made)
        return made.outputs[0]

    def number(self, value: float, like: Symbol) -> Symbol:
        """Add a constant of the type of another value."""
        symbol = Symbol(Spec((), like.dtype), f"%{next(self.free)}")
        self.constants[symbol] = np.array(value, like.dtype)
        return symbol


@dataclass
class _Affine:
    """y * scale + shift with a scale and a shift for each channel; None is 1 and 0."""

    writer: _Writer
    scale: Symbol | None = None
    shift: Symbol | None = None

    def follow(self, node: Node, y: Symbol) -> None:
        """Take up one more operation on y."""
        self.writer.scope = node.scope
        name = node.primitive.name
        if name == "negative":
            self._negate(y)
            return
        first = node.inputs[0] is y
        value = _vector(self.writer, node.inputs[1 if first else 0])
        if name in _SCALES:
            self._scale(node.primitive, value)
        elif name == "subtract" and not first:  # value - y
            self._negate(y)
            self._add(value)
        else:
            self._add(value if name == "add" else self.writer.node(ops.negative, value))

    def _add(self, value: Symbol) -> None:
        self.shift = value if self.shift is None else self.writer.node(ops.add, self.shift, value)

    def _scale(self, primitive: Primitive, value: Symbol) -> None:
        if self.shift is not None:
            self.shift = self.writer.node(primitive, self.shift, value)
        if self.scale is not None or primitive is ops.divide:
            scale = self.scale or self.writer.number(1.0, value)
            value = self.writer.node(primitive, scale, value)
        self.scale = value

    def _negate(self, y: Symbol) -> None:
        if self.shift is not None:
            self.shift = self.writer.node(ops.negative, self.shift)
        if self.scale is None:
            self.scale = self.writer.number(-1.0, y)
        else:
            self.scale = self.writer.node(ops.negative, self.scale)


def _write_folded(writer: _Writer, product: Node, chain: list[Node]) -> None:
    """Write the product with its kernel scaled, and the shift behind it."""
    affine = _Affine(writer)
    y = product.outputs[0]
    for node in chain:
        affine.follow(node, y)
        y = node.outputs[0]
    writer.scope = product.scope
    x, kernel = product.inputs
    if affine.scale is not None:
        kernel = writer.node(ops.multiply, kernel, affine.scale)
    y = writer.node(product.primitive, x, kernel, **product.attributes)
    if affine.shift is not None:
        writer.node(ops.add, y, affine.shift)
    writer.nodes[-1].outputs = chain[-1].outputs


def _vector(writer: _Writer, value: Symbol) -> Symbol:
    """A value for each channel without axes of length 1 before it."""
    if len(value.shape) < 2:
        return value
    return writer.node(ops.reshape, value, shape=value.shape[-1:])


def _first_free_label(graph: Graph) -> Iterator[int]:
    """Numbers for labels that the graph does not have yet."""
    symbols = [*graph.sources(), *(out for node in graph.nodes for out in node.outputs)]
    taken = [int(s.label[1:]) for s in symbols if s.label[1:].isdecimal()]
    return itertools.count(1 + max(taken, default=-1))
