"""RNN: any cell over the steps of a sequence; the base of SimpleRNN, LSTM, GRU and ConvLSTM.

The cells are in ``simple_rnn.py``, ``lstm.py``, ``gru.py``; a user may write others. How a cell
runs over a whole sequence is in ``recurrent_cell.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from lernwerk import ops
from lernwerk.configurable import deserialize
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.core.tracer import suspended
from lernwerk.core.tree import leaves, map_leaves
from lernwerk.core.variable import Variable
from lernwerk.errors import ArgumentError, ShapeError, check_ranges
from lernwerk.layers.input_form import InputForm
from lernwerk.layers.layer import Layer
from lernwerk.layers.recurrent_cell import RecurrentCell, in_form_of, run_cell, zeros
from lernwerk.layers.stacked_cells import StackedRNNCells
from lernwerk.layers.symbolic import KerasTensor, in_trial
from lernwerk.names import snake_case, unique_name


class RNN(Layer):
    """A cell over the steps of a sequence: a list of cells is stacked.

    output, states = cell(x[:, t], states) for t = 0, 1, ...

    ``cell`` is a layer or any object with ``call(inputs, states)`` and ``state_size``, perhaps
    ``output_size`` and ``get_initial_state(batch_size)``. ``return_sequences``: all outputs instead
    of the last; ``return_state``: the final states after the output; ``go_backwards``: from the
    last step to the first; ``stateful``: a batch goes on with the states that the last one left,
    until ``reset_state()``; ``unroll`` changes nothing here. Masked steps leave the states as they
    were; their output is the one before, or zeros with ``zero_output_for_mask``.

    Called with ``initial_state``, a list of tensors, it begins with these.

    Shapes: x (b, t, *s) -> y (b, units), or (b, t, units) with return_sequences
    Weights: those of the cell
    Source: https://keras.io/api/layers/recurrent_layers/rnn/
    Differs: several outputs are a list. The states of a stateful layer are made for the first
    batch where no batch size is given beforehand.
    """

    fixed = {"time_major": False}
    axes: int | None = None  # of the input, where only one number will do

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        cell = StackedRNNCells(cell) if isinstance(cell, (list, tuple)) else cell
        if not (hasattr(cell, "call") and hasattr(cell, "state_size")):
            raise ArgumentError(
                f"{type(self).__name__}(...)", "a cell with call(inputs, states) and state_size",
                repr(cell)[:60], "For example RNN(LSTMCell(32)).",
            )  # fmt: skip
        self.cell = cell
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.unroll = unroll
        self.zero_output_for_mask = zero_output_for_mask
        self.states: Any = None

    # ---- building

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Build the cell for one step."""
        self.check_axes(input_shape)
        if isinstance(self.cell, Layer):
            self.cell.build_for((input_shape[0], *input_shape[2:]))
            for variable in self.cell.weights:
                variable.path = f"{self.name}/{variable.path}"
        if self.axes == 3:
            self.input_form = InputForm(axes=3, last=input_shape[-1])
        if self.stateful and None not in (input_shape[0], *input_shape[2:]):
            self._make_states(input_shape)

    def check_axes(self, shape: tuple[int | None, ...]) -> None:
        """Refuse inputs that are no sequences for this layer."""
        InputForm(axes=self.axes, at_least=None if self.axes else 3).check(self.name, shape)

    def get_initial_state(self, batch_size: int) -> list[Any]:
        """The states before the first step: the cell's own, else zeros."""
        make = getattr(self.cell, "get_initial_state", None)
        if make is None:
            return [zeros((batch_size, n), self.dtype) for n in leaves(self.cell.state_size)]
        found = make(batch_size=batch_size)
        return list(found) if isinstance(found, (list, tuple)) else [found]

    def zero_states(self, shape: Any) -> list[Any]:
        """The states before the first step of sequences of this shape."""
        return self.get_initial_state(shape[0])

    # ---- calling

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """The output for a sequence; ``rnn([x, *states])`` is ``rnn(x, initial_state=states)``."""
        arguments, keywords = with_states(arguments, keywords)
        return super().__call__(*arguments, **keywords)

    def call(
        self, sequences: Tensor, initial_state: Any = None, mask: Any = None, training: bool = False
    ) -> Any:
        """The outputs, or the last one, and the final states if asked for."""
        states = self._first_states(sequences.shape, initial_state)
        mask = mask[0] if isinstance(mask, (list, tuple)) else mask
        if self.go_backwards:
            sequences = ops.flip(sequences, axes=(1,))
            mask = None if mask is None else ops.flip(mask, axes=(1,))
        outputs, states = run_cell(self.cell, sequences, states, mask, training)
        if self.zero_output_for_mask and mask is not None:
            steps = mask.reshape(*mask.shape, *[1] * (outputs.ndim - 2))
            outputs = ops.where(steps, outputs, 0.0)
        if self.stateful and not in_trial():
            for variable, state in zip(leaves(self.states), leaves(states), strict=True):
                variable.assign(state)
        y = outputs if self.return_sequences else outputs[:, -1]
        return [y, *states] if self.return_state else y

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The input's mask for sequences, None where only the last output is left."""
        mask = mask[0] if isinstance(mask, (list, tuple)) else mask
        return mask if self.return_sequences else None

    # ---- states

    def _first_states(self, shape: Any, given: Any) -> list[Any]:
        """What the first step begins with: given states, those of the last batch, or zeros."""
        stored = self._stored_states(shape) if self.stateful and not in_trial() else None
        if given is None:
            return self.zero_states(shape) if stored is None else stored
        start = self.zero_states(shape)
        found, wanted = [as_tensor(each) for each in leaves(given)], list(leaves(start))
        if len(found) != len(wanted):
            raise ArgumentError(
                self.name, f"initial_state of {len(wanted)} tensor{'s' * (len(wanted) > 1)}",
                len(found), f"For example initial_state=[{', '.join('hcs'[: len(wanted)])}].",
            )  # fmt: skip
        for one, other in zip(found, wanted, strict=True):
            if one.shape != other.shape:
                raise ShapeError(self.name, f"an initial state of shape {other.shape}", one.shape)
        return in_form_of(start, found)  # type: ignore[no-any-return]

    def _stored_states(self, shape: Any) -> list[Any]:
        """The states that the last batch has left."""
        if self.states is None:
            self._make_states(shape)
        known = next(leaves(self.states)).shape[0]
        if known != shape[0]:
            raise ShapeError(
                self.name, f"batches of {known} rows, for which the states of this stateful layer "
                "were made", shape[0],
                f"Use batch_size={known} and a number of rows that it divides.",
            )  # fmt: skip
        return map_leaves(lambda variable: variable.read(), self.states)  # type: ignore[no-any-return]

    def _make_states(self, shape: Any) -> None:
        """Variables of zeros; as in Keras they are none of the layer's weights."""
        with suspended():
            made = map_leaves(
                lambda zero: Variable(zero, name="rnn_state", trainable=False),
                self.zero_states(shape),
            )
        object.__setattr__(self, "states", made)

    def reset_state(self, states: Any = None) -> None:
        """Begin the next batch with zeros, or with the states given."""
        if self.states is None:
            return
        given = iter(leaves(states)) if states is not None else None
        for variable in leaves(self.states):
            variable.assign(variable.numpy() * 0 if given is None else next(given))

    def reset_states(self, states: Any = None) -> None:
        """Keras's older name of ``reset_state``."""
        self.reset_state(states)

    # ---- config

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Self:
        """The layer that a config describes, its ``cell`` as an object or in its written form."""
        if "cell" not in config:
            return cls(**config)
        return cls(**{**config, "cell": deserialize(config["cell"], "layers", custom_objects)})


def with_states(arguments: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[Any, Any]:
    """The arguments of a call, states that stand in a list behind the sequence as initial_state."""
    first = arguments[0] if arguments else None
    if isinstance(first, (list, tuple)) and any(
        isinstance(x, (Tensor, KerasTensor)) for x in first
    ):
        arguments = (first[0], *arguments[1:])
        if len(first) > 1:
            keywords = {**keywords, "initial_state": list(first[1:])}
    return arguments, keywords


def of_cell(name: str) -> property:
    """An attribute of a layer that is its cell's."""
    return property(lambda layer: getattr(layer.cell, name), doc=f"The cell's ``{name}``.")


class StandardRNN(RNN):
    """Base of the layers with a cell of their own, whose arguments they take themselves."""

    ranges = RecurrentCell.ranges
    cell_name: str
    units, activation, use_bias = of_cell("units"), of_cell("activation"), of_cell("use_bias")
    kernel_initializer = of_cell("kernel_initializer")
    recurrent_initializer = of_cell("recurrent_initializer")
    bias_initializer = of_cell("bias_initializer")
    kernel_regularizer = of_cell("kernel_regularizer")
    recurrent_regularizer = of_cell("recurrent_regularizer")
    bias_regularizer = of_cell("bias_regularizer")
    kernel_constraint = of_cell("kernel_constraint")
    recurrent_constraint = of_cell("recurrent_constraint")
    bias_constraint = of_cell("bias_constraint")
    dropout, recurrent_dropout = of_cell("dropout"), of_cell("recurrent_dropout")
    seed = of_cell("seed")

    @classmethod
    def parameters(cls) -> list[str]:
        """The names of the arguments that a config has."""
        return [name for name in super().parameters() if name not in ("cell", "use_cudnn")]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        return {"activity_regularizer": None} | super().get_config()

    def check_arguments(self) -> None:
        """Refuse the first argument of the cell outside its range."""
        check_ranges(self.name, vars(self.cell), self.ranges)

    @classmethod
    def named(cls, keywords: dict[str, Any], cell: str) -> dict[str, Any]:
        """Keywords for the cell; the layer's own get its name, which messages about both use."""
        name = keywords.get("name") or unique_name(snake_case(cls.__name__))
        keywords["name"] = name
        return {
            "name": cell, "where": name, "dtype": keywords.get("dtype"),
            "trainable": keywords.get("trainable", True),
            "implementation": keywords.pop("implementation", 2),
        }  # fmt: skip
