"""LSTM: long short-term memory, and its cell."""

from __future__ import annotations

from typing import Any

from lernwerk import activations, ops
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.initializers import Initializer
from lernwerk.layers.recurrent import StandardRNN, of_cell
from lernwerk.layers.recurrent_cell import RecurrentCell, zeros


class ForgetBias(Initializer):
    """Ones for the forget gate, another initializer elsewhere; ``units`` is the width of a gate."""

    def __init__(self, units: int, others: Any) -> None:
        self.units = units
        self.others = others

    def __call__(self, shape: Any, dtype: Any = "float32") -> Tensor:
        """The bias of four gates."""
        bias = self.others(shape, dtype=dtype).numpy().copy()
        bias[self.units : 2 * self.units] = 1
        return as_tensor(bias)


class LSTMCell(RecurrentCell):
    """One step of an LSTM.

    i, f, o = sigmoid(x @ kernel + h @ recurrent_kernel + bias), each with its block;
    c' = f * c + i * tanh(... block c);  h' = o * tanh(c')

    Shapes: x (b, k), states [h (b, units), c (b, units)] -> h' (b, units), [h', c']
    Weights: kernel (k, 4 units) Glorot uniform; recurrent_kernel (units, 4 units) orthogonal; bias
    (4 units) zeros, ones for the forget gate. Blocks in the order i, f, c, o
    Source: Hochreiter & Schmidhuber 1997, Neural Computation 9, 1735-1780; Gers et al. 2000
    """

    gates = 4

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(
            units, activation, use_bias, kernel_initializer, recurrent_initializer,
            bias_initializer, kernel_regularizer, recurrent_regularizer, bias_regularizer,
            kernel_constraint, recurrent_constraint, bias_constraint, dropout, recurrent_dropout,
            seed, **keywords,
        )  # fmt: skip
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias

    @property
    def state_size(self) -> list[int]:
        """The lengths of h and c."""
        return [self.units, self.units]

    def is_standard(self) -> bool:
        """Whether the fused operation computes this cell."""
        return super().is_standard() and self.recurrent_activation is activations.sigmoid

    def bias_start(self) -> Any:
        """The bias initializer, with ones for the forget gate."""
        if self.unit_forget_bias:
            return ForgetBias(self.units, self.bias_initializer)
        return self.bias_initializer

    def fused(self, x: Tensor, states: list[Any], steps: Tensor) -> tuple[Tensor, list[Any]]:
        """All outputs, the last output and the last cell state."""
        bias = self.bias if self.use_bias else zeros(self.bias_shape(), self.dtype)
        y, cells, _ = ops.lstm(x, *states, self.kernel, self.recurrent_kernel, bias, steps)
        return y, [y[:, -1], cells[:, -1]]

    def step(self, projected: Tensor, states: list[Any], masks: list[Any]) -> list[Any]:
        """One step of the formula above."""
        h, c = states
        from_input = projected + self.bias if self.use_bias else projected
        inputs = ops.split(from_input, 4, axis=-1)
        i, f, new, o = (x + r for x, r in zip(inputs, self.from_state(h, masks), strict=True))
        gate = self.recurrent_activation
        c = gate(f) * c + gate(i) * self.activation(new)
        return [gate(o) * self.activation(c), c]


class LSTM(StandardRNN):
    """Long short-term memory: a cell state that gates write, keep and read.

    i, f, o = sigmoid(x[t] @ kernel + h[t-1] @ recurrent_kernel + bias), each with its block;
    c[t] = f * c[t-1] + i * tanh(... block c);  h[t] = o * tanh(c[t])

    The options of all recurrent layers are those of ``RNN``, the dropouts those of its cell;
    ``use_cudnn`` is for Keras's programs and changes nothing. The states are h and c.

    Shapes: x (b, t, c) -> y (b, units), or (b, t, units) with return_sequences
    Weights: kernel (c, 4 units) Glorot uniform; recurrent_kernel (units, 4 units) orthogonal; bias
    (4 units) zeros, ones for the forget gate (Jozefowicz et al. 2015). Blocks in the order i, f,
    c, o
    Source: Hochreiter & Schmidhuber 1997, Neural Computation 9, 1735-1780; Gers et al. 2000
    """

    axes = 3
    recurrent_activation = of_cell("recurrent_activation")
    unit_forget_bias = of_cell("unit_forget_bias")

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        use_cudnn: bool | str = "auto",
        **keywords: Any,
    ) -> None:
        options = self.named(keywords, "lstm_cell")
        cell = LSTMCell(
            units, activation, recurrent_activation, use_bias, kernel_initializer,
            recurrent_initializer, bias_initializer, unit_forget_bias, kernel_regularizer,
            recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint,
            bias_constraint, dropout, recurrent_dropout, seed, **options,
        )  # fmt: skip
        super().__init__(
            cell, return_sequences, return_state, go_backwards, stateful, unroll,
            activity_regularizer=activity_regularizer, **keywords,
        )  # fmt: skip
