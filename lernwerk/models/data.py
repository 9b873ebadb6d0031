"""From what a user gives to a model (arrays, frames, lists, dicts, text) to its checked inputs.

Whatever can be known of a data set is checked here, once; the message names the layer.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk.core.tree import leaves, map_leaves
from lernwerk.errors import UsageError
from lernwerk.layers.arguments import map_shapes, shapes_of
from lernwerk.layers.layer import Layer
from lernwerk.layers.symbolic import KerasTensor
from lernwerk.models.network import Network
from lernwerk.training.feeding import arrays, numbers
from lernwerk.training.outputs import Outputs


def checked_inputs(model: Any, x: Any) -> Any:
    """The inputs of a model in the form that it takes, built for and checked.

    Single arrays of a shape that passed before take a short way: it is what single predictions and
    steps on single batches spend their time on.
    """
    if isinstance(x, np.ndarray) and x.shape[1:] in model._plain_shapes:
        return numbers("x", x, model.dtype)
    inputs = inputs_of(model, x)
    check_inputs(model, inputs)
    if isinstance(inputs, np.ndarray) and model._network is not None and _is_plain(model._network):
        model._plain_shapes.add(inputs.shape[1:])
    return inputs


def _is_plain(network: Network) -> bool:
    """Whether only the shape of an input matters, not the numbers in it."""
    symbol = network.flat_inputs[0]
    consumer = network.consumer(symbol)
    looks = isinstance(consumer, Layer) and type(consumer).check_data is not Layer.check_data
    text = symbol.is_text or getattr(consumer, "takes_text", False)
    return isinstance(network.inputs, KerasTensor) and not (looks or text)


def inputs_of(model: Any, x: Any, where: str = "x") -> Any:
    """The inputs of a model as arrays, in the form that it takes."""
    if model._network is None and first_text_layer(model) is None:
        read = numbers if model.takes_one_input else arrays
        return read(where, x, model.dtype)
    if model._network is None:
        return _from_text(first_text_layer(model), x)
    network: Network = model._network
    given = network.matched(x, where)
    names = [where] if len(given) == 1 else [f"{where}[{name!r}]" for name in network.input_names]
    found = []
    for name, symbol, value in zip(names, network.flat_inputs, given, strict=True):
        consumer = network.consumer(symbol)
        if symbol.is_text or getattr(consumer, "takes_text", False):
            found.append(_from_text(consumer, value))
        else:
            found.append(numbers(name, value, model.dtype))
    form = iter(found)
    return map_leaves(lambda _: next(form), network.inputs)


def _from_text(layer: Any, value: Any) -> Any:
    """What a text layer makes of strings, or of whole numbers where it takes those too."""
    if not getattr(layer, "takes_text", False):
        raise UsageError(
            "x", "a TextVectorization or StringLookup after an Input of strings",
            "none" if layer is None else layer.name,
            "x = Input((1,), dtype='string'); TextVectorization(...)(x)",
        )  # fmt: skip
    return np.asarray(layer.encode(value if isinstance(value, str) else np.asarray(value)))


def first_text_layer(model: Any) -> Any:
    """The layer at the beginning of a model that takes strings, where there is one."""
    layers = getattr(model, "layers", [])
    first = layers[0] if layers else None
    if first is not None and getattr(first, "takes_text", False):
        return first
    return None


def check_inputs(model: Any, x: Any) -> None:
    """Build the model for these inputs; refuse shapes and numbers that its layers cannot take."""
    shapes = map_leaves(lambda leaf: _Shape(None, *leaf.shape[1:]), x)
    model.build_for(map_shapes(tuple, shapes))
    network: Network | None = model._network
    if network is None:
        model.check_data(x)
        return
    flat = list(leaves(x))
    network.check(flat)
    for symbol, array in zip(network.flat_inputs, flat, strict=True):
        consumer = network.consumer(symbol)
        if isinstance(consumer, Layer):
            consumer.check_data(array)


class _Shape(tuple[Any, ...]):
    """A shape among the leaves of a tree, where a plain tuple would be one of its branches."""

    def __new__(cls, *lengths: Any) -> _Shape:
        return super().__new__(cls, lengths)


def outputs_of(model: Any, x: Any) -> Outputs:
    """Names and shapes of a model's outputs for inputs like these."""
    if model._network is not None:
        return network_outputs(model._network)
    if model._steps is not None and model._steps.run_eagerly:  # its call may look at numbers
        found = model(map_leaves(lambda leaf: leaf[:1], x), training=False)
        return Outputs.of(map_shapes(lambda shape: (None, *shape[1:]), shapes_of(found)), None)
    shapes = map_leaves(lambda leaf: _Shape(None, *leaf.shape[1:]), x)
    return Outputs.of(model.compute_output_shape(map_shapes(tuple, shapes)), None)


def network_outputs(network: Network) -> Outputs:
    """Names and shapes of the outputs of a functional or sequential model."""
    shapes: Any = [(None, *tensor.shape[1:]) for tensor in network.flat_outputs]
    names = network.output_names
    if isinstance(network.outputs, dict):
        return Outputs.of(dict(zip(names, shapes, strict=True)), None)
    single = not isinstance(network.outputs, (list, tuple))
    return Outputs.of(shapes[0] if single else shapes, names)
