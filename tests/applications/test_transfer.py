"""Transfer learning as books do it, on networks without published weights and small pictures."""

from __future__ import annotations

from typing import Any

import keras_networks
import numpy as np
import pytest

import lernwerk
from lernwerk import Model, Sequential, layers
from lernwerk.applications import VGG16, VGG19, MobileNet, ResNet18
from lernwerk.models import split_frozen

SIZE = {"input_shape": (32, 32, 3)}


@pytest.fixture
def data() -> tuple[np.ndarray, np.ndarray]:
    """Pictures of three colours: any features tell them apart."""
    y = np.arange(24) % 3
    x = np.random.default_rng(0).uniform(-0.3, 0.3, size=(24, 32, 32, 3)).astype("float32")
    x[np.arange(24), :, :, y] += 1.0
    return x, y


def trained(model: Any, x: Any, y: Any, epochs: int = 8) -> list[float]:
    model.compile(lernwerk.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    return model.fit(x, y, batch_size=8, epochs=epochs, verbose=0).history["loss"]


def kernels(model: Any) -> dict[str, np.ndarray]:
    return {layer.name: layer.get_weights()[0] for layer in model.layers if layer.weights}


def changed(before: dict[str, np.ndarray], model: Any) -> set[str]:
    return {name for name, now in kernels(model).items() if not np.array_equal(now, before[name])}


def test_the_head_is_popped_the_first_layers_frozen_and_a_new_head_trained(data):
    whole = MobileNet(weights=None, alpha=0.25, **SIZE)
    features = layers.Flatten()(whole.layers[-6].output)
    model = Model(whole.input, layers.Dense(3, activation="softmax", name="new")(features))
    for layer in model.layers[:10]:
        layer.trainable = False
    before = kernels(model)
    losses = trained(model, *data, epochs=8)
    assert min(losses[1:]) < losses[0]
    frozen = {layer.name for layer in model.layers[:10] if layer.weights}
    assert changed(before, model) == set(before) - frozen and len(frozen) == 6


def test_a_frozen_network_below_a_new_head(data):
    base = VGG16(weights=None, include_top=False, **SIZE)
    base.trainable = False
    chain = [layer for layer in base.layers if not layer.name.startswith(("block4", "block5"))]
    model = Sequential([*chain, layers.Flatten(), layers.Dense(3, activation="softmax")])
    before = kernels(model)
    losses = trained(model, *data)
    assert losses[-1] < losses[0]
    assert changed(before, model) == {model.layers[-1].name}


def test_features_once_instead_of_in_every_epoch(data):
    x, y = data
    base = keras_networks.filled(ResNet18(include_top=False, pooling="avg", **SIZE))
    base.trainable = False
    model = Sequential([base, layers.Dense(3, activation="softmax")])
    frozen, rest = split_frozen(model)
    losses = trained(rest, frozen.predict(x, verbose=0), y, epochs=60)
    assert losses[-1] < 0.8 * losses[0]
    assert (model.predict(x, verbose=0).argmax(1) == y).mean() > 0.9


def test_fine_tuning_of_the_last_block(unfilled, data):
    """Names of layers say where to begin, as in the chapters on VGG19."""
    base = VGG19(weights=None, include_top=False, **SIZE)
    for layer in base.layers:
        layer.trainable = layer.name.startswith("block5")
    model = Sequential([base, layers.Flatten(), layers.Dense(3, activation="softmax")])
    frozen, rest = split_frozen(model)
    assert frozen.layers[-1].name == "block4_pool"
    assert [layer.name for layer in rest.layers[1:3]] == ["block5_conv1", "block5_conv2"]
    assert len(rest.trainable_variables) == 2 * 4 + 2
