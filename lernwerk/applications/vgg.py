"""VGG16 and VGG19: stacks of 3 x 3 convolutions between poolings, three dense layers at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lernwerk.applications.blueprint import application
from lernwerk.applications.imagenet_utils import decode_predictions, preprocessing
from lernwerk.applications.weights import kernels
from lernwerk.layers import Conv2D, Dense, Flatten, MaxPooling2D

FILTERS = (64, 128, 256, 512, 512)
_FILES_16 = kernels(
    "vgg16", "vgg16", "64373286793e3c8b2b4e3219cbf3544b", "6d6bbae143d832006294945121d1f1fc"
)
_FILES_19 = kernels(
    "vgg19", "vgg19", "cbe5617147190e668d6c5d5026f83318", "253f8cb515780f3b799900260a226db6"
)


def _blocks(x: Any, depths: Sequence[int]) -> Any:
    for number, (filters, depth) in enumerate(zip(FILTERS, depths, strict=True), 1):
        for step in range(1, depth + 1):
            name = f"block{number}_conv{step}"
            x = Conv2D(filters, 3, padding="same", activation="relu", name=name)(x)
        x = MaxPooling2D(2, 2, name=f"block{number}_pool")(x)
    return x


def _head(x: Any, classes: int, activation: Any) -> Any:
    x = Flatten(name="flatten")(x)
    x = Dense(4096, activation="relu", name="fc1")(x)
    x = Dense(4096, activation="relu", name="fc2")(x)
    return Dense(classes, activation=activation, name="predictions")(x)


@application("vgg16", size=224, smallest=32, files=_FILES_16, head=_head)
def VGG16(inputs: Any) -> Any:
    """VGG16: thirteen convolutions and three dense layers; 138,357,544 parameters.

    Shapes: pictures (b, 224, 224, 3), preprocessed, -> probabilities (b, 1000)
    Source: Simonyan & Zisserman 2014, arXiv:1409.1556, column D
    """
    return _blocks(inputs, (2, 2, 3, 3, 3))


@application("vgg19", size=224, smallest=32, files=_FILES_19, head=_head)
def VGG19(inputs: Any) -> Any:
    """VGG19: sixteen convolutions and three dense layers; 143,667,240 parameters.

    Shapes: pictures (b, 224, 224, 3), preprocessed, -> probabilities (b, 1000)
    Source: Simonyan & Zisserman 2014, arXiv:1409.1556, column E
    """
    return _blocks(inputs, (2, 2, 4, 4, 4))


preprocess_input = preprocessing("caffe")

__all__ = ["VGG16", "VGG19", "decode_predictions", "preprocess_input"]
