"""The config of a functional model, in Keras 3's form: its layers, their uses, inputs and outputs.

A use of a layer (a node) is written with its arguments; a tensor in them by the name of its layer,
the number of the use that made it and its place among the outputs. Reading connects layers as soon
as what they need is there, without recursion, so that depth is no limit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lernwerk.configurable import deserialize, serialize
from lernwerk.core.tree import leaves, map_leaves
from lernwerk.errors import DataError, nearest
from lernwerk.layers.layer import Layer
from lernwerk.layers.symbolic import KerasTensor, Node, Operation, record
from lernwerk.models.network import Network
from lernwerk.models.operation_table import (
    LISTED,
    Row,
    is_operation,
    operation_config,
    operation_from,
    split_arguments,
    takes_many,
)
from lernwerk.models.written import read, written

KEYS = ("layers", "input_layers", "output_layers")


def first_number(operation: Any) -> int:
    """The number of the first use among inputs and outputs, where Keras counts the making of a
    functional model as one; among the arguments of uses it does not.
    """
    return 1 if getattr(operation, "counts_its_making", False) else 0


# ---- writing


def network_config(model: Any) -> dict[str, Any]:
    """The config of a model made of symbolic tensors."""
    places = _Places(model._network)
    return {
        "name": model.name,
        "trainable": model.trainable,
        "layers": [places.layer(operation) for operation in model._network.operations],
        "input_layers": places.tree(model._network.inputs),
        "output_layers": places.tree(model._network.outputs),
    }


class _Places:
    """Where the tensors of a network come from."""

    def __init__(self, network: Network) -> None:
        entries = [t.node for t in network.flat_inputs if t.node is not None]
        known = {id(node) for node in [*network.nodes, *entries]}
        self.nodes: dict[int, list[Node]] = {}
        self.numbers: dict[int, int] = {}
        for operation in network.operations:
            used = [node for node in operation._inbound_nodes if id(node) in known]
            self.nodes[id(operation)] = used
            self.numbers |= {id(node): index for index, node in enumerate(used)}

    def layer(self, operation: Any) -> dict[str, Any]:
        """A layer or operation with its uses."""
        nodes = [node for node in self.nodes[id(operation)] if node.inputs]
        if isinstance(operation, Operation):
            return self._operation(operation, nodes)
        uses = [self._use(node.arguments, node.keywords) for node in nodes]
        return {**serialize(operation), "name": operation.name, "inbound_nodes": uses}

    def _operation(self, operation: Operation, nodes: list[Node]) -> dict[str, Any]:
        form = operation_config(operation)
        uses = []
        for node in nodes:
            tensors, options = split_arguments(operation, node.arguments, node.keywords)
            form["config"] |= written(options, self._tensor)
            uses.append(self._use(tensors, {}))
        return {**form, "name": operation.name, "inbound_nodes": uses}

    def _use(self, arguments: Any, keywords: Any) -> dict[str, Any]:
        return {"args": written(list(arguments), self._tensor),
                "kwargs": written(dict(keywords), self._tensor)}  # fmt: skip

    def _tensor(self, tensor: KerasTensor) -> dict[str, Any]:
        config = {"shape": list(tensor.shape), "dtype": str(tensor.dtype),
                  "keras_history": self._place(tensor)}  # fmt: skip
        return {"class_name": "__keras_tensor__", "config": config}

    def _place(self, tensor: KerasTensor) -> list[Any]:
        node = tensor.node
        assert node is not None
        outputs = list(leaves(node.outputs))
        index = next(i for i, each in enumerate(outputs) if each is tensor)
        return [node.operation.name, self.numbers[id(node)], index]

    def tree(self, tensors: Any) -> Any:
        """Inputs or outputs in their form, each tensor as its place."""
        if isinstance(tensors, dict):
            return {key: self.tree(each) for key, each in tensors.items()}
        if isinstance(tensors, (list, tuple)):
            return [self.tree(each) for each in tensors]
        name, number, index = self._place(tensors)
        return [name, number + first_number(tensors.node.operation), index]


# ---- reading


def is_network_config(config: Mapping[str, Any]) -> bool:
    """Whether a config is that of a functional model."""
    return all(key in config for key in KEYS)


def network_from(config: Mapping[str, Any]) -> tuple[Any, Any]:
    """The symbolic inputs and outputs of a config, their layers made and connected."""
    listed = config["layers"]
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise DataError("config", "a list of layers", repr(listed)[:60])
    reading = _Reading()
    for each in listed:
        reading.add(each)
    reading.connect()
    return reading.tree(config["input_layers"]), reading.tree(config["output_layers"])


class _Reading:
    """Layers that are made, with the uses of them that are connected and those that wait."""

    def __init__(self) -> None:
        self.made: dict[str, Any] = {}
        self.uses: dict[str, list[Node]] = {}
        self.waiting: dict[str, deque[Any]] = {}
        self.rows: dict[str, tuple[Row, dict[str, Any]]] = {}

    def add(self, config: Mapping[str, Any]) -> None:
        """Make a layer or operation."""
        found: Any = self._operation(config) if is_operation(config) else deserialize(config)
        name = config.get("name", getattr(found, "name", None))
        if not isinstance(found, (Layer, Operation)) or not isinstance(name, str):
            raise DataError("config", "layers with a name and a class_name", repr(config)[:60])
        if name in self.made:
            raise DataError("config", "layers of different names", f"{name!r} twice")
        self.made[name] = found
        self.uses[name] = list(found._inbound_nodes)
        uses = config.get("inbound_nodes") or []
        if not isinstance(uses, list):
            raise DataError(name, "its uses as a list", repr(uses)[:60])
        self.waiting[name] = deque(uses)

    def _operation(self, config: Mapping[str, Any]) -> Operation:
        operation, options, row = operation_from(config)
        self.rows[operation.name] = row, options
        return operation

    def connect(self) -> None:
        """Call every layer on what it is used on, as soon as that is there."""
        ready = deque(name for name, uses in self.waiting.items() if uses)
        blocked: dict[tuple[str, int], list[str]] = {}
        while ready:
            name = ready.popleft()
            uses = self.waiting[name]
            while uses:
                missing = self._missing(uses[0])
                if missing is not None:
                    blocked.setdefault(missing, []).append(name)
                    break
                self._use(name, uses.popleft())
                ready.extend(blocked.pop((name, len(self.uses[name]) - 1), []))
        self._check_connected()

    def _check_connected(self) -> None:
        for name, uses in self.waiting.items():
            if uses:
                raise DataError("config", "layers that lead from inputs to outputs",
                                f"{name!r}, whose input is never made")  # fmt: skip

    def _missing(self, use: Any) -> tuple[str, int] | None:
        """The first tensor that is not there yet: name and number of the use that makes it."""
        for name, number, _ in _places_in(use):
            if name not in self.made:
                raise DataError("config", "the name of a layer", repr(name),
                                nearest(str(name), self.made))  # fmt: skip
            if number >= len(self.uses[name]):
                return name, number
        return None

    def _use(self, name: str, use: Any) -> None:
        operation = self.made[name]
        if not isinstance(use, dict) or not isinstance(use.get("args", []), (list, tuple)):
            raise DataError(name, "a use with args and kwargs", repr(use)[:60])
        arguments = read(list(use.get("args", [])), self._tensor)
        keywords = read(use.get("kwargs") or {}, self._tensor)
        if name in self.rows:
            arguments, keywords = self._arguments_of(name, arguments, keywords)
            record(operation, arguments, keywords)
        else:
            operation(*arguments, **keywords)
        self.uses[name].append(operation._inbound_nodes[-1])

    def _arguments_of(self, name: str, arguments: list[Any], keywords: Any) -> tuple[Any, Any]:
        row, options = self.rows[name]
        if row.tensors == LISTED:
            parts = arguments[0] if arguments and isinstance(arguments[0], list) else arguments
            arguments = list(parts) if takes_many(self.made[name].function) else [parts]
        if row.function == "get_item" and len(arguments) > 1:
            arguments[1] = tuple(arguments[1]) if isinstance(arguments[1], list) else arguments[1]
        return arguments, {**options, **keywords}

    def _tensor(self, inner: Any) -> KerasTensor:
        return self.place(inner["keras_history"])

    def place(self, place: Any) -> KerasTensor:
        """The tensor of a name, a number of a use, and a place among its outputs."""
        if not _is_place(place):
            raise DataError("config", "[name of a layer, number, place]", repr(place)[:60])
        name, number, index = place
        uses = self.uses.get(name, [])
        outputs = list(leaves(uses[number].outputs)) if 0 <= number < len(uses) else []
        if not 0 <= index < len(outputs):
            raise DataError("config", f"an output of the layer {name}", repr(place),
                            "" if name in self.made else nearest(name, self.made))  # fmt: skip
        return outputs[index]  # type: ignore[no-any-return]

    def tree(self, places: Any) -> Any:
        """Inputs or outputs in their form."""
        if _is_place(places):
            name, number, index = places
            return self.place([name, number - first_number(self.made.get(name)), index])
        if isinstance(places, dict):
            return {key: self.tree(each) for key, each in places.items()}
        if isinstance(places, (list, tuple)):
            return [self.tree(each) for each in places]
        raise DataError("config", "[name of a layer, number, place]", repr(places)[:60])


_TENSOR = "__keras_tensor__"


def _is_place(value: Any) -> bool:
    kinds = (str, int, int)
    return isinstance(value, (list, tuple)) and tuple(map(type, value)) == kinds


def _places_in(use: Any) -> Iterator[Any]:
    """The places of all tensors in the arguments of a use."""
    pending = [use]
    while pending:
        each = pending.pop()
        if isinstance(each, dict):
            if each.get("class_name") == _TENSOR:
                inner = each.get("config")
                place = inner.get("keras_history") if isinstance(inner, dict) else None
                if not _is_place(place):
                    raise DataError("config", "[name of a layer, number, place]", repr(place)[:60])
                yield place
                continue
            pending.extend(each.values())
        elif isinstance(each, (list, tuple)):
            pending.extend(reversed(each))


# ---- copying


def connected_again(
    network: Network, values: dict[int, Any], use: Callable[[Any, Any, Any], Any]
) -> Any:
    """The outputs of ``use(operation, arguments, keywords)`` along all nodes of a network.

    ``values`` holds what stands for the inputs, by the ``id`` of each.
    """

    def now(leaf: Any) -> Any:
        return values[id(leaf)] if isinstance(leaf, KerasTensor) else leaf

    for node in network.nodes:
        arguments, keywords = map_leaves(now, (node.arguments, node.keywords))
        found = use(node.operation, arguments, keywords)
        values |= {id(old): new for old, new in
                   zip(leaves(node.outputs), leaves(found), strict=True)}  # fmt: skip
    return map_leaves(now, network.outputs)
