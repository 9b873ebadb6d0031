"""Variable: a named, typed, assignable Tensor; everything that survives a step is one.

Weights, optimizer slots, moving statistics, random counters and metric totals are Variables. While
a function is traced, reading one gives a state of the graph and assigning one an update. An engine
may keep the newest numbers in a home of its own (a blocked layout, a device): ``lend`` says so,
and the next reader fetches them.
"""

from __future__ import annotations

import itertools
from typing import Any, Protocol

import numpy as np

from lernwerk.core import autocast
from lernwerk.core.tensor import Tensor, as_tensor, to_array
from lernwerk.core.tracer import current_tracer
from lernwerk.errors import ShapeError
from lernwerk.ops.primitive import Array, Dtype, Spec

_numbers = itertools.count()


class Home(Protocol):
    """Where an engine keeps the newest numbers of a Variable."""

    def read(self, variable: Variable) -> Array:
        """The numbers in the Variable's own shape and order."""


class Variable(Tensor):
    """A Tensor that can be assigned; ``version`` counts its values.

    Arguments: ``value`` the first value (copied), ``name``, ``dtype``, ``trainable``: whether an
    optimizer may change it, ``autocast``: whether layers of mixed precision read it rounded.
    """

    __slots__ = (
        "_away", "_spec", "autocast", "constraint", "home", "name", "path", "regularizer",
        "trainable", "version",
    )  # fmt: skip

    def __init__(
        self,
        value: Any,
        *,
        name: str = "",
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
    ) -> None:
        # numpy() refuses symbols: a Variable cannot begin with a value that does not exist yet.
        known = value.numpy() if isinstance(value, Tensor) else to_array(value, dtype)
        super().__init__(np.array(known, dtype))
        self.name = name or f"variable_{next(_numbers)}"
        self.path = self.name
        self.trainable = trainable
        self.autocast = autocast
        self.regularizer: Any = None
        self.constraint: Any = None  # a function that optimizers apply after each update
        self.version = 0
        self.home: Home | None = None  # kept by an engine; the newest numbers lie there while away
        self._away = False
        self._spec = Spec(self._value.shape, self._value.dtype)

    @property
    def spec(self) -> Spec:
        """Shape and dtype; they never change."""
        return self._spec

    @property
    def value(self) -> Any:
        """The present array, or while tracing the symbol of the present value."""
        tracer = current_tracer()
        return self.array if tracer is None else tracer.read(self)

    @property
    def array(self) -> Array:
        """The present array, also while a function is traced."""
        if self._away and self.home is not None:
            self._value = self.home.read(self)
            self._away = False
        return self._value

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        return self._spec.shape

    @property
    def dtype(self) -> Dtype:
        """The type of the numbers."""
        return self._spec.dtype

    def read(self) -> Tensor:
        """A Tensor with the present value, which later assignments do not change.

        In a layer of mixed precision it is the value rounded.
        """
        tensor = Tensor._made(self.value, None)
        tensor.source = self
        return autocast.rounded(tensor) if self.autocast and autocast.is_active() else tensor

    def lend(self, home: Home) -> None:
        """Say that the newest value lies in an engine's home until somebody reads it."""
        self.home = home
        self._away = True
        self.version += 1

    def store(self, array: Array) -> None:
        """Take over an array of the right type without copying; for engines."""
        self._value = array
        self._away = False
        self.version += 1

    def assign(self, value: Any) -> Variable:
        """Replace the value by one of the same shape; its type is converted."""
        fits = type(value) is np.ndarray and (value.dtype, value.shape) == (self.dtype, self.shape)
        if fits and current_tracer() is None:
            self.store(value.copy())
            return self
        new = as_tensor(value, None if isinstance(value, Tensor) else self.dtype)
        if new.shape != self.shape:
            raise ShapeError(f"variable {self.name}", f"a value of shape {self.shape}", new.shape)
        if new.dtype != self.dtype:
            new = new.astype(self.dtype)
        tracer = current_tracer()
        if tracer is None:
            self.store(np.array(new.numpy()))
        else:
            tracer.assign(self, new.value)
        return self

    def assign_add(self, change: Any) -> Variable:
        """Add to the value."""
        return self.assign(self + change)

    def assign_sub(self, change: Any) -> Variable:
        """Subtract from the value."""
        return self.assign(self - change)

    def __repr__(self) -> str:
        return f"<Variable {self.path}: {self._spec.dtype} {self.shape}>"

    def __reduce__(self) -> tuple[Any, ...]:
        functions = self.regularizer, self.constraint
        own = (self.array, self.name, self.path, self.trainable, self.autocast, *functions)
        return _restore, own


def _restore(
    array: Array,
    name: str,
    path: str,
    trainable: bool,
    autocast: bool,
    regularizer: Any,
    constraint: Any,
) -> Variable:
    variable = Variable(array, name=name, trainable=trainable, autocast=autocast)
    variable.path = path
    variable.regularizer, variable.constraint = regularizer, constraint
    return variable
