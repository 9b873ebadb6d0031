"""The boxes and arrows that stand for the layers of a model and their connections.

What is drawn of them is in ``model_drawing.py``.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from lernwerk.core.layout import Arrow, Box
from lernwerk.errors import UsageError
from lernwerk.layers.arguments import shapes_of
from lernwerk.layers.symbolic import symbolic_leaves
from lernwerk.models.sequential import Sequential


@dataclass(frozen=True)
class Options:
    """What stands in the boxes, as the arguments of plot_model say."""

    show_shapes: bool = False
    show_dtype: bool = False
    show_layer_names: bool = False
    expand_nested: bool = False
    show_layer_activations: bool = False
    show_trainable: bool = False


def boxes_of(model: Any, options: Options) -> tuple[list[Box], list[Arrow]]:
    """A box for every use of a layer, and the arrows between them.

    Raises UsageError for a model whose shapes are not known yet.
    """
    boxes: list[Box] = []
    arrows: list[Arrow] = []
    if model._network is None:
        _chain(model, options, boxes, arrows)
    else:
        _walk(model._network, options, (), {}, boxes, arrows)
    return boxes, arrows


def _chain(model: Any, options: Options, boxes: list[Box], arrows: list[Arrow]) -> None:
    """A model without a graph: its layers, one after the other where it is a Sequential."""
    if not isinstance(model, Sequential) or not model.built:
        raise UsageError(
            "plot_model", "a functional model, or a Sequential with known shapes",
            f"{model.name}", "Begin it with Input(shape=...), or call model.build(shape) first.",
        )  # fmt: skip
    for layer in model.layers:
        boxes.append(Box(id(layer), _lines(layer, None, options, "")))
    arrows += [Arrow(a.key, b.key) for a, b in pairwise(boxes)]


_Sources = dict[int, Hashable]


def _walk(
    network: Any, options: Options, place: tuple[str, ...], known: _Sources, boxes: list[Box],
    arrows: list[Arrow],
) -> _Sources:  # fmt: skip
    """Add the boxes of a network; return which box makes each symbolic tensor.

    ``known`` are the boxes outside that make the inputs of a nested network.
    """
    made = dict(known)
    inputs = [t.node for t in network.flat_inputs if t.node is not None and id(t) not in made]
    for node in [*inputs, *network.nodes]:
        inner = getattr(node.operation, "_network", None)
        if inner is not None and options.expand_nested:
            outside = {
                id(inside): made[id(given)]
                for inside, given in zip(inner.flat_inputs, node.inputs, strict=True)
            }
            path = (*place, node.operation.name)
            within = _walk(inner, options, path, outside, boxes, arrows)
            ends = [within[id(tensor)] for tensor in inner.flat_outputs]
        else:
            key = (*place, id(node))
            boxes.append(Box(key, _lines(node.operation, node, options, "/".join(place))))
            starts = dict.fromkeys(made[id(tensor)] for tensor in node.inputs
                                   if id(tensor) in made and node not in inputs)  # fmt: skip
            arrows += [Arrow(start, key) for start in starts]
            ends = [key] * len(_outputs(node))
        made.update({id(t): end for t, end in zip(_outputs(node), ends, strict=True)})
    return made


def _outputs(node: Any) -> list[Any]:
    return list(symbolic_leaves(node.outputs))


def _lines(operation: Any, node: Any, options: Options, place: str) -> tuple[str, ...]:
    return tuple(_each_line(operation, node, options, place))


def _each_line(operation: Any, node: Any, options: Options, place: str) -> Iterator[str]:
    function = getattr(operation, "function", None)
    plain = function is None or hasattr(operation, "call")
    kind = type(operation).__name__ if plain else function.__name__
    name = f"{place}/{operation.name}" if place else operation.name
    yield f"{name} ({kind})" if options.show_layer_names else kind
    activation = getattr(operation, "activation", None)
    if options.show_layer_activations and activation is not None:
        yield f"Activation: {getattr(activation, '__name__', activation)}"
    if options.show_shapes and node is not None:
        if node.inputs:
            yield f"Input shape: {_joined(tensor.shape for tensor in node.inputs)}"
        yield f"Output shape: {_joined(tensor.shape for tensor in _outputs(node))}"
    elif options.show_shapes:
        yield f"Output shape: {shapes_of(operation.output) if operation._inbound_nodes else '?'}"
    if options.show_dtype and node is not None:
        yield f"Output dtype: {_joined(tensor.dtype for tensor in _outputs(node))}"
    if options.show_trainable and hasattr(operation, "trainable"):
        yield f"Trainable: {operation.trainable}"


def _joined(values: Any) -> str:
    return ", ".join(str(value) for value in values)
