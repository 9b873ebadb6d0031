"""Options that every optimizer has, against real Keras, and optimizers written for Keras."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
from typing import Any

import numpy as np
import pytest

from lernwerk import optimizers
from lernwerk.configurable import serialize
from lernwerk.core.compiled import compiled, trace
from lernwerk.core.tensor import Tensor
from lernwerk.core.variable import Variable
from lernwerk.errors import ArgumentError, ShapeError, UsageError

NAMES = [each.__name__ for each in optimizers.NAMES.values()]


def _bounded(weights: Any) -> Any:
    """A constraint that both libraries can compute."""
    return weights * (abs(weights) < 1.0)


def _ours_bounded(weights: Variable) -> Tensor:
    return weights * (abs(weights) < 1.0).astype("float32")


@pytest.mark.parametrize("options", [{}, {"gradient_accumulation_steps": 2}, {"use_ema": True}])
def test_constraints_are_applied_after_the_update(keras: Any, options: dict[str, Any]) -> None:
    random = np.random.default_rng(2)
    start = np.float32(random.normal(size=(3, 2)))
    ours, free = Variable(start, name="w"), Variable(start, name="v")
    ours.constraint = _ours_bounded
    theirs = [keras.Variable(start), keras.Variable(start)]
    theirs[0].constraint = _bounded
    mine = optimizers.SGD(0.3, momentum=0.5, **options)
    real = keras.optimizers.SGD(0.3, momentum=0.5, **options)
    step = compiled(lambda g: mine.apply([g, g], [ours, free]))
    for _ in range(6):
        g = np.float32(random.normal(size=(3, 2)))
        step(g)
        real.apply([keras.ops.convert_to_tensor(g)] * 2, theirs)
        for one, other in zip([ours, free], theirs, strict=True):
            np.testing.assert_allclose(one.numpy(), np.asarray(other), rtol=2e-5, atol=1e-6)
    assert (abs(ours.numpy()) < 1).all()
    assert (ours.numpy() != free.numpy()).any()


def test_a_variable_keeps_its_constraint_in_copies() -> None:
    variable = Variable([1.0])
    variable.constraint = _ours_bounded
    assert copy.deepcopy(variable).constraint is _ours_bounded
    assert pickle.loads(pickle.dumps(variable)).constraint is _ours_bounded


def test_some_variables_do_not_decay(keras: Any) -> None:
    names = ["kernel", "bias", "gamma"]
    ours = [Variable([2.0], name=name) for name in names]
    theirs = [keras.Variable([2.0], name=name) for name in names]
    mine, real = optimizers.AdamW(0.1, 0.5), keras.optimizers.AdamW(0.1, 0.5)
    mine.exclude_from_weight_decay(var_list=ours[2:], var_names=["bias"])
    real.exclude_from_weight_decay(var_list=theirs[2:], var_names=["bias"])
    for _ in range(3):
        mine.apply([Tensor([0.0])] * 3, ours)
        real.apply([keras.ops.zeros(1)] * 3, theirs)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one.numpy(), np.asarray(other), rtol=1e-6)
    assert [v.item() == 2.0 for v in ours] == [False, True, True]
    with pytest.raises(UsageError) as caught:
        mine.exclude_from_weight_decay(var_names=["kernel"])
    assert str(caught.value) == (
        "AdamW.exclude_from_weight_decay: expected a call before the first step, got one after it."
        " Make a new optimizer, or compile the model again."
    )


def test_averages_take_the_place_of_the_variables(keras: Any) -> None:
    ours, theirs = Variable([4.0]), keras.Variable([4.0])
    mine = optimizers.SGD(1.0, use_ema=True, ema_momentum=0.5)
    real = keras.optimizers.SGD(1.0, use_ema=True, ema_momentum=0.5)
    for _ in range(2):
        mine.apply([Tensor([1.0])], [ours])
        real.apply([keras.ops.ones(1)], [theirs])
    assert ours.item() == 2.0
    mine.finalize_variable_values([ours])
    real.finalize_variable_values([theirs])
    assert ours.item() == float(theirs[0]) == 2.5
    optimizers.SGD().finalize_variable_values([ours])
    assert ours.item() == 2.5


def test_the_loss_is_scaled_and_the_gradients_are_not() -> None:
    first, second = Variable([3.0]), Variable([3.0])
    scaled = optimizers.SGD(0.1, loss_scale_factor=1024.0)
    scaled.minimize(lambda: (first * first).sum(), [first])
    optimizers.SGD(0.1).minimize((second * second).sum(), [second])
    np.testing.assert_allclose(first.numpy(), second.numpy(), rtol=1e-6)
    assert scaled.scale_loss(2.0) == 2048.0
    assert optimizers.SGD().scale_loss(2.0) == 2.0


def test_options_that_are_off_add_nothing_to_the_graph() -> None:
    variable = Variable([1.0, 2.0])
    optimizer = optimizers.SGD(0.1)
    graph = trace(lambda g: optimizer.apply([g], [variable]), np.ones(2, "float32")).graph
    assert [node.primitive.name for node in graph.nodes] == ["multiply", "subtract", "add"]


def test_iterations_count_updates() -> None:
    variable = Variable([0.0])
    optimizer = optimizers.SGD(1.0, gradient_accumulation_steps=2)
    for expected, value in zip([0, 1, 1, 2], [0.0, -1.0, -1.0, -2.0], strict=True):
        counter = optimizer.apply_gradients([(Tensor([1.0]), variable)])
        assert (int(optimizer.iterations), variable.item()) == (expected, value)
    assert int(counter) == 4


@pytest.mark.parametrize("name", NAMES)
def test_arguments_stand_in_the_order_of_keras(keras: Any, name: str) -> None:
    theirs = [
        parameter.name
        for parameter in inspect.signature(getattr(keras.optimizers, name)).parameters.values()
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ]
    kind = getattr(optimizers, name)
    defaults = [
        p.default
        for p in inspect.signature(getattr(keras.optimizers, name)).parameters.values()
        if p.kind is p.POSITIONAL_OR_KEYWORD
    ]
    config = kind(*defaults).get_config()
    own = kind().get_config()
    assert config == own
    values = dict(zip(theirs, defaults, strict=True)) | {"name": config["name"]}
    assert {k: pytest.approx(v) if k == "learning_rate" else v for k, v in values.items()} == config


@pytest.mark.parametrize("name", NAMES)
def test_configs_travel_both_ways_as_json(keras: Any, name: str) -> None:
    options = {"learning_rate": 0.25, "clipnorm": 1.0, "use_ema": True, "name": "o"}
    theirs = getattr(keras.optimizers, name)(**options)
    ours = getattr(optimizers, name)(**options)
    there = keras.optimizers.deserialize(json.loads(json.dumps(serialize(ours))))
    here = optimizers.get(json.loads(json.dumps(keras.optimizers.serialize(theirs))))
    assert there.get_config() == theirs.get_config() == ours.get_config() == here.get_config()
    assert type(here) is type(ours)
    lower = {"class_name": name.lower(), "config": {"learning_rate": 0.25}}
    assert type(optimizers.deserialize(lower)) is type(ours)


def test_other_names() -> None:
    assert optimizers.legacy.Adam is optimizers.adam is optimizers.Adam
    assert optimizers.sgd is optimizers.SGD
    assert optimizers.get("adamw").weight_decay == 0.004


def test_state_is_read_and_written_as_arrays() -> None:
    variable = Variable([1.0, 2.0])
    first, second = optimizers.Adam(0.5), optimizers.Adam(0.1)
    first.apply([Tensor([1.0, -1.0])], [variable])
    second.build([variable])
    second.set_weights(first.get_weights())
    for one, other in zip(first.variables, second.variables, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())
    with pytest.raises(ArgumentError) as caught:
        optimizers.Adam().set_weights(first.get_weights())
    assert str(caught.value) == (
        "Adam.set_weights: expected 2 arrays, got 4. Call optimizer.build(variables) first."
    )
    with pytest.raises(ShapeError, match="expected a value of shape"):
        second.set_weights(first.get_weights()[::-1])


class Heavy(optimizers.Optimizer):
    """An optimizer as Keras's guide writes one."""

    def __init__(self, learning_rate: float = 0.01, momentum: float = 0.9, **keywords: Any) -> None:
        super().__init__(learning_rate=learning_rate, **keywords)
        self.strength = momentum

    def build(self, variables: Any) -> None:
        super().build(variables)
        self.momentums = []
        for variable in variables:
            self.momentums.append(
                self.add_variable_from_reference(reference_variable=variable, name="momentum")
            )
        self.seconds, self.thirds = self.add_optimizer_variables(variables, ["a", "b"])

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        m = self.momentums[self._get_variable_index(variable)]
        self.assign(m, m * self.strength - gradient * learning_rate)
        self.assign_add(variable, m)
        self.assign_sub(self.seconds[0], gradient)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"momentum": self.strength}


def test_an_optimizer_written_for_keras_works() -> None:
    ours, theirs = Variable([1.0, 2.0], name="w"), Variable([1.0, 2.0], name="w")
    mine, real = Heavy(0.1), optimizers.SGD(0.1, momentum=0.9)
    for _ in range(3):
        mine.apply([Tensor([1.0, -1.0])], [ours])
        real.apply([Tensor([1.0, -1.0])], [theirs])
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-6)
    assert [v.name for v in mine.variables[2:]] == ["w_momentum", "w_a", "w_b"]
    assert Heavy.from_config(mine.get_config()).strength == 0.9
    assert pickle.loads(pickle.dumps(optimizers.Adam(0.5))).get_config()["learning_rate"] == 0.5
