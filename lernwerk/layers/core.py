"""The basic layers: Dense, Activation and Embedding."""

from __future__ import annotations

from typing import Any

from lernwerk import activations, initializers, ops, regularizers
from lernwerk.core.tensor import Tensor
from lernwerk.errors import COUNT, ArgumentError, DataError
from lernwerk.layers.input_form import InputForm
from lernwerk.layers.layer import Layer


class Dense(Layer):
    """Every output sees every input.

    y = activation(x @ kernel + bias)

    Shapes: x (*b, c) -> y (*b, units)
    Weights: kernel (c, units) Glorot uniform (Glorot & Bengio 2010); bias (units) zeros
    Differs: nothing.
    """

    supports_masking = True
    ranges = {"units": COUNT}
    fixed = {"kernel_constraint": None, "bias_constraint": None, "lora_rank": None}

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.units = units
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.check_arguments()

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make kernel and bias for inputs with this last axis."""
        inputs = fixed_last(self, input_shape)
        self.kernel = self.add_weight(
            "kernel", (inputs, self.units), self.kernel_initializer,
            regularizer=self.kernel_regularizer,
        )  # fmt: skip
        if self.use_bias:
            self.bias = self.add_weight(
                "bias", (self.units,), self.bias_initializer, regularizer=self.bias_regularizer
            )
        self.input_form = InputForm(at_least=2, last=inputs)

    def call(self, inputs: Tensor) -> Tensor:
        """y = activation(x @ kernel + bias)"""
        y = ops.matmul(inputs, self.kernel)
        if self.use_bias:
            y = y + self.bias
        return self.activation(y)


class Activation(Layer):
    """A function of each number, as a layer of its own.

    y = activation(x)

    Shapes: x (*s) -> y (*s)
    """

    supports_masking = True

    def __init__(self, activation: Any, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.activation = activations.get(activation)

    def call(self, inputs: Tensor) -> Tensor:
        """y = activation(x)"""
        return self.activation(inputs)


class Embedding(Layer):
    """A table with one learnt vector for each integer.

    y[i] = embeddings[x[i]]

    Shapes: x (*b) integers in [0, input_dim) -> y (*b, output_dim)
    Weights: embeddings (input_dim, output_dim) uniform in [-0.05, 0.05] (Keras)
    With ``mask_zero`` the integer 0 stands for "nothing here" and layers after it skip it.
    """

    integer_inputs = True
    ranges = {"input_dim": COUNT, "output_dim": COUNT}
    fixed = {"embeddings_constraint": None, "lora_rank": None, "weights": None}

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        *,  # Keras has embeddings_constraint here
        mask_zero: bool = False,
        **keywords: Any,
    ) -> None:
        keywords.pop("input_length", None)  # Keras 1 and 2; the length is read off the data
        super().__init__(**keywords)
        self.input_dim = input_dim
        self.output_dim = output_dim
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.mask_zero = mask_zero
        self.check_arguments()

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the table."""
        self.embeddings = self.add_weight(
            "embeddings", (self.input_dim, self.output_dim), self.embeddings_initializer,
            regularizer=self.embeddings_regularizer, autocast=False,  # only what is read is rounded
        )  # fmt: skip

    def call(self, inputs: Tensor) -> Tensor:
        """y[i] = embeddings[x[i]]"""
        return ops.gather(self.embeddings, inputs.astype("int32"), axis=0)

    def check_data(self, x: Any) -> None:
        """Refuse integers outside the table: NumPy would count negative ones from its end."""
        low, high = int(x.min()), int(x.max())
        wanted = f"integers from 0 to {self.input_dim - 1}"
        if low < 0:
            raise DataError(self.name, wanted, f"{low}")
        if high >= self.input_dim:
            hint = f"The table needs input_dim={high + 1}."
            raise DataError(self.name, wanted, f"{high}", hint)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """True where the integer is not 0, if ``mask_zero``."""
        return ops.not_equal(inputs, 0) if self.mask_zero else None


def fixed_last(layer: Layer, shape: tuple[int | None, ...]) -> int:
    """The length of the last axis, which a layer needs for its weights."""
    InputForm(at_least=2).check(layer.name, shape)
    if shape[-1] is None:
        raise ArgumentError(
            layer.name, "a known length of the last axis", shape,
            "Give it: Input(shape=(..., channels)).",
        )  # fmt: skip
    return shape[-1]
