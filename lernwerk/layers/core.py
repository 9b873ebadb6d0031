"""The basic layers: Dense, Activation, Identity and Masking."""

from __future__ import annotations

from typing import Any

from lernwerk import activations, constraints, initializers, ops, regularizers
from lernwerk.core.tensor import Tensor
from lernwerk.errors import COUNT, ArgumentError
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
    fixed = {"lora_rank": None, "lora_alpha": None}

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **keywords)
        self.units = units
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.check_arguments()

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make kernel and bias for inputs with this last axis."""
        inputs = fixed_last(self, input_shape)
        self.kernel = self.add_weight(
            "kernel", (inputs, self.units), self.kernel_initializer,
            regularizer=self.kernel_regularizer, constraint=self.kernel_constraint,
        )  # fmt: skip
        if self.use_bias:
            self.bias = self.add_weight(
                "bias", (self.units,), self.bias_initializer, regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )  # fmt: skip
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


class Identity(Layer):
    """The input as it is.

    y = x

    Shapes: x (*s) -> y (*s)
    """

    integer_inputs = True
    supports_masking = True

    def call(self, inputs: Any) -> Any:
        """y = x"""
        return inputs


class Masking(Layer):
    """Say which steps later layers skip: those in which every number is ``mask_value``.

    y = x where a number of the step differs from mask_value, else 0

    Shapes: x (b, t, c) -> y (b, t, c); the mask is (b, t)
    Source: https://keras.io/api/layers/core_layers/masking/
    """

    supports_masking = True

    def __init__(self, mask_value: float = 0.0, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.mask_value = mask_value

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """True for the steps in which a number differs from ``mask_value``."""
        return ops.any(ops.not_equal(inputs, self.mask_value), axis=-1)

    def call(self, inputs: Tensor) -> Tensor:
        """y = x in the steps that count, else 0"""
        steps = ops.expand_dims(self.compute_mask(inputs), axis=-1)
        return ops.where(steps, inputs, 0.0)


def fixed_last(layer: Layer, shape: tuple[int | None, ...]) -> int:
    """The length of the last axis, which a layer needs for its weights."""
    InputForm(at_least=2).check(layer.name, shape)
    if shape[-1] is None:
        raise ArgumentError(
            layer.name, "a known length of the last axis", shape,
            "Give it: Input(shape=(..., channels)).",
        )  # fmt: skip
    return shape[-1]
