"""What every optimizer shares: arguments, learning rate, clipping, decay, the order of a step.

A concrete optimizer (one file each) declares its slots and writes its formula in ``update_step``;
everything else is here. It works on Variables, eagerly or while a step is traced, and knows nothing
of layers, losses or training loops.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from lernwerk import ops
from lernwerk.configurable import to_config
from lernwerk.core.gradient import gradient
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.core.variable import Variable
from lernwerk.errors import (
    COUNT,
    NOT_NEGATIVE,
    POSITIVE,
    ArgumentError,
    Range,
    ShapeError,
    UsageError,
    check_keywords,
    check_ranges,
)
from lernwerk.legacy import note
from lernwerk.names import snake_case
from lernwerk.optimizers.accumulation import Pairs, accumulated, is_due, update_average
from lernwerk.optimizers.clipping import clipped
from lernwerk.optimizers.schedules import deserialize, rate_of
from lernwerk.optimizers.state import OptimizerState, Slots
from lernwerk.optimizers.updates import Update, updates_of

EPSILON = 1e-7  # Keras's backend.epsilon(); scripts for Keras 2 pass epsilon=None for it
_CLIPS = ("clipnorm", "clipvalue", "global_clipnorm")
_BASE_RANGES = {
    "weight_decay": NOT_NEGATIVE,
    "clipnorm": NOT_NEGATIVE,
    "clipvalue": NOT_NEGATIVE,
    "global_clipnorm": NOT_NEGATIVE,
    "ema_momentum": Range(0, 1),
    "ema_overwrite_frequency": COUNT,
    "loss_scale_factor": POSITIVE,
    "gradient_accumulation_steps": Range(2, integer=True),
    "decay": NOT_NEGATIVE,
}


class Optimizer(OptimizerState):
    """Base of the optimizers: ``apply(gradients, variables)`` makes one step of descent.

    Arguments: ``learning_rate``, a number, a schedule (``optimizers.schedules``) or a function of
    the step; ``weight_decay`` w shrinks every variable by the factor (1 - rate * w) before its
    update; at most one of ``clipnorm`` (largest norm of each gradient), ``global_clipnorm`` (of all
    gradients together) and ``clipvalue`` (largest absolute element); ``use_ema`` keeps the moving
    average a <- ``ema_momentum`` * a + (1 - ``ema_momentum``) * w of each variable and puts it in
    the variable's place every ``ema_overwrite_frequency`` steps and at the end of ``fit``;
    ``loss_scale_factor`` s divides gradients of a loss that ``scale_loss`` multiplied by s;
    ``gradient_accumulation_steps`` n updates every n-th step, with the mean gradient; ``name``.
    Keras's old ``lr`` is taken as ``learning_rate``; its old ``decay`` d divides the rate by
    (1 + d * iterations). After an update ``variable.constraint`` is applied, where there is one.

    Differs: a function of no arguments as ``learning_rate`` is asked when a step is traced.
    Raises ArgumentError for values out of range, UnknownArgumentError for unknown arguments.
    Source: https://keras.io/api/optimizers/
    """

    ranges: ClassVar[Mapping[str, Range]] = {}

    def __init__(
        self,
        learning_rate: Any = 0.001,
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
        super().__init__()
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
        self._undecayed: set[Variable] = set()
        self._undecayed_names: re.Pattern[str] | None = None
        self._iterations = self._variable(np.int32(0), "iteration")
        self._variables.append(self._iterations)
        self._schedule: Callable[..., Any] | None = None
        self.revision = 0  # counts changes after which a traced step no longer is the right one
        if callable(learning_rate):
            self._schedule = learning_rate
        else:
            rate = self._checked_rate(learning_rate)
            self._learning_rate = self._variable(np.float32(rate), "learning_rate")
            self._variables.append(self._learning_rate)

    # arguments -------------------------------------------------------------------------------

    def _old_names(self, learning_rate: Any, old: dict[str, Any]) -> tuple[Any, float]:
        """Map the names of Keras 2 and refuse everything that is left."""
        if "lr" in old:
            learning_rate = old.pop("lr")
            note(f"{type(self).__name__}(lr=)", "learning_rate")
        decay = old.pop("decay", None) or 0.0
        check_keywords(type(self).__name__, old, [*self.parameters(), "decay"])
        return learning_rate, decay

    def _check_arguments(self) -> None:
        where = type(self).__name__
        check_ranges(where, vars(self), _BASE_RANGES)
        given = [name for name in _CLIPS if getattr(self, name) is not None]
        if len(given) > 1:
            raise ArgumentError(
                where, f"at most one of {', '.join(_CLIPS)}", " and ".join(given), "Leave one out."
            )

    def check_ranges(self) -> None:
        """Refuse an own argument outside its declared range; called when all are stored."""
        check_ranges(type(self).__name__, vars(self), self.ranges)

    def exclude_from_weight_decay(
        self, var_list: Iterable[Variable] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        """Let weight decay leave out these variables, and those whose name has one of these parts.

        Raises UsageError after the first step.
        """
        if self.built:
            raise UsageError(
                f"{type(self).__name__}.exclude_from_weight_decay", "a call before the first step",
                "one after it", "Make a new optimizer, or compile the model again.",
            )  # fmt: skip
        self._undecayed = set(var_list or ())
        self._undecayed_names = re.compile("|".join(var_names)) if var_names else None

    def _decays(self, variable: Variable) -> bool:
        names = self._undecayed_names
        excluded = variable in self._undecayed or (names and names.search(variable.name))
        return bool(self.weight_decay) and not excluded

    def get_config(self) -> dict[str, Any]:
        """The arguments under Keras's keys; ``decay`` only where it is used."""
        keys = [key for key in self.parameters() if key != "learning_rate" and hasattr(self, key)]
        config = {key: getattr(self, key) for key in keys}
        scheduled = self._schedule is not None
        rate = to_config(self._schedule) if scheduled else float(self._learning_rate.array)
        return config | {"learning_rate": rate} | ({"decay": self.decay} if self.decay else {})

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Optimizer:
        """The optimizer that ``get_config`` described, without its state."""
        check_keywords(cls.__name__, config, [*cls.parameters(), "decay", "lr"])
        rates = {key: config[key] for key in ("learning_rate", "lr") if key in config}
        read = {key: deserialize(value, custom_objects) for key, value in rates.items()}
        return cls(**{**config, **read})

    # learning rate ---------------------------------------------------------------------------

    @property
    def learning_rate(self) -> Tensor:
        """The learning rate: a Variable, assignable by ``optimizer.learning_rate = 0.1``.

        With a schedule it is the rate of the next step.
        """
        return self._learning_rate if self._schedule is None else self._scheduled_rate()

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        if callable(value):
            self._use_schedule(value)
        elif self._schedule is not None:
            kind = getattr(self._schedule, "__name__", type(self._schedule).__name__)
            raise UsageError(
                f"{type(self).__name__}.learning_rate", f"a schedule in the place of {kind}",
                repr(value), f"{type(self).__name__}(learning_rate=0.001) takes numbers later.",
            )  # fmt: skip
        else:
            traced = isinstance(value, Tensor) and value.traced
            self._learning_rate.assign(value if traced else self._checked_rate(value))

    lr = learning_rate  # the name in Keras 2

    def _checked_rate(self, value: Any) -> float:
        number = value.item() if isinstance(value, (Tensor, np.ndarray, np.generic)) else value
        check_ranges(
            type(self).__name__, {"learning_rate": number}, {"learning_rate": NOT_NEGATIVE}
        )
        if number is None:
            raise ArgumentError(type(self).__name__, f"learning_rate to be {NOT_NEGATIVE}", "None")
        return float(number)

    def _use_schedule(self, schedule: Callable[..., Any]) -> None:
        """Take the rate from a schedule; as in Keras, its Variable leaves the state."""
        if self._schedule is None:
            self._variables = [v for v in self._variables if v is not self._learning_rate]
        self._schedule = schedule
        self.revision += 1

    def _scheduled_rate(self) -> Tensor:
        return rate_of(self._schedule, self._iterations)

    def current_learning_rate(self) -> Tensor:
        """The rate of this step; the only place that turns the argument into a number."""
        rate = self._learning_rate.read() if self._schedule is None else self._scheduled_rate()
        if not self.decay:
            return rate
        return rate / (1.0 + self.decay * self.iterations.astype("float32"))

    @property
    def iterations(self) -> Tensor:
        """The number of updates so far; a Variable, unless gradients are accumulated."""
        steps = self.gradient_accumulation_steps
        return self._iterations // steps if steps else self._iterations

    def step_number(self, variable: Variable) -> Tensor:
        """The number of this step, counted from 1, in the variable's type."""
        return _as_type(self.iterations + 1, variable)

    # a step ----------------------------------------------------------------------------------

    def shared_slot_groups(self) -> list[Slots]:
        """The moving average and the sum of gradients, where they are asked for."""
        average: list[Slots] = [{"average": 0.0}] if self.use_ema else []
        accumulates = self.gradient_accumulation_steps is not None
        return average + ([{"gradient_accumulator": 0.0}] if accumulates else [])

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
        if not self.built or self.grows:
            self.build(variables)
        self._check_known(variables)
        if self.gradient_accumulation_steps:
            self._accumulate(pairs, self.gradient_accumulation_steps)
        else:
            self._update(pairs)
        if self.use_ema:
            self._average()
        for _, variable in pairs:
            if variable.constraint is not None:
                variable.assign(variable.constraint(variable))
        self._iterations.assign(self._iterations + 1)

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> Variable:
        """The same step from pairs of gradient and variable; returns the counter of steps."""
        gradients, variables = zip(*grads_and_vars, strict=True)
        self.apply(gradients, variables)
        return self._iterations

    def get_updates(self, *arguments: Any, **keywords: Any) -> list[Update]:
        """One step for ``K.function(..., updates=...)``, from a symbolic loss (Keras 1 and 2)."""
        note("optimizer.get_updates", "apply")
        return updates_of(self, arguments, keywords)

    def minimize(self, loss: Any, var_list: Sequence[Variable]) -> None:
        """One step down a loss: a scalar Tensor, or a function of no arguments that gives one."""
        value = loss() if callable(loss) else loss
        self.apply(gradient(self.scale_loss(value), var_list), var_list)

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """Assign the variable and its slots their next values: the optimizer's formula."""
        raise NotImplementedError(f"{type(self).__name__} has no update_step")

    def before_updates(self) -> None:
        """What an optimizer does once in a step, before the variables are updated."""

    def scale_loss(self, loss: Any) -> Any:
        """The loss times ``loss_scale_factor``; its gradients are what ``apply`` expects."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """Put the moving averages in the variables' places, where they are kept."""
        if self.use_ema and self.built:
            for variable in var_list:
                variable.assign(self.slot("average", variable).numpy())

    def _pairs(self, gradients: Sequence[Any], variables: Sequence[Variable]) -> Pairs:
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
        if self.loss_scale_factor is None:
            return pairs
        return [(g / self.loss_scale_factor, v) for g, v in pairs]

    def _update(self, pairs: Pairs) -> None:
        rate = self.current_learning_rate()
        self.before_updates()
        limits = self.clipnorm, self.global_clipnorm, self.clipvalue
        gradients = clipped([g for g, _ in pairs], *limits)
        for g, (_, variable) in zip(gradients, pairs, strict=True):
            self._shrink(variable, rate)
            self.update_step(g, variable, _as_type(rate, variable))

    def _shrink(self, variable: Variable, rate: Tensor) -> None:
        if self._decays(variable):
            change = variable * self.weight_decay * _as_type(rate, variable)
            variable.assign(variable - change)

    def _accumulate(self, pairs: Pairs, steps: int) -> None:
        all_sums = self._slots["gradient_accumulator"]
        sums = [self.slot("gradient_accumulator", variable) for _, variable in pairs]
        fixed = {self._iterations, *all_sums}
        state = [v for _, v in pairs] + [v for v in self._variables if v not in fixed]
        due = is_due(self._iterations.read(), steps)
        accumulated(pairs, sums, due, steps, state, self._update)

    def _average(self) -> None:
        started = ops.not_equal(self.iterations, 0)  # the first average is the first value
        every = self.ema_overwrite_frequency
        for variable in self._built_for:
            average = self.slot("average", variable)
            update_average(average, variable, started.astype(variable.dtype) * self.ema_momentum)
            if every is not None:
                due = is_due(self.iterations, every)
                variable.assign(ops.where(due, average, variable))


def _as_type(number: Tensor, variable: Variable) -> Tensor:
    return as_tensor(number, variable.dtype)
