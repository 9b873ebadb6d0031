"""fit, evaluate and predict against real Keras, from the same weights and in the same order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lernwerk
from lernwerk.core.random import set_random_seed
from lernwerk.names import reset_names

RANDOM = np.random.default_rng(5)
X = RANDOM.normal(size=(37, 6)).astype("float32")
CLASSES = RANDOM.integers(0, 3, 37)
ONE_HOT = np.eye(3, dtype="float32")[CLASSES]
NUMBER = (X @ RANDOM.normal(size=6) + 1).astype("float32")
BINARY = (NUMBER > 1).astype("float32")
WEIGHTS = RANDOM.uniform(0, 2, 37).astype("float32")


def dense(package: Any, units: int, activation: Any, **options: Any) -> Any:
    kinds = package.layers
    return package.Sequential([
        package.Input(shape=(6,)), kinds.Dense(5, activation="tanh", **options),
        kinds.Dense(units, activation=activation),
    ])  # fmt: skip


def pair(keras: Any, make: Any, optimizer: str, **compiled: Any) -> tuple[Any, Any]:
    """Our model and Keras's, with the same weights and settings."""
    mine, real = make(lernwerk), make(keras)
    real.set_weights(weights := mine.get_weights())
    assert all(np.isfinite(w).all() for w in weights)
    for package, model in ((lernwerk, mine), (keras, real)):
        kind = {"sgd": package.optimizers.SGD(0.1, momentum=0.9),
                "adam": package.optimizers.Adam(0.01)}[optimizer]  # fmt: skip
        model.compile(kind, **compiled)
    return mine, real


def assert_same_training(mine: Any, real: Any, *data: Any, **options: Any) -> None:
    options = {"epochs": 3, "batch_size": 8, "shuffle": False, "verbose": 0, **options}
    ours = mine.fit(*data, **options).history
    theirs = real.fit(*data, **options).history
    assert set(ours) == set(theirs)  # Keras sorts the names; here the loss comes first
    assert next(iter(ours)) == "loss"
    for name, expected in theirs.items():
        np.testing.assert_allclose(ours[name], expected, rtol=1e-4, atol=1e-6, err_msg=name)
    for one, other in zip(mine.get_weights(), real.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)
    y = data[:2]
    np.testing.assert_allclose(
        mine.evaluate(*y, batch_size=16, verbose=0), real.evaluate(*y, batch_size=16, verbose=0),
        rtol=1e-4,
    )  # fmt: skip
    np.testing.assert_allclose(
        mine.predict(data[0], batch_size=10, verbose=0), real.predict(data[0], verbose=0),
        rtol=1e-3, atol=1e-4,
    )  # fmt: skip


FITS: dict[str, tuple[int, Any, dict[str, Any], Any, dict[str, Any]]] = {
    "regression, sgd": (1, None, {"loss": "mse", "metrics": ["mae"]}, NUMBER, {}),
    "binary, accuracy": (
        1, "sigmoid", {"loss": "binary_crossentropy", "metrics": ["accuracy"]}, BINARY, {}),
    "sparse, acc, sample weights": (
        3, "softmax", {"loss": "sparse_categorical_crossentropy", "metrics": ["acc"]}, CLASSES,
        {"sample_weight": WEIGHTS}),
    "one-hot, class weights, tail for validation": (
        3, "softmax", {"loss": "categorical_crossentropy", "metrics": ["accuracy", "mse"]},
        ONE_HOT, {"class_weight": {0: 1.0, 1: 2.0, 2: 0.5}, "validation_split": 0.3}),
    "validation data with weights": (
        1, None, {"loss": "mse", "metrics": ["mae"]}, NUMBER,
        {"validation_data": (X[:9], NUMBER[:9], WEIGHTS[:9]), "validation_batch_size": 4}),
    "one batch of all": (1, None, {"loss": "huber"}, NUMBER, {"batch_size": 64}),
}  # fmt: skip


@pytest.mark.parametrize(("case", "optimizer"), [
    (case, "adam" if i % 2 else "sgd") for i, case in enumerate(FITS)
])  # fmt: skip
def test_losses_of_three_epochs_are_those_of_keras(keras: Any, case: str, optimizer: str) -> None:
    set_random_seed(3)
    units, activation, compiled, y, options = FITS[case]
    mine, real = pair(keras, lambda p: dense(p, units, activation), optimizer, **compiled)
    assert_same_training(mine, real, X, y, **options)


def test_regularizers_count_in_training_and_evaluation(keras: Any) -> None:
    set_random_seed(4)

    def make(package: Any) -> Any:
        return dense(package, 1, None, kernel_regularizer="l2",
                     bias_regularizer=package.regularizers.L1L2(0.0, 0.1))  # fmt: skip

    mine, real = pair(keras, make, "sgd", loss="mse")
    assert_same_training(mine, real, X, NUMBER)
    plain = np.mean((mine.predict(X)[:, 0] - NUMBER) ** 2)
    assert mine.evaluate(X, NUMBER, verbose=0) > plain + 0.01


def test_a_convolutional_network_with_normalization(keras: Any) -> None:
    set_random_seed(5)
    pictures = RANDOM.normal(size=(20, 8, 8, 1)).astype("float32")

    def make(package: Any) -> Any:
        kinds = package.layers
        return package.Sequential([
            package.Input(shape=(8, 8, 1)), kinds.Conv2D(3, 3, activation="relu"),
            kinds.BatchNormalization(momentum=0.8), kinds.MaxPooling2D(2), kinds.Flatten(),
            kinds.Dense(3, activation="softmax"),
        ])  # fmt: skip

    mine, real = pair(keras, make, "sgd", loss="sparse_categorical_crossentropy",
                      metrics=["accuracy"])  # fmt: skip
    assert_same_training(mine, real, pictures, CLASSES[:20], validation_data=(
        pictures[:6], CLASSES[:6]))  # fmt: skip


def test_a_masked_recurrent_network(keras: Any) -> None:
    set_random_seed(6)
    words = RANDOM.integers(0, 7, (21, 5))
    words[:, 3:] *= RANDOM.integers(0, 2, (21, 1))

    def make(package: Any) -> Any:
        kinds = package.layers
        return package.Sequential([
            package.Input(shape=(5,)), kinds.Embedding(7, 4, mask_zero=True), kinds.LSTM(3),
            kinds.Dense(1, activation="sigmoid"),
        ])  # fmt: skip

    mine, real = pair(keras, make, "adam", loss="binary_crossentropy", metrics=["accuracy"])
    assert_same_training(mine, real, words, BINARY[:21])


def test_a_masked_sequence_for_every_step_leaves_masked_steps_out_of_the_loss(keras: Any) -> None:
    set_random_seed(7)
    words = np.array([[1, 2, 0], [3, 0, 0], [2, 2, 2]])
    y = np.arange(9, dtype="float32").reshape(3, 3, 1)

    def make(package: Any) -> Any:
        kinds = package.layers
        return package.Sequential([
            package.Input(shape=(3,)), kinds.Embedding(4, 3, mask_zero=True),
            kinds.GRU(3, return_sequences=True), kinds.Dense(1),
        ])  # fmt: skip

    mine, real = pair(keras, make, "sgd", loss="mse")
    np.testing.assert_allclose(mine.evaluate(words, y), real.evaluate(words, y, verbose=0),
                               rtol=1e-5)  # fmt: skip
    assert mine.evaluate(words, y) != pytest.approx(np.mean((mine.predict(words) - y) ** 2), 1e-3)


@pytest.mark.parametrize("frozen", ["dense", "normalization"])
def test_frozen_layers_stay_as_they_are(keras: Any, frozen: str) -> None:
    set_random_seed(8)

    def make(package: Any) -> Any:
        kinds = package.layers
        model = package.Sequential([
            package.Input(shape=(6,)), kinds.Dense(4), kinds.BatchNormalization(), kinds.Dense(1),
        ])  # fmt: skip
        model.layers[0 if frozen == "dense" else 1].trainable = False
        return model

    mine, real = pair(keras, make, "sgd", loss="mse")
    index = 0 if frozen == "dense" else 1
    before = mine.layers[index].get_weights()
    assert_same_training(mine, real, X, NUMBER)
    for one, other in zip(before, mine.layers[index].get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_batch_steps_are_those_of_keras(keras: Any) -> None:
    set_random_seed(9)
    mine, real = pair(keras, lambda p: dense(p, 1, None), "sgd", loss="mse", metrics=["mae"])
    for use in ("train_on_batch", "test_on_batch"):
        ours = getattr(mine, use)(X, NUMBER, sample_weight=WEIGHTS, return_dict=True)
        theirs = getattr(real, use)(X, NUMBER[:, None], sample_weight=WEIGHTS, return_dict=True)
        real.reset_metrics()
        assert list(ours) == list(theirs)
        np.testing.assert_allclose(list(ours.values()), list(theirs.values()), rtol=1e-5)
    listed = mine.test_on_batch(X, NUMBER)
    assert listed == list(mine.test_on_batch(X, NUMBER, return_dict=True).values())
    np.testing.assert_allclose(mine.predict_on_batch(X), real.predict_on_batch(X), atol=1e-5)


def test_default_names_of_a_fresh_process(keras: Any) -> None:
    reset_names()
    keras.backend.clear_session()
    for _ in range(2):
        mine, real = dense(lernwerk, 1, None), dense(keras, 1, None)
        assert mine.name == real.name
        assert [layer.name for layer in mine.layers] == [layer.name for layer in real.layers]
