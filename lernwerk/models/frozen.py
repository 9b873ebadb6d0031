"""Computing once what training does not change: a model split behind its frozen layers.

In transfer learning most of a network is frozen, and every epoch computes the same features again.
``split_frozen`` gives that part as a model of its own, for one ``predict``, and the rest, which
shares its layers with the whole, for ``fit``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from lernwerk.core.tree import leaves, map_leaves
from lernwerk.errors import UsageError
from lernwerk.layers.core import Masking
from lernwerk.layers.input_layer import Input
from lernwerk.layers.layer import Layer
from lernwerk.layers.symbolic import KerasTensor, Node
from lernwerk.models.functional import Functional
from lernwerk.models.model import Model
from lernwerk.models.network import Network


class Split(NamedTuple):
    """A model in two parts; ``rest`` of ``frozen`` of x is the model of x."""

    frozen: Model
    rest: Model


def split_frozen(model: Any) -> Split:
    """Two models: the part whose outputs training cannot change, and the rest, still to train.

        frozen, rest = split_frozen(model)
        features = frozen.predict(x)
        rest.compile("adam", "categorical_crossentropy")
        rest.fit(features, y, epochs=20)

    Both share their layers with ``model``, which is trained when ``rest`` is. The frozen part ends
    before the first layer that learns (``trainable``), that is random in training (dropout,
    augmentation), or whose mask later layers need. Models inside the model are looked into.
    Raises UsageError where nothing is frozen at the beginning, or nothing is left to train.
    """
    network = _known_network(model)
    inputs = _new_inputs(network.inputs)
    outputs = _run(network, inputs)
    nodes = Network(inputs, outputs).nodes
    learning = _learning(nodes)
    fixed = [node for node in nodes if node not in learning]
    if not any(getattr(node.operation, "weights", ()) for node in fixed):
        raise UsageError(
            f"split_frozen({model.name})", "frozen layers at the beginning of the model", "none",
            "layer.trainable = False",
        )  # fmt: skip
    if not learning:
        raise UsageError(f"split_frozen({model.name})", "a layer that learns", "only frozen ones",
                         "layer.trainable = True, or add layers to train.")  # fmt: skip
    between = _between(learning, list(leaves(outputs)))
    features = between[0] if len(between) == 1 else between
    frozen = Functional(inputs, features, name=f"{model.name}_frozen")
    return Split(frozen, _rest(model.name, learning, features, outputs))


def _known_network(model: Any) -> Network:
    network: Network | None = getattr(model, "_network", None)
    if network is None:
        raise UsageError(
            "split_frozen", "a functional model or a Sequential with known input shape",
            repr(model), "Begin it with Input(shape=...).",
        )  # fmt: skip
    if model._lasting_losses:
        raise UsageError(f"split_frozen({model.name})", "a model without add_loss", "one with it")
    return network


def _rest(name: str, nodes: Iterable[Node], features: Any, outputs: Any) -> Model:
    inputs = _new_inputs(features)
    values = {id(old): new for old, new in zip(leaves(features), leaves(inputs), strict=True)}
    for node in nodes:
        node.run(values)
    ends = map_leaves(lambda leaf: values[id(leaf)], outputs)
    return Functional(inputs, ends, name=f"{name}_rest")


def _new_inputs(tensors: Any) -> Any:
    """An Input for each symbolic tensor, in the same form."""
    return map_leaves(lambda leaf: Input(batch_shape=leaf.shape, dtype=leaf.dtype), tensors)


def _run(network: Network, inputs: Any, training: bool | None = None) -> Any:
    """The network on new symbolic inputs; in place of a model that learns, its own layers."""
    given = network.matched(inputs)
    values = {id(old): new for old, new in zip(network.flat_inputs, given, strict=True)}
    for node in network.nodes:
        inner = getattr(node.operation, "_network", None)
        mode = node.keywords.get("training", training)
        if inner is None or _is_fixed(node.operation, mode):
            _again(node, values, mode)
            continue
        arguments, _ = _present(node, values)
        _note(values, node.outputs, _run(inner, arguments[0], mode))
    return map_leaves(lambda leaf: values[id(leaf)], network.outputs)


def _again(node: Node, values: dict[int, Any], training: bool | None) -> None:
    """Run a node in the mode that was given to the model around it."""
    if training is not None and isinstance(node.operation, Layer):
        arguments, keywords = _present(node, values)
        found = node.operation(*arguments, **{**keywords, "training": training})
        _note(values, node.outputs, found)
    else:
        node.run(values)


def _present(node: Node, values: dict[int, Any]) -> Any:
    """The arguments of a node with the new tensors in place of the old ones."""
    return map_leaves(lambda leaf: values.get(id(leaf), leaf), (node.arguments, node.keywords))


def _note(values: dict[int, Any], old: Any, new: Any) -> None:
    values |= {id(one): other for one, other in zip(leaves(old), leaves(new), strict=True)}


# ---- what training changes


def _learning(nodes: Iterable[Node]) -> list[Node]:
    """The nodes that training changes: by themselves, or by what goes into them."""
    changed: set[int] = set()
    found = []
    for node in nodes:
        mode = node.keywords.get("training")
        if not _is_fixed(node.operation, mode) or any(id(t) in changed for t in node.inputs):
            found.append(node)
            changed |= {id(leaf) for leaf in leaves(node.outputs)}
    return found


def _between(learning: Iterable[Node], outputs: list[Any]) -> list[KerasTensor]:
    """What the learning nodes, or the outputs, need of the frozen part; each once."""
    made = {id(leaf) for node in learning for leaf in leaves(node.outputs)}
    needed = [tensor for node in learning for tensor in node.inputs] + outputs
    return list({id(t): t for t in needed if id(t) not in made}.values())


def _is_fixed(operation: Any, training: bool | None) -> bool:
    """Whether the same input always gives the same output, in every step of a training."""
    if not isinstance(operation, Layer):
        return True
    return not operation.trainable_variables and not any(
        _changes(part, training is False) for part in operation._flattened()
    )


def _changes(layer: Any, in_use: bool) -> bool:
    """Whether one layer differs from step to step; ``in_use``: it is called as outside training."""
    if layer.activity_regularizer is not None or getattr(layer, "stateful", False):
        return True
    if isinstance(layer, Masking) or getattr(layer, "mask_zero", False):
        return True  # its mask would be lost between the two parts
    if in_use or isinstance(layer, Model):
        return False
    foreign = not type(layer).__module__.startswith("lernwerk.")
    statistics = layer.trainable and any(not v.trainable for v in layer._variables)
    return bool(layer._streams) or ("training" in layer._call_names and (foreign or statistics))


__all__ = ["Split", "split_frozen"]
