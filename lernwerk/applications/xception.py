"""Xception: Inception taken to its end, every convolution within maps first, then across them."""

from __future__ import annotations

from typing import Any

from lernwerk.applications.blueprint import application, channel_axis
from lernwerk.applications.imagenet_utils import decode_predictions, preprocessing
from lernwerk.applications.weights import kernels
from lernwerk.layers import (
    Activation,
    Add,
    BatchNormalization,
    Conv2D,
    MaxPooling2D,
    SeparableConv2D,
)


def _normalized(x: Any, name: str | None) -> Any:
    return BatchNormalization(axis=channel_axis(), name=name and f"{name}_bn")(x)


def _relu(x: Any, name: str) -> Any:
    return Activation("relu", name=f"{name}_act")(x)


def _convolution(x: Any, filters: int, stride: int, name: str) -> Any:
    x = Conv2D(filters, 3, stride, use_bias=False, name=name)(x)
    return _relu(_normalized(x, name), name)


def _separable(x: Any, filters: int, name: str) -> Any:
    x = SeparableConv2D(filters, 3, padding="same", use_bias=False, name=name)(x)
    return _normalized(x, name)


def _narrowing(x: Any, filters: tuple[int, int], number: int) -> Any:
    """y = pool(two separable convolutions) + a 1 x 1 convolution of x, both in steps of two"""
    shortcut = Conv2D(filters[1], 1, 2, "same", use_bias=False)(x)
    shortcut = _normalized(shortcut, None)
    for step, count in enumerate(filters, 1):
        name = f"block{number}_sepconv{step}"
        relu_before = number > 2 or step > 1  # block 1 has ended with one
        x = _separable(_relu(x, name) if relu_before else x, count, name)
    x = MaxPooling2D(3, 2, "same", name=f"block{number}_pool")(x)
    return Add()([x, shortcut])


def _middle(x: Any, number: int) -> Any:
    """y = x + three separable convolutions"""
    y = x
    for step in range(1, 4):
        name = f"block{number}_sepconv{step}"
        y = _separable(_relu(y, name), 728, name)
    return Add()([y, x])


@application(
    "xception", size=299, smallest=71,
    files=kernels("xception", "xception", "0a58e3b7378bc2990ea3b43d5981f1f6",
                  "b0042744bf5b25fce3cb969f33bebb97"),
)  # fmt: skip
def Xception(inputs: Any) -> Any:
    """Xception: thirty-six convolutions, most of them separable; 22,910,480 parameters.

    Shapes: pictures (b, 299, 299, 3), preprocessed, -> probabilities (b, 1000)
    Source: Chollet 2017, arXiv:1610.02357, figure 5
    """
    x = _convolution(inputs, 32, 2, "block1_conv1")
    x = _convolution(x, 64, 1, "block1_conv2")
    for number, filters in enumerate((128, 256, 728), 2):
        x = _narrowing(x, (filters, filters), number)
    for number in range(5, 13):
        x = _middle(x, number)
    x = _narrowing(x, (728, 1024), 13)
    for step, filters in enumerate((1536, 2048), 1):
        name = f"block14_sepconv{step}"
        x = _relu(_separable(x, filters, name), name)
    return x


preprocess_input = preprocessing("tf")

__all__ = ["Xception", "decode_predictions", "preprocess_input"]
