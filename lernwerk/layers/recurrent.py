"""Recurrent layers: SimpleRNN, LSTM and GRU.

With the standard activations a layer is one fused operation over the whole sequence
(``ops.lstm``, ...). With other activations, or with dropout on the state, the same formula is
written as a loop of small operations, one step of the sequence after the other.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from lernwerk import activations, initializers, ops, regularizers
from lernwerk.core.random import RandomStream
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.core.tracer import suspended
from lernwerk.errors import COUNT, FRACTION, Range
from lernwerk.initializers import Initializer
from lernwerk.layers.core import fixed_last
from lernwerk.layers.input_form import InputForm
from lernwerk.layers.layer import Layer


class _Recurrent(Layer):
    """What the recurrent layers have in common; ``gates`` is the number of blocks in the kernel.

    Arguments: ``return_sequences`` (all outputs instead of the last), ``return_state`` (the final
    states after the output), ``go_backwards``, ``dropout`` on the inputs and ``recurrent_dropout``
    on the state (one mask for all steps: Gal & Ghahramani 2016, arXiv:1512.05287).
    Masked steps leave the state as it was.
    """

    gates: ClassVar[int]
    states: ClassVar[int] = 1
    weights_group = "cell"  # where Keras's weight files keep them
    ranges = {
        "units": COUNT, "dropout": FRACTION, "recurrent_dropout": FRACTION,
        "seed": Range(0, integer=True),
    }  # fmt: skip
    fixed = {
        "stateful": False, "unroll": False, "time_major": False, "implementation": 2,
        "use_cudnn": "auto", "zero_output_for_mask": False, "kernel_constraint": None,
        "recurrent_constraint": None, "bias_constraint": None,
    }  # fmt: skip

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        *,  # Keras has activity_regularizer here
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.units = units
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.recurrent_regularizer = regularizers.get(recurrent_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.dropout = dropout
        self.recurrent_dropout = recurrent_dropout
        self.seed = seed
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.check_arguments()
        self.stream = RandomStream(seed)

    # ---- what the three kinds differ in

    def bias_shape(self) -> tuple[int, ...]:
        """The shape of the bias."""
        return (self.gates * self.units,)

    def bias_start(self) -> Any:
        """The initializer of the bias."""
        return self.bias_initializer

    def standard(self) -> bool:
        """Whether the fused operation computes this layer."""
        return self.activation is activations.tanh

    def fused(self, x: Tensor, states: list[Tensor], mask: Tensor) -> tuple[Tensor, list[Tensor]]:
        """All outputs and the final states, by the fused operation."""
        raise NotImplementedError

    def step(self, projected: Tensor, states: list[Tensor], masks: list[Any]) -> list[Tensor]:
        """The next states from x @ kernel of one step; the first state is the output."""
        raise NotImplementedError

    # ---- common

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make kernel, recurrent kernel and bias."""
        InputForm(axes=3).check(self.name, input_shape)
        inputs = fixed_last(self, input_shape)
        width = self.gates * self.units
        self.kernel = self.add_weight(
            "kernel", (inputs, width), self.kernel_initializer, regularizer=self.kernel_regularizer
        )
        self.recurrent_kernel = self.add_weight(
            "recurrent_kernel", (self.units, width), self.recurrent_initializer,
            regularizer=self.recurrent_regularizer,
        )  # fmt: skip
        if self.use_bias:
            self.bias: Any = self.add_weight(
                "bias", self.bias_shape(), self.bias_start(), regularizer=self.bias_regularizer
            )
        else:
            with suspended():
                self.bias = as_tensor(np.zeros(self.bias_shape(), self.dtype))
        self.input_form = InputForm(axes=3, last=inputs)

    def call(self, inputs: Tensor, training: bool = False, mask: Any = None) -> Any:
        """The outputs, or the last one, and the final states if asked for."""
        b, t = inputs.shape[:2]
        steps = as_tensor(np.ones((b, t), bool)) if mask is None else mask
        if self.go_backwards:
            inputs, steps = ops.flip(inputs, axes=(1,)), ops.flip(steps, axes=(1,))
        if training and self.dropout:
            inputs = inputs * self._ones_dropped(self.dropout, (b, 1, inputs.shape[2]))
        start = [as_tensor(np.zeros((b, self.units), self.dtype))] * self.states
        if self.standard() and not (training and self.recurrent_dropout):
            outputs, states = self.fused(inputs, start, steps)
        else:
            outputs, states = self._looped(inputs, start, steps, training)
        y = outputs if self.return_sequences else states[0]
        return [y, *states] if self.return_state else y

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The input's mask for sequences, None where only the last output is left."""
        return mask if self.return_sequences else None

    def _ones_dropped(self, rate: float, shape: tuple[int, ...]) -> Tensor:
        ones = np.ones(shape, self.dtype)
        return ops.dropout(as_tensor(ones), self.stream.next(), rate=rate)  # type: ignore[no-any-return]

    def _looped(
        self, x: Tensor, states: list[Tensor], steps: Tensor, training: bool
    ) -> tuple[Tensor, list[Tensor]]:
        rate = self.recurrent_dropout if training else 0.0
        shape = states[0].shape
        masks = [self._ones_dropped(rate, shape) if rate else 1.0 for _ in range(self.gates)]
        projected = ops.matmul(x, self.kernel)
        outputs = []
        for t in range(x.shape[1]):
            new = self.step(projected[:, t], states, masks)
            valid = steps[:, t].reshape(-1, 1)
            states = [ops.where(valid, n, old) for n, old in zip(new, states, strict=True)]
            outputs.append(states[0])
        return ops.stack(*outputs, axis=1), states

    def _recurrent_blocks(self, h: Tensor, masks: list[Any]) -> list[Tensor]:
        """(h * mask_i) @ recurrent_kernel_i for each gate i."""
        blocks = ops.split(self.recurrent_kernel, sections=self.gates, axis=1)
        return [ops.matmul(h * mask, block) for mask, block in zip(masks, blocks, strict=True)]


class SimpleRNN(_Recurrent):
    """Fully connected recurrence: the output is the state.

    h[t] = activation(x[t] @ kernel + h[t-1] @ recurrent_kernel + bias)

    Shapes: x (b, t, c) -> y (b, units), or (b, t, units) with return_sequences
    Weights: kernel (c, units) Glorot uniform; recurrent_kernel (units, units) orthogonal; bias
    zeros
    Source: Elman 1990, Cognitive Science 14, 179-211
    """

    gates = 1

    def fused(self, x: Tensor, states: list[Tensor], mask: Tensor) -> tuple[Tensor, list[Tensor]]:
        """All outputs and the last one."""
        y = ops.simple_rnn(x, states[0], self.kernel, self.recurrent_kernel, self.bias, mask)
        return y, [y[:, -1]]

    def step(self, projected: Tensor, states: list[Tensor], masks: list[Any]) -> list[Tensor]:
        """h = activation(x @ kernel + h @ recurrent_kernel + bias)"""
        (recurrent,) = self._recurrent_blocks(states[0], masks)
        return [self.activation(projected + recurrent + self.bias)]


class _GatedRecurrent(_Recurrent):
    """A recurrent layer whose gates have an activation of their own."""

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        **keywords: Any,
    ) -> None:
        super().__init__(units, activation, use_bias, **keywords)
        self.recurrent_activation = activations.get(recurrent_activation)

    def standard(self) -> bool:
        """Whether the fused operation computes this layer."""
        return super().standard() and self.recurrent_activation is activations.sigmoid


class _ForgetBias(Initializer):
    """Ones for the forget gate, the layer's own bias initializer elsewhere."""

    def __init__(self, units: int, others: Any) -> None:
        self.units = units
        self.others = others

    def __call__(self, shape: tuple[int, ...], dtype: Any = "float32") -> Tensor:
        bias = self.others(shape, dtype=dtype).numpy().copy()
        bias[self.units : 2 * self.units] = 1
        return as_tensor(bias)


class LSTM(_GatedRecurrent):
    """Long short-term memory: a cell state that gates write, keep and read.

    i, f, o = sigmoid(x[t] @ kernel + h[t-1] @ recurrent_kernel + bias), each with its block;
    c[t] = f * c[t-1] + i * tanh(... block c);  h[t] = o * tanh(c[t])

    Shapes: x (b, t, c) -> y (b, units), or (b, t, units) with return_sequences
    Weights: kernel (c, 4 units) Glorot uniform; recurrent_kernel (units, 4 units) orthogonal; bias
    (4 units) zeros, ones for the forget gate (Jozefowicz et al. 2015). Blocks in the order i, f,
    c, o
    Source: Hochreiter & Schmidhuber 1997, Neural Computation 9, 1735-1780; Gers et al. 2000
    """

    gates = 4
    states = 2

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        *,
        unit_forget_bias: bool = True,
        **keywords: Any,
    ) -> None:
        super().__init__(units, activation, recurrent_activation, use_bias, **keywords)
        self.unit_forget_bias = unit_forget_bias

    def bias_start(self) -> Any:
        """The bias initializer, with ones for the forget gate."""
        if self.unit_forget_bias:
            return _ForgetBias(self.units, self.bias_initializer)
        return self.bias_initializer

    def fused(self, x: Tensor, states: list[Tensor], mask: Tensor) -> tuple[Tensor, list[Tensor]]:
        """All outputs, the last output and the last cell state."""
        y, cells, _ = ops.lstm(x, *states, self.kernel, self.recurrent_kernel, self.bias, mask)
        return y, [y[:, -1], cells[:, -1]]

    def step(self, projected: Tensor, states: list[Tensor], masks: list[Any]) -> list[Tensor]:
        """One step of the formula above."""
        h, c = states
        inputs = ops.split(projected + self.bias, sections=4, axis=-1)
        recurrent = self._recurrent_blocks(h, masks)
        i, f, new, o = (x + r for x, r in zip(inputs, recurrent, strict=True))
        gate = self.recurrent_activation
        c = gate(f) * c + gate(i) * self.activation(new)
        return [gate(o) * self.activation(c), c]


class GRU(_GatedRecurrent):
    """Gated recurrent unit: one state, an update gate z and a reset gate r.

    z, r = sigmoid(x[t] @ kernel + bias_x + h[t-1] @ recurrent_kernel + bias_h), each with its
    block; new = tanh(x[t] @ kernel + bias_x + r * (h[t-1] @ recurrent_kernel + bias_h));
    h[t] = z * h[t-1] + (1 - z) * new

    Shapes: x (b, t, c) -> y (b, units), or (b, t, units) with return_sequences
    Weights: kernel (c, 3 units) Glorot uniform; recurrent_kernel (units, 3 units) orthogonal; bias
    (2, 3 units) zeros. Blocks in the order z, r, new
    Source: Cho et al. 2014, arXiv:1406.1078
    Differs: ``reset_after`` is always True, Keras's default.
    """

    gates = 3
    fixed = {**_Recurrent.fixed, "reset_after": True}

    def bias_shape(self) -> tuple[int, ...]:
        """One bias for the input's product and one for the state's."""
        return (2, 3 * self.units)

    def fused(self, x: Tensor, states: list[Tensor], mask: Tensor) -> tuple[Tensor, list[Tensor]]:
        """All outputs and the last one."""
        y, _ = ops.gru(x, states[0], self.kernel, self.recurrent_kernel, self.bias, mask)
        return y, [y[:, -1]]

    def step(self, projected: Tensor, states: list[Tensor], masks: list[Any]) -> list[Tensor]:
        """One step of the formula above."""
        h = states[0]
        from_input = ops.split(projected + self.bias[0], sections=3, axis=-1)
        biases = ops.split(self.bias[1], sections=3, axis=-1)
        from_state = [
            block + bias
            for block, bias in zip(self._recurrent_blocks(h, masks), biases, strict=True)
        ]
        z = self.recurrent_activation(from_input[0] + from_state[0])
        r = self.recurrent_activation(from_input[1] + from_state[1])
        new = self.activation(from_input[2] + r * from_state[2])
        return [z * h + (1 - z) * new]
