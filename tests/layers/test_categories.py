"""CategoryEncoding, Discretization, Normalization and Rescaling against Keras's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lernwerk import layers
from lernwerk.core import compiled
from lernwerk.errors import ArgumentError, DataError, ShapeError, UsageError
from lernwerk.utils import Dataset


@pytest.mark.parametrize("mode", ["one_hot", "multi_hot", "count"])
@pytest.mark.parametrize("shape", [(5, 4), (5, 1), (5,), ()])
def test_category_encoding_is_keras_s(keras: Any, mode: str, shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).integers(0, 6, shape)
    options = {"num_tokens": 6, "output_mode": mode}
    expected = np.asarray(keras.layers.CategoryEncoding(**options)(x))
    layer = layers.CategoryEncoding(**options)
    found = layer(x).numpy()
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected)
    if shape:
        np.testing.assert_array_equal(compiled(lambda x: layer(x))(x).numpy(), expected)


def test_counts_may_be_weighed(keras: Any) -> None:
    x, weights = np.array([[0, 1], [0, 0], [3, 1]]), np.array([[0.1, 0.2], [0.1, 0.1], [0.4, 0.2]])
    real = keras.layers.CategoryEncoding(4, "count")(x, count_weights=weights)
    layer = layers.CategoryEncoding(4, "count")
    np.testing.assert_allclose(layer(x, count_weights=weights).numpy(), real, rtol=1e-6)
    with pytest.raises(ArgumentError, match="count_weights for output_mode='count' only"):
        layers.CategoryEncoding(4)(x, count_weights=weights)


def test_numbers_that_are_no_category() -> None:
    layer = layers.CategoryEncoding(3, name="kinds")
    assert layer(np.array([[0, 7, -1, 2]])).numpy().tolist() == [[1, 0, 1]]
    with pytest.raises(DataError) as beyond:
        layer.check_data(np.array([[0, 7]]))
    assert str(beyond.value) == (
        "kinds: expected whole numbers from 0 to 2, got 7. Give num_tokens=8."
    )
    with pytest.raises(ArgumentError, match=r"expected num_tokens, got None. Where it is not know"):
        layers.CategoryEncoding()


@pytest.mark.parametrize("mode", ["int", "one_hot", "multi_hot", "count"])
def test_discretization_is_keras_s(keras: Any, mode: str) -> None:
    x = np.array([[-1.5, 1.0, 3.4, 0.5], [0.0, 3.0, 1.3, 0.0]], "float32")
    options = {"bin_boundaries": [0.0, 1.0, 2.0], "output_mode": mode}
    expected = np.asarray(keras.layers.Discretization(**options)(x))
    layer = layers.Discretization(**options)
    found = layer(x).numpy()
    assert found.dtype == (np.int32 if mode == "int" else np.float32)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(compiled(lambda x: layer(x))(x).numpy(), expected)


@pytest.mark.parametrize(("count", "bins", "epsilon"), [(8, 4, 0.01), (1000, 5, 0.01),
                                                        (357, 10, 0.05), (50, 3, 0.3)])  # fmt: skip
def test_boundaries_are_learnt_as_keras_learns_them(
    keras: Any, count: int, bins: int, epsilon: float
) -> None:
    x = np.random.default_rng(0).normal(size=(count, 2)).astype("float32")
    real = keras.layers.Discretization(num_bins=bins, epsilon=epsilon)
    for part in np.array_split(x, 3):
        real.update_state(part)
    real.finalize_state()
    layer = layers.Discretization(num_bins=bins, epsilon=epsilon)
    layer.adapt(Dataset.from_generator(lambda: np.array_split(x, 3)))
    np.testing.assert_allclose(layer.bin_boundaries, real.bin_boundaries, rtol=1e-6)
    again = layers.Discretization.from_config(layer.get_config())
    assert again.bin_boundaries == layer.bin_boundaries
    layer.adapt(x)
    shares = np.bincount(layer(x).numpy().reshape(-1), minlength=bins) / x.size
    assert np.abs(shares - 1 / bins).max() < 0.07 + epsilon


def test_messages_of_discretization() -> None:
    with pytest.raises(ArgumentError, match="expected bin_boundaries or num_bins, got neither"):
        layers.Discretization()
    with pytest.raises(UsageError) as early:
        layers.Discretization(num_bins=3, name="d")(np.ones((2, 2)))
    assert str(early.value) == "d: expected bin_boundaries, got none yet. Call adapt(data) first."
    with pytest.raises(UsageError, match=r"d\.adapt: expected a layer with num_bins, got one with"):
        layers.Discretization([1.0], name="d").adapt([1.0])
    with pytest.raises(DataError, match=r"d\.adapt: expected numbers, got none"):
        layers.Discretization(num_bins=2, name="d").adapt([])


@pytest.mark.parametrize("axis", [-1, None, 1, (1, 2), (-1, 1)])
@pytest.mark.parametrize("invert", [False, True])
def test_normalization_is_keras_s(keras: Any, axis: Any, invert: bool) -> None:
    x = np.random.default_rng(0).normal(3, 2, (20, 3, 4)).astype("float32")
    real = keras.layers.Normalization(axis=axis, invert=invert)
    real.adapt(x)
    layer = layers.Normalization(axis=axis, invert=invert)
    layer.adapt(x)
    assert [w.shape for w in layer.weights] == [tuple(w.shape) for w in real.weights]
    np.testing.assert_allclose(layer(x).numpy(), real(x), rtol=1e-4, atol=1e-5)
    batches = layers.Normalization(axis=axis, invert=invert)
    batches.adapt(Dataset.from_tensor_slices((x, x[:, 0])).batch(7))
    for one, other in zip(batches.get_weights(), layer.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)
    assert np.asarray(layers.Normalization.from_config(real.get_config()).axis).tolist() == list(
        real.axis
    )


@pytest.mark.parametrize(
    ("axis", "mean", "variance"),
    [(-1, 2.0, 4.0), (-1, [1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0]), (None, 1.0, 9.0),
     ((1, 2), np.arange(12.0).reshape(3, 4), np.ones((3, 4))), (1, [1.0, 2.0, 3.0], [4.0] * 3)],
)  # fmt: skip
def test_given_statistics_are_spread_as_in_keras(
    keras: Any, axis: Any, mean: Any, variance: Any
) -> None:
    x = np.random.default_rng(0).normal(3, 2, (2, 3, 4)).astype("float32")
    options = {"axis": axis, "mean": mean, "variance": variance}
    expected = np.asarray(keras.layers.Normalization(**options)(x))
    np.testing.assert_allclose(layers.Normalization(**options)(x).numpy(), expected, rtol=1e-5)


def test_messages_of_normalization() -> None:
    with pytest.raises(ShapeError, match=r"n: expected inputs with the axes \(3,\), got \(None, 2"):
        layers.Normalization(axis=3, name="n")(np.ones((2, 2)))
    with pytest.raises(DataError, match=r"n\.adapt: expected at least one batch, got none"):
        layers.Normalization(name="n").adapt(iter([]))


def test_rescaling_with_a_number_for_each_channel(keras: Any) -> None:
    x = np.random.default_rng(0).uniform(0, 255, (2, 3, 3, 3)).astype("float32")
    for options in ({"scale": [1 / 255, 0.5, 2.0]},
                    {"scale": np.array([0.1, 0.2, 0.3]), "offset": [1.0, 2.0, 3.0]}):  # fmt: skip
        real = keras.layers.Rescaling(**options)
        layer = layers.Rescaling(**options)
        np.testing.assert_allclose(layer(x).numpy(), real(x), rtol=1e-5)
        for config in (layer.get_config(), real.get_config()):
            again = layers.Rescaling.from_config(config)
            np.testing.assert_array_equal(again(x).numpy(), layer(x).numpy())
