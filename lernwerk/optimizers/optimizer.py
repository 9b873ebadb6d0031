"""What every optimizer shares: arguments, slots, clipping, weight decay, the order of a step.

A concrete optimizer (one file each) declares its slots and writes its formula in ``update_step``;
everything else is here. It works on Variables, eagerly or while a step is traced, and knows nothing
of layers, losses or training loops.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from lernwerk import ops
from lernwerk.configurable import Configurable
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.core.tracer import suspended
from lernwerk.core.variable import Variable
from lernwerk.errors import (
    NOT_NEGATIVE,
    ArgumentError,
    Range,
    ShapeError,
    UsageError,
    check_keywords,
    check_ranges,
)
from lernwerk.names import snake_case

EPSILON = 1e-7  # Keras's backend.epsilon(); scripts for Keras 2 pass epsilon=None for it
_NOT_YET = {  # arguments of Keras that configs carry along; only "off" is available
    "use_ema": False,
    "ema_overwrite_frequency": None,
    "loss_scale_factor": None,
    "gradient_accumulation_steps": None,
}
_BASE_RANGES = {
    "weight_decay": NOT_NEGATIVE,
    "clipnorm": NOT_NEGATIVE,
    "clipvalue": NOT_NEGATIVE,
    "global_clipnorm": NOT_NEGATIVE,
    "ema_momentum": Range(0, 1),
    "decay": NOT_NEGATIVE,
}


class Optimizer(Configurable):
    """Base of the optimizers: ``apply(gradients, variables)`` makes one step of descent.

    Arguments: ``learning_rate``; ``weight_decay`` w shrinks every variable by the factor
    (1 - rate * w) before its update; at most one of ``clipnorm`` (largest norm of each gradient),
    ``global_clipnorm`` (of all gradients together) and ``clipvalue`` (largest absolute element);
    ``name``. Keras's old ``lr`` is taken as ``learning_rate``; its old ``decay`` d divides the rate
    by (1 + d * iterations). The moving average of weights, loss scaling and accumulation of
    gradients (``use_ema`` and so on) are read from configs but have to be off.
    Raises ArgumentError for values out of range, UnknownArgumentError for unknown arguments.
    Source: https://keras.io/api/optimizers/
    """

    family = "optimizers"
    ranges: ClassVar[Mapping[str, Range]] = {}

    def __init__(
        self,
        learning_rate: Any = 0.001,
        *,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **old: Any,
    ) -> None:
        self.name = name or snake_case(type(self).__name__)
        self.weight_decay = weight_decay
        self.clipnorm, self.clipvalue = clipnorm, clipvalue
        self.global_clipnorm = global_clipnorm
        self.use_ema, self.ema_momentum = use_ema, ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        learning_rate, self.decay = self._old_names(learning_rate, old)
        self._check_arguments()
        self.iterations = self._variable(np.int32(0), "iteration")
        rate = self._checked_rate(learning_rate)
        self._learning_rate = self._variable(np.float32(rate), "learning_rate")
        self._variables = [self.iterations, self._learning_rate]
        self._slots: dict[str, list[Variable]] = {}
        self._index: dict[Variable, int] = {}
        self._built_for: list[Variable] = []

    # arguments -------------------------------------------------------------------------------

    def _old_names(self, learning_rate: Any, old: dict[str, Any]) -> tuple[Any, float]:
        """Map the names of Keras 2 and refuse everything that is left."""
        if "lr" in old:
            learning_rate = old.pop("lr")
            warnings.warn(
                f"{type(self).__name__}: 'lr' is called 'learning_rate' now; it is used as that.",
                FutureWarning,
                stacklevel=4,
            )
        decay = old.pop("decay", None) or 0.0
        check_keywords(type(self).__name__, old, [*self.parameters(), "decay"])
        return learning_rate, decay

    def _check_arguments(self) -> None:
        where = type(self).__name__
        check_ranges(where, vars(self), _BASE_RANGES)
        clips = ("clipnorm", "clipvalue", "global_clipnorm")
        given = [name for name in clips if getattr(self, name) is not None]
        if len(given) > 1:
            raise ArgumentError(
                where, f"at most one of {', '.join(clips)}", " and ".join(given), "Leave one out."
            )
        for name, off in _NOT_YET.items():
            if getattr(self, name) != off:
                raise ArgumentError(
                    where, f"{name} to be {off}", repr(getattr(self, name)),
                    "This option of Keras is not available yet.",
                )  # fmt: skip

    def check_ranges(self) -> None:
        """Refuse an own argument outside its declared range; called when all are stored."""
        check_ranges(type(self).__name__, vars(self), self.ranges)

    def _checked_rate(self, value: Any) -> float:
        number = value.item() if isinstance(value, (Tensor, np.ndarray, np.generic)) else value
        check_ranges(
            type(self).__name__, {"learning_rate": number}, {"learning_rate": NOT_NEGATIVE}
        )
        if number is None:
            raise ArgumentError(type(self).__name__, f"learning_rate to be {NOT_NEGATIVE}", "None")
        return float(number)

    def get_config(self) -> dict[str, Any]:
        """The arguments under Keras's keys; ``decay`` only where it is used."""
        config = {key: getattr(self, key) for key in self.parameters() if key != "learning_rate"}
        config["learning_rate"] = float(self._learning_rate.array)
        return config | ({"decay": self.decay} if self.decay else {})

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Optimizer:
        """The optimizer that ``get_config`` described, without its state."""
        check_keywords(cls.__name__, config, [*cls.parameters(), "decay", "lr"])
        return cls(**config)

    # state -----------------------------------------------------------------------------------

    @property
    def learning_rate(self) -> Variable:
        """The learning rate: a Variable, and assignable (``optimizer.learning_rate = 0.1``)."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        traced = isinstance(value, Tensor) and value.traced
        self._learning_rate.assign(value if traced else self._checked_rate(value))

    lr = learning_rate  # the name in Keras 2

    @property
    def variables(self) -> list[Variable]:
        """All state in Keras's order: iteration, learning_rate, then the slots."""
        return list(self._variables)

    @property
    def built(self) -> bool:
        """Whether the slots exist."""
        return bool(self._built_for)

    def slot_groups(self) -> list[dict[str, float]]:
        """Names and first values of the slots that each variable gets.

        The groups follow one another; inside a group the slots of a variable stand together.
        """
        return []

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the slots for these variables; once, the first ``apply`` does it by itself."""
        if self.built:
            self._check_known(variables)
            return
        self._built_for = list(variables)
        self._index = {variable: i for i, variable in enumerate(variables)}
        with suspended():
            for group in self.slot_groups():
                for variable in variables:
                    for name, value in group.items():
                        self._add_slot(variable, name, value)

    def _add_slot(self, variable: Variable, name: str, value: float) -> None:
        array = np.full(variable.shape, value, variable.spec.dtype)
        slot = self._variable(array, f"{variable.path.replace('/', '_')}_{name}")
        self._slots.setdefault(name, []).append(slot)
        self._variables.append(slot)

    def _variable(self, value: Any, name: str) -> Variable:
        variable = Variable(value, name=name, trainable=False)
        variable.path = f"{self.name}/{name}"
        return variable

    def slot(self, name: str, variable: Variable) -> Variable:
        """The slot of that name which belongs to the variable."""
        return self._slots[name][self._index[variable]]

    def _check_known(self, variables: Iterable[Variable]) -> None:
        for variable in variables:
            if variable not in self._index:
                known = ", ".join(each.path for each in self._built_for)
                raise UsageError(
                    type(self).__name__, f"the variables it was built for ({known})",
                    variable.path, "Make a new optimizer, or compile the model again.",
                )  # fmt: skip

    # a step ----------------------------------------------------------------------------------

    def apply(self, gradients: Sequence[Any], variables: Sequence[Variable] | None = None) -> None:
        """Make one step; a gradient of None leaves its variable alone.

        Clip the gradients, shrink by weight decay, update each variable, count the iteration.
        Raises UsageError where no gradient is given or a variable is unknown, ArgumentError and
        ShapeError where gradients do not fit the variables.
        """
        variables = list(self._built_for if variables is None else variables)
        if not variables and gradients:
            raise UsageError(
                type(self).__name__, "variables", "gradients only",
                "Call optimizer.apply(gradients, variables) or optimizer.build(variables) first.",
            )  # fmt: skip
        pairs = self._pairs(gradients, variables)
        if not pairs:
            return
        self.build(variables)
        self._check_known(variables)
        rate = self.current_learning_rate()
        self.before_updates()
        for gradient, variable in self._clipped(pairs):
            self._shrink(variable, rate)
            self.update_step(gradient, variable, _as_type(rate, variable))
        self.iterations.assign(self.iterations + 1)

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> None:
        """The same step from pairs of gradient and variable."""
        gradients, variables = zip(*grads_and_vars, strict=True)
        self.apply(gradients, variables)

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """Assign the variable and its slots their next values: the optimizer's formula."""
        raise NotImplementedError(f"{type(self).__name__} has no update_step")

    def before_updates(self) -> None:
        """What an optimizer does once in a step, before the variables are updated."""

    def current_learning_rate(self) -> Tensor:
        """The rate of this step; the only place that turns the argument into a number."""
        if not self.decay:
            return self._learning_rate.read()
        return self._learning_rate / (1.0 + self.decay * self.iterations.astype("float32"))

    def step_number(self, variable: Variable) -> Tensor:
        """The number of this step, counted from 1, in the variable's type."""
        return _as_type(self.iterations + 1, variable)

    def _pairs(
        self, gradients: Sequence[Any], variables: Sequence[Variable]
    ) -> list[tuple[Tensor, Variable]]:
        where = type(self).__name__
        if len(gradients) != len(variables):
            raise ArgumentError(where, f"{len(variables)} gradients", len(gradients))
        pairs = [
            (as_tensor(g, v.dtype), v)
            for g, v in zip(gradients, variables, strict=True)
            if g is not None
        ]
        if not pairs and gradients:
            raise UsageError(
                where, "a gradient for at least one variable", "None for all of them",
                "Does the loss depend on the variables?",
            )  # fmt: skip
        for g, v in pairs:
            if g.shape != v.shape:
                raise ShapeError(where, f"a gradient of shape {v.shape} for {v.path}", g.shape)
        return pairs

    def _clipped(self, pairs: list[tuple[Tensor, Variable]]) -> list[tuple[Tensor, Variable]]:
        if self.clipnorm:
            return [(_within_norm(g, _norm([g]), self.clipnorm), v) for g, v in pairs]
        if self.global_clipnorm:
            norm = _norm([g for g, _ in pairs])
            return [(_within_norm(g, norm, self.global_clipnorm), v) for g, v in pairs]
        if self.clipvalue:
            low, high = -self.clipvalue, self.clipvalue
            return [(ops.minimum(ops.maximum(g, low), high), v) for g, v in pairs]
        return pairs

    def _shrink(self, variable: Variable, rate: Tensor) -> None:
        if self.weight_decay:
            change = variable * self.weight_decay * _as_type(rate, variable)
            variable.assign(variable - change)


def _as_type(number: Tensor, variable: Variable) -> Tensor:
    return as_tensor(number, variable.dtype)


def _norm(gradients: Sequence[Tensor]) -> Tensor:
    """sqrt(sum of the squares of all elements)."""
    total = ops.sum(ops.square(gradients[0]))
    for gradient in gradients[1:]:
        total = total + ops.sum(ops.square(gradient))
    return ops.sqrt(total)


def _within_norm(gradient: Tensor, norm: Tensor, limit: float) -> Tensor:
    """The gradient, scaled down to the limit where the norm is above it."""
    return gradient * limit / ops.maximum(norm, limit)
