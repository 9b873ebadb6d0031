"""The network of a functional model: its nodes between inputs and outputs, in the order they run.

Layers come in Keras's order, which decides the order of weights: by their distance from the
outputs, the farthest first, those at one distance as a walk back from the outputs meets them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.core.tree import is_array, leaves, map_leaves
from lernwerk.errors import ArgumentError, ShapeError, UsageError
from lernwerk.layers.input_layer import InputLayer
from lernwerk.layers.layer import Layer
from lernwerk.layers.symbolic import (
    KerasTensor,
    Node,
    evaluating,
    nodes_to,
    noted_values,
    symbolic_leaves,
)
from lernwerk.models.rewiring import with_own_inputs


class Network:
    """All between ``inputs`` and ``outputs``, symbolic tensors or lists or dicts of them."""

    def __init__(self, inputs: Any, outputs: Any, where: str = "Model(...)") -> None:
        _checked(where, "inputs", inputs)
        _checked(where, "outputs", outputs)
        self.inputs, self.outputs = with_own_inputs(inputs, outputs)
        if isinstance(self.outputs, (list, tuple)) and len(self.outputs) == 1:
            self.outputs = self.outputs[0]  # as in Keras: one output comes without a list
        self.flat_inputs = list(leaves(self.inputs))
        self.flat_outputs = list(leaves(self.outputs))
        known = {id(tensor) for tensor in self.flat_inputs}
        self.nodes = nodes_to(self.flat_outputs, known)
        for node in self.nodes:
            if not node.inputs and isinstance(node.operation, InputLayer):
                raise ArgumentError(
                    where, "inputs that lead to all outputs",
                    f"none for {node.operation.name}, on which an output depends",
                    f"Add the tensor of {node.operation.name} to the inputs.",
                )  # fmt: skip
        self.operations = self._ordered_operations()

    @property
    def layers(self) -> list[Layer]:
        """The layers, those of the inputs included."""
        return [each for each in self.operations if isinstance(each, Layer)]

    @property
    def input_names(self) -> list[str]:
        """The names of the inputs: those of their layers."""
        return [tensor.node.operation.name if tensor.node else tensor.name
                for tensor in self.flat_inputs]  # fmt: skip

    @property
    def output_names(self) -> list[str]:
        """The names of the outputs: keys of a dict, else those of the layers that make them."""
        if isinstance(self.outputs, dict):
            return sorted(self.outputs)
        names = [tensor.node.operation.name for tensor in self.flat_outputs]  # type: ignore[union-attr]
        seen: dict[str, int] = {}
        for index, name in enumerate(names):
            seen[name] = seen.get(name, -1) + 1
            names[index] = f"{name}_{seen[name]}" if seen[name] else name
        return names

    # ---- order

    def _ordered_operations(self) -> list[Any]:
        depths = self._depths()
        met = self._order_met()
        for tensor in self.flat_inputs:
            if tensor.node is not None:
                depths.setdefault(id(tensor.node.operation), 0)
                met.setdefault(id(tensor.node.operation), (-1, tensor.node.operation))
        known = [operation for _, operation in met.values()]
        return sorted(known, key=lambda each: (-depths[id(each)], met[id(each)][0]))

    def _depths(self) -> dict[int, int]:
        """The distance of every operation from the outputs; of several uses the farthest."""
        of_node: dict[int, int] = {}
        found: dict[int, int] = {}
        for node in reversed(self._all_nodes()):
            depth = max(of_node.get(id(node), 0), found.get(id(node.operation), 0))
            of_node[id(node)] = found[id(node.operation)] = depth
            for before in _nodes_before(node):
                of_node[id(before)] = max(depth + 1, of_node.get(id(before), 0))
        return found

    def _all_nodes(self) -> list[Node]:
        """The nodes in order, those of the inputs at their places."""
        ends = {id(tensor.node) for tensor in self.flat_inputs}
        beyond = [
            id(each) for tensor in self.flat_inputs if tensor.node for each in tensor.node.inputs
        ]
        within = nodes_to(self.flat_outputs, known=beyond)
        wanted = {id(node) for node in self.nodes} | ends
        return [node for node in within if id(node) in wanted]

    def _order_met(self) -> dict[int, tuple[int, Any]]:
        """The operations as a walk back from the outputs comes upon them."""
        met: dict[int, tuple[int, Any]] = {}
        ends = {id(tensor) for tensor in self.flat_inputs}
        done: set[int] = set()
        waiting = list(reversed(self.flat_outputs))
        while waiting:
            tensor = waiting.pop()
            node = tensor.node
            if node is None or id(node) in done:
                continue
            done.add(id(node))
            met.setdefault(id(node.operation), (len(met), node.operation))
            if id(tensor) not in ends:
                waiting.extend(reversed(node.inputs))
        return met

    # ---- running

    def run(self, inputs: Any) -> Any:
        """The outputs for inputs in the form of ``self.inputs``."""
        values: dict[int, Any] = {}
        for symbol, value in zip(self.flat_inputs, self.matched(inputs), strict=True):
            values[id(symbol)] = fitted_rank(symbol, value)
        noted = noted_values()
        if noted is None:
            with evaluating(values):
                self._run_nodes(values)
        else:
            noted.update(values)
            self._run_nodes(values, noted)
        return map_leaves(
            lambda leaf: values[id(leaf)] if isinstance(leaf, KerasTensor) else leaf, self.outputs
        )

    def _run_nodes(self, values: dict[int, Any], noted: dict[int, Any] | None = None) -> None:
        """Run all nodes; layers that have kept a symbolic tensor find its value in ``noted``."""
        for node in self.nodes:
            node.run(values)
            if noted is not None:
                for symbol in symbolic_leaves(node.outputs):
                    noted[id(symbol)] = values[id(symbol)]

    def matched(self, given: Any, where: str = "inputs") -> list[Any]:
        """What was given for each input, in order: by name from a dict, one by one from a list."""
        names = self.input_names
        if isinstance(given, dict) or hasattr(given, "to_dict"):
            keys = sorted(self.inputs) if isinstance(self.inputs, dict) else names
            if not isinstance(given, dict) and len(names) == 1:
                return [given]
            missing = [key for key in keys if key not in given]
            if missing:
                raise UsageError(where, f"a value for each input ({', '.join(keys)})",
                                 f"none for {missing[0]!r}")  # fmt: skip
            return [given[key] for key in keys]
        if len(names) == 1 and not isinstance(self.inputs, (list, tuple, dict)):
            return [_only(given)]
        listed = list(given) if isinstance(given, (list, tuple)) else [given]
        if len(listed) != len(names):
            raise UsageError(where, f"{len(names)} inputs ({', '.join(names)})", len(listed),
                             "model.fit([a, b], y), or a dict with these names")  # fmt: skip
        return listed

    def check(self, arrays: list[Any]) -> None:
        """Refuse data of shapes that the inputs do not have; the message names the first layer."""
        for symbol, array in zip(self.flat_inputs, arrays, strict=True):
            if symbol.is_text:  # its layer has made numbers of it already
                continue
            shape = fitted_shape(symbol, tuple(array.shape))
            consumer = self.consumer(symbol, first=True)
            if isinstance(consumer, Layer) and consumer.input_form is not None:
                consumer.input_form.check(consumer.name, shape)
            _check_shape(symbol, shape, tuple(array.shape))

    def consumer(self, symbol: KerasTensor, first: bool = False) -> Any:
        """The first layer or operation that takes a symbolic tensor; within models, their first.

        With ``first``, only one that takes it as its first argument and not, say, as a state.
        """
        for node in self.nodes:
            taken = symbolic_leaves(node.arguments[:1]) if first else node.inputs
            if any(each is symbol for each in taken):
                inner = getattr(node.operation, "_network", None)
                if inner is not None and len(inner.flat_inputs) == 1:
                    return inner.consumer(inner.flat_inputs[0])
                return node.operation
        return None


def _checked(where: str, what: str, tree: Any) -> None:
    flat = list(leaves(tree))
    for each in flat:
        if not isinstance(each, KerasTensor):
            raise ArgumentError(
                where, f"{what} that are symbolic tensors", repr(each)[:80],
                "inputs = Input(shape=...); outputs = Dense(10)(inputs); Model(inputs, outputs)",
            )  # fmt: skip
    if not flat:
        raise ArgumentError(where, f"at least one of the {what}", "none")


def _nodes_before(node: Node) -> Iterable[Node]:
    return [tensor.node for tensor in node.inputs if tensor.node is not None]


def _only(given: Any) -> Any:
    """The one input that was given, perhaps in a list of one."""
    if isinstance(given, (list, tuple)) and len(given) == 1 and is_array(given[0]):
        return given[0]
    return given


def fitted_rank(symbol: KerasTensor, value: Any) -> Any:
    """The value with a last axis of length 1 added or dropped, where only that is missing."""
    if not isinstance(value, Tensor) or symbol.is_text:
        return value
    if fitted_shape(symbol, value.shape) == value.shape:
        return value
    mask = value.mask
    value = ops.reshape(value, shape=fitted_shape(symbol, value.shape))
    value.mask = mask
    return value


def fitted_shape(symbol: KerasTensor, shape: tuple[int, ...]) -> tuple[int, ...]:
    """``fitted_rank`` for a shape."""
    if len(shape) == symbol.ndim - 1 and symbol.shape[-1] == 1:
        return (*shape, 1)
    if len(shape) == symbol.ndim + 1 and shape[-1] == 1:
        return shape[:-1]
    return shape


def _check_shape(symbol: KerasTensor, shape: tuple[int, ...], given: tuple[int, ...]) -> None:
    fits = len(shape) == symbol.ndim and all(
        n is None or n == m for n, m in zip(symbol.shape[1:], shape[1:], strict=True)
    )
    if not fits:
        expected = str(symbol.shape).replace("None", "batch", 1)
        raise ShapeError(
            symbol.name, f"input {expected}", given,
            "The shape is that of Input(shape=...): change it, or reshape the data.",
        )  # fmt: skip
