"""Features of the frozen part, computed once: the same as training the whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lernwerk
from lernwerk import layers, models
from lernwerk.errors import UsageError
from lernwerk.models import split_frozen

ROWS, SIDE = 12, 8


def data() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    x = random.normal(size=(ROWS, SIDE, SIDE, 2)).astype("float32")
    return x, random.integers(3, size=ROWS)


def base() -> Any:
    """Convolutions, normalisation and a branch, as in networks for pictures."""
    inputs = layers.Input((SIDE, SIDE, 2))
    x = layers.Conv2D(4, 3, padding="same", name="first")(inputs)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.ReLU(name="relu")(x)
    y = layers.Conv2D(4, 3, padding="same", name="second")(x)
    x = layers.Add(name="sum")([x, y])
    return models.Model(inputs, layers.Conv2D(4, 3, name="third")(x), name="base")


def head(x: Any) -> Any:
    return layers.Dense(3, activation="softmax", name="head")(layers.GlobalAveragePooling2D()(x))


def freeze(network: Any, names: str) -> Any:
    for name in names.split():
        network.get_layer(name).trainable = False
    return network


def in_sequence(network: Any) -> Any:
    return models.Sequential([
        network, layers.GlobalAveragePooling2D(), layers.Dense(3, activation="softmax", name="head")
    ])  # fmt: skip


def called(network: Any) -> Any:
    inputs = layers.Input((SIDE, SIDE, 2))
    return models.Model(inputs, head(network(inputs, training=False)))


def popped() -> Any:
    """The last layer of the network gone, the first ones frozen, as in the books."""
    network = base()
    for layer in network.layers[:4]:
        layer.trainable = False
    return models.Model(network.input, head(network.layers[-2].output))


def wholly_frozen() -> Any:
    network = base()
    network.trainable = False
    return in_sequence(network)


MAKERS = {
    "a frozen model first": (wholly_frozen, ["base", "global_average_pooling2d"]),
    "the first layers of a model inside": (
        lambda: in_sequence(freeze(base(), "first norm")), ["first", "norm", "relu"]),
    "only up to a normalisation that learns": (
        lambda: in_sequence(freeze(base(), "first second")), ["first"]),
    "one branch": (
        lambda: in_sequence(freeze(base(), "first norm relu")), ["first", "norm", "relu"]),
    "without training mode": (
        lambda: called(freeze(base(), "first norm second")),
        ["first", "norm", "relu", "second", "sum"]),
    "the head replaced": (popped, ["first", "norm", "relu"]),
}  # fmt: skip


def fitted(model: Any, x: Any, y: Any) -> Any:
    model.compile(lernwerk.optimizers.Adam(0.05), "sparse_categorical_crossentropy")
    return model.fit(x, y, batch_size=4, epochs=3, shuffle=False, verbose=0).history["loss"]


@pytest.mark.parametrize("name", MAKERS)
def test_training_the_rest_is_training_the_whole(name):
    make, frozen_layers = MAKERS[name]
    x, y = data()
    lernwerk.utils.clear_session()
    whole = make()
    lernwerk.utils.clear_session()
    split = make()
    split.set_weights(whole.get_weights())
    frozen, rest = split_frozen(split)
    assert [each.name for each in frozen.layers[1:]] == frozen_layers
    before = frozen.get_weights()
    losses = fitted(rest, frozen.predict(x, verbose=0), y)
    np.testing.assert_allclose(losses, fitted(whole, x, y), rtol=1e-5)
    for one, other in zip(split.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(
        split.predict(x, verbose=0), whole.predict(x, verbose=0), rtol=1e-4, atol=1e-5
    )
    for one, other in zip(before, frozen.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_several_tensors_between_the_parts():
    """Two inputs, one of them not even transformed; the rest takes them as a list."""
    one, two = layers.Input((3,), name="one"), layers.Input((2,), name="two")
    shared = layers.Dense(4, name="frozen")
    shared.trainable = False
    joined = layers.concatenate([layers.Dense(2)(shared(one)), two])
    model = models.Model([one, two], [layers.Dense(1)(joined), shared(one)])
    frozen, rest = split_frozen(model)
    x = [np.ones((5, 3), "float32"), np.ones((5, 2), "float32")]
    features = frozen.predict(x, verbose=0)
    assert [f.shape for f in features] == [(5, 4), (5, 2), (5, 4)]
    expected = model.predict(x, verbose=0)
    for found, other in zip(rest.predict(features, verbose=0), expected, strict=True):
        np.testing.assert_allclose(found, other, rtol=1e-5)


class Noisy(layers.Layer):
    """A layer of somebody's own that does something else in training."""

    def call(self, inputs, training=False):
        return inputs * 2 if training else inputs


@pytest.mark.parametrize(
    "stops",
    [
        lambda: layers.Dropout(0.5),
        lambda: layers.GaussianNoise(1.0),
        lambda: layers.BatchNormalization(center=False, scale=False),
        lambda: layers.Dense(4, trainable=False, activity_regularizer="l2"),
        lambda: layers.Masking(),
        lambda: Noisy(),
    ],
)
def test_the_frozen_part_ends_before_what_training_changes(stops):
    layer = stops()
    model = models.Sequential([
        layers.Input((5, 4)), layers.Dense(4, trainable=False, name="first"), layer,
        layers.Dense(4, trainable=False), layers.Dense(1),
    ])  # fmt: skip
    frozen, rest = split_frozen(model)
    assert [each.name for each in frozen.layers[1:]] == ["first"]
    assert rest.layers[1] is layer


def test_what_changes_nothing_belongs_to_the_frozen_part():
    normalization = layers.Normalization()
    normalization.adapt(np.arange(12.0).reshape(6, 2))
    model = models.Sequential([
        layers.Input((2,)), normalization, layers.Dense(4, trainable=False), layers.Reshape((2, 2)),
        layers.Flatten(), layers.Dense(1),
    ])  # fmt: skip
    frozen, rest = split_frozen(model)
    assert len(frozen.layers) == 5 and len(rest.layers) == 2


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: in_sequence(base()),
         "split_frozen(sequential): expected frozen layers at the beginning of the model, got "
         "none. layer.trainable = False"),
        (lambda: freeze(wholly_frozen(), "head"),
         "split_frozen(sequential): expected a layer that learns, got only frozen ones. "
         "layer.trainable = True, or add layers to train."),
        (lambda: models.Sequential([layers.Dense(1)]),
         "split_frozen: expected a functional model or a Sequential with known input shape, got "
         "<Sequential name=sequential, built=False>. Begin it with Input(shape=...)."),
    ],
)  # fmt: skip
def test_models_that_cannot_be_split_are_refused(make, text):
    lernwerk.utils.clear_session()
    with pytest.raises(UsageError) as caught:
        split_frozen(make())
    assert str(caught.value) == text


def test_penalties_of_ones_own_are_refused():
    model = freeze(in_sequence(base()), "base")
    model.add_loss(lambda: 1.0)
    with pytest.raises(UsageError) as caught:
        split_frozen(model)
    text = f"split_frozen({model.name}): expected a model without add_loss, got one with it."
    assert str(caught.value) == text
