"""Model: a layer that can be trained; made of symbolic tensors, or a subclass with ``call``."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Self

from lernwerk.core.tensor import Tensor
from lernwerk.errors import ArgumentError, UsageError, nearest
from lernwerk.layers.arguments import build_shapes, map_shapes, tensor_arguments
from lernwerk.layers.input_layer import InputLayer
from lernwerk.layers.layer import Layer
from lernwerk.layers.symbolic import KerasTensor, inferred
from lernwerk.models.compile_settings import compile_with, written_settings
from lernwerk.models.functional_config import is_network_config, network_config, network_from
from lernwerk.models.network import Network
from lernwerk.models.rewiring import Plan
from lernwerk.models.trainer import Trainer
from lernwerk.registration import custom_object_scope


class Model(Trainer):
    """A network that can be compiled and trained.

    ``Model(inputs, outputs)`` is the functional model between symbolic tensors; a subclass writes
    ``call`` instead, or gives ``inputs`` and ``outputs`` to ``super().__init__``.
    """

    family = ""
    network: Network | None = None

    def __new__(cls, *arguments: Any, **keywords: Any) -> Any:
        if cls is Model and (arguments or {"inputs", "outputs"} & set(keywords)):
            from lernwerk.models.functional import Functional

            return super().__new__(Functional)
        return super().__new__(cls)

    def __init__(self, inputs: Any = None, outputs: Any = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        if (inputs is None) != (outputs is None):
            raise ArgumentError(
                "Model(...)", "inputs and outputs",
                "inputs only" if outputs is None else "outputs only", "Model(inputs, outputs)",
            )  # fmt: skip
        if inputs is not None:
            self._set_network(Network(inputs, outputs))

    def _set_network(self, network: Network | None) -> None:
        object.__setattr__(self, "_network", network)
        if network is not None:
            self._network_layers = [each for each in network.layers
                                    if not isinstance(each, InputLayer)]  # fmt: skip
            self._track(self._network_layers)
            self.built = True

    @property
    def counts_its_making(self) -> bool:
        """Whether Keras counts the making of this model as its first use."""
        return self._network is not None

    # ---- structure

    @property
    def layers(self) -> list[Layer]:
        """The layers, in Keras's order."""
        return self._sublayers if self._network is None else self._network.layers

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The layer of that name, or at that index."""
        layers = self.layers
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise ArgumentError(
                    f"{self.name}.get_layer", f"an index below {len(layers)}", index
                )
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        names = [layer.name for layer in layers]
        raise ArgumentError(f"{self.name}.get_layer", "the name of a layer", repr(name),
                            nearest(str(name), names))  # fmt: skip

    @property
    def inputs(self) -> list[KerasTensor]:
        """The symbolic inputs."""
        return self._known_network("inputs").flat_inputs

    @property
    def outputs(self) -> list[KerasTensor]:
        """The symbolic outputs."""
        return self._known_network("outputs").flat_outputs

    @property
    def input(self) -> Any:
        """The symbolic input, or the list or dict of them."""
        return self._known_network("input").inputs

    @property
    def output(self) -> Any:
        """The symbolic output, or the list or dict of them."""
        return self._known_network("output").outputs

    @property
    def input_names(self) -> list[str]:
        """The names of the inputs."""
        return self._known_network("input_names").input_names

    @property
    def output_names(self) -> list[str]:
        """The names of the outputs."""
        return self._known_network("output_names").output_names

    def _known_network(self, what: str) -> Network:
        if self._network is None:
            raise UsageError(
                f"{self.name}.{what}", "a built model", "one without input shape",
                "Begin it with Input(shape=...), or call it on data first.",
            )  # fmt: skip
        return self._network

    def last_layers(self) -> list[Any]:
        """The layer that makes each output; an Activation counts with the units before it."""
        if self._network is None:
            return []
        return [_maker(tensor) for tensor in self._network.flat_outputs]

    # ---- building and calling

    def build(self, input_shape: Any) -> None:
        """Make the weights of all layers for inputs of this shape, by a call without numbers."""
        if self._network is None and type(self).call is not Layer.call:
            symbols = _symbols(input_shape, self.dtype)
            self._ready_for((symbols,), {})
            inferred(self, (symbols,), {})

    def _ready_for(self, arguments: tuple[Any, ...], keywords: Mapping[str, Any]) -> None:
        """Note the shapes of the first call, from which a subclass can be built anew."""
        if not self.built:
            given = tensor_arguments(self._call_names, arguments, keywords)
            found = {f"{name}_shape": _listed(build_shapes(each)) for name, each in given}
            first = next(iter(found.values()), None)
            config = {"input_shape": first} if len(found) == 1 else {"shapes_dict": found}
            object.__setattr__(self, "_build_config", config)
        super()._ready_for(arguments, keywords)

    def get_build_config(self) -> dict[str, Any] | None:
        """The shapes that the model was built for; None where its config says them."""
        return None if self._network is not None else vars(self).get("_build_config")

    def build_from_config(self, config: Mapping[str, Any]) -> None:
        """Build a subclass for the shapes that ``get_build_config`` gave, with all its layers."""
        if self._network is not None or self.built:
            return
        shapes = config.get("shapes_dict") or {"": config.get("input_shape")}
        if any(each is None for each in shapes.values()):
            return
        symbols = {name.removesuffix("_shape"): _symbols(each, self.dtype)
                   for name, each in shapes.items()}  # fmt: skip
        positional = (symbols.pop(""),) if "" in symbols else ()
        self._ready_for(positional, symbols)
        inferred(self, positional, symbols)

    def build_for(self, shape: Any, **shapes: Any) -> None:
        """Build before a call; the layers of a subclass are built when it calls them."""
        if not self.built and not shapes:
            vars(self).setdefault("_build_config", {"input_shape": _listed(shape)})
        if type(self).build is Model.build:
            self.built = True
        else:
            super().build_for(shape, **shapes)

    def call(self, inputs: Any) -> Any:
        """The network's outputs; a subclass without network writes its own."""
        if self._network is None:
            raise NotImplementedError(
                f"{type(self).__name__} has no call(self, inputs): write it, or give inputs and "
                "outputs to super().__init__"
            )
        return self._network.run(inputs)

    def scope_name(self, outermost: bool) -> str:
        """Nothing for the model that runs: its layers stand for themselves."""
        return "" if outermost else self.name

    def _cast(self, tensor: Tensor) -> Tensor:
        return tensor  # the layers decide

    def _finished(self, outputs: Any) -> Any:
        """The outputs as the layers gave them: the last one's policy decides."""
        return outputs

    def _pass_masks(self, inputs: Any, outputs: Any, mask: Any) -> None:
        """The layers inside have noted the masks."""

    def reset_states(self) -> None:
        """Let the stateful layers start anew."""
        for layer in self._flattened():
            reset = getattr(layer, "reset_states", None)
            if reset is not None and not isinstance(layer, Model):
                reset()

    # ---- config and copies

    @classmethod
    def parameters(cls) -> list[str]:
        """The names of the arguments of a subclass that writes ``call``."""
        return [name for name in super().parameters() if name not in ("inputs", "outputs")]

    def get_config(self) -> dict[str, Any]:
        """Layers and connections of a functional model; of a subclass its arguments."""
        if self._network is not None and _takes_tensors(type(self)):
            return network_config(self)
        return super().get_config()

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Self:
        """The model that ``get_config`` described, with new weights."""
        with custom_object_scope(custom_objects):
            if not (is_network_config(config) and _takes_tensors(cls)):
                return super().from_config(config)
            inputs, outputs = network_from(config)
            rest = {name: value for name, value in config.items()
                    if name not in ("layers", "input_layers", "output_layers")}  # fmt: skip
            made: Self = cls(inputs, outputs, **rest)
            return made

    def _plan(self) -> Plan | None:
        """The network as plain lists, with the symbolic losses that were added."""
        symbolic = [each for each in self._lasting_losses if isinstance(each, KerasTensor)]
        found = self._network
        return None if found is None else Plan(found.inputs, found.outputs, symbolic)

    def _connect(self, plan: Plan) -> None:
        inputs, outputs, losses = plan.connect()
        object.__setattr__(self, "_network", Network(inputs, outputs))
        self._lasting_losses += losses

    def __getstate__(self) -> dict[str, Any]:
        """Attributes, weights included; the network as plain lists."""
        plan, state = self._plan(), super().__getstate__()
        if plan is not None:
            kept = [each for each in self._lasting_losses if not isinstance(each, KerasTensor)]
            state |= {"_lasting_losses": kept, "_given_arguments": ((), {})}
        return state | {"_network": plan}

    def __setstate__(self, state: dict[str, Any]) -> None:
        plan = state.pop("_network", None)
        self.__dict__.update(state)
        if plan is not None:
            self._connect(plan)

    def get_compile_config(self) -> dict[str, Any]:
        """What the model was compiled with, in Keras's written form; empty where it was not."""
        return written_settings(self) if self.compiled else {}

    def compile_from_config(self, config: Mapping[str, Any]) -> None:
        """Compile the model with what ``get_compile_config`` gave."""
        if config:
            compile_with(self, config)

    # ---- showing and saving

    def summary(
        self,
        line_length: int | None = None,
        positions: Any = None,
        print_fn: Any = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Any = None,
    ) -> None:
        """Print the table of layers, output shapes and parameters, as Keras does."""
        from lernwerk.models.summary import summary_text

        text = summary_text(self, line_length, expand_nested, show_trainable, layer_range)
        (print_fn or print)(text)

    def _repr_html_(self) -> str:
        """The table of the layers, for a notebook's cell that ends with the model."""
        from lernwerk.models.summary import summary_html

        return summary_html(self)

    def save(self, filepath: Any, overwrite: bool = True, **options: Any) -> None:
        """Write the model to a ``.keras`` file, or to an ``.h5`` file of Keras's older format."""
        from lernwerk.saving import save_model

        save_model(self, filepath, overwrite, **options)

    def save_weights(self, filepath: Any, overwrite: bool = True) -> None:
        """Write the weights to a ``.weights.h5`` file."""
        from lernwerk.saving import save_weights

        save_weights(self, filepath, overwrite)

    def load_weights(
        self, filepath: Any, skip_mismatch: bool = False, by_name: bool = False
    ) -> None:
        """Read the weights from a file; nothing changes where one is wrong.

        ``by_name`` matches layers by their names, ``skip_mismatch`` leaves out what does not fit;
        both warn of what they left.
        """
        from lernwerk.saving import load_weights

        load_weights(self, filepath, skip_mismatch, by_name)

    def to_json(self, **options: Any) -> str:
        """The config as JSON text; ``model_from_json`` makes the model again, without weights."""
        from lernwerk.saving import model_to_json

        return model_to_json(self, **options)


def _takes_tensors(kind: type) -> bool:
    """Whether a class is made like a functional model: ``kind(inputs, outputs)``."""
    parameters = list(inspect.signature(kind).parameters.values())
    names = [p.name for p in parameters]
    kinds = {p.kind for p in parameters}
    return names[:2] == ["inputs", "outputs"] or (
        inspect.Parameter.VAR_POSITIONAL in kinds and inspect.Parameter.VAR_KEYWORD in kinds
    )


def _symbols(shapes: Any, dtype: str) -> Any:
    return map_shapes(lambda shape: KerasTensor(shape, dtype), shapes)


def _listed(shapes: Any) -> Any:
    """Shapes as lists, as they stand in files."""
    return map_shapes(list, shapes)


def _maker(tensor: KerasTensor) -> Any:
    """The layer that makes a tensor, with the one before it; None for an operation."""
    node = tensor.node
    if node is None:
        return None
    before = [each.node.operation for each in node.inputs if each.node is not None]
    return last_layer(node.operation, before[0] if len(before) == 1 else None)


def last_layer(layer: Any, before: Any) -> Any:
    """The layer that decides what an output is: of a model inside, its last one.

    An Activation counts with the units of the layer before it.
    """
    if isinstance(layer, Model):
        inner = layer.last_layers()
        return inner[0] if len(inner) == 1 else None
    if not isinstance(layer, Layer):
        return None
    counts = hasattr(layer, "units") or hasattr(layer, "filters")
    if hasattr(layer, "activation") and not counts and before is not None:
        return _LastLayer(layer, getattr(before, "units", getattr(before, "filters", None)))
    return layer


class _LastLayer:
    """An Activation layer together with the units of the layer before it."""

    def __init__(self, activation: Any, units: int | None) -> None:
        self.name, self.activation, self.units = activation.name, activation.activation, units
