"""The layers that act in training: statistics of their numbers, seeds, shared masks, messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lernwerk import layers
from lernwerk.core.gradient import gradient
from lernwerk.core.tensor import Tensor
from lernwerk.errors import ArgumentError, ShapeError

RANDOM = {
    "AlphaDropout": {"rate": 0.3}, "Dropout": {"rate": 0.3}, "GaussianDropout": {"rate": 0.3},
    "GaussianNoise": {"stddev": 0.3}, "SpatialDropout1D": {"rate": 0.3},
    "SpatialDropout2D": {"rate": 0.3}, "SpatialDropout3D": {"rate": 0.3},
}  # fmt: skip
RANKS = {"SpatialDropout2D": 4, "SpatialDropout3D": 5}
each_layer = pytest.mark.parametrize("name", list(RANDOM))


def numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def made(name: str, seed: int | None = 1, **options: Any) -> Any:
    return getattr(layers, name)(**{**RANDOM[name], "seed": seed, **options})


def example(name: str) -> np.ndarray:
    return numbers(*(6, 5, 4, 3, 7)[: RANKS.get(name, 3)])


@each_layer
def test_nothing_happens_outside_training(name: str) -> None:
    x = example(name)
    np.testing.assert_array_equal(made(name)(x).numpy(), x)
    np.testing.assert_array_equal(made(name)(x, training=False).numpy(), x)


@each_layer
def test_a_strength_of_zero_does_nothing(name: str) -> None:
    x, strength = example(name), dict.fromkeys(RANDOM[name], 0)
    np.testing.assert_array_equal(made(name, **strength)(x, training=True).numpy(), x)


@each_layer
def test_the_numbers_change_from_call_to_call_but_not_with_the_seed(name: str) -> None:
    x, first, second = example(name), made(name), made(name)
    a, b = (first(x, training=True).numpy() for _ in range(2))
    assert (a != b).any()
    np.testing.assert_array_equal(second(x, training=True).numpy(), a)
    assert (made(name, seed=2)(x, training=True).numpy() != a).any()


@pytest.mark.parametrize("name", ["AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise"])
def test_mean_and_spread_are_those_of_keras(keras: Any, name: str) -> None:
    x = numbers(400, 100)
    mine = made(name)(x, training=True).numpy()
    theirs = np.asarray(getattr(keras.layers, name)(**RANDOM[name], seed=1)(x, training=True))
    assert abs(mine.mean() - theirs.mean()) < 0.02
    assert abs(mine.std() - theirs.std()) < 0.02
    changed, known = mine - x, theirs - x
    assert abs(changed.std() - known.std()) < 0.02
    assert abs((changed**3).mean() - (known**3).mean()) < 0.1


def test_alpha_dropout_keeps_mean_and_variance_and_sets_one_value() -> None:
    x = numbers(400, 200)
    y = layers.AlphaDropout(0.4, seed=1)(x, training=True).numpy()
    values, counts = np.unique(y, return_counts=True)
    assert abs(counts.max() / y.size - 0.4) < 0.01
    assert abs(y.mean()) < 0.01
    assert abs(y.std() - 1) < 0.01
    kept = y != values[counts.argmax()]
    slopes, shift = np.polyfit(x[kept], y[kept], 1)
    p = -1.0507009873554805 * 1.6732632423543772
    a = (0.6 * (1 + 0.4 * p**2)) ** -0.5
    np.testing.assert_allclose((slopes, shift), (a, -a * p * 0.4), rtol=1e-4)


def test_gaussian_noise_is_normal() -> None:
    noise = layers.GaussianNoise(2.0, seed=3)(np.zeros((500, 200), "float32"), training=True)
    y = noise.numpy() / 2.0
    assert abs(y.mean()) < 0.01
    assert abs(y.std() - 1) < 0.01
    assert abs((y**4).mean() - 3) < 0.1  # the fourth moment of a normal number


@pytest.mark.parametrize("noise_shape", [(None, 1, 5), (1, 6, 1)])
def test_alpha_dropout_shares_its_mask(noise_shape: Any) -> None:
    x = np.ones((40, 6, 5), "float32")
    y = layers.AlphaDropout(0.5, noise_shape, seed=2)(x, training=True).numpy()
    for axis, length in enumerate(noise_shape):
        same = y == y.take([0], axis=axis)
        assert same.all() if length == 1 else not same.all()


@pytest.mark.parametrize(
    ("name", "shape", "options", "shared"),
    [
        ("SpatialDropout1D", (30, 6, 20), {}, (1,)),
        ("SpatialDropout2D", (30, 6, 5, 20), {}, (1, 2)),
        ("SpatialDropout2D", (30, 20, 6, 5), {"data_format": "channels_first"}, (2, 3)),
        ("SpatialDropout3D", (30, 2, 3, 4, 20), {}, (1, 2, 3)),
        ("SpatialDropout3D", (30, 20, 2, 3, 4), {"data_format": "channels_first"}, (2, 3, 4)),
    ],
)
def test_whole_channels_are_dropped(
    name: str, shape: tuple[int, ...], options: dict[str, Any], shared: tuple[int, ...]
) -> None:
    y = made(name, rate=0.4, **options)(np.ones(shape, "float32"), training=True).numpy()
    assert set(np.unique(y)) == {np.float32(0), np.float32(1 / np.float32(0.6))}
    assert (y.min(shared) == y.max(shared)).all()
    assert abs((y.max(shared) == 0).mean() - 0.4) < 0.08


def test_a_rate_of_one_leaves_zeros_as_in_keras(keras: Any) -> None:
    x = numbers(3, 4)
    mine = layers.Dropout(1.0)(x, training=True).numpy()
    np.testing.assert_array_equal(mine, np.asarray(keras.layers.Dropout(1.0)(x, training=True)))


def test_gradients_see_the_same_numbers() -> None:
    for name in RANDOM:
        x = Tensor(example(name))
        y = made(name)(x, training=True)
        (g,) = gradient(y.sum(), [x])
        again = made(name)
        more = again(Tensor(x.numpy() + 1e-2), training=True)
        np.testing.assert_allclose(((more.numpy() - y.numpy()) / 1e-2), g.numpy(), atol=1e-2)


def test_the_penalty_of_the_activity_is_that_of_keras(keras: Any) -> None:
    mine, real = (
        layers.ActivityRegularization(0.1, 0.2),
        keras.layers.ActivityRegularization(0.1, 0.2),
    )
    x = numbers(4, 3)
    np.testing.assert_array_equal(mine(x).numpy(), x)
    real(x)
    expected = 0.1 * np.abs(x).sum() + 0.2 * np.square(x).sum()
    np.testing.assert_allclose(mine.activity_regularizer(x).item(), expected, rtol=1e-5)


NAME = {"name": "layer"}


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: layers.GaussianNoise(-0.1, **NAME),
         "layer: expected stddev to be a number >= 0, got -0.1."),
        (lambda: layers.GaussianDropout(1.0, **NAME),
         "layer: expected rate to be a number in [0, 1), got 1.0."),
        (lambda: layers.Dropout(1.5, **NAME),
         "layer: expected rate to be a number in [0, 1], got 1.5."),
        (lambda: layers.SpatialDropout2D(0.5, data_format="last", **NAME),
         "layer: expected the name of a known data_format, got 'last'. "
         "Known: channels_first, channels_last."),
    ],
)  # fmt: skip
def test_arguments_that_are_refused(make: Callable[[], Any], text: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        make()
    assert str(refused.value) == text


def test_a_picture_is_no_sequence() -> None:
    with pytest.raises(ShapeError) as refused:
        layers.SpatialDropout1D(0.5, name="layer")(numbers(2, 3, 4, 5), training=True)
    assert str(refused.value).startswith(
        "layer: expected input (batch, steps, features), got (2, 3, 4, 5)."
    )
