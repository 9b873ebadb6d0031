"""The initializers against their formulas and real Keras: spread, bounds, seeds, configs."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from lernwerk import initializers, layers, ops
from lernwerk.configurable import deserialize, serialize
from lernwerk.core.random import RandomStream, set_random_seed
from lernwerk.core.tensor import Tensor
from lernwerk.errors import ArgumentError, ShapeError
from lernwerk.initializers import initializer

SHAPE = (120, 250)
RANDOM: list[tuple[str, dict[str, Any]]] = [
    ("RandomNormal", {}),
    ("RandomNormal", {"mean": 1.0, "stddev": 2.0}),
    ("RandomUniform", {}),
    ("RandomUniform", {"minval": 1.0, "maxval": 3.0}),
    ("TruncatedNormal", {"mean": 0.5, "stddev": 0.3}),
    ("VarianceScaling", {}),
    ("VarianceScaling", {"scale": 3.0, "mode": "fan_out", "distribution": "uniform"}),
    ("VarianceScaling", {"mode": "fan_avg", "distribution": "untruncated_normal"}),
    ("VarianceScaling", {"distribution": "Normal"}),
    ("GlorotUniform", {}),
    ("GlorotNormal", {}),
    ("HeNormal", {}),
    ("HeUniform", {}),
    ("LecunNormal", {}),
    ("LecunUniform", {}),
    ("Orthogonal", {"gain": 2.0}),
]
CONSTANT: list[tuple[str, dict[str, Any]]] = [
    ("Zeros", {}),
    ("Ones", {}),
    ("Constant", {"value": 2.5}),
    ("Identity", {"gain": 2.0}),
]


def _both(keras: Any, name: str, arguments: dict[str, Any]) -> tuple[Any, Any]:
    return getattr(initializers, name)(**arguments), getattr(keras.initializers, name)(**arguments)


@pytest.mark.parametrize(("name", "arguments"), RANDOM)
def test_the_distribution_is_that_of_keras(
    keras: Any, name: str, arguments: dict[str, Any]
) -> None:
    ours, theirs = _both(keras, name, arguments | {"seed": 11})
    own, other = (np.float64(made(SHAPE)).ravel() for made in (ours, theirs))
    error = other.std() / math.sqrt(other.size)
    assert own.mean() == pytest.approx(other.mean(), abs=6 * error)
    assert own.std() == pytest.approx(other.std(), rel=0.03)
    if name != "Orthogonal":  # its elements are not independent
        assert stats.ks_2samp(own, other).pvalue > 1e-4


FORMULAS = [
    ("GlorotUniform", math.sqrt(6 / 370), math.sqrt(2 / 370)),
    ("HeUniform", math.sqrt(6 / 120), math.sqrt(2 / 120)),
    ("LecunUniform", math.sqrt(3 / 120), math.sqrt(1 / 120)),
    ("GlorotNormal", 2 * math.sqrt(2 / 370) / 0.8796, math.sqrt(2 / 370)),
    ("HeNormal", 2 * math.sqrt(2 / 120) / 0.8796, math.sqrt(2 / 120)),
    ("LecunNormal", 2 * math.sqrt(1 / 120) / 0.8796, math.sqrt(1 / 120)),
]


@pytest.mark.parametrize(("name", "bound", "deviation"), FORMULAS)
def test_bounds_and_deviation_are_those_of_the_formula(
    name: str, bound: float, deviation: float
) -> None:
    drawn = getattr(initializers, name)(seed=2)(SHAPE).numpy()
    assert 0.98 * bound < np.abs(drawn).max() <= bound * 1.0001
    assert drawn.std() == pytest.approx(deviation, rel=0.02)


def test_truncation_is_by_drawing_again() -> None:
    drawn = initializers.TruncatedNormal(stddev=1.0, seed=4)((20000,)).numpy()
    assert np.abs(drawn).max() <= 2.0
    assert stats.kstest(drawn, stats.truncnorm(-2, 2).cdf).pvalue > 1e-3
    assert len(np.unique(drawn)) > 19900  # clipping would pile up at the bounds


FANS = [(), (7,), (3, 4), (5, 3, 4), (2, 3, 4, 6), (2, 2, 2, 3, 5)]


@pytest.mark.parametrize("shape", FANS)
def test_fans_are_those_of_keras(keras: Any, shape: tuple[int, ...]) -> None:
    from keras.src.initializers.random_initializers import compute_fans

    assert initializers.compute_fans(shape) == compute_fans(shape)
    assert initializers.compute_fans((2, 3, 4), [0, 1], [2]) == (6, 4)


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (3, 2, 4), (5, 5)])
def test_orthogonal(shape: tuple[int, ...]) -> None:
    matrix = initializers.Orthogonal(seed=1)(shape, "float64").numpy().reshape(-1, shape[-1])
    rows, columns = matrix.shape
    product = matrix @ matrix.T if rows < columns else matrix.T @ matrix
    np.testing.assert_allclose(product, np.eye(min(rows, columns)), atol=1e-12)


@pytest.mark.parametrize(("name", "arguments"), CONSTANT)
def test_constants_are_those_of_keras(keras: Any, name: str, arguments: dict[str, Any]) -> None:
    ours, theirs = _both(keras, name, arguments)
    np.testing.assert_array_equal(ours((3, 4)).numpy(), np.asarray(theirs((3, 4))))
    assert ours((2, 2), "float64").dtype == np.float64


def test_an_array_is_a_constant() -> None:
    values = np.arange(6.0).reshape(2, 3)
    for identifier in (values, Tensor(values)):
        made = initializers.get(identifier)((2, 3))
        np.testing.assert_array_equal(made.numpy(), np.float32(values))
    again = deserialize(serialize(initializers.Constant(values)), "initializers")
    np.testing.assert_array_equal(again((2, 3)).numpy(), np.float32(values))


@pytest.mark.parametrize(("name", "arguments"), RANDOM)
def test_seeds(name: str, arguments: dict[str, Any]) -> None:
    kind = getattr(initializers, name)

    def drawn(seed: Any, times: int = 1) -> Any:
        initializer = kind(**arguments, seed=seed)
        return [initializer((3, 4)).numpy() for _ in range(times)][-1]

    np.testing.assert_array_equal(drawn(5), drawn(5))
    np.testing.assert_array_equal(drawn(5), drawn(5, times=2))  # as in Keras
    assert (drawn(5) != drawn(6)).any()
    set_random_seed(1)
    first, second = drawn(None), drawn(None)
    assert (first != second).any()
    set_random_seed(1)
    np.testing.assert_array_equal(drawn(None), first)
    set_random_seed(1)
    assert (drawn(None, times=2) != first).any()  # its own stream moves on
    stream = RandomStream(5)
    np.testing.assert_array_equal(drawn(stream), drawn(5))
    assert (drawn(stream) != drawn(5)).any()


@pytest.mark.parametrize(("name", "arguments"), RANDOM + CONSTANT)
def test_configs_are_those_of_keras(keras: Any, name: str, arguments: dict[str, Any]) -> None:
    seed = {"seed": 3} if (name, arguments) in RANDOM else {}
    ours, theirs = _both(keras, name, arguments | seed)
    expected = {
        k: v for k, v in theirs.get_config().items() if k not in ("input_axes", "output_axes")
    }
    forgotten = arguments if name == "Identity" else {}
    assert ours.get_config() == expected | forgotten
    again = deserialize(serialize(ours), "initializers")
    np.testing.assert_array_equal(again((3, 4)).numpy(), ours((3, 4)).numpy())
    assert type(deserialize(keras.initializers.serialize(theirs), "initializers")) is type(ours)


def test_axes_are_written_where_they_are_given() -> None:
    made = initializers.GlorotUniform(input_axes=[0], output_axes=[1, 2])
    assert made.get_config() == {"seed": None, "input_axes": [0], "output_axes": [1, 2]}


def test_seed_generators_of_keras_are_read(keras: Any) -> None:
    theirs = keras.initializers.RandomNormal(seed=keras.random.SeedGenerator(9))
    ours = deserialize(keras.initializers.serialize(theirs), "initializers")
    assert ours.get_config()["seed"] == 9
    assert initializers.HeNormal(RandomStream(3)).get_config() == {"seed": None}


def test_names_are_those_of_keras(keras: Any) -> None:
    for name in initializers.NAMES:
        found = initializers.get(name)
        if name != "constant":  # Keras demands a value here
            assert type(keras.initializers.get(name)).__name__ == type(found).__name__
        assert getattr(initializers, name) is type(found)
        assert type(initializers.get(type(found).__name__)) is type(found)
    for alias in ("zero", "one", "normal", "uniform"):
        assert (
            type(keras.initializers.get(alias)).__name__ == type(initializers.get(alias)).__name__
        )
    assert initializers.get(None) is None


def test_other_names_and_written_forms(keras: Any) -> None:
    assert initializers.glorot_uniform(seed=0).get_config() == {"seed": 0}
    assert initializers.normal is initializers.RandomNormal
    assert initializers.IdentityInitializer is initializers.Identity
    assert type(initializers.deserialize("he_normal")) is initializers.HeNormal
    ours, theirs = initializers.Orthogonal(2.0, seed=4), keras.initializers.Orthogonal(2.0, seed=4)
    here = initializers.deserialize(json.loads(json.dumps(keras.initializers.serialize(theirs))))
    there = keras.initializers.deserialize(json.loads(json.dumps(initializers.serialize(ours))))
    assert here.get_config() == there.get_config() == ours.get_config()
    np.testing.assert_array_equal(here.clone()((3, 3)).numpy(), ours((3, 3)).numpy())


def test_a_function_is_an_initializer() -> None:
    def twos(shape: Any, dtype: Any = None) -> Any:
        return np.full(shape, 2, dtype)

    assert initializers.get(twos) is twos
    layer = layers.Dense(2, kernel_initializer=twos)
    layer(np.ones((1, 3), "float32"))
    assert (layer.get_weights()[0] == 2).all()


@pytest.mark.parametrize("name", sorted(initializers.NAMES))
def test_no_type_is_float32(name: str) -> None:
    assert initializers.get(name)((2, 2), dtype=None).dtype == np.float32


def test_messages() -> None:
    cases: list[tuple[type[Exception], Any, str]] = [
        (
            ArgumentError,
            lambda: initializers.get("glorot_unifrom"),
            "initializers: expected the name of a known initializer, got 'glorot_unifrom'. Did"
            " you mean 'glorot_uniform'?",
        ),
        (
            ArgumentError,
            lambda: initializers.VarianceScaling(0.0),
            "VarianceScaling: expected scale to be a number > 0, got 0.0.",
        ),
        (
            ArgumentError,
            lambda: initializers.VarianceScaling(mode="fan_on"),
            "VarianceScaling: expected the name of a known mode, got 'fan_on'. Did you mean"
            " 'fan_in'?",
        ),
        (
            ArgumentError,
            lambda: initializers.VarianceScaling(distribution="uniforn"),
            "VarianceScaling: expected the name of a known distribution, got 'uniforn'. Did you"
            " mean 'uniform'?",
        ),
        (
            ArgumentError,
            lambda: initializers.HeNormal(-1),
            "HeNormal: expected seed to be an integer in [0, 18446744073709551615], got -1.",
        ),
        (
            ArgumentError,
            lambda: initializers.RandomNormal(stddev=-1.0),
            "RandomNormal: expected stddev to be a number >= 0, got -1.0.",
        ),
        (
            ArgumentError,
            lambda: initializers.RandomUniform(1.0, 0.0),
            "RandomUniform: expected maxval to be a number >= 1.0, got 0.0.",
        ),
        (
            ArgumentError,
            lambda: initializers.Zeros()((2, None)),
            "Zeros: expected a shape of lengths >= 0, got (2, None).",
        ),
        (
            ShapeError,
            lambda: initializers.Identity()((2, 2, 2)),
            "Identity: expected a matrix (2 axes), got (2, 2, 2).",
        ),
        (
            ShapeError,
            lambda: initializers.Orthogonal()((3,)),
            "Orthogonal: expected a shape of at least 2 axes, got (3,).",
        ),
        (
            ShapeError,
            lambda: initializers.Constant([1.0, 2.0])((3,)),
            "Constant: expected a value for weights of shape (3,), got (2,).",
        ),
    ]
    for kind, action, text in cases:
        with pytest.raises(kind) as caught:
            action()
        assert str(caught.value) == text


def test_many_numbers_are_those_that_few_at_a_time_would_be():
    """Large weights are drawn by the engine; it must not show."""
    shape = (700, 801)  # more than initializer._MANY
    assert math.prod(shape) > initializer._MANY
    found = initializers.GlorotUniform(seed=4)(shape).numpy()
    drawn = ops.random_uniform(RandomStream(4).next(), shape=shape, dtype="float32").numpy()
    limit = np.float32(math.sqrt(3.0) * math.sqrt(2.0 / sum(shape)))
    np.testing.assert_array_equal(found, (drawn * 2 - 1) * limit)
