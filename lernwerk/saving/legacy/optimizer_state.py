"""The state of optimizers in .h5 files.

Keras 3 keeps it as it is. Keras 2 kept, after the number of steps, all first slots and then all
second ones; state in any other form is left out with a warning, and training begins it anew.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from lernwerk.models.model import Model
from lernwerk.ops.primitive import Array
from lernwerk.saving.matching import probed
from lernwerk.saving.weights_file import WeightsFile

GROUP = "optimizer_weights"
# The slots of each optimizer in the order in which Keras 2 kept them.
_SLOTS = {
    "SGD": ("momentum",), "RMSprop": ("velocity",), "Adagrad": ("accumulator",),
    "Adam": ("momentum", "velocity"), "Adamax": ("m", "u"), "Nadam": ("momentum", "velocity"),
}  # fmt: skip


def take_optimizer_state(weights: WeightsFile, model: Model) -> None:
    """Assign the optimizer's state where the file has one that fits; warn where it does not."""
    names = weights.texts(GROUP, "weight_names") if weights.has(GROUP) else None
    if not names:
        return
    paths = [f"{GROUP}/{name}" for name in names]
    if all(path in weights.types for path in paths):
        arrays = [weights.read(path) for path in paths]
        if _assigned(model, arrays):
            return
    warnings.warn(
        f"{weights.where}: the state of the optimizer {model.optimizer.name} has a form that is "
        "not known; its training begins anew.",
        stacklevel=5,
    )


def _assigned(model: Model, arrays: Sequence[Array]) -> bool:
    optimizer = model.optimizer
    targets = optimizer.variables if optimizer.built else probed(optimizer, model)
    if [v.shape for v in targets] == [a.shape for a in arrays]:
        found = list(arrays)
    else:
        found = _from_second(optimizer, targets, arrays, len(model.trainable_variables))
    if not found:
        return False
    if not optimizer.built:
        optimizer.build(model.trainable_variables)
    for variable, array in zip(optimizer.variables, found, strict=True):
        if array is not None:
            variable.assign(array)
    return True


def _from_second(
    optimizer: Any, targets: Sequence[Any], arrays: Sequence[Array], count: int
) -> list[Any]:
    """The state of Keras 2 in the order of today; an empty list where it does not fit.

    The rate is in the settings, so that of the state stays as it is.
    """
    slots = _SLOTS.get(type(optimizer).__name__, ())
    steps = [array for array in arrays[:1] if array.shape == ()]
    rest = list(arrays[len(steps) :])
    columns = [rest[i * count : (i + 1) * count] for i in range(len(slots))]
    if not columns or any(len(column) != count for column in columns):
        return []
    named = dict(zip(slots, columns, strict=True))
    found: list[Any] = [steps[0] if steps else None, None]
    used = dict.fromkeys(slots, 0)
    for target in targets[2:]:
        slot = next((each for each in slots if target.name.endswith(f"_{each}")), None)
        if slot is None or used[slot] >= count or named[slot][used[slot]].shape != target.shape:
            return []
        found.append(named[slot][used[slot]])
        used[slot] += 1
    return found
