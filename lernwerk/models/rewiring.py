"""Networks copied along their nodes: onto new inputs, and through pickle and ``copy.deepcopy``.

Both work node after node, so that the depth of a network is no limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lernwerk.core.tree import leaves, map_leaves
from lernwerk.layers.input_layer import Input, InputLayer
from lernwerk.layers.symbolic import KerasTensor, Node, nodes_to, symbolic_leaves


def with_own_inputs(inputs: Any, outputs: Any) -> tuple[Any, Any]:
    """Inputs that all come from an Input: for a tensor from inside a model one is made, and the
    layers behind it are used on that once more.
    """
    inner = [each for each in symbolic_leaves(inputs) if not _is_entry(each)]
    if not inner:
        return inputs, outputs
    swap: dict[int, KerasTensor] = {}
    for tensor in inner:
        swap[id(tensor)] = Input(
            batch_shape=tensor.shape, dtype=tensor.dtype, name=f"{tensor.name}CLONE"
        )
    known = [id(each) for each in symbolic_leaves(inputs)]
    for node in nodes_to(list(symbolic_leaves(outputs)), known):
        if node.inputs:  # an Input that is no input of this model is the caller's to refuse
            _used_again(node, swap)
    return _swapped(inputs, swap), _swapped(outputs, swap)


def _is_entry(tensor: KerasTensor) -> bool:
    return tensor.node is None or isinstance(tensor.node.operation, InputLayer)


def _used_again(node: Node, swap: dict[int, KerasTensor]) -> None:
    """One more use of a layer, on other inputs of the same shapes."""
    outputs = map_leaves(_like, node.outputs)
    pairs = zip(leaves(node.outputs), leaves(outputs), strict=True)
    arguments, keywords = _swapped((node.arguments, node.keywords), swap)
    swap |= {id(old): new for old, new in pairs}
    Node(node.operation, arguments, keywords, outputs)


def _like(leaf: Any) -> Any:
    return KerasTensor(leaf.shape, leaf.dtype, leaf.name) if isinstance(leaf, KerasTensor) else leaf


def _swapped(tree: Any, swap: dict[int, KerasTensor]) -> Any:
    return map_leaves(lambda leaf: swap.get(id(leaf), leaf), tree)


# ---- for pickle and copy


@dataclass(frozen=True)
class Place:
    """Stands for the symbolic tensor of this number."""

    number: int


class Plan:
    """A network as plain lists: its tensors by number, its nodes in order, inputs and outputs.

    ``others`` are further symbolic tensors that the nodes lead to, such as added losses.
    """

    def __init__(self, inputs: Any, outputs: Any, others: Sequence[Any]) -> None:
        self.tensors: list[tuple[Any, str, str]] = []
        self._numbers: dict[int, int] = {}
        entries = [each for each in symbolic_leaves(inputs) if each.node is not None]
        ends = [*symbolic_leaves(outputs), *symbolic_leaves(others)]
        self.entries = [(each.node.operation, self._place(each)) for each in entries]  # type: ignore[union-attr]
        nodes = nodes_to(ends, [id(each) for each in entries])
        self.nodes = [self._node(node) for node in nodes if node.inputs]
        self.inputs, self.outputs, self.others = map(self._plain, (inputs, outputs, list(others)))
        self._numbers = {}

    def _node(self, node: Node) -> tuple[Any, ...]:
        return (node.operation, self._plain(node.arguments), self._plain(node.keywords),
                self._plain(node.outputs))  # fmt: skip

    def _plain(self, tree: Any) -> Any:
        def plain(leaf: Any) -> Any:
            return self._place(leaf) if isinstance(leaf, KerasTensor) else leaf

        return map_leaves(plain, tree)

    def _place(self, tensor: KerasTensor) -> Place:
        if id(tensor) not in self._numbers:
            self._numbers[id(tensor)] = len(self.tensors)
            self.tensors.append((tensor.shape, tensor.dtype, tensor.name))
        return Place(self._numbers[id(tensor)])

    def connect(self) -> tuple[Any, Any, list[Any]]:
        """The inputs, outputs and other tensors, their nodes made anew."""
        made = [KerasTensor(*each) for each in self.tensors]
        for entry, place in self.entries:
            made[place.number] = entry.output

        def tensor(leaf: Any) -> Any:
            return made[leaf.number] if isinstance(leaf, Place) else leaf

        for operation, arguments, keywords, outputs in self.nodes:
            Node(operation, *map_leaves(tensor, (arguments, keywords, outputs)))
        inputs, outputs, others = map_leaves(tensor, (self.inputs, self.outputs, self.others))
        return inputs, outputs, others
