"""Sequential: layers one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

from lernwerk.configurable import deserialize, serialize
from lernwerk.core.tensor import Tensor
from lernwerk.errors import ArgumentError, DataError, UsageError
from lernwerk.layers.arguments import is_shape
from lernwerk.layers.input_layer import InputLayer
from lernwerk.layers.layer import Layer
from lernwerk.layers.symbolic import KerasTensor
from lernwerk.models.model import Model, last_layer
from lernwerk.models.network import Network
from lernwerk.models.rewiring import Plan
from lernwerk.registration import custom_object_scope


class Sequential(Model):
    """A model whose layers follow one another: ``Sequential([Dense(16), Dense(1)])``.

    Weights are made as soon as the input shape is known: from an ``Input`` or ``input_shape``, or
    from the first data.
    """

    takes_one_input = True
    counts_its_making = False

    def __init__(
        self,
        layers: Iterable[Any] | None = None,
        trainable: bool = True,
        name: str | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(name=name, trainable=trainable, **keywords)
        self._entry: InputLayer | None = None
        self._chain: list[Layer] = []
        self._values: list[KerasTensor] = []  # the input, then what each layer gives
        for layer in [] if layers is None else [layers] if isinstance(layers, Layer) else layers:
            self.add(layer)

    @property
    def layers(self) -> list[Layer]:
        """The layers, without the input."""
        return list(self._chain)

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Append a layer, or begin with an ``Input``."""
        if isinstance(layer, KerasTensor) and layer.node is not None:
            layer = layer.node.operation
        if not isinstance(layer, Layer):
            raise ArgumentError(
                f"{self.name}.add", "a layer", repr(layer), "For example layers.Dense(10)."
            )
        if any(layer is each for each in self._chain):
            raise ArgumentError(f"{self.name}.add", "a layer of its own", f"{layer.name} again")
        if isinstance(layer, InputLayer):
            self._begin(layer)
            return
        if not self._chain and self._entry is None:
            self._begin_with(layer)
        self._chain.append(layer)
        if self._values:
            try:
                self._values.append(layer(self._values[-1]))
            except Exception:
                self._chain.pop()
                raise
        self._changed()

    def _begin(self, entry: InputLayer) -> None:
        if self._chain or self._entry is not None:
            raise UsageError(f"{self.name}.add", "an Input as the first of all", "one after others",
                             "Make a new Sequential that begins with it.")  # fmt: skip
        self._entry = entry
        self._values = [entry.output]

    def _begin_with(self, layer: Layer) -> None:
        """Make the input that the first layer asks for, if it does."""
        inner: Network | None = getattr(layer, "_network", None)
        if layer.given_input_shape is not None:
            shape = (layer.given_batch_size, *layer.given_input_shape)
            dtype = "string" if layer.takes_text else layer.dtype
            self._begin(InputLayer(batch_shape=shape, dtype=dtype))
        elif inner is not None and len(inner.flat_inputs) == 1:
            tensor = inner.flat_inputs[0]
            self._begin(InputLayer(batch_shape=tensor.shape, dtype=tensor.dtype))

    def pop(self, rebuild: bool = True) -> Layer:
        """Remove the last layer and return it."""
        if not self._chain:
            raise UsageError(f"{self.name}.pop", "a layer to remove", "none")
        layer = self._chain.pop()
        del self._values[len(self._chain) + 1 :]
        self._objective = self._measures = self._steps = None
        self._changed()
        return layer

    def _changed(self) -> None:
        """The network is another one; what was traced lacks a layer."""
        complete = self._chain and len(self._values) == len(self._chain) + 1
        network = Network(self._values[0], self._values[-1]) if complete else None
        object.__setattr__(self, "_network", network)
        self.built = network is not None
        self._plain_shapes = set()
        if self._steps is not None:
            self._steps.forget()

    # ---- building and calling

    def build(self, input_shape: Any = None) -> None:
        """Make the weights of all layers for this input shape."""
        self.build_for(input_shape)

    def build_for(self, shape: Any, **shapes: Any) -> None:
        """Build every layer that is not built yet, following the shape through them."""
        if self._network is not None or not self._chain:
            return
        if not is_shape(shape) or shape is None:
            raise ArgumentError(f"{self.name}.build", "the shape of one input", repr(shape),
                                "model.build((None, 784))")  # fmt: skip
        first = self._chain[0]
        dtype = "string" if first.takes_text else "int32" if first.integer_inputs else first.dtype
        entry = InputLayer(batch_shape=(None, *shape[1:]), dtype=dtype)
        values = [entry.output]
        for layer in self._chain:
            values.append(layer(values[-1]))
        self._entry, self._values = entry, values
        self._changed()

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Tensor:
        """The layers one after the other."""
        if self._network is None:
            return inputs  # type: ignore[no-any-return]
        if mask is not None:
            inputs.mask = mask
        return self._network.run(inputs)  # type: ignore[no-any-return]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape after the last layer."""
        for layer in self._chain:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    @property
    def input_shape(self) -> Any:
        """The shape of the input with None for the batch."""
        return self._known_network("input_shape").flat_inputs[0].shape

    def _structure(self) -> tuple[int, ...]:
        return tuple(map(id, self._chain))

    def last_layers(self) -> list[Any]:
        """The last layer; an Activation counts with the units of the layer before it."""
        if not self._chain:
            return []
        return [last_layer(self._chain[-1], self._chain[-2] if len(self._chain) > 1 else None)]

    # ---- config

    def get_config(self) -> dict[str, Any]:
        """Keras's config: name, layers with their configs, the input shape."""
        listed = [serialize(layer) for layer in self._chain]
        if self._entry is not None:
            listed.insert(0, serialize(self._entry))
        config: dict[str, Any] = {"name": self.name, "trainable": self.trainable, "layers": listed}
        if self._network is not None:
            config["build_input_shape"] = list(self._network.flat_inputs[0].shape)
        return config

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Self:
        """The model that ``get_config`` described."""
        with custom_object_scope(custom_objects):
            made = [deserialize(each, "layers") for each in _layers_of(config)]
        model = cls(made, config.get("trainable", True), config.get("name"))
        shape = config.get("build_input_shape")
        if shape and not model.built:
            model.build_for(tuple(shape))
        return model

    def _plan(self) -> Plan | None:
        return Plan(self._values[0], self._values, []) if self._values else None

    def _connect(self, plan: Plan) -> None:
        _, self._values, _ = plan.connect()
        network = Network(self._values[0], self._values[-1]) if self._chain else None
        object.__setattr__(self, "_network", network)

    def __getstate__(self) -> dict[str, Any]:
        """The layers, and the symbolic tensors between them as plain lists."""
        return super().__getstate__() | {"_values": []}


def _layers_of(config: Mapping[str, Any]) -> list[Any]:
    """The written layers of a config; DataError where they are none."""
    listed = config.get("layers", [])
    if not isinstance(listed, list):
        raise DataError("config", "a list of layers", repr(listed)[:60])
    for each in listed:
        if not (isinstance(each, Layer) or (isinstance(each, dict) and "class_name" in each)):
            raise DataError("config", "layers with a class_name", repr(each)[:60])
    return listed
