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

from lernwerk import ops
from lernwerk.core.graph import Graph, Node, Symbol
from lernwerk.ops.primitive import Primitive

_SCALES = frozenset({"multiply", "divide", "negative"})


def fold_normalization(graph: Graph) -> Graph:
    """The graph in which products take up the scales and shifts right behind them."""
    chains = {chain[-1]: (product, chain) for product, chain in _chains(graph)}
    if not chains:
        return graph
    replaced = {node for product, chain in chains.values() for node in (product, *chain)}
    writer = _Writer(_free_labels(graph))
    for node in graph.nodes:
        if node in chains:
            _write_folded(writer, *chains[node])
        elif node not in replaced:
            writer.nodes.append(node)
    return replace(graph, nodes=writer.nodes)


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
    """The nodes of the new graph, with labels of their own."""

    labels: Iterator[str]
    scope: str = ""
    nodes: list[Node] = field(default_factory=list)

    def node(self, primitive: Primitive, *inputs: Symbol, **attributes: Any) -> Symbol:
        """Add an operation and return its result."""
        made = Node(primitive, inputs, attributes, self.scope)
        specs = primitive.infer([symbol.spec for symbol in inputs], attributes)
        made.outputs = tuple(Symbol(spec, next(self.labels)) for spec in specs)
        self.nodes.append(made)
        return made.outputs[0]

    def vector(self, value: Symbol) -> Symbol:
        """A value for each channel without axes of length 1 before it."""
        if len(value.shape) < 2:
            return value
        return self.node(ops.reshape, value, shape=value.shape[-1:])


@dataclass(frozen=True)
class _Factor:
    """What is multiplied by: a value, or one to divide by; None where there is only a sign."""

    value: Symbol | None = None
    divides: bool = False
    minus: bool = False

    def times(self, other: _Factor, writer: _Writer) -> _Factor:
        """The product of two factors, in at most one operation."""
        minus = self.minus != other.minus
        if self.value is None or other.value is None:
            only = other if self.value is None else self
            value, divides = only.value, only.divides
        elif self.divides == other.divides:
            value, divides = writer.node(ops.multiply, self.value, other.value), self.divides
        else:
            above, below = (other, self) if self.divides else (self, other)
            assert above.value is not None and below.value is not None
            value, divides = writer.node(ops.divide, above.value, below.value), False
        return _Factor(value, divides, minus)

    def applied(self, x: Symbol, writer: _Writer) -> Symbol:
        """x times the factor, its sign left out."""
        if self.value is None:
            return x
        return writer.node(ops.divide if self.divides else ops.multiply, x, self.value)


@dataclass
class _Affine:
    """y * scale + shift; ``pending`` are factors that the shift has not been multiplied by yet.

    So gamma / spread is computed once, and the shift of a normalisation is beta - mean * scale.
    """

    writer: _Writer
    scale: _Factor = _Factor()
    pending: _Factor = _Factor()
    shift: Symbol | None = None
    minus: bool = False  # whether the shift is subtracted

    def follow(self, node: Node, y: Symbol) -> None:
        """Take up one more operation on y."""
        self.writer.scope = node.scope
        name = node.primitive.name
        if name == "negative":
            self._multiply(_Factor(minus=True))
            return
        first = node.inputs[0] is y
        value = self.writer.vector(node.inputs[1 if first else 0])
        if name in _SCALES:
            self._multiply(_Factor(value, divides=name == "divide"))
            return
        if not first and name == "subtract":  # value - y
            self._multiply(_Factor(minus=True))
        self._add(value, minus=first and name == "subtract")

    def _multiply(self, factor: _Factor) -> None:
        self.pending = self.pending.times(factor, self.writer)

    def _add(self, value: Symbol, minus: bool) -> None:
        self.settle()
        if self.shift is None:
            self.shift, self.minus = value, minus
        elif self.minus == minus:
            self.shift = self.writer.node(ops.add, self.shift, value)
        else:
            plus, less = (value, self.shift) if self.minus else (self.shift, value)
            self.shift, self.minus = self.writer.node(ops.subtract, plus, less), False

    def settle(self) -> None:
        """Multiply scale and shift by what is pending."""
        if self.shift is not None:
            self.shift = self.pending.applied(self.shift, self.writer)
            self.minus = self.minus != self.pending.minus
        self.scale = self.scale.times(self.pending, self.writer)
        self.pending = _Factor()

    def bias(self) -> Symbol | None:
        """The shift, with its sign, so that engines find an addition as behind any product."""
        if self.shift is None or not self.minus:
            return self.shift
        return self.writer.node(ops.negative, self.shift)

    def kernel(self, kernel: Symbol) -> Symbol:
        """The kernel times the scale."""
        if self.scale.minus:
            kernel = self.writer.node(ops.negative, kernel)
        return self.scale.applied(kernel, self.writer)


def _write_folded(writer: _Writer, product: Node, chain: list[Node]) -> None:
    """Write the product with its kernel scaled, and the shift behind it."""
    affine = _Affine(writer)
    for node, y in zip(chain, _results([product, *chain]), strict=False):
        affine.follow(node, y)
    affine.settle()
    writer.scope = product.scope
    x, kernel = product.inputs
    shift = affine.bias()
    y = writer.node(product.primitive, x, affine.kernel(kernel), **product.attributes)
    if shift is not None:
        writer.node(ops.add, y, shift)
    writer.nodes[-1].outputs = chain[-1].outputs


def _free_labels(graph: Graph) -> Iterator[str]:
    """Labels that the graph does not have yet."""
    symbols = [*graph.sources(), *(out for node in graph.nodes for out in node.outputs)]
    taken = [int(s.label[1:]) for s in symbols if s.label[1:].isdecimal()]
    return (f"%{number}" for number in itertools.count(1 + max(taken, default=-1)))
