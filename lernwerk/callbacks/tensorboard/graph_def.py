"""A traced graph as TensorFlow's GraphDef, which TensorBoard draws.

Nodes are named by the layer that asked for them (``dense/matmul``), so that TensorBoard folds each
layer into one box; what no layer asked for (loss, metrics, the optimizer) is in the box ``step``.
States and constants are nodes too, updates end in ``assign``.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from lernwerk.callbacks.tensorboard.summaries import data_type, shape
from lernwerk.callbacks.tensorboard.wire import block, integer
from lernwerk.core.graph import Graph, Symbol

_NOBODY = "step"
_PRODUCER = 22  # the version of the format; readers refuse none that is so old


def graph_def(graph: Graph) -> bytes:
    """The bytes of the GraphDef."""
    return _Writer().graph(graph)


class _Writer:
    def __init__(self) -> None:
        self.used: Counter[str] = Counter()
        self.names: dict[Symbol, str] = {}

    def graph(self, graph: Graph) -> bytes:
        nodes = [
            *(self._source("input", "Placeholder", symbol) for symbol in graph.inputs),
            *(self._source(f"{_NOBODY}/constant", "Const", symbol) for symbol in graph.constants),
            *(self._source(state.path, "Variable", s) for state, s in graph.states.items()),
        ]
        for node in graph.nodes:
            name = self._unique(f"{node.scope or _NOBODY}/{node.primitive.name}")
            inputs = [self.names[symbol] for symbol in node.inputs]
            for number, symbol in enumerate(node.outputs):
                self.names[symbol] = f"{name}:{number}" if number else name
            nodes.append(_node(name, node.primitive.name, inputs, node.outputs, node.attributes))
        for state, symbol in graph.updates.items():
            inputs = [self.names[graph.states[state]], self.names[symbol]]
            nodes.append(_node(self._unique(f"{state.path}/assign"), "Assign", inputs, [symbol]))
        return b"".join(block(1, each) for each in nodes) + block(4, integer(1, _PRODUCER))

    def _source(self, name: str, operation: str, symbol: Symbol) -> bytes:
        self.names[symbol] = self._unique(name)
        return _node(self.names[symbol], operation, [], [symbol])

    def _unique(self, name: str) -> str:
        """The name, with a number where it is taken already."""
        while name in self.used:
            self.used[name] += 1
            name = f"{name}_{self.used[name] - 1}"
        self.used[name] = 1
        return name


def _node(
    name: str, operation: str, inputs: list[str], outputs: Any, attributes: Any = None
) -> bytes:
    """A NodeDef: its name, operation, inputs and attributes, its shapes among them."""
    shapes = b"".join(block(7, shape(symbol.shape)) for symbol in outputs)
    given = {"_output_shapes": block(1, shapes)}
    if outputs:
        given["dtype"] = integer(6, data_type(outputs[0].dtype))
    for key, value in (attributes or {}).items():
        given[key] = block(2, str(value))
    pairs = b"".join(block(5, block(1, key) + block(2, value)) for key, value in given.items())
    listed = b"".join(block(3, each) for each in inputs)
    return block(1, name) + block(2, operation) + listed + pairs
