"""Options that look at several steps: sums of gradients, and moving averages of the weights.

A step that does nothing yet computes its update and keeps the old values: the traced step is the
same in every iteration, and the choice is an operation in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.core.variable import Variable

Pairs = list[tuple[Tensor, Variable]]


def is_due(iterations: Tensor, every: int) -> Tensor:
    """Whether the step after so many others is the last of ``every``: (i + 1) mod every = 0."""
    return ops.equal(ops.remainder(iterations + 1, every), 0)


def accumulated(
    pairs: Pairs,
    sums: Sequence[Variable],
    due: Tensor,
    steps: int,
    state: Sequence[Variable],
    update: Callable[[Pairs], None],
) -> None:
    """Add the gradients to their sums; where it is due, update with their mean and start anew.

    ``state``: everything that ``update`` assigns; it keeps its values where it is not due.
    """
    before = [variable.read() for variable in state]
    totals = [total + g for total, (g, _) in zip(sums, pairs, strict=True)]
    update([(total / float(steps), v) for total, (_, v) in zip(totals, pairs, strict=True)])
    for variable, old in zip(state, before, strict=True):
        variable.assign(ops.where(due, variable, old))
    for variable, total in zip(sums, totals, strict=True):
        variable.assign(ops.where(due, 0.0, total))


def update_average(average: Variable, variable: Variable, momentum: Tensor) -> None:
    """a <- momentum * a + (1 - momentum) * w."""
    average.assign(momentum * average + (1.0 - momentum) * variable)
