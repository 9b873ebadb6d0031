"""Which values lie in memory as bfloat16, in two bytes instead of four: narrow values.

A value whose readers all see it rounded loses nothing by it. Programs read and write both forms;
of the other kernels ``narrow_operands`` knows which operands may be narrow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from lernwerk.core.graph import Graph, Node, Symbol
from lernwerk.engines.native.cluster import Unit
from lernwerk.engines.native.narrow import NARROW, narrow_bits
from lernwerk.engines.native.rounding import windows_are_apart
from lernwerk.engines.native.step import Step

# Operations that move numbers, or put zeros around them; in narrow form they are steps as well.
_MOVING = {"transpose", "slice", "flip", "embed"}
_WORTH = 1 << 12  # elements: fewer stay in the nearest cache in either form

Root = Callable[[Symbol], Symbol]
Groups = list[tuple[int, ...]]  # of operands, inputs first: in a group all are narrow or none


class Storage:
    """Finds the narrow values among what units make and read.

    ``factors`` says which values a unit's kernel rounds itself while it reads them, ``groups``
    which of its operands may be narrow, ``is_rounded`` which values are rounded anyway.
    """

    def __init__(self, graph: Graph, root: Root, is_rounded: Callable[[Symbol], bool]) -> None:
        self._root = root
        self._is_rounded = is_rounded
        self._made: set[Symbol] = set()
        self._refused = set(map(root, [*graph.results(), *graph.sources()]))
        self._tied: list[set[Symbol]] = []

    def refuse(self, symbols: Iterable[Symbol]) -> None:
        """Note values that something reads or makes in float32."""
        self._refused.update(map(self._root, symbols))

    def see_cluster(self, unit: Unit) -> None:
        """Note what a program makes and reads: in its registers all is float32."""
        made = {self._root(s) for node in unit.nodes for s in node.outputs}
        if unit.register == "float32":
            self._made |= made
        else:
            self._refused |= made
        self.refuse(symbol for node in unit.sums for symbol in node.outputs)
        for node in unit.members:
            others = (s for s in node.inputs if self._root(s) not in made)
            self.refuse(s for s in others if not self._is_rounded(s))

    def see_kernel(
        self, inputs: list[Symbol], outputs: list[Symbol], groups: Groups, factors: set[int]
    ) -> None:
        """Note what another kernel makes and reads; inputs ``factors`` it rounds itself."""
        operands = [*inputs, *outputs]
        free = {i for group in groups for i in group}
        self.refuse(symbol for i, symbol in enumerate(operands) if i not in free)
        for i, symbol in enumerate(inputs):
            if i not in factors and not self._is_rounded(symbol):
                self.refuse([symbol])
        self._made |= {self._root(s) for i, s in enumerate(outputs, len(inputs)) if i in free}
        self._tied += [{self._root(operands[i]) for i in group} for group in groups if group[1:]]

    def narrow(self) -> set[Symbol]:
        """The roots that shall be narrow."""
        made = {s for s in self._made if s.dtype == "float32" and s.size >= _WORTH}
        found = made - self._refused
        while broken := [each for each in self._tied if each & found and not each <= found]:
            found = found.difference(*broken)
        return found


def narrow_operands(node: Node, in_bfloat16: bool) -> Groups:
    """The groups of operands that may be narrow in the kernel of a node."""
    name = node.primitive.name
    if name == "convolution_kernel_gradient" and in_bfloat16:
        return [(0,), (1,)]
    if name in ("convolution", "convolution_input_gradient") and in_bfloat16:
        return [(0,)]
    if name == "lstm" and in_bfloat16:
        return [(0,), (7,)]  # x, outputs
    if name == "lstm_gradient" and in_bfloat16:
        return [(7,)]  # dz
    if name == "max_pooling" or name in _MOVING:
        return [(0, 1)]
    if name == "max_pooling_gradient":
        # Where windows overlap, a pixel's gradients are added up, in float32.
        return [(0, 1), (2, 3)] if windows_are_apart(node) else [(0, 1)]
    return []


def with_narrow(step: Step | None, operands: list[Symbol]) -> Step | None:
    """The step of a kernel for these operands.

    Kernels that move numbers are told how many bytes each has, the others which are narrow.
    """
    bits = narrow_bits(operands)
    if step is None or not bits:
        return step
    if step.kernel in ("move", "frame"):
        return replace(step, whole=(NARROW.itemsize, *step.whole[1:]))
    return replace(step, whole=(*step.whole[:-1], bits))
