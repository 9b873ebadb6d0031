"""The weights in .h5 files of Keras 1, 2 and 3: a group for each layer, its arrays by name.

Layers are matched in their order, or by their names; the arrays of a layer in the order of its
``weight_names``: trainable ones first. As everywhere, all is compared before anything is assigned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lernwerk.core.variable import Variable
from lernwerk.errors import FileError
from lernwerk.layers.layer import Layer
from lernwerk.models.model import Model
from lernwerk.ops.primitive import Array
from lernwerk.saving.legacy.conversions import Origin, converted
from lernwerk.saving.matching import OTHER, skipped_weight, warn_of_skipped
from lernwerk.saving.weights_file import WeightsFile

_ROOT, _TOP = "model_weights", "top_level_model_weights"


def is_old(weights: WeightsFile) -> bool:
    """Whether a file keeps weights in the form of .h5 files."""
    return weights.has(_ROOT) or weights.texts("", "layer_names") is not None


def load_old_weights(
    weights: WeightsFile, model: Model, by_name: bool, skip_mismatch: bool
) -> None:
    """Read the weights of an .h5 file into a model."""
    found = OldWeights(weights, model, skip_mismatch)
    (found.by_name() if by_name else found.in_order()).apply()
    warn_of_skipped(weights.where, found.skipped)


def file_order(layer: Layer) -> list[Variable]:
    """The weights of a layer in the order of .h5 files."""
    return [*layer.trainable_weights, *layer.non_trainable_weights]


class OldWeights:
    """What the weights of an .h5 file would change in a model."""

    def __init__(self, weights: WeightsFile, model: Model, skip_mismatch: bool = False) -> None:
        self.weights, self.model, self.skip_mismatch = weights, model, skip_mismatch
        self.where = weights.where
        self.root = f"{_ROOT}/" if weights.has(_ROOT) else ""
        group = self.root.rstrip("/")
        self.origin = Origin(weights.text(group, "keras_version") or "1",
                             weights.text(group, "backend") or "")  # fmt: skip
        self.names = weights.texts(group, "layer_names") or []
        self.skipped: list[str] = []
        self._pairs: list[tuple[Variable, Array]] = []

    def in_order(self) -> OldWeights:
        """Match the layers that have weights one by one."""
        layers = [layer for layer in self.model.layers if layer.weights]
        names = [name for name in self.names if self._weight_names(name)]
        if len(layers) != len(names):
            raise FileError(
                self.where, f"{len(layers)} layers with weights ({_short(layers)})",
                f"{len(names)} of them ({', '.join(names[:4])}{', ...' * (len(names) > 4)})", OTHER,
            )  # fmt: skip
        for layer, name in zip(layers, names, strict=True):
            self._layer(layer, name)
        self._top_level()
        return self

    def by_name(self) -> OldWeights:
        """Match layers of the same name; note the others."""
        layers = {layer.name: layer for layer in self.model.layers}
        for name in self.names:
            if name in layers:
                self._layer(layers[name], name)
            elif self._weight_names(name):
                self.skipped.append(f"layer {name} of the file, which the model does not have")
        known = set(self.names)
        self.skipped += [f"layer {name}, which the file does not have"
                         for name, layer in layers.items()
                         if name not in known and layer.weights]  # fmt: skip
        return self

    def _weight_names(self, name: str) -> list[str]:
        return self.weights.texts(f"{self.root}{name}", "weight_names") or []

    def _read(self, name: str) -> list[Array]:
        paths = [f"{self.root}{name}/{each}" for each in self._weight_names(name)]
        for path in paths:
            if path not in self.weights.types:
                raise FileError(self.where, f"the array {path!r}", "none", OTHER)
        return [self.weights.read(path) for path in paths]

    def _layer(self, layer: Layer, name: str) -> None:
        try:
            targets = file_order(layer)
            arrays = converted(layer, self._read(name), self.origin)
            self._pairs += self._matched(layer.name, targets, arrays)
        except FileError as error:
            if not self.skip_mismatch:
                raise
            self.skipped.append(skipped_weight(error))

    def _matched(
        self, name: str, targets: Sequence[Variable], arrays: Sequence[Array]
    ) -> list[tuple[Variable, Array]]:
        if len(targets) != len(arrays):
            raise FileError(self.where, f"{len(targets)} arrays for layer {name}",
                            f"{len(arrays)}", OTHER)  # fmt: skip
        for variable, array in zip(targets, arrays, strict=True):
            if array.shape != variable.shape:
                raise FileError(
                    self.where, f"{variable.name} of layer {name} with shape {variable.shape}",
                    f"shape {array.shape}", OTHER,
                )  # fmt: skip
        return list(zip(targets, arrays, strict=True))

    def _top_level(self) -> None:
        """The weights of the model itself, which a subclass may have."""
        own = self.model._own_weights()
        arrays = self._read(_TOP) if self.weights.has(f"{self.root}{_TOP}") else []
        if own or arrays:
            self._pairs += self._matched(self.model.name, own, arrays)

    def apply(self) -> None:
        """Assign all numbers."""
        for variable, array in self._pairs:
            variable.assign(array)


def _short(layers: Sequence[Layer]) -> str:
    names = [layer.name for layer in layers]
    return ", ".join(names[:4]) + ", ..." * (len(names) > 4)


def groups_of(model: Model) -> Mapping[str, list[Variable]]:
    """The groups of an .h5 file with their variables, in the order of the layers."""
    found: dict[str, Any] = {layer.name: file_order(layer) for layer in model.layers}
    return {**found, _TOP: model._own_weights()}
