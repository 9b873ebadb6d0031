"""The state of an optimizer: its variables in Keras's order, and the slots of each weight.

It also has the names with which optimizers that were written for Keras keep their own state.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from lernwerk import initializers
from lernwerk.configurable import Configurable
from lernwerk.core.tensor import Tensor
from lernwerk.core.tracer import suspended
from lernwerk.core.variable import Variable
from lernwerk.errors import ArgumentError, UsageError
from lernwerk.legacy import note

Slots = dict[str, float]


class OptimizerState(Configurable):
    """What an optimizer remembers from step to step."""

    family = "optimizers"
    name: str

    def __init__(self) -> None:
        self._variables: list[Variable] = []
        self._slots: dict[str, list[Variable]] = {}
        self._index: dict[Variable, int] = {}
        self._built_for: list[Variable] = []
        self.compiled = False  # whether a model was compiled with it
        self.grows = False  # whether several were: each brings its variables

    @property
    def variables(self) -> list[Variable]:
        """All state in Keras's order: iteration, learning_rate, then the slots."""
        return list(self._variables)

    @property
    def built(self) -> bool:
        """Whether the slots exist."""
        return bool(self._built_for)

    def slot_groups(self) -> list[Slots]:
        """Names and first values of the slots that each variable gets.

        The groups follow one another; inside a group the slots of a variable stand together.
        """
        return []

    def shared_slot_groups(self) -> list[Slots]:
        """The slots that options of every optimizer ask for; they come first."""
        return []

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the slots for these variables; once, the first ``apply`` does it by itself.

        Where models share the optimizer, each of them adds its own.
        """
        new = [variable for variable in variables if variable not in self._index]
        if self.built and not (self.grows and new):
            self._check_known(variables)
            return
        if self.built:
            note("one optimizer for several models", "slots of its own for each")
        first = len(self._index)
        self._built_for = [*self._built_for, *new]
        self._index |= {variable: first + i for i, variable in enumerate(new)}
        for group in [*self.shared_slot_groups(), *self.slot_groups()]:
            for variable in new:
                for name, value in group.items():
                    slot = self.add_variable_from_reference(
                        variable, name, initializers.Constant(value)
                    )
                    self._slots.setdefault(name, []).append(slot)

    def slot(self, name: str, variable: Variable) -> Variable:
        """The slot of that name which belongs to the variable."""
        return self._slots[name][self._index[variable]]

    def add_variable(
        self,
        shape: Sequence[int],
        initializer: Any = "zeros",
        dtype: Any = None,
        name: str | None = None,
    ) -> Variable:
        """A new part of the state."""
        with suspended():
            value = initializers.get(initializer)(tuple(shape), dtype or "float32")
            variable = self._variable(value, name or "variable")
        self._variables.append(variable)
        return variable

    def add_variable_from_reference(
        self, reference_variable: Variable, name: str | None = None, initializer: Any = "zeros"
    ) -> Variable:
        """A new part of the state, of the shape and type of a variable of the model."""
        reference = reference_variable
        full = f"{reference.path.replace('/', '_')}_{name or 'var'}"
        return self.add_variable(reference.shape, initializer, reference.spec.dtype, full)

    def add_optimizer_variables(
        self, trainable_variables: Sequence[Variable], name: Any, initializer: Any = "zeros"
    ) -> Any:
        """A slot for each variable; with a list of names a list of slots for each name."""
        names = [name] if isinstance(name, str) else list(name)
        many = isinstance(initializer, (list, tuple))
        values = list(initializer) if many else [initializer] * len(names)
        made: list[list[Variable]] = [[] for _ in names]
        for variable in trainable_variables:
            for slots, each, value in zip(made, names, values, strict=True):
                slots.append(self.add_variable_from_reference(variable, each, value))
        return made[0] if isinstance(name, str) else tuple(made)

    def _variable(self, value: Any, name: str) -> Variable:
        variable = Variable(value, name=name, trainable=False)
        variable.path = f"{self.name}/{name}"
        return variable

    def _get_variable_index(self, variable: Variable) -> int:
        """The number of a variable; optimizers written for Keras keep lists of slots by it."""
        return self._index[variable]

    def _check_known(self, variables: Iterable[Variable]) -> None:
        for variable in variables:
            if variable not in self._index:
                known = ", ".join(each.path for each in self._built_for)
                raise UsageError(
                    type(self).__name__, f"the variables it was built for ({known})",
                    variable.path, "Make a new optimizer, or compile the model again.",
                )  # fmt: skip

    # Keras's names for assignments inside ``update_step``.

    def assign(self, variable: Variable, value: Any) -> None:
        """Replace the value of a variable."""
        variable.assign(value)

    def assign_add(self, variable: Variable, value: Any) -> None:
        """Add to the value of a variable."""
        variable.assign_add(value)

    def assign_sub(self, variable: Variable, value: Any) -> None:
        """Subtract from the value of a variable."""
        variable.assign_sub(value)

    def get_weights(self) -> list[np.ndarray]:
        """The numbers of all state, in the order of ``variables``."""
        return [np.array(variable.numpy()) for variable in self._variables]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Replace all state; ArgumentError for another number of arrays, ShapeError for shapes."""
        if len(weights) != len(self._variables):
            hint = "" if self.built else "Call optimizer.build(variables) first."
            raise ArgumentError(
                f"{type(self).__name__}.set_weights", f"{len(self._variables)} arrays",
                len(weights), hint,
            )  # fmt: skip
        for variable, value in zip(self._variables, weights, strict=True):
            variable.assign(Tensor(np.asarray(value)))


__all__ = ["OptimizerState"]
