"""StackedRNNCells: several cells as one, each over the outputs of the one before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from lernwerk.configurable import deserialize
from lernwerk.core.tensor import Tensor
from lernwerk.core.tree import leaves
from lernwerk.errors import ArgumentError
from lernwerk.layers.layer import Layer
from lernwerk.layers.recurrent_cell import run_cell, zeros


class StackedRNNCells(Layer):
    """Several cells as one: ``RNN([LSTMCell(8), LSTMCell(4)])`` makes it of a list.

    x, states[i] = cells[i](x, states[i]) for i = 0, 1, ...

    ``state_size`` and the states are lists with an entry for each cell.

    Shapes: x (b, *s) -> y (b, output_size of the last cell)
    Weights: those of the cells
    Source: https://keras.io/api/layers/recurrent_layers/stacked_rnn_cell/
    """

    def __init__(self, cells: Any, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.cells = list(cells)
        for cell in self.cells:
            if not (hasattr(cell, "call") and hasattr(cell, "state_size")):
                raise ArgumentError(
                    f"{type(self).__name__}(...)",
                    "cells with call(inputs, states) and state_size", repr(cell)[:60],
                    "For example StackedRNNCells([LSTMCell(32), LSTMCell(16)]).",
                )  # fmt: skip

    @property
    def state_size(self) -> list[Any]:
        """The state sizes of the cells."""
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> int:
        """The length of the last cell's output."""
        return output_size(self.cells[-1])

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Build each cell for the outputs of the one before."""
        for cell in self.cells:
            if isinstance(cell, Layer):
                cell.build_for(input_shape)
            input_shape = (input_shape[0], output_size(cell))

    def get_initial_state(self, batch_size: int) -> list[Any]:
        """The states of each cell before the first step."""
        return [self._start(cell, batch_size) for cell in self.cells]

    def _start(self, cell: Any, batch_size: int) -> list[Any]:
        make = getattr(cell, "get_initial_state", None)
        if make is None:
            return [zeros((batch_size, size), self.dtype) for size in leaves(cell.state_size)]
        found = make(batch_size=batch_size)
        return list(found) if isinstance(found, (list, tuple)) else [found]

    def call(self, inputs: Tensor, states: Any, training: bool = False) -> tuple[Any, list[Any]]:
        """The output of the last cell and the next states of all."""
        new: list[Any] = []
        for cell, state in zip(self.cells, states, strict=True):
            one = cell if callable(cell) else cell.call
            inputs, found = one(
                inputs, list(state) if isinstance(state, (list, tuple)) else [state]
            )
            new.append(list(found) if isinstance(found, (list, tuple)) else [found])
        return inputs, new

    def run(
        self, x: Tensor, states: list[Any], mask: Any, training: bool
    ) -> tuple[Tensor, list[Any]]:
        """All outputs and the final states: the whole sequence through one cell after the other."""
        final: list[Any] = []
        for cell, state in zip(self.cells, states, strict=True):
            x, state = run_cell(cell, x, state, mask, training)
            final.append(state)
        return x, final

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Self:
        """The cells that a config describes, as objects or in their written form."""
        cells = [deserialize(each, "layers", custom_objects) for each in config["cells"]]
        return cls(**{**config, "cells": cells})


def output_size(cell: Any) -> int:
    """The length of a cell's output; where it is not said, that of its first state."""
    size = getattr(cell, "output_size", None)
    return next(leaves(cell.state_size)) if size is None else size  # type: ignore[no-any-return]
