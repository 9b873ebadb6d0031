"""The policy mixed_bfloat16: its names, what is rounded, and real Keras's answer."""

from __future__ import annotations

import re

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lernwerk
from lernwerk import config, layers, mixed_precision, models, ops, settings
from lernwerk.core import Tensor, Variable, autocast, gradient
from lernwerk.datasets import mnist
from lernwerk.errors import ArgumentError

RNG = np.random.default_rng(0)
EPSILON = 2.0**-8  # half of the distance between neighbours, relative to a number


@pytest.fixture
def mixed():
    """The policy mixed_bfloat16 for the layers that a test makes."""
    mixed_precision.set_global_policy("mixed_bfloat16")
    yield
    mixed_precision.set_global_policy("float32")


def bfloat16(array):
    with np.errstate(all="ignore"):
        return np.asarray(array, "float32").astype(ml_dtypes.bfloat16).astype("float32")


def is_rounded(array):
    return np.array_equal(bfloat16(array), array)


# ---- the operation


@given(st.lists(st.floats(width=32), min_size=1, max_size=20))
def test_rounding_is_that_of_bfloat16(values):
    x = np.array(values, "float32")
    np.testing.assert_array_equal(ops.round_bfloat16(x), bfloat16(x))


def test_rounding_takes_halves_to_the_even_neighbour():
    x = np.array([1 + EPSILON, 1 + 3 * EPSILON], "float32")
    np.testing.assert_array_equal(ops.round_bfloat16(x), np.float32([1, 1 + 4 * EPSILON]))


def test_gradient_is_rounded_too():
    x = Tensor(np.float32([1.0, 2.0]))
    g = np.float32([1.001, 3.003])
    (found,) = gradient(ops.round_bfloat16(x), [x], g)
    np.testing.assert_array_equal(found.numpy(), bfloat16(g))


# ---- the policies


def test_names_of_keras():
    assert mixed_precision.Policy is mixed_precision.DTypePolicy
    assert mixed_precision.global_policy() == mixed_precision.DTypePolicy("float32")
    config.set_dtype_policy("mixed_bfloat16")
    assert mixed_precision.dtype_policy().name == "mixed_bfloat16"
    assert mixed_precision.DTypePolicy().compute_dtype == "bfloat16"
    mixed_precision.set_global_policy(mixed_precision.Policy("float32"))
    assert config.dtype_policy().name == "float32"


@pytest.mark.parametrize("name", ["mixed_float16", "bfloat16", "mixed_bfloat"])
def test_other_names_are_refused_with_the_nearest(name):
    message = (
        f"dtype: expected float32, float64 or mixed_bfloat16, got '{name}'."
        " Did you mean 'mixed_bfloat16'?"
    )
    for ask in (mixed_precision.set_global_policy, lambda name: layers.Dense(2, dtype=name)):
        with pytest.raises(ArgumentError, match=re.escape(message)):
            ask(name)


def test_variables_stay_float32(mixed):
    layer = layers.Dense(3)
    layer.build_for((None, 4))
    assert layer.kernel.dtype == "float32"
    assert (layer.dtype, layer.variable_dtype, layer.compute_dtype) == (
        "float32", "float32", "bfloat16",
    )  # fmt: skip
    assert layers.Dense(3, dtype="float32").compute_dtype == "float32"


def test_one_layer_alone():
    layer = layers.Dense(3, dtype="mixed_bfloat16")
    y = layer(RNG.normal(size=(5, 4)).astype("float32")).numpy()
    assert is_rounded(y)
    assert y.dtype == np.float32
    assert not is_rounded(layers.Dense(3)(RNG.normal(size=(5, 4)).astype("float32")).numpy())


def test_a_float32_layer_inside_is_left_alone(mixed):
    model = models.Sequential([
        layers.Input((4,)), layers.Dense(8), layers.Activation("softmax", dtype="float32"),
    ])  # fmt: skip
    assert not is_rounded(model(RNG.normal(size=(5, 4)).astype("float32")).numpy())


def test_a_variable_can_stay_out():
    free, rounded = (Variable(np.float32(1.001), autocast=cast) for cast in (False, True))
    with autocast.autocast(True):
        assert (free + 0).numpy() == np.float32(1.001)
        assert (rounded + 0).numpy() == 1.0


def test_batch_normalization_computes_in_float32(mixed):
    layer = layers.BatchNormalization()
    layer.build_for((None, 3))
    layer.moving_mean.assign(np.float32([1.001, 2.002, 3.003]))
    x = bfloat16(RNG.normal(size=(6, 3)) * 3)
    expected = (x - layer.moving_mean.numpy()) / np.sqrt(np.float32(1.001))
    np.testing.assert_allclose(layer(x).numpy(), bfloat16(expected), rtol=2 * EPSILON)


def test_config_is_keras_s(mixed):
    written = layers.Dense(2).get_config()["dtype"]
    assert written["class_name"] == "DTypePolicy"
    assert layers.Dense.from_config(layers.Dense(2).get_config()).dtype_policy.is_mixed
    assert layers.Dense(2, dtype="float32").get_config()["dtype"] == "float32"


@pytest.mark.filterwarnings("ignore:__array__ implementation")  # inside Keras
def test_saved_models_keep_their_policy(tmp_path):
    keras = pytest.importorskip("keras")
    policy = {"dtype": "mixed_bfloat16"}
    model = models.Sequential([layers.Input((4,)), layers.Dense(3, **policy), layers.Dense(2)])
    model.save(tmp_path / "model.keras")
    ours = models.load_model(tmp_path / "model.keras")
    theirs = keras.saving.load_model(tmp_path / "model.keras")
    for each in (ours, theirs):
        assert [layer.dtype_policy.name for layer in each.layers] == ["mixed_bfloat16", "float32"]
    x = RNG.normal(size=(5, 4)).astype("float32")
    np.testing.assert_array_equal(ours.predict(x), model.predict(x))
    expected = np.asarray(theirs(x), "float32")
    np.testing.assert_allclose(ours.predict(x), expected, rtol=4 * EPSILON, atol=4 * EPSILON)
    theirs.save(tmp_path / "theirs.keras")
    again = models.load_model(tmp_path / "theirs.keras")
    assert [layer.dtype_policy.is_mixed for layer in again.layers] == [True, False]


# ---- training


def network(kinds):
    return [
        kinds.Input((8, 8, 2)), kinds.Conv2D(16, 3, activation="relu"), kinds.MaxPooling2D(),
        kinds.Flatten(), kinds.Dense(16, activation="tanh"), kinds.Dense(3, dtype="float32"),
    ]  # fmt: skip


def test_a_step_is_that_of_keras(mixed):
    """Both round at nearly the same places: differences are of the size of the roundings."""
    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(0)
    x, y = RNG.normal(size=(32, 8, 8, 2)).astype("float32"), RNG.normal(size=(32, 3))
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    try:
        theirs = keras.Sequential(network(keras.layers))
    finally:
        keras.mixed_precision.set_dtype_policy("float32")
    ours = models.Sequential(network(layers))
    ours.set_weights(theirs.get_weights())
    before = ours.get_weights()
    for package, model in ((keras, theirs), (lernwerk, ours)):
        model.compile(optimizer=package.optimizers.SGD(1.0), loss="mse")
    losses = [float(model.train_on_batch(x, y.astype("float32"))) for model in (ours, theirs)]
    np.testing.assert_allclose(*losses, rtol=4 * EPSILON)
    for old, a, b in zip(before, ours.get_weights(), theirs.get_weights(), strict=True):
        # Keras sums the gradient of the bias of a convolution over all pixels in bfloat16.
        tolerance = (20 if old.shape == (16,) else 6) * EPSILON
        np.testing.assert_allclose(a - old, b - old, atol=tolerance * abs(b - old).max())


@pytest.mark.parametrize("kind", [layers.SimpleRNN, layers.GRU, layers.LSTM])
def test_recurrent_layers_are_keras_s(mixed, kind):
    keras = pytest.importorskip("keras")
    ours = kind(5, return_sequences=True)
    theirs = getattr(keras.layers, kind.__name__)(5, return_sequences=True, dtype="mixed_bfloat16")
    x = RNG.normal(size=(3, 6, 4)).astype("float32")
    ours.build_for(x.shape)
    expected = theirs.build(x.shape) or theirs.set_weights(ours.get_weights()) or theirs(x)
    y = ours(x).numpy()
    assert is_rounded(y)
    np.testing.assert_allclose(y, np.asarray(expected, "float32"), atol=8 * EPSILON)


def test_engines_agree(mixed, monkeypatch):
    """The native engine rounds where NumPy does; only the order of sums differs."""
    x = RNG.normal(size=(64, 12, 24)).astype("float32")
    y = RNG.integers(0, 10, 64)
    found = []
    for engine in ("numpy", "native"):
        lernwerk.settings.set("engine", engine)
        try:
            lernwerk.utils.set_random_seed(3)
            model = models.Sequential([
                layers.Input((12, 24)), layers.LSTM(32), layers.Dense(64, activation="relu"),
                layers.Dropout(0.2), layers.Dense(10, dtype="float32"),
            ])  # fmt: skip
            model.compile("sgd", "mse")
            before = model.get_weights()
            model.fit(x, np.eye(10, dtype="float32")[y], batch_size=64, verbose=0, shuffle=False)
        except ImportError:
            pytest.skip("the native engine is not built")
        finally:
            lernwerk.settings.set("engine", None)
        found.append([b - a for a, b in zip(before, model.get_weights(), strict=True)])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, atol=6 * EPSILON * abs(a).max())


@pytest.mark.slow
@pytest.mark.skipif(
    settings.get("data") is None,
    reason="LERNWERK_DATA is not set: no MNIST without a download",
)
def test_accuracy_is_that_of_float32():
    """A network of two convolutions on a part of MNIST: within 0.2 points, as a mean of two."""
    (x, y), (x_test, y_test) = mnist.load_data()
    x, x_test = (np.float32(each[..., None]) / 255 for each in (x[:12000], x_test))
    accuracy = {"float32": 0.0, "mixed_bfloat16": 0.0}
    for policy in accuracy:
        for seed in (1, 2):
            lernwerk.utils.set_random_seed(seed)
            kind = {"dtype": policy}
            model = models.Sequential([
                layers.Input((28, 28, 1)), layers.Conv2D(32, 3, activation="relu", **kind),
                layers.Conv2D(64, 3, activation="relu", **kind), layers.MaxPooling2D(2, **kind),
                layers.Dropout(0.25, **kind), layers.Flatten(**kind),
                layers.Dense(128, activation="relu", **kind), layers.Dropout(0.5, **kind),
                layers.Dense(10, activation="softmax", **kind),
            ])  # fmt: skip
            model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
            model.fit(x, y[:12000], batch_size=128, epochs=3, verbose=0)
            accuracy[policy] += model.evaluate(x_test, y_test, verbose=0)[1] / 2
    assert accuracy["mixed_bfloat16"] > accuracy["float32"] - 0.002
