"""Learning rates that follow from the number of the step, under Keras's names.

A schedule is a function of the step that is written in operations: it becomes part of the traced
step, so that a whole epoch runs without returning to Python.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping, Sequence
from typing import Any

from lernwerk import ops
from lernwerk.configurable import Configurable, serialize
from lernwerk.configurable import deserialize as _deserialize
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import NOT_NEGATIVE, POSITIVE, ArgumentError, check_ranges

_FAMILY = "optimizers.schedules"


class LearningRateSchedule(Configurable):
    """Base of the schedules: ``schedule(step)`` is the learning rate of that step, from 0.

    A subclass writes ``__call__(step)`` in operations, with step a Tensor of an integer.

    Source: https://keras.io/api/optimizers/learning_rate_schedules/
    """

    family = _FAMILY

    def __call__(self, step: Any) -> Any:
        """The learning rate of that step."""
        raise NotImplementedError(f"{type(self).__name__} has no __call__")


class _Decay(LearningRateSchedule):
    """A schedule that starts at a rate and is measured in numbers of steps."""

    def __init__(self, initial_learning_rate: Any, decay_steps: Any, name: str | None) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.name = name
        check_ranges(type(self).__name__, {"decay_steps": decay_steps}, {"decay_steps": POSITIVE})

    def fraction(self, step: Any) -> Tensor:
        """step / decay_steps as a float."""
        return _number(step) / self.decay_steps


class ExponentialDecay(_Decay):
    """rate = initial * decay_rate^(step / decay_steps)

    With ``staircase`` the exponent is rounded down.

    Source: https://keras.io/api/optimizers/learning_rate_schedules/
    """

    def __init__(
        self,
        initial_learning_rate: Any,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str | None = "ExponentialDecay",
    ) -> None:
        super().__init__(initial_learning_rate, decay_steps, name)
        self.decay_rate, self.staircase = decay_rate, staircase

    def __call__(self, step: Any) -> Tensor:
        """The learning rate of that step."""
        p = self.fraction(step)
        power = ops.power(float(self.decay_rate), ops.floor(p) if self.staircase else p)
        return self.initial_learning_rate * power


class InverseTimeDecay(_Decay):
    """rate = initial / (1 + decay_rate * step / decay_steps)

    With ``staircase`` the quotient of the steps is rounded down.

    Source: https://keras.io/api/optimizers/learning_rate_schedules/
    """

    def __init__(
        self,
        initial_learning_rate: Any,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str | None = "InverseTimeDecay",
    ) -> None:
        super().__init__(initial_learning_rate, decay_steps, name)
        self.decay_rate, self.staircase = decay_rate, staircase

    def __call__(self, step: Any) -> Tensor:
        """The learning rate of that step."""
        p = self.fraction(step)
        passed = ops.floor(p) if self.staircase else p
        return self.initial_learning_rate / (1.0 + self.decay_rate * passed)


class PolynomialDecay(_Decay):
    """rate = end + (initial - end) * (1 - step / decay_steps)^power, and end afterwards.

    With ``cycle`` the decay starts anew from where it ended, each time over more steps:
    decay_steps * ceil(step / decay_steps) in the place of decay_steps.

    Source: https://keras.io/api/optimizers/learning_rate_schedules/
    """

    def __init__(
        self,
        initial_learning_rate: Any,
        decay_steps: int,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str | None = "PolynomialDecay",
    ) -> None:
        super().__init__(initial_learning_rate, decay_steps, name)
        self.end_learning_rate, self.power, self.cycle = end_learning_rate, power, cycle

    def __call__(self, step: Any) -> Tensor:
        """The learning rate of that step."""
        p = self.fraction(step)
        p = p / ops.maximum(ops.ceil(p), 1.0) if self.cycle else ops.minimum(p, 1.0)
        span = self.initial_learning_rate - self.end_learning_rate
        return self.end_learning_rate + span * ops.power(1.0 - p, float(self.power))


class CosineDecay(_Decay):
    """Half a cosine from the initial rate to ``alpha`` times as much, after a linear warm-up.

    rate = r * ((1 - alpha) * (1 + cos(pi * min(step / decay_steps, 1))) / 2 + alpha)
    With ``warmup_target`` the rate first grows from the initial one to the target in
    ``warmup_steps``; then r is the target, and steps count from the end of the warm-up.

    Source: Loshchilov & Hutter 2017, arXiv:1608.03983; Goyal et al. 2017, arXiv:1706.02677.
    """

    def __init__(
        self,
        initial_learning_rate: Any,
        decay_steps: int,
        alpha: float = 0.0,
        name: str | None = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        super().__init__(initial_learning_rate, decay_steps, name)
        self.alpha, self.warmup_target, self.warmup_steps = alpha, warmup_target, warmup_steps
        check_ranges("CosineDecay", {"warmup_steps": warmup_steps}, {"warmup_steps": NOT_NEGATIVE})

    def __call__(self, step: Any) -> Tensor:
        """The learning rate of that step."""
        if self.warmup_target is None:
            return self._decayed(_number(step), self.initial_learning_rate)
        step = _number(step)
        decayed = self._decayed(step - float(self.warmup_steps), self.warmup_target)
        if not self.warmup_steps:
            return decayed
        growth = (self.warmup_target - self.initial_learning_rate) / self.warmup_steps
        warming = self.initial_learning_rate + growth * step
        return ops.where(step < self.warmup_steps, warming, decayed)

    def _decayed(self, step: Tensor, start: Any) -> Tensor:
        p = ops.minimum(step / self.decay_steps, 1.0)
        return start * _between(_half_cosine(p), self.alpha)


class CosineDecayRestarts(LearningRateSchedule):
    """Half a cosine, again and again: each ``t_mul`` times as long, ``m_mul`` times as high.

    rate = initial * ((1 - alpha) * m_mul^i * (1 + cos(pi * p)) / 2 + alpha) in cycle i, p of it
    gone by; cycle 0 takes ``first_decay_steps``.

    Source: Loshchilov & Hutter 2017, arXiv:1608.03983, equation 5.
    """

    def __init__(
        self,
        initial_learning_rate: Any,
        first_decay_steps: int,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str | None = "SGDRDecay",
    ) -> None:
        self.initial_learning_rate, self.first_decay_steps = (
            initial_learning_rate,
            first_decay_steps,
        )
        self.t_mul, self.m_mul, self.alpha, self.name = t_mul, m_mul, alpha, name
        positive = {"first_decay_steps": POSITIVE, "t_mul": POSITIVE}
        check_ranges("CosineDecayRestarts", vars(self), positive)

    def __call__(self, step: Any) -> Tensor:
        """The learning rate of that step."""
        cycle, p = self._position(_number(step) / self.first_decay_steps)
        height = ops.power(float(self.m_mul), cycle)
        return self.initial_learning_rate * _between(height * _half_cosine(p), self.alpha)

    def _position(self, passed: Tensor) -> tuple[Tensor, Tensor]:
        """The number of the cycle and how much of it has gone by.

        Cycle i starts after (1 - t^i) / (1 - t) times the first one's length.
        """
        t = float(self.t_mul)
        if t == 1.0:
            cycle = ops.floor(passed)
            return cycle, passed - cycle
        cycle = ops.floor(ops.log(1.0 - passed * (1.0 - t)) / math.log(t))
        length = ops.power(t, cycle)
        return cycle, (passed - (1.0 - length) / (1.0 - t)) / length


class PiecewiseConstantDecay(LearningRateSchedule):
    """rate = values[i] up to and including step boundaries[i], values[-1] beyond the last.

    Raises ArgumentError unless there is one value more than boundaries.
    Source: https://keras.io/api/optimizers/learning_rate_schedules/
    """

    def __init__(
        self,
        boundaries: Sequence[float],
        values: Sequence[float],
        name: str | None = "PiecewiseConstant",
    ) -> None:
        if len(boundaries) != len(values) - 1:
            raise ArgumentError(
                "PiecewiseConstantDecay", f"{len(boundaries) + 1} values for boundaries"
                f" {list(boundaries)}", f"{len(values)} values {list(values)}",
                "There is one value before each boundary, and one after the last.",
            )  # fmt: skip
        self.boundaries, self.values, self.name = list(boundaries), list(values), name

    def __call__(self, step: Any) -> Tensor:
        """The learning rate of that step."""
        step = _number(step)
        rate = as_tensor(float(self.values[-1]))
        for boundary, value in zip(self.boundaries[::-1], self.values[-2::-1], strict=True):
            rate = ops.where(step <= float(boundary), float(value), rate)
        return rate


def _number(step: Any) -> Tensor:
    return as_tensor(step).astype("float32")


def _half_cosine(p: Tensor) -> Tensor:
    """From 1 to 0 while p goes from 0 to 1."""
    return 0.5 * (1.0 + ops.cos(math.pi * p))


def _between(share: Tensor, least: float) -> Tensor:
    return (1.0 - least) * share + least


def rate_of(schedule: Any, step: Any) -> Tensor:
    """The rate that a schedule, or a function of the step or of nothing, gives."""
    rate = schedule(step.read()) if _takes_step(schedule) else schedule()
    return as_tensor(rate, "float32")


def _takes_step(schedule: Any) -> bool:
    parameters = inspect.signature(schedule).parameters.values()
    return any(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The schedule that a written form describes; numbers are returned as they are."""
    return _deserialize(config, _FAMILY, custom_objects)


__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "deserialize",
    "serialize",
]
