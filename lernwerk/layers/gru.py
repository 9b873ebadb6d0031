"""GRU: the gated recurrent unit, and its cell."""

from __future__ import annotations

from typing import Any

from lernwerk import activations, ops
from lernwerk.core.tensor import Tensor
from lernwerk.layers.recurrent import StandardRNN, of_cell
from lernwerk.layers.recurrent_cell import RecurrentCell, zeros


class GRUCell(RecurrentCell):
    """One step of a GRU.

    z, r = sigmoid(x @ kernel + bias_x + h @ recurrent_kernel + bias_h), each with its block;
    new = tanh(x @ kernel + bias_x + r * (h @ recurrent_kernel + bias_h));
    h' = z * h + (1 - z) * new

    Without ``reset_after``, new = tanh(x @ kernel + bias + (r * h) @ recurrent_kernel).

    Shapes: x (b, c), states [h (b, units)] -> h' (b, units), [h']
    Weights: kernel (c, 3 units) Glorot uniform; recurrent_kernel (units, 3 units) orthogonal; bias
    (2, 3 units) zeros, (3 units) without reset_after. Blocks in the order z, r, new
    Source: Cho et al. 2014, arXiv:1406.1078
    """

    gates = 3

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        reset_after: bool = True,
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
        self.reset_after = reset_after

    def is_standard(self) -> bool:
        """Whether the fused operation computes this cell."""
        gate_fits = self.recurrent_activation is activations.sigmoid
        return super().is_standard() and gate_fits and self.reset_after

    def bias_shape(self) -> tuple[int, ...]:
        """One bias for the input's product and, with ``reset_after``, one for the state's."""
        width = 3 * self.units
        return (2, width) if self.reset_after else (width,)

    def fused(self, x: Tensor, states: list[Any], steps: Tensor) -> tuple[Tensor, list[Any]]:
        """All outputs and the last one."""
        bias = self.bias if self.use_bias else zeros(self.bias_shape(), self.dtype)
        y, _ = ops.gru(x, states[0], self.kernel, self.recurrent_kernel, bias, steps)
        return y, [y[:, -1]]

    def step(self, projected: Tensor, states: list[Any], masks: list[Any]) -> list[Any]:
        """One step of the formula above."""
        h = states[0]
        gate = self.recurrent_activation
        if self.use_bias:
            projected = projected + (self.bias[0] if self.reset_after else self.bias)
        x_z, x_r, x_new = ops.split(projected, 3, axis=-1)
        if self.reset_after:
            h_z, h_r, h_new = self._biased(self.from_state(h, masks))
            r = gate(x_r + h_r)
            inner = r * h_new
        else:
            of_z, of_r, of_new = self._blocks(self.recurrent_kernel)
            at_z, at_r, at_new = (h * mask for mask in masks) if masks else (h, h, h)
            h_z, r = ops.matmul(at_z, of_z), gate(x_r + ops.matmul(at_r, of_r))
            inner = ops.matmul(r * at_new, of_new)
        z = gate(x_z + h_z)
        return [z * h + (1 - z) * self.activation(x_new + inner)]

    def _biased(self, parts: list[Tensor]) -> list[Tensor]:
        """The parts of the state's product with their biases."""
        if not self.use_bias:
            return parts
        biases = ops.split(self.bias[1], 3, axis=-1)
        return [part + bias for part, bias in zip(parts, biases, strict=True)]


class GRU(StandardRNN):
    """Gated recurrent unit: one state, an update gate z and a reset gate r.

    z, r = sigmoid(x[t] @ kernel + bias_x + h[t-1] @ recurrent_kernel + bias_h), each with its
    block; new = tanh(x[t] @ kernel + bias_x + r * (h[t-1] @ recurrent_kernel + bias_h));
    h[t] = z * h[t-1] + (1 - z) * new

    Without ``reset_after``, new = tanh(x[t] @ kernel + bias + (r * h[t-1]) @ recurrent_kernel), as
    in the paper; slower here. The options of all recurrent layers are those of ``RNN``, the
    dropouts those of its cell; ``use_cudnn`` is for Keras's programs and changes nothing.

    Shapes: x (b, t, c) -> y (b, units), or (b, t, units) with return_sequences
    Weights: kernel (c, 3 units) Glorot uniform; recurrent_kernel (units, 3 units) orthogonal; bias
    (2, 3 units) zeros, (3 units) without reset_after. Blocks in the order z, r, new
    Source: Cho et al. 2014, arXiv:1406.1078
    """

    axes = 3
    recurrent_activation, reset_after = of_cell("recurrent_activation"), of_cell("reset_after")

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
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
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        reset_after: bool = True,
        use_cudnn: bool | str = "auto",
        **keywords: Any,
    ) -> None:
        options = self.named(keywords, "gru_cell")
        cell = GRUCell(
            units, activation, recurrent_activation, use_bias, kernel_initializer,
            recurrent_initializer, bias_initializer, kernel_regularizer, recurrent_regularizer,
            bias_regularizer, kernel_constraint, recurrent_constraint, bias_constraint, dropout,
            recurrent_dropout, reset_after, seed, **options,
        )  # fmt: skip
        super().__init__(
            cell, return_sequences, return_state, go_backwards, stateful, unroll,
            activity_regularizer=activity_regularizer, **keywords,
        )  # fmt: skip
