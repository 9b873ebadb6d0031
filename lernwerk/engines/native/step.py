"""A step: one kernel of the C++ engine with its parameters, and the table of who makes which.

``@lowers("softmax")`` marks the function that turns a node into a step. It returns None for what
its kernel cannot do (another type, an unusual axis): such a node runs by its NumPy definition.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lernwerk.core.graph import Node


@dataclass(frozen=True)
class Step:
    """A kernel and its parameters; ``shared`` and ``local`` (for each thread) are scratch bytes."""

    kernel: str
    whole: tuple[int, ...] = ()
    real: tuple[float, ...] = ()
    shared: int = 0
    local: int = 0


# Kernels that give up on an index beyond its axis.
_CHECKING = {"gather", "scatter_add", "take_along_axis", "add_along_axis"}


def may_fail(step: Step | None) -> bool:
    """Whether an instruction may raise an error: its definition runs, or its kernel gives up."""
    return step is None or step.kernel in _CHECKING


Lowering = Callable[[Node], Step | None]
LOWERINGS: dict[str, Lowering] = {}


def lowers(*names: str) -> Callable[[Lowering], Lowering]:
    """Say that a function lowers the primitives of these names."""

    def register(function: Lowering) -> Lowering:
        for name in names:
            LOWERINGS[name] = function
        return function

    return register


def lowered(node: Node) -> Step | None:
    """The step for a node, or None where its NumPy definition has to serve."""
    from lernwerk.engines.native import lowering  # fills the table

    assert lowering
    lower = LOWERINGS.get(node.primitive.name)
    return lower(node) if lower is not None else None
