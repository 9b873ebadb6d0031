"""Sequential: layers one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

from lernwerk.configurable import deserialize, serialize
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import ArgumentError, UsageError, nearest
from lernwerk.layers.core import Activation, InputLayer
from lernwerk.layers.layer import Layer
from lernwerk.models.model import Model


class Sequential(Model):
    """A model whose layers follow one another: ``Sequential([Dense(16), Dense(1)])``.

    Weights are made as soon as the input shape is known: from an ``Input`` or ``input_shape``, or
    from the first data.
    """

    def __init__(
        self, layers: Iterable[Layer] | None = None, trainable: bool = True, name: str | None = None
    ) -> None:
        super().__init__(name=name, trainable=trainable)
        self._input: InputLayer | None = None
        for layer in layers or []:
            self.add(layer)

    @property
    def layers(self) -> list[Layer]:
        """The layers, without the input."""
        return [layer for layer in self._sublayers if not isinstance(layer, InputLayer)]

    def add(self, layer: Layer) -> None:
        """Append a layer."""
        if not isinstance(layer, Layer):
            raise ArgumentError(
                f"{self.name}.add", "a layer", repr(layer), "For example layers.Dense(10)."
            )
        if any(layer is each for each in self._sublayers):
            raise ArgumentError(f"{self.name}.add", "a layer of its own", f"{layer.name} again")
        if isinstance(layer, InputLayer):
            self._input = layer
            return
        if not self._sublayers and self._input is None and layer.given_input_shape is not None:
            self._input = InputLayer(layer.given_input_shape)
        self._sublayers.append(layer)
        if self._steps is not None:  # what was traced lacks this layer
            self._steps.forget()
        if self._input is not None:
            self.build_for(self._input.batch_shape)

    def pop(self) -> Layer:
        """Remove the last layer and return it."""
        if not self.layers:
            raise UsageError(f"{self.name}.pop", "a layer to remove", "none")
        self._steps = None
        return self._sublayers.pop()

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The layer of that name, or at that index."""
        if index is not None:
            return self.layers[index]
        for layer in self.layers:
            if layer.name == name:
                return layer
        names = [layer.name for layer in self.layers]
        raise ArgumentError(f"{self.name}.get_layer", "the name of a layer", repr(name),
                            nearest(str(name), names))  # fmt: skip

    # ---- building and calling

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights of all layers for this input shape."""
        self.build_for(input_shape)

    def build_for(self, shape: Any) -> None:
        """Build every layer that is not built yet, following the shape through them."""
        if self.built and all(layer.built for layer in self._sublayers):
            return
        current: tuple[int | None, ...] = (None, *shape[1:])
        for layer in self._sublayers:
            layer.build_for(current)
            current = layer.compute_output_shape(current)
        self.built = True
        self.built_shape = (None, *shape[1:])

    def call(self, inputs: Tensor, mask: Any = None) -> Tensor:
        """The layers one after the other."""
        return self.forward(inputs, mask)[0]

    def forward(self, x: Any, mask: Any = None) -> tuple[Tensor, Any]:
        """The output and its mask: an Embedding may mask steps, later layers skip them."""
        for layer in self._sublayers:
            if isinstance(layer, Sequential):
                x, mask = layer.forward(x, mask)
            else:
                y = layer(x, mask=mask)
                mask, x = layer.compute_mask(x, mask), y
        return x, mask

    def _prepared(self, inputs: Any) -> Tensor:
        return as_tensor(inputs)  # the first layer decides whether integers stay integers

    def check_input(self, shape: tuple[int, ...]) -> None:
        """Refuse data that the first layer cannot take, with the shape of all of them."""
        first = next(iter(self.layers), None)
        if isinstance(first, Sequential):
            first.check_input(shape)
        elif first is not None and first.input_form is not None:
            first.input_form.check(first.name, shape)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """The shape after the last layer."""
        for layer in self._sublayers:
            input_shape = layer.compute_output_shape(input_shape)
        return tuple(input_shape)

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """The shape of the input with None for the batch."""
        if not self.built:
            raise UsageError(
                f"{self.name}.input_shape", "a built model", "one without input shape",
                "Begin it with Input(shape=...), or call it on data first.",
            )  # fmt: skip
        return self.built_shape

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """The shape of the output with None for the batch."""
        return self.compute_output_shape(self.input_shape)

    def check_data(self, x: Any) -> None:
        """The first layer's own check of a data set."""
        for layer in self.layers[:1]:
            layer.check_data(x)

    def last_layer(self) -> Layer | None:
        """The last layer; an Activation counts with the units of the layer before it."""
        layers = self.layers
        if not layers:
            return None
        last = layers[-1]
        if isinstance(last, Activation) and len(layers) > 1:
            last = _with_units_of(last, layers[-2])
        return last

    # ---- config

    def get_config(self) -> dict[str, Any]:
        """Keras's config: name, layers with their configs, the input shape."""
        listed = [serialize(layer) for layer in self.layers]
        if self._input is not None:
            listed.insert(0, serialize(self._input))
        config: dict[str, Any] = {"name": self.name, "trainable": self.trainable, "layers": listed}
        if self.built:
            config["build_input_shape"] = list(self.built_shape)
        return config

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Self:
        """The model that ``get_config`` described."""
        made = [_deserialized(each, custom_objects) for each in config.get("layers", [])]
        model = cls(made, config.get("trainable", True), config.get("name"))
        shape = config.get("build_input_shape")
        if shape and not model.built:
            model.build_for(tuple(shape))
        return model


def _deserialized(config: Any, custom_objects: Mapping[str, Any] | None) -> Any:
    """A layer, or a model among the layers, from its written form."""
    nested = isinstance(config, dict) and config.get("class_name") == Sequential.__name__
    return deserialize(config, Sequential.family if nested else "layers", custom_objects)


class _LastLayer:
    """An Activation layer together with the units of the layer before it."""

    def __init__(self, activation: Any, units: int | None) -> None:
        self.name, self.activation, self.units = activation.name, activation.activation, units


def _with_units_of(activation: Activation, before: Layer) -> Any:
    return _LastLayer(activation, getattr(before, "units", getattr(before, "filters", None)))
