"""Inception V3: blocks that look at the same maps through windows of several sizes at once."""

from __future__ import annotations

from typing import Any

from lernwerk.applications.blueprint import application, channel_axis
from lernwerk.applications.imagenet_utils import decode_predictions, preprocessing
from lernwerk.applications.weights import kernels
from lernwerk.layers import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Concatenate,
    Conv2D,
    MaxPooling2D,
)


def _convolution(x: Any, filters: int, size: Any, strides: int = 1, padding: str = "same") -> Any:
    """Convolution, normalisation without a scale of its own, ReLU."""
    x = Conv2D(filters, size, strides=strides, padding=padding, use_bias=False)(x)
    x = BatchNormalization(axis=channel_axis(), scale=False)(x)
    return Activation("relu")(x)


def _joined(branches: list[Any], name: str | None = None) -> Any:
    return Concatenate(axis=channel_axis(), name=name)(branches)


def _pooled(x: Any, filters: int) -> Any:
    x = AveragePooling2D(3, strides=1, padding="same")(x)
    return _convolution(x, filters, 1)


def _stem(x: Any) -> Any:
    x = _convolution(x, 32, 3, 2, "valid")
    x = _convolution(x, 32, 3, padding="valid")
    x = _convolution(x, 64, 3)
    x = MaxPooling2D(3, strides=2)(x)
    x = _convolution(x, 80, 1, padding="valid")
    x = _convolution(x, 192, 3, padding="valid")
    return MaxPooling2D(3, strides=2)(x)


def _small_windows(x: Any, pooled: int, name: str) -> Any:
    """Windows of 1, 5 and twice 3; figure 5 of the paper."""
    one = _convolution(x, 64, 1)
    five = _convolution(_convolution(x, 48, 1), 64, 5)
    three = _convolution(_convolution(_convolution(x, 64, 1), 96, 3), 96, 3)
    return _joined([one, five, three, _pooled(x, pooled)], name)


def _first_reduction(x: Any) -> Any:
    one = _convolution(x, 384, 3, 2, "valid")
    two = _convolution(_convolution(x, 64, 1), 96, 3)
    two = _convolution(two, 96, 3, 2, "valid")
    return _joined([one, two, MaxPooling2D(3, strides=2)(x)], "mixed3")


def _long_windows(x: Any, filters: int, name: str) -> Any:
    """Windows of 7 as a row and a column; figure 6 of the paper."""
    one = _convolution(x, 192, 1)
    two = _convolution(x, filters, 1)
    for size, count in (((1, 7), filters), ((7, 1), 192)):
        two = _convolution(two, count, size)
    four = _convolution(x, filters, 1)
    for size, count in (((7, 1), filters), ((1, 7), filters), ((7, 1), filters), ((1, 7), 192)):
        four = _convolution(four, count, size)
    return _joined([one, two, four, _pooled(x, 192)], name)


def _second_reduction(x: Any) -> Any:
    one = _convolution(_convolution(x, 192, 1), 320, 3, 2, "valid")
    two = _convolution(x, 192, 1)
    for size in ((1, 7), (7, 1)):
        two = _convolution(two, 192, size)
    two = _convolution(two, 192, 3, 2, "valid")
    return _joined([one, two, MaxPooling2D(3, strides=2)(x)], "mixed8")


def _fans(x: Any, number: int) -> Any:
    """Rows and columns of 3 side by side; figure 7 of the paper."""
    one = _convolution(x, 320, 1)
    two = _fan(_convolution(x, 384, 1), f"mixed9_{number}")
    three = _fan(_convolution(_convolution(x, 448, 1), 384, 3), None)
    return _joined([one, two, three, _pooled(x, 192)], f"mixed{9 + number}")


def _fan(x: Any, name: str | None) -> Any:
    return _joined([_convolution(x, 384, (1, 3)), _convolution(x, 384, (3, 1))], name)


@application(
    "inception_v3", size=299, smallest=75,
    files=kernels("inception_v3", "inception_v3", "9a0d58056eeedaa3f26cb7ebd46da564",
                  "bcbd6486424b2319ff4ef7d526e38f63"),
)  # fmt: skip
def InceptionV3(inputs: Any) -> Any:
    """Inception V3: ninety-four convolutions in eleven blocks; 23,851,784 parameters.

    Shapes: pictures (b, 299, 299, 3), preprocessed, -> probabilities (b, 1000)
    Source: Szegedy et al. 2015, arXiv:1512.00567, table 1
    """
    x = _stem(inputs)
    for number, pooled in enumerate((32, 64, 64)):
        x = _small_windows(x, pooled, f"mixed{number}")
    x = _first_reduction(x)
    for number, filters in enumerate((128, 160, 160, 192), 4):
        x = _long_windows(x, filters, f"mixed{number}")
    x = _second_reduction(x)
    for number in range(2):
        x = _fans(x, number)
    return x


preprocess_input = preprocessing("tf")

__all__ = ["InceptionV3", "decode_predictions", "preprocess_input"]
