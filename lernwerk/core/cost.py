"""What a graph costs: floating-point operations and memory, estimated from shapes alone.

A product counts a multiplication and an addition for each pair of numbers; everything else counts
one operation for each number that it reads or makes, whichever are more, so that it is the right
order of magnitude, no more; moving numbers counts nothing. Memory is that of the values
themselves: an engine may need less (results in place of inputs) or more (scratch).

Source: Molchanov et al. 2017, arXiv:1611.06440, appendix A.1 (convolutions and dense layers)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from lernwerk.core.graph import Graph, Node, Symbol

_MOVES = frozenset({
    "broadcast_to", "cast", "concatenate", "embed", "flip", "gather", "identity", "one_hot", "pad",
    "reshape", "slice", "stop_gradient", "take_along_axis", "transpose",
})  # fmt: skip


@dataclass(frozen=True)
class Cost:
    """Totals of a graph: operations, and bytes of memory."""

    flops: int
    state_bytes: int
    constant_bytes: int
    peak_bytes: int


def cost(graph: Graph) -> Cost:
    """The totals: weights and other states, constants, and the most that is alive beside them."""
    return Cost(
        flops=sum(map(flops, graph.nodes)),
        state_bytes=sum(symbol.nbytes for symbol in graph.states.values()),
        constant_bytes=sum(symbol.nbytes for symbol in graph.constants),
        peak_bytes=peak_bytes(graph),
    )


def output_bytes(node: Node) -> int:
    """The memory of a node's results."""
    return sum(symbol.nbytes for symbol in node.outputs)


def peak_bytes(graph: Graph) -> int:
    """The most memory that inputs and results of nodes take at one time.

    A value lives until its last use, a result of the graph until the end; inputs and results of a
    node are there together.
    """
    last: dict[Symbol, int] = dict.fromkeys(graph.inputs, -1)
    for number, node in enumerate(graph.nodes):
        last.update(dict.fromkeys((*node.inputs, *node.outputs), number))
    last.update(dict.fromkeys(graph.results(), len(graph.nodes)))
    ending: list[int] = [0] * (len(graph.nodes) + 1)
    kept = {*graph.constants, *graph.states.values()}
    for symbol, number in last.items():
        if symbol not in kept and number >= 0:
            ending[number] += symbol.nbytes
    alive = peak = sum(symbol.nbytes for symbol in graph.inputs if last[symbol] >= 0)
    for number, node in enumerate(graph.nodes):
        alive += output_bytes(node)
        peak = max(peak, alive)
        alive -= ending[number]
    return peak


def flops(node: Node) -> int:
    """The floating-point operations of a node."""
    name = node.primitive.name
    if name in _MOVES:
        return 0
    formula = _FORMULAS.get(name)
    if formula is not None:
        return formula(node)
    return max((symbol.size for symbol in (*node.inputs, *node.outputs)), default=0)


def _matmul(node: Node) -> int:
    """Each result is a sum of k products."""
    return 2 * node.outputs[0].size * node.inputs[0].shape[-1]


def _contraction(node: Node) -> int:
    """Every combination of letters: a multiplication for each further operand, and an addition."""
    terms = node.attributes["equation"].replace(" ", "").partition("->")[0].split(",")
    lengths: dict[str, int] = {}
    for term, symbol in zip(terms, node.inputs, strict=True):
        lengths.update(zip(term, symbol.shape, strict=True))
    return len(terms) * math.prod(lengths.values())


def _convolution(node: Node) -> int:
    """Each output channel of each place is a sum over the window and its input channels."""
    return 2 * node.outputs[0].size * math.prod(node.inputs[1].shape[:-1])


def _convolution_input_gradient(node: Node) -> int:
    return 2 * node.inputs[0].size * math.prod(node.inputs[1].shape[:-1])


def _convolution_kernel_gradient(node: Node) -> int:
    return 2 * node.inputs[1].size * math.prod(node.outputs[0].shape[:-1])


def _pooling(node: Node) -> int:
    """Each result is a sum, or a maximum, over a window."""
    return node.outputs[0].size * math.prod(node.attributes["size"])


def _recurrent(kernel: int) -> Callable[[Node], int]:
    """The products of all steps with kernel (d, m) and recurrent kernel (n, m)."""

    def formula(node: Node) -> int:
        batch, steps, features = node.inputs[0].shape
        units, gates = node.inputs[kernel + 1].shape
        return 2 * batch * steps * gates * (features + units)

    return formula


def _recurrent_gradient(node: Node) -> int:
    """The product of each step that carries the gradient back: dz recurrent^T."""
    batch, steps = node.inputs[1].shape
    return 2 * batch * steps * node.inputs[0].size


def _recurrent_weights(node: Node) -> int:
    """The products of x and of the states before with dz, and the sum of dz."""
    _, recurrent, _ = node.outputs
    batch, steps, features = node.inputs[0].shape
    units, columns = recurrent.shape
    return batch * steps * columns * (2 * (features + units) + 1)


_FORMULAS: dict[str, Callable[[Node], int]] = {
    "matmul": _matmul,
    "contraction": _contraction,
    "convolution": _convolution,
    "convolution_input_gradient": _convolution_input_gradient,
    "convolution_kernel_gradient": _convolution_kernel_gradient,
    "max_pooling": _pooling,
    "average_pooling": _pooling,
    "simple_rnn": _recurrent(kernel=2),
    "gru": _recurrent(kernel=2),
    "lstm": _recurrent(kernel=3),
    "simple_rnn_gradient": _recurrent_gradient,
    "gru_gradient": _recurrent_gradient,
    "lstm_gradient": _recurrent_gradient,
    "recurrent_weights_gradient": _recurrent_weights,
}
