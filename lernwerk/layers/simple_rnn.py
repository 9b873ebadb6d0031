"""SimpleRNN: fully connected recurrence, and its cell."""

from __future__ import annotations

from typing import Any

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.layers.recurrent import StandardRNN
from lernwerk.layers.recurrent_cell import RecurrentCell, zeros


class SimpleRNNCell(RecurrentCell):
    """One step of a SimpleRNN.

    h' = activation(x @ kernel + h @ recurrent_kernel + bias)

    Shapes: x (b, c), states [h (b, units)] -> y (b, units), [y]
    Weights: kernel (c, units) Glorot uniform; recurrent_kernel (units, units) orthogonal; bias
    zeros
    Source: Elman 1990, Cognitive Science 14, 179-211
    """

    gates = 1

    def fused(self, x: Tensor, states: list[Any], steps: Tensor) -> tuple[Tensor, list[Any]]:
        """All outputs and the last one."""
        bias = self.bias if self.use_bias else zeros(self.bias_shape(), self.dtype)
        y = ops.simple_rnn(x, states[0], self.kernel, self.recurrent_kernel, bias, steps)
        return y, [y[:, -1]]

    def step(self, projected: Tensor, states: list[Any], masks: list[Any]) -> list[Any]:
        """h' = activation(x @ kernel + h @ recurrent_kernel + bias)"""
        z = projected + self.from_state(states[0], masks)[0]
        return [self.activation(z + self.bias if self.use_bias else z)]


class SimpleRNN(StandardRNN):
    """Fully connected recurrence: the output is the state.

    h[t] = activation(x[t] @ kernel + h[t-1] @ recurrent_kernel + bias)

    The options of all recurrent layers are those of ``RNN``, the dropouts those of its cell.

    Shapes: x (b, t, c) -> y (b, units), or (b, t, units) with return_sequences
    Weights: kernel (c, units) Glorot uniform; recurrent_kernel (units, units) orthogonal; bias
    zeros
    Source: Elman 1990, Cognitive Science 14, 179-211
    """

    axes = 3

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
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: int | None = None,
        **keywords: Any,
    ) -> None:
        options = self.named(keywords, "simple_rnn_cell")
        cell = SimpleRNNCell(
            units, activation, use_bias, kernel_initializer, recurrent_initializer,
            bias_initializer, kernel_regularizer, recurrent_regularizer, bias_regularizer,
            kernel_constraint, recurrent_constraint, bias_constraint, dropout, recurrent_dropout,
            seed, **options,
        )  # fmt: skip
        super().__init__(
            cell, return_sequences, return_state, go_backwards, stateful, unroll,
            activity_regularizer=activity_regularizer, **keywords,
        )  # fmt: skip
