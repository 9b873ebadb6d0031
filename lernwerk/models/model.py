"""Model: a layer that can be trained; made of symbolic tensors, or a subclass with ``call``."""

from __future__ import annotations

from typing import Any

from lernwerk.core.tensor import Tensor
from lernwerk.errors import ArgumentError, UsageError, nearest
from lernwerk.layers.arguments import map_shapes
from lernwerk.layers.input_layer import InputLayer
from lernwerk.layers.layer import Layer
from lernwerk.layers.symbolic import KerasTensor, inferred
from lernwerk.models.network import Network
from lernwerk.models.trainer import Trainer


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
        object.__setattr__(self, "network", network)
        if network is not None:
            self._network_layers = [each for each in network.layers
                                    if not isinstance(each, InputLayer)]  # fmt: skip
            self._track(self._network_layers)
            self.built = True

    # ---- structure

    @property
    def layers(self) -> list[Layer]:
        """The layers, in Keras's order."""
        return self._sublayers if self.network is None else self.network.layers

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
        if self.network is None:
            raise UsageError(
                f"{self.name}.{what}", "a built model", "one without input shape",
                "Begin it with Input(shape=...), or call it on data first.",
            )  # fmt: skip
        return self.network

    def last_layers(self) -> list[Any]:
        """The layer that makes each output; an Activation counts with the units before it."""
        if self.network is None:
            return []
        return [_maker(tensor) for tensor in self.network.flat_outputs]

    # ---- building and calling

    def build(self, input_shape: Any) -> None:
        """Make the weights of all layers for inputs of this shape, by a call without numbers."""
        if self.network is None and type(self).call is not Layer.call:
            self.built = True
            symbols = map_shapes(lambda shape: KerasTensor(shape, self.dtype), input_shape)
            inferred(self, (symbols,), {})

    def build_for(self, shape: Any, **shapes: Any) -> None:
        """Build before a call; the layers of a subclass are built when it calls them."""
        if type(self).build is Model.build:
            self.built = True
        else:
            super().build_for(shape, **shapes)

    def call(self, inputs: Any) -> Any:
        """The network's outputs; a subclass without network writes its own."""
        if self.network is None:
            raise NotImplementedError(
                f"{type(self).__name__} has no call(self, inputs): write it, or give inputs and "
                "outputs to super().__init__"
            )
        return self.network.run(inputs)

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

    def save(self, filepath: Any, overwrite: bool = True, **options: Any) -> None:
        """Write the model to a ``.keras`` file."""
        from lernwerk.saving import save_model

        save_model(self, filepath, overwrite, **options)

    def save_weights(self, filepath: Any, overwrite: bool = True) -> None:
        """Write the weights to a ``.weights.h5`` file."""
        from lernwerk.saving import save_weights

        save_weights(self, filepath, overwrite)

    def load_weights(self, filepath: Any, **options: Any) -> None:
        """Read the weights from a file; nothing changes where one is wrong."""
        from lernwerk.saving import load_weights

        load_weights(self, filepath, **options)

    def to_json(self, **options: Any) -> str:
        """The config as JSON text; ``model_from_json`` makes the model again, without weights."""
        from lernwerk.saving import model_to_json

        return model_to_json(self, **options)


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
