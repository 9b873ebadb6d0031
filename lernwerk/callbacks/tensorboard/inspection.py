"""What a step of the training looks like inside: outputs of layers, gradients of weights.

One step is run on a few rows, as plain Python, with the optimizer's update left out; whatever it
changed besides (moving statistics, random streams, metric totals) is put back afterwards.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from lernwerk.core.tensor import Tensor
from lernwerk.core.tree import leaves
from lernwerk.ops.primitive import Array
from lernwerk.training.divergence import present_state, restore


@dataclass
class Inside:
    """The outputs of layers and the gradients of weights, by name."""

    outputs: dict[str, Array] = field(default_factory=dict)
    gradients: dict[str, Array] = field(default_factory=dict)


def inside_of_a_step(model: Any, sample: Any) -> Inside:
    """What the rows (x, y, sample_weight) give in a training step of the compiled model."""
    found = Inside()
    steps = model._steps
    kept = present_state([*model.state_variables, *steps.totals])
    eagerly, steps.run_eagerly = steps.run_eagerly, True
    try:
        with _watched_layers(model, found), _watched_optimizer(model.optimizer, found):
            model.train_on_batch(*sample)
    finally:
        steps.run_eagerly = eagerly
        restore(kept)
    return found


def layer_outputs(model: Any, x: Any) -> list[tuple[Any, Array]]:
    """Each layer of the model, however deep, with what it makes of these rows outside of training.

    One that is used several times comes with what it made last; one that is not used is left out.
    """
    found = Inside()
    with _watched_layers(model, found):
        model(x)
    return [(layer, found.outputs[name]) for name, layer in layers_of(model)
            if name in found.outputs]  # fmt: skip


def layers_of(model: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The layers with their names, those inside other layers too: ``encoder/dense``."""
    for layer in getattr(model, "layers", None) or model._sublayers:
        name = f"{prefix}{layer.name}"
        yield name, layer
        yield from layers_of(layer, f"{name}/")


@contextmanager
def _watched_layers(model: Any, found: Inside) -> Iterator[None]:
    """Note what each layer's ``call`` returns."""
    watched = []
    for name, layer in layers_of(model):
        if "call" not in vars(layer):
            watched.append(layer)
            layer.call = _noting(layer.call, name, found.outputs)
    try:
        yield
    finally:
        for layer in watched:
            del layer.call


def _noting(call: Any, name: str, outputs: dict[str, Array]) -> Any:
    @functools.wraps(call)
    def noting(*arguments: Any, **keywords: Any) -> Any:
        result = call(*arguments, **keywords)
        tensors = [leaf for leaf in leaves(result) if isinstance(leaf, Tensor) and not leaf.traced]
        for number, tensor in enumerate(tensors):
            outputs[f"{name}_{number}" if number else name] = tensor.numpy()
        return result

    return noting


@contextmanager
def _watched_optimizer(optimizer: Any, found: Inside) -> Iterator[None]:
    """Note the gradients and leave the update out."""

    def note(gradients: Any, variables: Any = None) -> None:
        for gradient, variable in zip(gradients, variables, strict=True):
            if gradient is not None:
                found.gradients[variable.path] = gradient.numpy()

    optimizer.apply = note
    try:
        yield
    finally:
        del optimizer.apply
