"""Every optimizer against real Keras: ten steps, eager and compiled; state, configs, messages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lernwerk import legacy, optimizers
from lernwerk.configurable import deserialize, serialize
from lernwerk.core.compiled import compiled
from lernwerk.core.tensor import Tensor
from lernwerk.core.variable import Variable
from lernwerk.errors import (
    ArgumentError,
    Range,
    ShapeError,
    UnknownArgumentError,
    UsageError,
)

CASES: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.7, "nesterov": True, "weight_decay": 0.05}),
    ("SGD", {"learning_rate": 0.1, "clipnorm": 0.5}),
    ("SGD", {"learning_rate": 0.1, "global_clipnorm": 0.5}),
    ("SGD", {"learning_rate": 0.1, "clipvalue": 0.3}),
    ("RMSprop", {}),
    ("RMSprop", {"learning_rate": 0.01, "rho": 0.8, "momentum": 0.5}),
    ("RMSprop", {"learning_rate": 0.01, "centered": True, "epsilon": 1e-3}),
    ("RMSprop", {"learning_rate": 0.01, "momentum": 0.5, "centered": True, "weight_decay": 0.1}),
    ("Adagrad", {}),
    ("Adagrad", {"learning_rate": 0.1, "initial_accumulator_value": 0.0, "epsilon": 1e-4}),
    ("Adadelta", {}),
    ("Adadelta", {"learning_rate": 1.0, "rho": 0.8, "epsilon": 1e-4}),
    ("Adam", {}),
    ("Adam", {"learning_rate": 0.01, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-4}),
    ("Adam", {"learning_rate": 0.01, "amsgrad": True, "clipvalue": 0.4}),
    ("Adam", {"learning_rate": 0.01, "weight_decay": 0.1, "global_clipnorm": 1.0}),
    ("Nadam", {}),
    ("Nadam", {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-4}),
    ("AdamW", {}),
    ("AdamW", {"learning_rate": 0.01, "weight_decay": 0.2, "amsgrad": True, "clipnorm": 1.0}),
    ("Adamax", {}),
    ("Adamax", {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-4}),
    ("Lion", {}),
    ("Lion", {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.95, "weight_decay": 0.1}),
    ("SGD", {"learning_rate": 0.1, "use_ema": True}),
    ("Adam", {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 3}),
    ("Lion", {"learning_rate": 0.01, "use_ema": True, "ema_overwrite_frequency": 1}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9, "gradient_accumulation_steps": 3}),
    ("Adam", {"gradient_accumulation_steps": 2, "clipnorm": 0.5, "weight_decay": 0.1}),
    ("Nadam", {"gradient_accumulation_steps": 4}),
    (
        "RMSprop",
        {
            "gradient_accumulation_steps": 3,
            "use_ema": True,
            "ema_momentum": 0.9,
            "ema_overwrite_frequency": 2,
            "loss_scale_factor": 8.0,
        },
    ),
    ("Adadelta", {"learning_rate": 0.5, "loss_scale_factor": 0.25}),
    ("Adagrad", {"learning_rate": 0.5, "gradient_accumulation_steps": 2}),
]
NAMES = ["SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "AdamW", "Adamax", "Nadam", "Lion"]
SHAPES = {"dense/kernel": (3, 4), "dense/bias": (4,), "scale": ()}


def _start() -> tuple[list[np.ndarray], list[list[np.ndarray]]]:
    """First values of the variables, and ten steps of gradients of very different sizes."""
    random = np.random.default_rng(7)

    def drawn(size: float) -> list[np.ndarray]:
        return [np.float32(size * random.normal(size=shape)) for shape in SHAPES.values()]

    return drawn(1.0), [drawn(10.0 ** random.uniform(-3, 1)) for _ in range(10)]


def _variables(values: list[np.ndarray]) -> list[Variable]:
    variables = []
    for path, value in zip(SHAPES, values, strict=True):
        variable = Variable(value, name=path.rsplit("/", 1)[-1])
        variable.path = path
        variables.append(variable)
    return variables


def _keras_run(keras: Any, name: str, arguments: dict[str, Any]) -> tuple[list[Any], Any]:
    first, steps = _start()
    variables = [keras.Variable(value) for value in first]
    optimizer = getattr(keras.optimizers, name)(**arguments)
    for gradients in steps:
        optimizer.apply([keras.ops.convert_to_tensor(g) for g in gradients], variables)
    return [np.asarray(v) for v in variables], optimizer


def _own_run(name: str, arguments: dict[str, Any], traced: bool) -> tuple[list[Any], Any]:
    first, steps = _start()
    variables = _variables(first)
    optimizer = getattr(optimizers, name)(**arguments)

    def step(gradients: list[Tensor]) -> None:
        optimizer.apply(gradients, variables)

    run = compiled(step) if traced else step
    for gradients in steps:
        run([Tensor(g) for g in gradients])
    return [v.numpy() for v in variables], optimizer


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_ten_steps_are_those_of_keras(keras: Any, name: str, arguments: dict[str, Any]) -> None:
    expected, theirs = _keras_run(keras, name, arguments)
    got, ours = _own_run(name, arguments, traced=False)
    for one, other in zip(got, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-5, atol=1e-7)
    for one, other in zip(ours.variables, theirs.variables, strict=True):
        np.testing.assert_allclose(one.numpy(), np.asarray(other), rtol=2e-5, atol=1e-7)


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_compiled_steps_are_the_eager_ones(
    agrees: Any, name: str, arguments: dict[str, Any]
) -> None:
    eager, first = _own_run(name, arguments, traced=False)
    traced, second = _own_run(name, arguments, traced=True)
    for one, other in zip(traced, eager, strict=True):
        agrees(one, other)
    for one, other in zip(second.variables, first.variables, strict=True):
        agrees(one.numpy(), other.numpy())


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_variables_have_the_order_shapes_and_types_of_keras(
    keras: Any, name: str, arguments: dict[str, Any]
) -> None:
    first, _ = _start()
    theirs = getattr(keras.optimizers, name)(**arguments, name="optimizer")
    named = []
    for path, value in zip(SHAPES, first, strict=True):
        variable = keras.Variable(value, name=path.rsplit("/", 1)[-1])
        variable._path = path
        named.append(variable)
    theirs.build(named)
    ours = getattr(optimizers, name)(**arguments, name="optimizer")
    ours.build(_variables(first))
    expected = [(v.path, tuple(v.shape), v.dtype) for v in theirs.variables]
    got = [(v.path, v.shape, v.dtype.name) for v in ours.variables]
    if name == "Nadam":  # its product has no name of its own in Keras
        assert expected[-1][1:] == got[-1][1:]
        expected, got = expected[:-1], got[:-1]
    assert got == expected
    assert not any(v.trainable for v in ours.variables)


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_config_is_that_of_keras(keras: Any, name: str, arguments: dict[str, Any]) -> None:
    theirs = getattr(keras.optimizers, name)(**arguments, name="optimizer")
    ours = getattr(optimizers, name)(**arguments, name="optimizer")
    assert ours.get_config() == theirs.get_config()
    again = deserialize(serialize(ours), "optimizers")
    assert type(again) is type(ours)
    assert again.get_config() == ours.get_config()
    other = getattr(keras.optimizers, name).from_config(ours.get_config())
    assert other.get_config() == ours.get_config()


def test_default_names_are_those_of_keras(keras: Any) -> None:
    for name in NAMES:
        keras.utils.clear_session()
        assert getattr(optimizers, name)().name == getattr(keras.optimizers, name)().name


def test_float64_variables_are_updated_in_float64() -> None:
    for name in NAMES:
        variable = Variable(np.ones(3), dtype="float64")
        optimizer = getattr(optimizers, name)(0.5)
        optimizer.apply([np.full(3, 1e-9)], [variable])
        assert {v.dtype.name for v in optimizer.variables[2:]} <= {"float64"}
        assert (variable.numpy() != 1.0).all()


def test_a_gradient_of_none_leaves_its_variable_alone() -> None:
    for name in NAMES:
        first, second = Variable([1.0, 2.0]), Variable([3.0])
        optimizer = getattr(optimizers, name)(0.1)
        optimizer.apply([None, Tensor([1.0])], [first, second])
        np.testing.assert_array_equal(first.numpy(), np.float32([1, 2]))
        assert second.numpy() != 3.0
        assert int(optimizer.iterations) == 1


def test_apply_takes_a_part_of_the_variables_it_was_built_for() -> None:
    first, second = Variable([1.0]), Variable([1.0])
    optimizer = optimizers.Adam(0.1)
    optimizer.build([first, second])
    optimizer.apply([Tensor([1.0])], [second])
    assert first.numpy() == 1.0
    assert second.numpy() < 1.0
    optimizer.apply_gradients([(Tensor([1.0]), first)])
    assert first.numpy() < 1.0
    optimizer.apply([Tensor([1.0]), Tensor([1.0])])
    assert int(optimizer.iterations) == 3


def test_nothing_happens_without_gradients() -> None:
    optimizer = optimizers.SGD()
    optimizer.apply([], [])
    assert int(optimizer.iterations) == 0


def test_learning_rate_can_be_read_and_assigned() -> None:
    variable = Variable([1.0])
    optimizer = optimizers.SGD(0.5)
    step = compiled(lambda g: optimizer.apply([g], [variable]))
    step(np.float32([1.0]))
    assert variable.numpy() == 0.5
    optimizer.learning_rate = np.float32(0.25)
    step(np.float32([1.0]))
    assert variable.numpy() == 0.25
    optimizer.lr = 0
    step(np.float32([1.0]))
    assert variable.numpy() == 0.25
    assert float(optimizer.learning_rate) == float(optimizer.lr) == 0.0
    optimizer.learning_rate.assign(1.0)
    assert optimizer.get_config()["learning_rate"] == 1.0


def test_lr_is_taken_as_learning_rate_with_a_note() -> None:
    legacy.NOTES.clear()
    optimizer = optimizers.Adam(lr=0.5)
    assert float(optimizer.learning_rate) == 0.5
    assert legacy.NOTES == {"Adam(lr=)": "learning_rate"}


def test_decay_divides_the_rate_as_in_keras_2() -> None:
    variable = Variable([0.0])
    optimizer = optimizers.SGD(0.6, decay=0.5)
    for _ in range(3):  # rates 0.6, 0.6 / 1.5, 0.6 / 2
        optimizer.apply([Tensor([1.0])], [variable])
    np.testing.assert_allclose(variable.numpy(), [-(0.6 + 0.4 + 0.3)], rtol=1e-6)
    assert optimizers.SGD.from_config(optimizer.get_config()).decay == 0.5
    assert "decay" not in optimizers.SGD(decay=0.0).get_config()


def test_epsilon_none_is_the_default() -> None:
    for name in set(NAMES) - {"SGD", "Lion"}:
        assert getattr(optimizers, name)(epsilon=None).epsilon == 1e-7


RANGES = [
    ("SGD", "momentum", Range(0, 1), 1.5),
    ("RMSprop", "rho", Range(0, 1, high_included=False), 1.0),
    ("Adagrad", "initial_accumulator_value", Range(0), -0.1),
    ("Adadelta", "epsilon", Range(0), -1e-7),
    ("Adam", "beta_1", Range(0, 1, high_included=False), 1),
    ("Nadam", "beta_2", Range(0, 1, high_included=False), -0.5),
    ("SGD", "learning_rate", Range(0), -0.1),
    ("SGD", "weight_decay", Range(0), -1),
    ("SGD", "clipnorm", Range(0), "1"),
]


@pytest.mark.parametrize(("name", "key", "allowed", "value"), RANGES)
def test_values_out_of_range_are_refused(name: str, key: str, allowed: Range, value: Any) -> None:
    with pytest.raises(ArgumentError) as caught:
        getattr(optimizers, name)(**{key: value})
    assert str(caught.value) == f"{name}: expected {key} to be {allowed}, got {value!r}."


def test_messages() -> None:
    optimizer = optimizers.SGD()
    variable, other = Variable([1.0, 2.0], name="w"), Variable([1.0], name="b")
    cases: list[tuple[type[Exception], Any, str]] = [
        (
            UnknownArgumentError,
            lambda: optimizers.Adam(beta1=0.9),
            "Adam: expected known arguments, got 'beta1'. Did you mean 'beta_1'?",
        ),
        (
            UnknownArgumentError,
            lambda: optimizers.SGD.from_config({"momentun": 0.9}),
            "SGD: expected known arguments, got 'momentun'. Did you mean 'momentum'?",
        ),
        (
            ArgumentError,
            lambda: optimizers.SGD(clipnorm=1.0, clipvalue=1.0),
            "SGD: expected at most one of clipnorm, clipvalue, global_clipnorm, got clipnorm and"
            " clipvalue. Leave one out.",
        ),
        (
            ArgumentError,
            lambda: optimizers.SGD(gradient_accumulation_steps=1),
            "SGD: expected gradient_accumulation_steps to be an integer >= 2, got 1.",
        ),
        (
            ArgumentError,
            lambda: optimizers.SGD(ema_overwrite_frequency=0),
            "SGD: expected ema_overwrite_frequency to be an integer >= 1, got 0.",
        ),
        (
            ArgumentError,
            lambda: optimizers.SGD(loss_scale_factor=0.0),
            "SGD: expected loss_scale_factor to be a number > 0, got 0.0.",
        ),
        (
            ArgumentError,
            lambda: optimizers.AdamW(weight_decay=None),
            "AdamW: expected weight_decay to be a number >= 0, got None. Adam is the optimizer"
            " without it.",
        ),
        (
            ArgumentError,
            lambda: optimizers.SGD(None),
            "SGD: expected learning_rate to be a number >= 0, got None.",
        ),
        (
            ArgumentError,
            lambda: setattr(optimizer, "learning_rate", -1.0),
            "SGD: expected learning_rate to be a number >= 0, got -1.0.",
        ),
        (
            UsageError,
            lambda: optimizer.apply([Tensor([1.0])]),
            "SGD: expected variables, got gradients only. Call optimizer.apply(gradients,"
            " variables) or optimizer.build(variables) first.",
        ),
        (
            UsageError,
            lambda: optimizer.apply([None], [variable]),
            "SGD: expected a gradient for at least one variable, got None for all of them. Does"
            " the loss depend on the variables?",
        ),
        (
            ArgumentError,
            lambda: optimizer.apply([Tensor([1.0])], [variable, other]),
            "SGD: expected 2 gradients, got 1.",
        ),
        (
            ShapeError,
            lambda: optimizer.apply([Tensor([1.0])], [variable]),
            "SGD: expected a gradient of shape (2,) for w, got (1,).",
        ),
        (
            ArgumentError,
            lambda: optimizers.get("nadma"),
            "optimizers: expected the name of a known optimizer, got 'nadma'. Did you mean"
            " 'nadam'?",
        ),
    ]
    for kind, action, text in cases:
        with pytest.raises(kind) as caught:
            action()
        assert str(caught.value) == text
    optimizer.apply([Tensor([1.0, 1.0])], [variable])
    with pytest.raises(UsageError) as caught:
        optimizer.apply([Tensor([1.0])], [other])
    assert str(caught.value) == (
        "SGD: expected the variables it was built for (w), got b. Make a new optimizer, or compile"
        " the model again."
    )


def test_get() -> None:
    for name in NAMES:
        kind = getattr(optimizers, name)
        assert type(optimizers.get(name)) is kind
        assert type(optimizers.get(name.lower())) is kind
        assert type(optimizers.get(kind)) is kind
        made = optimizers.get({"class_name": name, "config": {"learning_rate": 0.25}})
        assert type(made) is kind
        assert float(made.learning_rate) == 0.25
        assert optimizers.get(made) is made
    assert optimizers.get(None) is None
    with pytest.raises(ArgumentError, match="optimizers: expected an optimizer, got"):
        optimizers.get(len)


def test_a_class_of_the_user_gets_slots_and_a_name() -> None:
    class SignDescent(optimizers.Optimizer):
        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            variable.assign(variable - learning_rate * gradient / abs(gradient))

    variable = Variable([1.0, 1.0])
    optimizer = SignDescent(0.5)
    optimizer.apply([Tensor([3.0, -7.0])], [variable])
    np.testing.assert_array_equal(variable.numpy(), np.float32([0.5, 1.5]))
    assert optimizer.name == "sign_descent"
    with pytest.raises(NotImplementedError, match="Optimizer has no update_step"):
        optimizers.Optimizer().apply([Tensor([1.0])], [Variable([1.0])])
