"""Bringing the arrays of a weights file and the variables of a model together.

Everything is compared before anything is assigned: what is missing, what is left over, what has
another shape. Only then are the numbers read, and only when all are read does the model change.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from lernwerk.core.variable import Variable
from lernwerk.errors import FileError, message
from lernwerk.models.model import Model
from lernwerk.ops.primitive import Array
from lernwerk.saving.layout import SEEDS, STATES, Place, places, seed_places
from lernwerk.saving.weights_file import WeightsFile

_OPTIMIZER = "optimizer/vars/"
# Keras's seeds and sums of metrics may be there or not, depending on its version.
_OPTIONAL = re.compile(rf"(.*/)?{SEEDS}(_\d+)?/vars/\d+|metrics/.*|{_OPTIMIZER}\d+|{STATES}/\d+")
_OTHER = "The file belongs to another model."


def optimizer_paths(optimizer: Any) -> Iterator[tuple[str, Variable]]:
    """Each variable of an optimizer with the path of its array."""
    for number, variable in enumerate(optimizer.variables):
        yield f"{_OPTIMIZER}{number}", variable


class Assignments:
    """What a weights file would change in a model; ``apply`` changes it.

    Raises FileError, naming layer and shapes, where the layers' weights do not fit exactly.
    """

    def __init__(self, weights: WeightsFile, model: Model) -> None:
        self.weights = weights
        self.model = model
        self._pairs: list[tuple[str, Variable]] = []
        self._values: list[tuple[Variable, Array]] = []
        self._build_optimizer = False
        self._layers(places(model))

    def _layers(self, found: Sequence[Place]) -> None:
        for place in found:
            for path, variable in place.paths():
                self._expect(path, variable, f"{variable.name} of layer {place.layer.name}")
        known = {path for path, _ in self._pairs}
        for path in sorted(self.weights.types):
            if path not in known and not _OPTIONAL.fullmatch(path):
                shape = self.weights.types[path][0]
                owner = _owner(path, found)
                raise FileError(self.weights.where, f"{owner} without further weights",
                                f"one of shape {shape} at {path!r}", _OTHER)  # fmt: skip

    def _expect(self, path: str, variable: Variable, what: str) -> None:
        self._pairs.append((path, variable))
        expected = f"{what} with shape {variable.shape}"
        if path not in self.weights.types:
            raise FileError(self.weights.where, expected, f"nothing at {path!r}", _OTHER)
        shape, dtype = self.weights.types[path]
        if shape != variable.shape:
            raise FileError(self.weights.where, expected, f"shape {shape}", _OTHER)
        if (dtype.kind == "f") != (variable.spec.dtype.kind == "f"):
            raise FileError(self.weights.where, f"{what} of type {variable.spec.dtype}",
                            f"numbers of type {dtype}", _OTHER)  # fmt: skip

    # ---- the optimizer

    def optimizer(self) -> None:
        """Expect the optimizer's state; without slots it is that of a model never trained."""
        optimizer, count = self.model.optimizer, self._saved_slots()
        targets = list(optimizer.variables)
        if not optimizer.built and count > len(targets):
            targets = self._probe()
            self._build_optimizer = True
        where = f"state of the optimizer {optimizer.name}"
        if count > len(targets):
            raise FileError(self.weights.where, f"{where} of {len(targets)} arrays",
                            f"{count} of them", _OTHER)  # fmt: skip
        for number, variable in enumerate(targets):
            self._expect(f"{_OPTIMIZER}{number}", variable, f"{variable.name} in the {where}")

    def optimizer_if_it_fits(self) -> None:
        """Take the optimizer's state where there is one that fits; warn where it does not."""
        if not self._saved_slots():
            return
        kept = len(self._pairs)
        try:
            self.optimizer()
        except FileError as error:
            del self._pairs[kept:]
            self._build_optimizer = False
            text = message(error.where, error.expected, error.got)
            warnings.warn(f"{text} The optimizer's state is left as it is.", stacklevel=3)

    def _saved_slots(self) -> int:
        return sum(path.startswith(_OPTIMIZER) for path in self.weights.types)

    def _probe(self) -> list[Variable]:
        """The variables that the optimizer would have, without building it."""
        optimizer = self.model.optimizer
        probe = type(optimizer).from_config(optimizer.get_config())
        probe.build(self.model.trainable_variables)
        return list(probe.variables)

    # ---- random numbers

    def random_states(self, states: Sequence[Variable]) -> None:
        """Take over the counters of random streams: our own exactly, else Keras's seeds."""
        own = [path for path in self.weights.types if path.startswith(f"{STATES}/")]
        if own and states:
            for number, state in enumerate(states):
                self._expect(f"{STATES}/{number}", state, "state of random numbers")
            if len(own) != len(states):
                raise FileError(self.weights.where, f"{len(states)} states of random numbers",
                                len(own), _OTHER)  # fmt: skip
            return
        for path, state in seed_places(self.model):
            if path in self.weights.types:
                self._values.append((state, self._from_keras(path, state)))

    def _from_keras(self, path: str, state: Variable) -> Array:
        shape, dtype = self.weights.types[path]
        if shape != (2,) or dtype.kind not in "iu":
            raise FileError(self.weights.where, f"a seed of two integers at {path!r}",
                            f"{dtype} {shape}", _OTHER)  # fmt: skip
        seed, step = (int(number) & 0xFFFFFFFF for number in self.weights.read(path))
        return np.array([seed, 0, state.numpy()[2], step], np.uint32)

    # ---- the end

    def apply(self) -> None:
        """Read all numbers, then assign them."""
        read = [(path, variable, self.weights.read(path)) for path, variable in self._pairs]
        if self._build_optimizer:
            self.model.optimizer.build(self.model.trainable_variables)
            slots = dict(optimizer_paths(self.model.optimizer))
            read = [(path, slots.get(path, variable), array) for path, variable, array in read]
        for _, variable, array in read:
            variable.assign(array)
        for variable, array in self._values:
            variable.assign(array)


def _owner(path: str, found: Sequence[Place]) -> str:
    inside = [place for place in found if place.group and path.startswith(place.group)]
    return f"layer {inside[-1].layer.name}" if inside else "the model"
