"""Where a training stopped being finite: the first batch, layer and sample, and what to do.

The loop keeps the state at the beginning of each epoch (references, no copies). When the loss is no
longer finite, the epoch is repeated step by step from there, on the same rows with the same random
numbers, up to the step in which it happened; that step is then run node by node.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lernwerk.core.probe import NotFinite, first_not_finite
from lernwerk.errors import message
from lernwerk.ops.primitive import Array
from lernwerk.training.feeding import Rows
from lernwerk.training.step import Steps

State = list[tuple[Any, Array]]


def present_state(variables: Sequence[Any]) -> State:
    """The Variables with their present values."""
    return [(variable, variable.array) for variable in variables]


def restore(state: State) -> None:
    """Give the Variables these values again."""
    for variable, array in state:
        variable.store(array)


def explain_divergence(
    steps: Steps, rows: Rows, order: Array, schedule: Any, epoch: int, start: State
) -> str:
    """The message that says where in this epoch the first value that is not finite appeared."""
    kept = present_state([*(variable for variable, _ in start), *steps.totals])
    restore(start)
    try:
        size = schedule.batch_size
        for number, first in enumerate(range(0, len(order), size), start=1):
            part = order[first : first + size]
            before = present_state([variable for variable, _ in start])
            steps.reset()
            steps.run("train", rows, part, size)
            if not _finite(steps):
                restore(before)
                found = first_not_finite(*steps.probe("train", rows, part))
                return _message(found, f"fit, epoch {epoch + 1}, batch {number}", part)
    finally:
        restore(kept)
    return message(f"fit, epoch {epoch + 1}", "a finite loss", "one that is not")


def divergence_message(epoch: int, step: int) -> str:
    """The message for data that cannot be repeated: where it was noticed, and what to do."""
    return message(
        f"fit, epoch {epoch + 1}, at batch {step}", "a finite loss", "one that is not",
        f"{_REMEDY} With arrays instead of a generator, the layer and the sample can be named.",
    )  # fmt: skip


def _finite(steps: Steps) -> bool:
    weights = (variable.array for variable in steps.model.weights)
    return bool(
        np.isfinite(steps.logs().get("loss", 0.0))
        and all(np.isfinite(each).all() for each in weights)
    )


def _message(found: NotFinite | None, where: str, part: Array) -> str:
    if found is None:
        return message(where, "a finite loss", "one that is not", _REMEDY)
    scope = found.node.scope
    place = f"in layer {scope}" if scope else "outside the layers (loss or optimizer)"
    got = f"{found.value} from {found.node.primitive.name} {place}"
    output = found.node.outputs[0].shape
    if output and output[0] == len(part) and len(found.position) == len(output):
        sample = found.position[0]
        got += f", first for sample {sample} of the batch (row {part[sample]})"
    return message(where, "finite numbers", got, _remedy(found))


_REMEDY = (
    "Lower the learning rate tenfold, or clip the gradients: optimizer=Adam(1e-4, clipnorm=1.0)."
)
_PARTIAL = {"log": "above 0", "sqrt": "not below 0", "divide": "away from 0 below the line"}


def _remedy(found: NotFinite) -> str:
    name = found.node.primitive.name
    if name in _PARTIAL and "gradient" not in found.node.scope:
        return f"Keep what {name} gets {_PARTIAL[name]}, for example by adding 1e-7. {_REMEDY}"
    return _REMEDY
