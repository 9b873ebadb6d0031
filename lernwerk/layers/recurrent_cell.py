"""RecurrentCell: one step of a recurrent layer, and how a whole sequence runs through it.

The layers in ``recurrent.py`` give a whole sequence to ``run``: with the standard activations that
is one fused operation (``ops.lstm``, ...). Otherwise the same formula runs as a loop of small
operations, one step of the sequence after the other, as it does for cells that a user writes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from lernwerk import activations, constraints, initializers, ops, regularizers
from lernwerk.core.random import RandomStream
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.core.tree import leaves, map_leaves
from lernwerk.errors import COUNT, FRACTION, Range, check_ranges
from lernwerk.layers.core import fixed_last
from lernwerk.layers.layer import Layer


class RecurrentCell(Layer):
    """Base of the cells: ``cell(inputs, states)`` gives the output and the next states.

    A subclass says ``gates``, the number of blocks in its kernels, and writes ``step``.
    ``dropout`` on the inputs and ``recurrent_dropout`` on the state have one mask for all steps
    (Gal & Ghahramani 2016, arXiv:1512.05287); with ``recurrent_dropout`` or ``implementation=1``
    one for each gate. ``implementation`` changes nothing else.
    """

    gates: ClassVar[int]
    ranges = {
        "units": COUNT, "dropout": FRACTION, "recurrent_dropout": FRACTION,
        "seed": Range(0, integer=True),
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
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **keywords: Any,
    ) -> None:
        where = keywords.pop("where", None)  # the layer that has this cell, for messages
        self.implementation = keywords.pop("implementation", 2)
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
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.recurrent_constraint = constraints.get(recurrent_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.dropout = dropout
        self.recurrent_dropout = recurrent_dropout
        self.seed = seed
        check_ranges(where or self.name, vars(self), self.ranges)
        self.stream = RandomStream(seed)

    # ---- what the kinds differ in

    def step(self, projected: Tensor, states: list[Any], masks: list[Any]) -> list[Any]:
        """The next states from x @ kernel of one step; the first of them is the output.

        ``masks`` are factors of the state for each gate, or none.
        """
        raise NotImplementedError(
            f"{type(self).__name__} has no step(self, projected, states, masks)"
        )

    def fused(self, x: Tensor, states: list[Any], steps: Tensor) -> tuple[Tensor, list[Any]]:
        """All outputs and the final states, by the fused operation."""
        raise NotImplementedError(f"{type(self).__name__} has no fused operation")

    def is_standard(self) -> bool:
        """Whether the fused operation computes this cell."""
        return self.activation is activations.tanh

    @property
    def state_size(self) -> Any:
        """The length of the state, or a list of the lengths of several."""
        return self.units

    @property
    def output_size(self) -> int:
        """The length of the output."""
        return self.units

    def bias_shape(self) -> tuple[int, ...]:
        """The shape of the bias."""
        return (self.gates * self.units,)

    def bias_start(self) -> Any:
        """The initializer of the bias."""
        return self.bias_initializer

    def of_inputs(self, x: Tensor, kernel: Any) -> Tensor:
        """The product of inputs, of one step or all, with the kernel or one block of it."""
        return ops.matmul(x, kernel)  # type: ignore[no-any-return]

    def of_state(self, h: Tensor, kernel: Any) -> Tensor:
        """The product of a state with the recurrent kernel or one block of it."""
        return ops.matmul(h, kernel)  # type: ignore[no-any-return]

    # ---- common

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make kernel, recurrent kernel and bias."""
        width = self.gates * self.units
        self.make_weights((fixed_last(self, input_shape), width), (self.units, width))

    def make_weights(self, kernel: tuple[int, ...], recurrent: tuple[int, ...]) -> None:
        """Make kernels of these shapes, and the bias."""
        self.kernel = self.add_weight(
            "kernel", kernel, self.kernel_initializer,
            regularizer=self.kernel_regularizer, constraint=self.kernel_constraint,
        )  # fmt: skip
        self.recurrent_kernel = self.add_weight(
            "recurrent_kernel", recurrent, self.recurrent_initializer,
            regularizer=self.recurrent_regularizer, constraint=self.recurrent_constraint,
        )  # fmt: skip
        self.bias: Any = None
        if self.use_bias:
            self.bias = self.add_weight(
                "bias", self.bias_shape(), self.bias_start(),
                regularizer=self.bias_regularizer, constraint=self.bias_constraint,
            )  # fmt: skip

    def get_initial_state(self, batch_size: int) -> list[Tensor]:
        """Zeros, a list of one tensor for each state."""
        return [zeros((batch_size, size), self.dtype) for size in leaves(self.state_size)]

    def call(self, inputs: Tensor, states: Any, training: bool = False) -> tuple[Any, Any]:
        """The output of one step and the next states, in the form of ``states``."""
        listed = list(states) if isinstance(states, (list, tuple)) else [states]
        of_inputs, of_states = self.drawn_masks(inputs.shape, listed[0].shape, training)
        new = self.step(self.projected(inputs, of_inputs), listed, of_states)
        return new[0], new if isinstance(states, (list, tuple)) else new[0]

    def run(
        self, x: Tensor, states: list[Any], mask: Any, training: bool
    ) -> tuple[Tensor, list[Any]]:
        """The outputs of all steps of a sequence, and the final states."""
        one_step = (x.shape[0], 1, *x.shape[2:])
        of_inputs, of_states = self.drawn_masks(one_step, states[0].shape, training)
        if len(of_inputs) == 1:
            x, of_inputs = x * of_inputs[0], []
        if self.is_standard() and not (of_inputs or of_states):
            steps = as_tensor(np.ones(x.shape[:2], bool)) if mask is None else mask
            return self.fused(x, states, steps)
        projected = self.projected(x, of_inputs)

        def step(t: int, states: Any) -> tuple[Any, Any]:
            new = self.step(projected[:, t], states, of_states)
            return new[0], new

        return looped(step, x.shape[1], states, mask)

    def projected(self, x: Tensor, masks: list[Any]) -> Tensor:
        """x @ kernel; with several masks, a mask of x for each gate."""
        if len(masks) < 2:
            return self.of_inputs(x * masks[0] if masks else x, self.kernel)
        pairs = zip(masks, self._blocks(self.kernel), strict=True)
        return ops.concatenate(*(self.of_inputs(x * m, block) for m, block in pairs), axis=-1)  # type: ignore[no-any-return]

    def from_state(self, h: Tensor, masks: list[Any]) -> list[Tensor]:
        """h @ recurrent_kernel, cut into the gates; with masks, a mask of h for each of them."""
        if not masks:
            whole = self.of_state(h, self.recurrent_kernel)
            return ops.split(whole, self.gates, axis=-1)  # type: ignore[no-any-return]
        pairs = zip(masks, self._blocks(self.recurrent_kernel), strict=True)
        return [self.of_state(h * mask, block) for mask, block in pairs]

    def _blocks(self, kernel: Any) -> list[Tensor]:
        return ops.split(kernel, self.gates, axis=-1)  # type: ignore[no-any-return]

    def drawn_masks(
        self, inputs: tuple[int, ...], state: tuple[int, ...], training: bool
    ) -> tuple[list[Tensor], list[Tensor]]:
        """Masks of dropout for inputs and for a state of these shapes; none where none is asked."""
        each = self.gates if self.recurrent_dropout or self.implementation == 1 else 1
        counts = (each if self.dropout else 0, each if self.recurrent_dropout else 0)
        if not training or not any(counts):
            return [], []
        return ([self._mask(self.dropout, inputs) for _ in range(counts[0])],
                [self._mask(self.recurrent_dropout, state) for _ in range(counts[1])])  # fmt: skip

    def _mask(self, rate: float, shape: tuple[int, ...]) -> Tensor:
        ones = as_tensor(np.ones(shape, self.dtype))
        return ops.dropout(ones, self.stream.next(), rate=rate)  # type: ignore[no-any-return]


def zeros(shape: tuple[int, ...], dtype: Any) -> Tensor:
    """A state before the first step."""
    return as_tensor(np.zeros(shape, dtype))


def run_cell(
    cell: Any, x: Tensor, states: list[Any], mask: Any, training: bool
) -> tuple[Tensor, list[Any]]:
    """All outputs and the final states of any cell, over a whole sequence."""
    if runs_whole(cell):
        return cell.run(x, states, mask, training)  # type: ignore[no-any-return]
    one = cell if callable(cell) else cell.call
    return looped(lambda t, states: one(x[:, t], states), x.shape[1], states, mask)


def runs_whole(cell: Any) -> bool:
    """Whether a cell has a ``run`` that does what its ``call``, perhaps a subclass's, does."""
    run, call = (
        next((kind for kind in type(cell).__mro__ if name in vars(kind)), object)
        for name in ("run", "call")
    )
    return run is not object and issubclass(run, call)


def looped(
    step: Callable[[int, Any], tuple[Any, Any]], count: int, states: list[Any], mask: Any
) -> tuple[Tensor, list[Any]]:
    """The outputs of all steps, one after the other, and the final states.

    A masked step leaves the states as they were and gives the output of the step before.
    """
    outputs: list[Any] = []
    for t in range(count):
        output, new = step(t, states)
        new = in_form_of(states, new)
        if mask is not None:
            kept = mask[:, t]
            new = in_form_of(states, [_chosen(kept, n, old) for n, old in
                                      zip(leaves(new), leaves(states), strict=True)])  # fmt: skip
            output = _chosen(kept, output, outputs[-1] if outputs else _first(states, output))
        states = new
        outputs.append(output)
    return ops.stack(*outputs, axis=1), states


def in_form_of(states: Any, given: Any) -> Any:
    """The tensors of ``given`` in the lists in which the states are."""
    flat = leaves(given)
    return map_leaves(lambda _: next(flat), states)


def _chosen(kept: Any, new: Any, old: Any) -> Any:
    """The new value in the rows that are kept, the old one in the others."""
    return ops.where(kept.reshape(-1, *[1] * (new.ndim - 1)), new, old)


def _first(states: Any, output: Any) -> Any:
    """What stands for the output before the first step: the last cell's state where it fits."""
    flat = list(states[-1]) if isinstance(states[-1], list) else states
    return flat[0] if flat[0].shape == output.shape else output * 0
