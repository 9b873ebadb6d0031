"""clone_model: a model of the same layers with new weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lernwerk.configurable import noting
from lernwerk.core.tree import leaves, map_leaves
from lernwerk.errors import ArgumentError, UsageError
from lernwerk.layers.input_layer import Input, InputLayer
from lernwerk.layers.layer import Layer
from lernwerk.layers.symbolic import KerasTensor, Operation, record
from lernwerk.models.functional_config import connected_again
from lernwerk.models.model import Model
from lernwerk.models.sequential import Sequential
from lernwerk.registration import custom_object_scope

Clone = Callable[[Any], Any]


def clone_model(
    model: Model,
    input_tensors: Any = None,
    clone_function: Clone | None = None,
    call_function: Callable[..., Any] | None = None,
    recursive: bool = False,
) -> Any:
    """A copy of a model with new layers and new weights, compiled as the model is.

    ``clone_function(layer)`` gives the layer that stands for one of the model's (it may be the same
    one); ``call_function(layer, *arguments, **keywords)`` calls it, in functional models;
    ``input_tensors`` are symbolic inputs for the copy. With ``recursive`` both are applied inside
    models within the model too. A model that writes its own ``call`` is made anew from its config.
    """
    whole = model._network is not None and type(model).call is Model.call
    if not isinstance(model, Sequential) and not whole:
        return _from_config(model, clone_function or input_tensors or call_function)
    if isinstance(model, Sequential) and call_function is not None:
        raise ArgumentError("clone_model", "call_function with functional models only",
                            "a Sequential one")  # fmt: skip
    clones = _Clones(clone_function, call_function, recursive)
    found = clones.model(model, input_tensors)
    if model.compiled:
        with noting() as own:
            settings = model.get_compile_config()
        with custom_object_scope(own):
            found.compile_from_config(settings)
    return found


def _from_config(model: Model, options: Any) -> Any:
    if options:
        raise ArgumentError(
            "clone_model", "clone_function and the like with sequential and functional models only",
            f"a {type(model).__name__} with its own call",
        )  # fmt: skip
    return copied_layer(model)


class _Clones:
    """The layers that stand for others; a layer that is used twice has one clone."""

    def __init__(
        self, clone: Clone | None, call: Callable[..., Any] | None, recursive: bool
    ) -> None:
        self.clone, self.call, self.recursive = clone or copied_layer, call, recursive
        self.made: dict[int, Any] = {}

    def model(self, model: Model, inputs: Any) -> Any:
        """The clone of a model."""
        if isinstance(model, Sequential):
            return self._sequential(model, inputs)
        values = _values_for(model, inputs)
        network = model._known_network("clone")
        outputs = connected_again(network, values, self._use)
        own_inputs = map_leaves(lambda leaf: values[id(leaf)], network.inputs)
        return type(model)(own_inputs, outputs, name=model.name, trainable=model.trainable)

    def _sequential(self, model: Sequential, inputs: Any) -> Any:
        listed = [self.of(layer) for layer in model.layers]
        if inputs is not None:
            given = list(leaves(inputs))
            _check(given, 1)
            listed.insert(0, given[0])
        elif model._entry is not None:
            listed.insert(0, InputLayer.from_config(model._entry.get_config()))
        return type(model)(listed, name=model.name, trainable=model.trainable)

    def of(self, operation: Any) -> Any:
        """The clone of a layer or operation."""
        if id(operation) not in self.made:
            inner = self.recursive and getattr(operation, "_network", None) is not None
            if isinstance(operation, Operation):
                found: Any = Operation(operation.function, operation.name)
            else:
                found = self.model(operation, None) if inner else self.clone(operation)
            self.made[id(operation)] = found
        return self.made[id(operation)]

    def _use(self, operation: Any, arguments: Any, keywords: Any) -> Any:
        clone = self.of(operation)
        if isinstance(clone, Operation):
            return record(clone, arguments, keywords)
        return (self.call or _called)(clone, *arguments, **keywords)


def _called(layer: Any, *arguments: Any, **keywords: Any) -> Any:
    return layer(*arguments, **keywords)


def _values_for(model: Model, inputs: Any) -> dict[int, Any]:
    """New symbolic inputs, or those given, by the old ones."""
    old = model.inputs
    if inputs is None:
        names = model.input_names
        new = [Input(batch_shape=each.shape, dtype=each.dtype, name=name)
               for each, name in zip(old, names, strict=True)]  # fmt: skip
    else:
        new = list(leaves(inputs))
        _check(new, len(old))
    return {id(one): two for one, two in zip(old, new, strict=True)}


def _check(given: list[Any], count: int) -> None:
    if len(given) != count or not all(isinstance(each, KerasTensor) for each in given):
        raise ArgumentError("clone_model", f"{count} symbolic tensors as input_tensors",
                            repr(given)[:80], "For example Input(shape=(784,)).")  # fmt: skip


def copied_layer(layer: Any) -> Any:
    """A layer made anew from its config; classes and functions in it are those of the layer."""
    with noting() as own:
        try:
            config = layer.get_config()
        except UsageError:  # a function without a name, which only a file could not hold
            values, keywords = layer._given_arguments
            return type(layer)(*values, **{**keywords, "name": layer.name})
    with custom_object_scope(own):
        made: Layer = type(layer).from_config(config)
    return made
