"""Where Keras keeps each variable in a weights file.

A group stands for each layer, named by the class and a counter, so that names of layers do not
matter: ``layers/dense_1/vars/0``. A layer inside another stands under the attribute that holds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lernwerk.core.variable import Variable
from lernwerk.layers.input_layer import InputLayer
from lernwerk.layers.layer import Layer
from lernwerk.models.sequential import Sequential
from lernwerk.names import snake_case

SEEDS = "seed_generator"
STATES = "lernwerk_random_states/vars"  # ours alone: Keras's random numbers are others


@dataclass(frozen=True)
class Place:
    """A layer, its group, the group of its variables, and these in order."""

    layer: Layer
    prefix: str
    group: str
    variables: Sequence[Variable]

    def names(self) -> dict[str, str]:
        """The names that Keras notes at the groups."""
        cell = getattr(self.layer, "weights_group", "")
        inner = f"{self.layer.name}_{cell}" if cell else self.layer.name
        return {f"{self.prefix}vars": self.layer.name, f"{self.group}vars": inner}

    def paths(self) -> Iterator[tuple[str, Variable]]:
        """Each variable with the path of its array."""
        for number, variable in enumerate(self.variables):
            yield f"{self.group}vars/{number}", variable


def places(model: Layer) -> list[Place]:
    """The group of every layer, the model's own first."""
    found: list[Place] = []
    _visit(model, "", found, set())
    return found


def _visit(layer: Layer, prefix: str, found: list[Place], visited: set[int]) -> None:
    if id(layer) in visited:
        return
    visited.add(id(layer))
    cell = getattr(layer, "weights_group", "")
    own = sorted(layer._variables, key=lambda variable: not variable.trainable)
    found.append(Place(layer, prefix, f"{prefix}{cell}/" if cell else prefix, own))
    for name, child in _children(layer):
        _visit(child, f"{prefix}{name}/", found, visited)


def _children(layer: Layer) -> Iterator[tuple[str, Layer]]:
    """The layers inside a layer with their names, in the order in which Keras comes upon them."""
    if isinstance(layer, Sequential):
        yield from _listed("layers", layer.layers)
    # Keras's private list of all inner layers is called _layers and comes last, as _ is behind ~.
    held = {"_layers" if name == "_holders" else name: v for name, v in vars(layer).items()}
    for name in sorted(held, key=lambda name: f"~{name}" if name.startswith("_") else name):
        value = held[name]
        if isinstance(value, Layer):
            if not isinstance(value, InputLayer):
                yield name, value
        elif isinstance(value, (list, tuple)):
            yield from _listed(name, value)
        elif isinstance(value, Mapping):
            yield from _listed(name, list(value.values()))


def _listed(name: str, values: Sequence[Any]) -> Iterator[tuple[str, Layer]]:
    counts: dict[str, int] = {}
    for value in values:
        if isinstance(value, Layer) and not isinstance(value, InputLayer):
            kind = snake_case(type(value).__name__)
            number = counts[kind] = counts.get(kind, -1) + 1
            yield f"{name}/{kind}_{number}" if number else f"{name}/{kind}", value


def seed_places(model: Layer) -> Iterator[tuple[str, Variable]]:
    """The path of the seed of each layer that draws random numbers, and the layer's counter."""
    for place in places(model):
        for number, stream in enumerate(place.layer._streams):
            suffix = f"_{number}" if number else ""
            yield f"{place.group}{SEEDS}{suffix}/vars/0", stream.state
