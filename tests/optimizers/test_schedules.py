"""Every schedule against real Keras: many steps, in optimizers, in configs both ways; messages."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from lernwerk import ops, optimizers
from lernwerk.configurable import serialize
from lernwerk.core.compiled import compiled
from lernwerk.core.tensor import Tensor
from lernwerk.core.variable import Variable
from lernwerk.errors import ArgumentError, UsageError
from lernwerk.optimizers import schedules

CASES: list[tuple[str, dict[str, Any]]] = [
    ("ExponentialDecay", {"decay_steps": 10, "decay_rate": 0.9}),
    ("ExponentialDecay", {"decay_steps": 7, "decay_rate": 0.5, "staircase": True}),
    ("InverseTimeDecay", {"decay_steps": 10, "decay_rate": 0.5}),
    ("InverseTimeDecay", {"decay_steps": 7, "decay_rate": 2, "staircase": True}),
    ("PolynomialDecay", {"decay_steps": 30}),
    ("PolynomialDecay", {"decay_steps": 30, "end_learning_rate": 0.02, "power": 0.5}),
    ("PolynomialDecay", {"decay_steps": 16, "power": 2.0, "cycle": True}),
    ("CosineDecay", {"decay_steps": 40}),
    ("CosineDecay", {"decay_steps": 30, "alpha": 0.1}),
    ("CosineDecay", {"decay_steps": 30, "warmup_target": 0.7, "warmup_steps": 12}),
    ("CosineDecay", {"decay_steps": 30, "alpha": 0.2, "warmup_target": 0.7, "warmup_steps": 0}),
    ("CosineDecayRestarts", {"first_decay_steps": 10}),
    ("CosineDecayRestarts", {"first_decay_steps": 9, "t_mul": 1.0, "m_mul": 0.5}),
    ("CosineDecayRestarts", {"first_decay_steps": 7, "t_mul": 1.5, "m_mul": 0.8, "alpha": 0.1}),
]
PIECES: list[tuple[str, dict[str, Any]]] = [
    ("PiecewiseConstantDecay", {"boundaries": [10, 25], "values": [1.0, 0.5, 0.1]}),
    ("PiecewiseConstantDecay", {"boundaries": [3], "values": [0.1, 0.2]}),
]
ALL = [(name, {"initial_learning_rate": 0.4} | arguments) for name, arguments in CASES] + PIECES
STEPS = 60


def _both(keras: Any, name: str, arguments: dict[str, Any]) -> tuple[Any, Any]:
    return (
        getattr(schedules, name)(**arguments),
        getattr(keras.optimizers.schedules, name)(**arguments),
    )


@pytest.mark.parametrize(("name", "arguments"), ALL)
def test_rates_are_those_of_keras(keras: Any, name: str, arguments: dict[str, Any]) -> None:
    ours, theirs = _both(keras, name, arguments)
    step = compiled(lambda i: ours(i))
    for i in range(STEPS):
        expected = float(theirs(i))
        np.testing.assert_allclose(ours(i).item(), expected, rtol=2e-5, atol=2e-6)
        assert step(np.int32(i)).item() == pytest.approx(ours(i).item(), rel=1e-5, abs=1e-6)
    assert ours(Tensor(np.int32(3))).dtype == np.float32


@pytest.mark.parametrize(("name", "arguments"), ALL)
def test_optimizers_follow_them(keras: Any, name: str, arguments: dict[str, Any]) -> None:
    ours, theirs = _both(keras, name, arguments)
    mine, real = optimizers.SGD(ours), keras.optimizers.SGD(theirs)
    variable, other = Variable([1.0]), keras.Variable([1.0])
    step = compiled(lambda g: mine.apply([g], [variable]))
    for _ in range(8):
        step(np.float32([0.1]))
        real.apply([keras.ops.full((1,), 0.1)], [other])
    np.testing.assert_allclose(variable.numpy(), np.asarray(other), rtol=2e-5)
    np.testing.assert_allclose(float(mine.learning_rate), float(real.learning_rate), rtol=2e-5)
    assert [v.name for v in mine.variables] == [v.name for v in real.variables] == ["iteration"]


@pytest.mark.parametrize(("name", "arguments"), ALL)
def test_configs_travel_both_ways_as_json(keras: Any, name: str, arguments: dict[str, Any]) -> None:
    ours, theirs = _both(keras, name, arguments)
    assert ours.get_config() == theirs.get_config()
    real = keras.optimizers.schedules
    written = json.loads(json.dumps(real.serialize(theirs)))
    assert written == serialize(ours)
    here, there = schedules.deserialize(written), real.deserialize(schedules.serialize(ours))
    assert here.get_config() == there.get_config() == ours.get_config()
    mine = optimizers.Adam(ours, name="o")
    config = json.loads(
        json.dumps(keras.optimizers.serialize(keras.optimizers.Adam(theirs, name="o")))
    )
    assert optimizers.get(config).get_config() == mine.get_config()
    back = keras.optimizers.deserialize(json.loads(json.dumps(serialize(mine))))
    assert float(back.learning_rate) == pytest.approx(float(mine.learning_rate))


def test_the_step_of_a_schedule_counts_every_batch(keras: Any) -> None:
    options = {"gradient_accumulation_steps": 2}
    ours, theirs = _both(keras, "ExponentialDecay", ALL[0][1])
    mine, real = optimizers.Adam(ours, **options), keras.optimizers.Adam(theirs, **options)
    variable, other = Variable([1.0]), keras.Variable([1.0])
    for _ in range(5):
        mine.apply([Tensor([0.1])], [variable])
        real.apply([keras.ops.full((1,), 0.1)], [other])
    np.testing.assert_allclose(variable.numpy(), np.asarray(other), rtol=2e-5)


class Warm(schedules.LearningRateSchedule):
    """A schedule of the user's."""

    def __init__(self, rate: float) -> None:
        self.rate = rate

    def __call__(self, step: Any) -> Any:
        return self.rate / (step + 1)


def _root(step: Any) -> Any:
    return 0.5 / ops.sqrt(step.astype("float32") + 1.0)


def test_schedules_and_functions_of_the_user() -> None:
    for schedule, second in ((Warm(0.5), 0.25), (_root, 0.5 / np.sqrt(2)), (lambda: 0.5, 0.5)):
        variable = Variable([0.0])
        optimizer = optimizers.SGD(schedule)
        step = compiled(lambda g, o=optimizer, v=variable: o.apply([g], [v]))
        step(np.float32([1.0]))
        assert variable.item() == -0.5
        step(np.float32([1.0]))
        np.testing.assert_allclose(variable.numpy(), [-0.5 - second], rtol=1e-6)
    config = optimizers.SGD(Warm(0.5)).get_config()
    assert config["learning_rate"]["config"] == {"rate": 0.5}
    again = optimizers.SGD.from_config(config, {"Warm": Warm})
    assert float(again.learning_rate) == 0.5
    with pytest.raises(NotImplementedError, match="LearningRateSchedule has no __call__"):
        schedules.LearningRateSchedule()(0)


def test_a_schedule_can_take_the_place_of_a_number() -> None:
    variable = Variable([0.0])
    optimizer = optimizers.SGD(0.5)
    optimizer.apply([Tensor([1.0])], [variable])
    optimizer.learning_rate = Warm(1.0)
    assert optimizer.revision == 1
    assert [v.name for v in optimizer.variables] == ["iteration"]
    optimizer.apply([Tensor([1.0])], [variable])  # 1 / (1 + 1)
    assert variable.item() == -1.0
    optimizer.learning_rate = lambda step: 0.25
    optimizer.apply([Tensor([1.0])], [variable])
    assert variable.item() == -1.25
    with pytest.raises(UsageError) as caught:
        optimizers.SGD(Warm(1.0)).learning_rate = 0.1
    assert str(caught.value) == (
        "SGD.learning_rate: expected a schedule in the place of Warm, got 0.1."
        " SGD(learning_rate=0.001) takes numbers later."
    )


def test_decay_applies_to_schedules_too() -> None:
    optimizer = optimizers.SGD(schedules.ExponentialDecay(1.0, 1, 0.5), decay=1.0)
    variable = Variable([0.0])
    for _ in range(2):  # 1, then 0.5 / (1 + 1)
        optimizer.apply([Tensor([1.0])], [variable])
    assert variable.item() == -1.25


MESSAGES: list[tuple[Any, str]] = [
    (
        lambda: schedules.ExponentialDecay(0.1, 0, 0.9),
        "ExponentialDecay: expected decay_steps to be a number > 0, got 0.",
    ),
    (
        lambda: schedules.CosineDecayRestarts(0.1, 5, t_mul=0.0),
        "CosineDecayRestarts: expected t_mul to be a number > 0, got 0.0.",
    ),
    (
        lambda: schedules.CosineDecay(0.1, 5, warmup_steps=-1),
        "CosineDecay: expected warmup_steps to be a number >= 0, got -1.",
    ),
    (
        lambda: schedules.PiecewiseConstantDecay([10, 20], [1.0, 0.5]),
        "PiecewiseConstantDecay: expected 3 values for boundaries [10, 20], got 2 values"
        " [1.0, 0.5]. There is one value before each boundary, and one after the last.",
    ),
]


@pytest.mark.parametrize(("action", "text"), MESSAGES)
def test_messages(action: Any, text: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        action()
    assert str(caught.value) == text
