"""Where Keras keeps each variable in a weights file.

A group stands for each layer, named by the class and a counter, so that names of layers do not
matter: ``layers/dense_1/vars/0``. A layer inside another stands under the attribute that holds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lernwerk.core.variable import Variable
from lernwerk.layers.holder import Holder
from lernwerk.layers.input_layer import InputLayer
from lernwerk.layers.layer import Layer
from lernwerk.models.model import Model
from lernwerk.models.sequential import Sequential
from lernwerk.names import snake_case

SEEDS = "seed_generator"
STATES = "lernwerk_random_states/vars"  # ours alone: Keras's random numbers are others
# Attributes in which layers and models keep what they hold for themselves.
_PRIVATE = ("_holders", "_network_layers", "_entry", "_chain", "_given_arguments", "_steps",
            "_objective", "_measures", "_inbound_nodes")  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A layer, its group, the group of its variables, and these in order."""

    layer: Layer
    group: str
    variables: Sequence[Variable]
    label: str  # the layer's name in messages; a cell has that of the layer around it

    def names(self) -> dict[str, str]:
        """The name that Keras notes at the group."""
        return {f"{self.group}vars": self.layer.name}

    @property
    def keeps_itself(self) -> bool:
        """Whether the layer writes and reads what a file keeps of it."""
        return type(self.layer).save_own_variables is not Holder.save_own_variables

    def paths(self) -> Iterator[tuple[str, Variable]]:
        """Each variable with the path of its array."""
        if not self.keeps_itself:
            for number, variable in enumerate(self.variables):
                yield f"{self.group}vars/{number}", variable

    def arrays(self) -> dict[str, Any]:
        """What a file keeps of the layer, by path."""
        if not self.keeps_itself:
            return {path: variable.numpy() for path, variable in self.paths()}
        store: dict[str, Any] = {}
        self.layer.save_own_variables(store)
        return {f"{self.group}vars/{key}": getattr(value, "numpy", lambda value=value: value)()
                for key, value in store.items()}  # fmt: skip


def places(model: Layer) -> list[Place]:
    """The group of every layer, the model's own first."""
    found: list[Place] = []
    visited: set[int] = set()
    waiting: list[tuple[Layer, str, str]] = [(model, "", model.name)]
    while waiting:
        layer, group, label = waiting.pop()
        if id(layer) in visited:
            continue
        visited.add(id(layer))
        found.append(Place(layer, group, layer._own_weights(), label))
        inner = [(child, f"{group}{name}/", label if name == "cell" else child.name)
                 for name, child in _children(layer)]  # fmt: skip
        waiting.extend(reversed(inner))
    return found


def _children(layer: Layer) -> Iterator[tuple[str, Layer]]:
    """The layers inside a layer with their names, in the order in which Keras comes upon them."""
    whole = isinstance(layer, Sequential) or getattr(layer, "_network", None) is not None
    if whole:
        yield from _listed("layers", layer.layers)  # type: ignore[attr-defined]
    held = {name: value for name, value in vars(layer).items() if name not in _PRIVATE}
    held |= _properties(layer)
    if isinstance(layer, Model) and not whole:
        held["layers"] = layer._sublayers  # Keras lists a model's layers under this name too
    for name in sorted(held, key=lambda name: f"~{name}" if name.startswith("_") else name):
        value = held[name]
        if isinstance(value, Layer):
            if not isinstance(value, InputLayer):
                yield name, value
        elif isinstance(value, (list, tuple)):
            yield from _listed(name, value)
        elif isinstance(value, Mapping):
            yield from _listed(name, list(value.values()))


def _properties(layer: Layer) -> dict[str, Layer]:
    """The layers that a class gives out as properties; Keras comes upon these too."""
    found = {}
    for kind in type(layer).__mro__:
        if kind in (Layer, Model, Sequential):
            break
        for name, member in vars(kind).items():
            if isinstance(member, property) and not name.startswith("__"):
                try:
                    value = getattr(layer, name)
                except Exception:  # a property that is not there yet
                    continue
                if isinstance(value, Layer):
                    found[name] = value
    return found


def _listed(name: str, values: Sequence[Any]) -> Iterator[tuple[str, Layer]]:
    """The layers in a list, also in lists within it, named by class and counter."""
    counts: dict[str, int] = {}
    for value in values:
        container = isinstance(value, (list, tuple, Mapping))
        if not container and (not isinstance(value, Layer) or isinstance(value, InputLayer)):
            continue
        kind = "container" if container else snake_case(type(value).__name__)
        number = counts[kind] = counts.get(kind, -1) + 1
        path = f"{name}/{kind}_{number}" if number else f"{name}/{kind}"
        if container:
            inner = list(value.values()) if isinstance(value, Mapping) else value
            yield from _listed(path, inner)
        else:
            yield path, value


def seed_places(model: Layer) -> Iterator[tuple[str, Variable]]:
    """The path of the seed of each layer that draws random numbers, and the layer's counter."""
    for place in places(model):
        for number, stream in enumerate(place.layer._streams):
            suffix = f"_{number}" if number else ""
            yield f"{place.group}{SEEDS}{suffix}/vars/0", stream.state
