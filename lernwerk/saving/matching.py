"""Bringing the arrays of a weights file and the variables of a model together.

Everything is compared before anything is assigned: what is missing, what is left over, what has
another shape. Only then are the numbers read, and only when all are read does the model change.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
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
OTHER = "The file belongs to another model."


def optimizer_paths(variables: Sequence[Variable]) -> Iterator[tuple[str, Variable]]:
    """Each variable of an optimizer with the path of its array."""
    for number, variable in enumerate(variables):
        yield f"{_OPTIMIZER}{number}", variable


def optimizer_state(model: Model) -> list[Variable]:
    """The variables of a model's optimizer; where it has made no step, those it would have.

    Keras makes them when it compiles a model from a file, and wants numbers for all of them.
    """
    built = model.optimizer.built or not model.trainable_variables
    return list(model.optimizer.variables) if built else probed(model.optimizer, model)


def warn_of_skipped(where: str, skipped: Sequence[str]) -> None:
    """Say what of a file, or of the model, was left alone."""
    if skipped:
        more = f" and {len(skipped) - 8} more" if len(skipped) > 8 else ""
        listed = "; ".join(skipped[:8]) + more
        warnings.warn(f"{where}: weights that were left as they are: {listed}.", stacklevel=4)


def skipped_weight(error: FileError) -> str:
    """A weight that does not fit, in short: what the model has, what the file has."""
    return f"{error.expected} (the file has {error.got})"


class Assignments:
    """What a weights file would change in a model; ``apply`` changes it.

    Raises FileError, naming layer and shapes, where the layers' weights do not fit exactly. With
    ``skip_mismatch`` what does not fit is left, with ``by_name`` layers are found by their names
    and the others left; ``skipped`` tells of both.
    """

    def __init__(
        self,
        weights: WeightsFile,
        model: Model,
        by_name: bool = False,
        skip_mismatch: bool = False,
    ) -> None:
        self.weights = weights
        self.model = model
        self.skip_mismatch = skip_mismatch
        self.skipped: list[str] = []
        self._pairs: list[tuple[str, Variable]] = []
        self._stores: list[tuple[Any, dict[str, str]]] = []
        self._values: list[tuple[Variable, Array]] = []
        self._build_optimizer = False
        found = places(model)
        self._layers(self._renamed(found) if by_name else found, leave_others=by_name)

    def _layers(self, found: Sequence[Place], leave_others: bool) -> None:
        for place in found:
            if place.keeps_itself:
                self._expect_store(place)
            for path, variable in place.paths():
                self._expect(path, variable, f"{variable.name} of layer {place.label}")
        self._check_left_over(found, leave_others)

    def _expect_store(self, place: Place) -> None:
        start = f"{place.group}vars/"
        own = {path.removeprefix(start): path for path in self.weights.types
               if path.startswith(start)}  # fmt: skip
        self._stores.append((place.layer, own))

    def _check_left_over(self, found: Sequence[Place], leave: bool) -> None:
        known = {path for path, _ in self._pairs}
        known |= {path for _, own in self._stores for path in own.values()}
        for path in sorted(self.weights.types):
            if path not in known and not _OPTIONAL.fullmatch(path):
                shape = self.weights.types[path][0]
                error = FileError(
                    self.weights.where, f"{_owner(path, found)} without further weights",
                    f"one of shape {shape} at {path!r}", OTHER,
                )  # fmt: skip
                if not (leave or self.skip_mismatch):
                    raise error
                if path not in self._passed_over:
                    self.skipped.append(f"{path!r} of the file, for which the model has no place")

    _passed_over: frozenset[str] | set[str] = frozenset()  # paths of weights that did not fit

    def _renamed(self, found: Sequence[Place]) -> list[Place]:
        """The places with the groups that the file has for layers of their names."""
        in_file = self.weights.names_of("layers")
        kept: list[Place] = []
        for layer in self.model.layers:
            own = [place for place in found if place.layer in set(layer._flattened())]
            head = next((place for place in own if place.layer is layer), None)
            if head is None:
                continue
            group = in_file.get(layer.name)
            if group is None:
                if layer.weights:
                    self.skipped.append(f"layer {layer.name}, which the file does not have")
                continue
            kept += [_moved(place, head.group, f"{group}/") for place in own]
        return kept

    def _expect(self, path: str, variable: Variable, what: str) -> None:
        try:
            self._check(path, variable, what)
        except FileError as error:
            if not self.skip_mismatch:
                raise
            self.skipped.append(skipped_weight(error))
            self._passed_over = {*self._passed_over, path}
            return
        self._pairs.append((path, variable))

    def _check(self, path: str, variable: Variable, what: str) -> None:
        expected = f"{what} with shape {variable.shape}"
        if path not in self.weights.types:
            raise FileError(self.weights.where, expected, f"nothing at {path!r}", OTHER)
        shape, dtype = self.weights.types[path]
        if shape != variable.shape:
            raise FileError(self.weights.where, expected, f"shape {shape}", OTHER)
        if (dtype.kind == "f") != (variable.spec.dtype.kind == "f"):
            raise FileError(self.weights.where, f"{what} of type {variable.spec.dtype}",
                            f"numbers of type {dtype}", OTHER)  # fmt: skip

    # ---- the optimizer

    def optimizer(self) -> None:
        """Expect the optimizer's state; without slots it is that of a model never trained."""
        optimizer, count = self.model.optimizer, self._saved_slots()
        targets = list(optimizer.variables)
        if not optimizer.built and count > len(targets):
            targets = probed(optimizer, self.model)
            self._build_optimizer = True
        where = f"state of the optimizer {optimizer.name}"
        if count > len(targets):
            raise FileError(self.weights.where, f"{where} of {len(targets)} arrays",
                            f"{count} of them", OTHER)  # fmt: skip
        for number, variable in enumerate(targets):
            path = f"{_OPTIMIZER}{number}"
            self._check(path, variable, f"{variable.name} in the {where}")
            self._pairs.append((path, variable))

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
            warnings.warn(f"{text} The optimizer's state is left as it is.", stacklevel=4)

    def _saved_slots(self) -> int:
        return sum(path.startswith(_OPTIMIZER) for path in self.weights.types)

    # ---- random numbers

    def random_states(self, states: Sequence[Variable]) -> None:
        """Take over the counters of random streams: our own exactly, else Keras's seeds."""
        own = [path for path in self.weights.types if path.startswith(f"{STATES}/")]
        if own and states:
            for number, state in enumerate(states):
                self._expect(f"{STATES}/{number}", state, "state of random numbers")
            if len(own) != len(states):
                raise FileError(self.weights.where, f"{len(states)} states of random numbers",
                                len(own), OTHER)  # fmt: skip
            return
        for path, state in seed_places(self.model):
            if path in self.weights.types:
                self._values.append((state, self._from_keras(path, state)))

    def _from_keras(self, path: str, state: Variable) -> Array:
        shape, dtype = self.weights.types[path]
        if shape != (2,) or dtype.kind not in "iu":
            raise FileError(self.weights.where, f"a seed of two integers at {path!r}",
                            f"{dtype} {shape}", OTHER)  # fmt: skip
        seed, step = (int(number) & 0xFFFFFFFF for number in self.weights.read(path))
        return np.array([seed, 0, state.numpy()[2], step], np.uint32)

    # ---- the end

    def apply(self) -> None:
        """Read all numbers, then assign them."""
        read = [(path, variable, self.weights.read(path)) for path, variable in self._pairs]
        stores = [(layer, {key: self.weights.read(path) for key, path in own.items()})
                  for layer, own in self._stores]  # fmt: skip
        if self._build_optimizer:
            self.model.optimizer.build(self.model.trainable_variables)
            slots = dict(optimizer_paths(self.model.optimizer.variables))
            read = [(path, slots.get(path, variable), array) for path, variable, array in read]
        for layer, store in stores:
            layer.load_own_variables(store)
        for _, variable, array in read:
            variable.assign(array)
        for variable, array in self._values:
            variable.assign(array)
        for layer in self.model._flattened():
            getattr(layer, "finalize_state", lambda: None)()


def probed(optimizer: Any, model: Model) -> list[Variable]:
    """The variables that the optimizer would have, without building it."""
    probe = type(optimizer).from_config(optimizer.get_config())
    probe.build(model.trainable_variables)
    return list(probe.variables)


def _moved(place: Place, old: str, new: str) -> Place:
    return replace(place, group=new + place.group.removeprefix(old))


def _owner(path: str, found: Sequence[Place]) -> str:
    inside = [place for place in found if place.group and path.startswith(place.group)]
    return f"layer {inside[-1].label}" if inside else "the model"
