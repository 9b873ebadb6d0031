"""The base of the metrics: Variables that add up over batches, and a result computed from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lernwerk import initializers
from lernwerk.configurable import Configurable
from lernwerk.core.tensor import Tensor
from lernwerk.core.tracer import suspended
from lernwerk.core.variable import Variable
from lernwerk.names import snake_case, unique_name


class Metric(Configurable):
    """Base of the metrics.

    ``update_state(y_true, y_pred, sample_weight)`` takes a batch in, ``result()`` gives the number
    for all batches since ``reset_state()``; calling the metric does the first two. The state is in
    Variables and updated by operations only, so that it works eagerly and inside a traced step.

    Source: https://keras.io/api/metrics/base_metric/
    """

    family = "metrics"

    def __init__(self, dtype: str | None = None, name: str | None = None) -> None:
        self.dtype = np.dtype(dtype or "float32").name
        self.name = name or unique_name(snake_case(type(self).__name__))
        self._variables: list[Variable] = []

    def update_state(self, *arguments: Any, **keywords: Any) -> None:
        """Take a batch in."""
        raise NotImplementedError(f"{type(self).__name__} has no update_state")

    def result(self) -> Tensor:
        """The metric over everything taken in."""
        raise NotImplementedError(f"{type(self).__name__} has no result")

    def reset_state(self) -> None:
        """Forget everything taken in."""
        for variable in self.variables:
            variable.assign(np.zeros(variable.shape, variable.spec.dtype))

    def __call__(self, *arguments: Any, **keywords: Any) -> Tensor:
        """Take a batch in and give the result so far."""
        self.update_state(*arguments, **keywords)
        return self.result()

    def add_variable(
        self,
        shape: Sequence[int] = (),
        initializer: Any = "zeros",
        dtype: str | None = None,
        name: str | None = None,
    ) -> Variable:
        """A new part of the state."""
        with suspended():
            value = initializers.get(initializer or "zeros")(tuple(shape), dtype or self.dtype)
            variable = Variable(value, name=name or "", trainable=False)
        variable.path = f"{self.name}/{variable.name}"
        self._variables.append(variable)
        return variable

    def add_weight(
        self,
        shape: Any = (),
        initializer: Any = None,
        dtype: str | None = None,
        name: str | None = None,
    ) -> Variable:
        """``add_variable``; a name may also come first, as in Keras 2."""
        if isinstance(shape, str):
            shape, name = (), shape
        return self.add_variable(shape, initializer, dtype, name)

    def reset_states(self) -> None:
        """``reset_state`` under its name in Keras 2."""
        self.reset_state()

    @property
    def variables(self) -> list[Variable]:
        """The state, that of metrics inside this one included."""
        found = {id(variable): variable for variable in self._variables}
        for value in vars(self).values():
            for each in value if isinstance(value, (list, tuple)) else [value]:
                inside = each.variables if isinstance(each, Metric) else [each]
                found |= {id(one): one for one in inside if isinstance(one, Variable)}
        return list(found.values())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"
