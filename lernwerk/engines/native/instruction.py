"""One instruction of a plan before memory is laid out: what it computes and what it reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lernwerk.core.graph import Node, Symbol
from lernwerk.engines.native.step import Step


@dataclass(eq=False)
class Instruction:
    """A step with its operands; without a step the node's NumPy definition computes it.

    ``replaceable[i]`` lists the inputs in whose memory output i may be written.
    """

    nodes: Sequence[Node]
    step: Step | None
    inputs: list[Symbol]
    outputs: list[Symbol]
    replaceable: list[list[Symbol]] = field(default_factory=list)

    def may_replace(self, output: Symbol, source: Symbol) -> bool:
        """Whether an output may be written over an input, or does not read it at all."""
        if source not in self.inputs:
            return True
        at = self.outputs.index(output)
        return at < len(self.replaceable) and source in self.replaceable[at]
