"""Wrapper: the base of layers that do something around another layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from lernwerk.configurable import deserialize
from lernwerk.errors import ArgumentError
from lernwerk.layers.layer import Layer


class Wrapper(Layer):
    """A layer around another one, which is built with the shape that the wrapper gets.

    A subclass writes ``call`` and uses ``self.layer`` there.

    Shapes: what ``call`` of the subclass says.
    """

    def __init__(self, layer: Any, **keywords: Any) -> None:
        super().__init__(**keywords)
        if not isinstance(layer, Layer):
            raise ArgumentError(
                f"{type(self).__name__}(...)", "a layer", repr(layer)[:60],
                f"For example {type(self).__name__}(layers.Dense(8)).",
            )  # fmt: skip
        self.layer = layer

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Build the layer inside."""
        self.layer.build_for(input_shape)

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """The layer that a config describes, its ``layer`` as an object or in its written form."""
        return cls(**{**config, "layer": deserialize(config.get("layer"), "layers")})
