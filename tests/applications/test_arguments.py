"""Keras's arguments of every network: shapes, poolings, heads; what is refused, word for word."""

from __future__ import annotations

import numpy as np
import pytest

from lernwerk import applications, layers
from lernwerk.errors import ArgumentError, ShapeError


@pytest.mark.parametrize(
    ("options", "kind", "text"),
    [
        ({"input_shape": (31, 32, 3)}, ShapeError,
         "vgg16: expected pictures of at least 32 x 32 pixels, got (31, 32, 3)."),
        ({"input_shape": (32, 32)}, ShapeError,
         "vgg16: expected input_shape to be three numbers, as for one picture, got (32, 32). "
         "input_shape=(224, 224, 3)"),
        ({"input_shape": (None, 32, 3)}, ArgumentError,
         "vgg16: expected a known input_shape for a network with its head, got (None, 32, 3). "
         "Give it, or include_top=False."),
        ({"input_shape": (32, 32, 3), "weights": "imagenet"}, ShapeError,
         "vgg16: expected input_shape=(224, 224, 3) for the published weights, got (32, 32, 3). "
         "include_top=False takes other sizes."),
        ({"input_shape": (32, 32, 1), "weights": "imagenet", "include_top": False}, ShapeError,
         "vgg16: expected 3 channels for the published weights, got (32, 32, 1)."),
        ({"input_tensor": np.zeros((1, 32, 32, 3))}, ArgumentError,
         "vgg16: expected input_tensor to be a symbolic tensor, got ndarray. "
         "input_tensor=Input(shape=(224, 224, 3))"),
        ({"input_shape": (32, 32, 3), "include_top": False, "pooling": "average"}, ArgumentError,
         "vgg16: expected the name of a known pooling, got 'average'. Did you mean 'avg'?"),
    ],
)  # fmt: skip
def test_what_is_refused(unfilled, options, kind, text, raises):
    raises(lambda: applications.VGG16(**{"weights": None, **options}), kind, text)


@pytest.mark.parametrize(
    ("pooling", "shape"), [(None, (None, 1, 1, 512)), ("avg", (None, 512)), ("max", (None, 512))]
)
def test_without_head(unfilled, pooling, shape):
    model = applications.VGG16(
        weights=None, include_top=False, input_shape=(32, 32, 3), pooling=pooling
    )
    assert model.output_shape == shape
    assert model.count_params() == 14_714_688  # keras.io's number for the part without head


def test_other_classes_channels_and_names(unfilled):
    model = applications.ResNet50(
        weights=None, classes=7, classifier_activation=None, input_shape=(32, 32, 1), name="mine"
    )
    assert model.name == "mine" and model.output_shape == (None, 7)
    assert model.layers[-1].activation.__name__ == "linear"
    assert model.layers[2].weights[0].shape == (7, 7, 1, 64)


def test_an_input_of_ones_own(unfilled):
    inputs = layers.Input((40, 36, 3), name="picture")
    model = applications.VGG19(weights=None, input_tensor=inputs, include_top=False)
    assert model.input is inputs and model.output_shape == (None, 1, 1, 512)
    assert model.layers[0].name == "picture"


def test_names_say_width_and_size(unfilled):
    def name(make, **options):
        return make(weights=None, **options).name

    small = {"include_top": False, "input_shape": (96, 96, 3)}
    assert name(applications.MobileNet) == "mobilenet_1.00_224"
    assert name(applications.MobileNet, alpha=0.5, **small) == "mobilenet_0.50_96"
    assert name(applications.MobileNetV2, alpha=1.4, **small) == "mobilenetv2_1.40_96"
    assert name(applications.MobileNetV2, include_top=False) == "mobilenetv2_1.00_None"
