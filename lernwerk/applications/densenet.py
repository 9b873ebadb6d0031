"""DenseNet: every layer sees the maps of all layers before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lernwerk.applications.blueprint import application, channel_axis
from lernwerk.applications.imagenet_utils import decode_predictions, preprocessing
from lernwerk.applications.resnet import EPSILON, normalized
from lernwerk.applications.weights import kernels
from lernwerk.layers import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Concatenate,
    Conv2D,
    MaxPooling2D,
    ZeroPadding2D,
)

GROWTH = 32  # maps that each layer adds


def _layer(x: Any, name: str) -> Any:
    """The maps so far and new ones."""
    y = normalized(x, f"{name}_0")
    y = Conv2D(4 * GROWTH, 1, use_bias=False, name=f"{name}_1_conv")(y)
    y = normalized(y, f"{name}_1")
    y = Conv2D(GROWTH, 3, padding="same", use_bias=False, name=f"{name}_2_conv")(y)
    return Concatenate(axis=channel_axis(), name=f"{name}_concat")([x, y])


def _transition(x: Any, name: str) -> Any:
    """Half as many maps of half the size."""
    x = BatchNormalization(axis=channel_axis(), epsilon=EPSILON, name=f"{name}_bn")(x)
    x = Activation("relu", name=f"{name}_relu")(x)
    x = Conv2D(x.shape[channel_axis()] // 2, 1, use_bias=False, name=f"{name}_conv")(x)
    return AveragePooling2D(2, strides=2, name=f"{name}_pool")(x)


def _body(x: Any, depths: Sequence[int]) -> Any:
    x = ZeroPadding2D(3)(x)
    x = Conv2D(64, 7, strides=2, use_bias=False, name="conv1_conv")(x)
    x = normalized(x, "conv1")
    x = ZeroPadding2D(1)(x)
    x = MaxPooling2D(3, strides=2, name="pool1")(x)
    for stage, depth in enumerate(depths, 2):
        for number in range(1, depth + 1):
            x = _layer(x, f"conv{stage}_block{number}")
        x = _transition(x, f"pool{stage}") if stage <= len(depths) else x
    x = BatchNormalization(axis=channel_axis(), epsilon=EPSILON, name="bn")(x)
    return Activation("relu", name="relu")(x)


@application(
    "densenet121", size=224, smallest=32, pools_named=True,
    files=kernels("densenet", "densenet121", "9d60b8095a5708f2dcce2bca79d332c7",
                  "30ee3e1110167f948a6b9946edeeb738"),
)  # fmt: skip
def DenseNet121(inputs: Any) -> Any:
    """DenseNet121: four blocks of 6, 12, 24 and 16 layers; 8,062,504 parameters.

    Shapes: pictures (b, 224, 224, 3), preprocessed, -> probabilities (b, 1000)
    Source: Huang et al. 2016, arXiv:1608.06993, table 1
    """
    return _body(inputs, (6, 12, 24, 16))


@application(
    "densenet169", size=224, smallest=32, pools_named=True,
    files=kernels("densenet", "densenet169", "d699b8f76981ab1b30698df4c175e90b",
                  "b8c4d4c20dd625c148057b9ff1c1176b"),
)  # fmt: skip
def DenseNet169(inputs: Any) -> Any:
    """DenseNet169: four blocks of 6, 12, 32 and 32 layers; 14,307,880 parameters.

    Shapes: pictures (b, 224, 224, 3), preprocessed, -> probabilities (b, 1000)
    Source: Huang et al. 2016, arXiv:1608.06993, table 1
    """
    return _body(inputs, (6, 12, 32, 32))


@application(
    "densenet201", size=224, smallest=32, pools_named=True,
    files=kernels("densenet", "densenet201", "1ceb130c1ea1b78c3bf6114dbdfd8807",
                  "c13680b51ded0fb44dff2d8f86ac8bb1"),
)  # fmt: skip
def DenseNet201(inputs: Any) -> Any:
    """DenseNet201: four blocks of 6, 12, 48 and 32 layers; 20,242,984 parameters.

    Shapes: pictures (b, 224, 224, 3), preprocessed, -> probabilities (b, 1000)
    Source: Huang et al. 2016, arXiv:1608.06993, table 1
    """
    return _body(inputs, (6, 12, 48, 32))


preprocess_input = preprocessing("torch")

__all__ = ["DenseNet121", "DenseNet169", "DenseNet201", "decode_predictions", "preprocess_input"]
