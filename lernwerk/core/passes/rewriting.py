"""What rewriting rules share: what they may know of a graph, and how they answer.

A rule looks at one node and says which known value its result equals (a Symbol), which simpler node
computes it (a Node), or that it has nothing to say (None). ``clean_up.py`` applies them; the rules
themselves are in ``arithmetic.py`` and ``movement.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lernwerk import ops
from lernwerk.core.graph import Node, Symbol
from lernwerk.ops.primitive import Array, Primitive

# Operations whose results are never -0.0, the one number that adding 0.0 changes.
_NEVER_MINUS_ZERO = frozenset({"absolute", "exp", "one_hot", "sigmoid", "softmax", "square"})

# Operations through which such numbers come unchanged.
_MOVES = frozenset({"broadcast_to", "flip", "reshape", "slice", "transpose"})


@dataclass(frozen=True)
class Known:
    """What a rule may look at: the constants, and the node that makes each value before it."""

    constants: dict[Symbol, Array]
    makers: dict[Symbol, Node] = field(default_factory=dict)

    def maker(self, symbol: Symbol, name: str) -> Node | None:
        """The node that makes a value, if it is an operation of that name."""
        node = self.makers.get(symbol)
        return node if node is not None and node.primitive.name == name else None

    def filled(self, symbol: Symbol, value: float) -> bool:
        """Whether a value is a constant all of whose elements equal a number."""
        array = self.constants.get(symbol)
        if array is None or (array.size and array.flat[0] != value):
            return False
        return bool((array == value).all())

    def never_minus_zero(self, symbol: Symbol) -> bool:
        """Whether a value surely has no element -0.0."""
        node = self.makers.get(symbol)
        while node is not None and node.primitive.name in _MOVES:
            node = self.makers.get(node.inputs[0])
        safe = node is not None and node.primitive.name in _NEVER_MINUS_ZERO
        return safe or symbol.dtype.kind != "f"

    def has_sign(self, symbol: Symbol) -> tuple[bool, bool]:
        """Whether some and whether all elements of a constant have a minus sign, 0 included."""
        signs = np.signbit(self.constants[symbol])
        return bool(signs.any()), bool(signs.all())


Answer = Symbol | Node | None
Rule = Callable[[Node, Known], Answer]


def renewed(
    node: Node, primitive: Primitive, inputs: tuple[Symbol, ...], **attributes: Any
) -> Node:
    """Another operation that computes the results of a node."""
    made = Node(primitive, inputs, attributes, node.scope)
    made.outputs = node.outputs
    return made


def stands_for(node: Node, x: Symbol) -> Answer:
    """The answer that a node's result is ``x``, broadcast where the node made it wider."""
    (result,) = node.outputs
    if x.dtype != result.dtype:
        return None
    if x.shape == result.shape:
        return x
    return renewed(node, ops.broadcast_to, (x,), shape=result.shape)


def reshaped(node: Node, x: Symbol) -> Answer:
    """The answer that a node's result has the numbers of ``x`` in their order."""
    (result,) = node.outputs
    if x.shape == result.shape:
        return x
    return renewed(node, ops.reshape, (x,), shape=result.shape)
