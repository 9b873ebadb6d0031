"""The entry of a model: InputLayer, and Input, which gives its symbolic tensor."""

from __future__ import annotations

from typing import Any

from lernwerk.core.tensor import Tensor
from lernwerk.errors import ArgumentError
from lernwerk.layers.layer import Layer
from lernwerk.layers.symbolic import KerasTensor, Node


class InputLayer(Layer):
    """The entry of a model: it only knows the shape of one example.

    Arguments: ``shape`` (without the batch axis), ``batch_shape`` (with it), ``dtype``; "string"
    for texts, which a TextVectorization or StringLookup after it turns into numbers.
    Shapes: x (b, *shape) -> y (b, *shape)
    """

    integer_inputs = True
    supports_masking = True
    fixed = {"sparse": False, "ragged": False, "optional": False}

    def __init__(
        self,
        shape: Any = None,
        batch_size: int | None = None,
        dtype: Any = None,
        *,
        name: str | None = None,
        batch_shape: Any = None,
        input_tensor: Any = None,
        **keywords: Any,
    ) -> None:
        text = dtype in ("string", str)
        super().__init__(name=name, dtype=None if text else dtype, **keywords)
        if isinstance(input_tensor, KerasTensor):
            batch_shape = input_tensor.shape
        if (shape is None) == (batch_shape is None):
            raise ArgumentError(
                "Input(...)", "the shape of one example", repr(shape),
                "For example Input(shape=(28, 28, 1)) for grey pictures of 28 by 28.",
            )  # fmt: skip
        if batch_shape is None:
            batch_shape = (batch_size, *((shape,) if isinstance(shape, int) else shape))
        self.dtype = "string" if text else self.dtype
        self.batch_shape = tuple(batch_shape)
        self.batch_size = self.given_batch_size = self.batch_shape[0]
        self.shape = self.given_input_shape = self.batch_shape[1:]
        self.built = True
        Node(self, (), {}, KerasTensor(self.batch_shape, self.dtype, self.name))

    def _cast(self, tensor: Tensor) -> Tensor:
        return tensor

    def call(self, inputs: Tensor) -> Tensor:
        """y = x"""
        return inputs

    def get_config(self) -> dict[str, Any]:
        """Keras's config of an InputLayer."""
        return {"batch_shape": list(self.batch_shape), "dtype": self.dtype, "name": self.name}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        Node(self, (), {}, KerasTensor(self.batch_shape, self.dtype, self.name))


def Input(
    shape: Any = None,
    batch_size: int | None = None,
    dtype: Any = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Any = None,
    name: str | None = None,
    tensor: Any = None,
    optional: bool = False,
) -> KerasTensor:
    """The symbolic input of a model, for examples of this shape: ``Input(shape=(784,))``.

    Layers called on it are recorded; ``Model(inputs, outputs)`` makes a model of them.
    """
    options = {"sparse": sparse, "ragged": ragged, "optional": optional}
    layer = InputLayer(shape, batch_size, dtype, batch_shape=batch_shape, name=name,
                       input_tensor=tensor, **options)  # fmt: skip
    return layer.output
