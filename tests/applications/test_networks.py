"""The published networks against the published numbers and against real Keras."""

from __future__ import annotations

import inspect
import json
from typing import Any

import keras_networks
import numpy as np
import pytest

import lernwerk
from lernwerk import applications, layers
from lernwerk.utils import clear_session

# keras.io/api/applications, and for those that Keras lacks the sources named in their docstrings.
PARAMETERS = {
    "AlexNet": 62_378_344,
    "DenseNet121": 8_062_504,
    "DenseNet169": 14_307_880,
    "DenseNet201": 20_242_984,
    "InceptionV3": 23_851_784,
    "LeNet5": 61_706,
    "MobileNet": 4_253_864,
    "MobileNetV2": 3_538_984,
    "ResNet101": 44_707_176,
    "ResNet101V2": 44_675_560,
    "ResNet152": 60_419_944,
    "ResNet152V2": 60_380_648,
    "ResNet18": 11_699_112,
    "ResNet34": 21_814_696,
    "ResNet50": 25_636_712,
    "ResNet50V2": 25_613_800,
    "VGG16": 138_357_544,
    "VGG19": 143_667_240,
    "Xception": 22_910_480,
}
ANSWERS = json.loads(keras_networks.FILE.read_text())
DEEP = ("ResNet101", "ResNet152", "ResNet101V2", "ResNet152V2", "DenseNet169", "DenseNet201")


def test_every_network_is_here():
    public = {name for name in applications.__all__ if name[0].isupper()}
    assert public == set(PARAMETERS)
    assert set(ANSWERS) == set(keras_networks.CASES)
    assert set(keras_networks.CASES) == public - {"AlexNet", "LeNet5", "ResNet18", "ResNet34"}


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_number_of_parameters_is_the_published_one(unfilled, name):
    model = getattr(applications, name)(weights=None)
    assert model.count_params() == PARAMETERS[name]
    classes = 10 if name == "LeNet5" else 1000
    assert model.output_shape == (None, classes)
    counted = f"{PARAMETERS[name]:,} parameters"
    if name in ("ResNet18", "ResNet34"):
        counted = f"{sum(v.size for v in model.trainable_variables):,} parameters"
    assert counted in inspect.getdoc(getattr(applications, name))


def test_the_residual_networks_without_biases_count_as_others_have_counted():
    """The numbers of torchvision, which counts what learns."""
    for make, expected in (
        (applications.ResNet18, 11_689_512),
        (applications.ResNet34, 21_797_672),
    ):
        model = make(weights=None)
        assert sum(v.size for v in model.trainable_variables) == expected


@pytest.mark.parametrize("name", ANSWERS)
def test_layers_and_weights_are_keras_own_in_the_same_order(unfilled, name):
    """A difference is shown by ``test_real_keras_still_says_so``."""
    model = getattr(applications, name)(**keras_networks.COMMON, **keras_networks.CASES[name])
    lines = keras_networks.listing(model)
    assert len(lines) == ANSWERS[name]["layers"]
    assert keras_networks.digest(lines) == ANSWERS[name]["digest"]


@pytest.mark.parametrize("name", [
    pytest.param(each, marks=pytest.mark.slow) if each in DEEP else each for each in ANSWERS
])  # fmt: skip
def test_the_same_weights_give_what_keras_computes(unfilled, name):
    model = getattr(applications, name)(**keras_networks.COMMON, **keras_networks.CASES[name])
    x = keras_networks.pictures(keras_networks.CASES[name]["input_shape"])
    found = keras_networks.filled(model).predict(x, verbose=0)
    expected = np.array(ANSWERS[name]["outputs"])
    assert np.ptp(expected) > 0.01  # else anything would do
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-4 * np.abs(expected).max())


@pytest.mark.slow
@pytest.mark.parametrize("name", keras_networks.CASES)
def test_real_keras_still_says_so(keras, unfilled, name):
    keras.utils.clear_session()
    options = {**keras_networks.COMMON, **keras_networks.CASES[name]}
    theirs = keras_networks.listing(getattr(keras.applications, name)(**options))
    assert theirs == keras_networks.listing(getattr(applications, name)(**options))


@pytest.mark.parametrize("name", keras_networks.CASES)
def test_arguments_are_keras_own_in_the_same_order(keras, name):
    def arguments(package: Any) -> list[tuple[str, Any]]:
        parameters = inspect.signature(getattr(package.applications, name)).parameters.values()
        return [(p.name, p.default) for p in parameters]

    assert arguments(lernwerk) == arguments(keras)


def test_a_residual_block_computes_its_formula():
    """ResNet18 is no network of Keras: its second stage by hand from the same layers."""
    model = applications.ResNet18(weights=None, input_shape=(32, 32, 3), classes=4)
    keras_networks.filled(model)
    part = lernwerk.Model(
        model.get_layer("conv2_block2_out").output, model.get_layer("conv3_block1_out").output
    )
    x = np.random.default_rng(0).normal(size=(2, 8, 8, 64)).astype("float32")

    def step(name, value):
        return model.get_layer(f"conv3_block1_{name}")(value)

    y = np.pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)])
    y = np.maximum(step("1_bn", step("1_conv", y)), 0)
    y = step("2_bn", step("2_conv", y))
    expected = np.maximum(y + step("0_bn", step("0_conv", x)), 0)
    np.testing.assert_allclose(part.predict(x, verbose=0), expected, rtol=1e-4, atol=1e-4)


def test_lenet_takes_both_sizes_of_digits():
    small = applications.LeNet5(input_shape=(28, 28, 1))
    assert small.count_params() == PARAMETERS["LeNet5"]
    assert small.get_layer("c1").output.shape == (None, 28, 28, 6)
    assert applications.LeNet5().get_layer("c1").output.shape == (None, 28, 28, 6)


def test_layers_before_the_network_belong_to_it():
    inputs = layers.Input((20, 20, 3))
    bigger = layers.UpSampling2D(2)(inputs)
    model = applications.ResNet18(input_tensor=bigger, include_top=False, pooling="max")
    assert model.input is inputs
    assert model.output_shape == (None, 512)
    assert model.layers[-1].name == "max_pool"


def test_pictures_of_any_size_without_head():
    model = applications.MobileNet(weights=None, include_top=False, alpha=0.25)
    assert model.name == "mobilenet_0.25_None"
    assert model.output_shape == (None, None, None, 256)
    whole = lernwerk.Sequential([model, layers.GlobalAveragePooling2D(), layers.Dense(2)])
    assert whole.output_shape == (None, 2)
    for side in (32, 50):
        assert whole.predict(np.zeros((1, side, side, 3)), verbose=0).shape == (1, 2)


def test_a_deep_network_of_any_size_in_another_model(unfilled):
    """The lengths that stand for unknown ones must leave something for its last windows."""
    model = applications.InceptionV3(weights=None, include_top=False)
    whole = lernwerk.Sequential([model, layers.GlobalMaxPooling2D()])
    assert whole.output_shape == (None, 2048)


def test_channels_first(unfilled):
    lernwerk.config.set_image_data_format("channels_first")
    try:
        clear_session()
        model = applications.MobileNetV2(weights=None, input_shape=(3, 33, 32), classes=5)
        dense = applications.DenseNet121(weights=None, include_top=False, input_shape=(3, 32, 32))
    finally:
        lernwerk.config.set_image_data_format("channels_last")
    other = applications.MobileNetV2(weights=None, input_shape=(33, 32, 3), classes=5)
    keras_networks.filled(model), keras_networks.filled(other)
    x = keras_networks.pictures((33, 32, 3))
    np.testing.assert_allclose(
        model.predict(x.transpose(0, 3, 1, 2), verbose=0), other.predict(x, verbose=0), rtol=1e-3
    )
    assert dense.output_shape == (None, 1024, 1, 1)
