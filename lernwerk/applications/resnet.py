"""ResNet: blocks that add what they compute to what they were given.

Keras's ResNet50, 101 and 152 have biases before their normalisations and step by two in the first
convolution of a block. ResNet18 and 34, which Keras has not, are those of the paper: without such
biases, with borders of one pixel on both sides, as in the weights that others have published.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lernwerk.applications.blueprint import application, channel_axis
from lernwerk.applications.imagenet_utils import decode_predictions, preprocessing
from lernwerk.applications.weights import WeightFiles, kernels
from lernwerk.layers import (
    Activation,
    Add,
    BatchNormalization,
    Conv2D,
    MaxPooling2D,
    ZeroPadding2D,
)

EPSILON = 1.001e-5  # that of the published weights
STAGES = (64, 128, 256, 512)  # filters


def _files(name: str, *checksums: str) -> WeightFiles:
    return kernels("resnet", name, *checksums)


def normalized(x: Any, name: str, activation: str | None = "relu") -> Any:
    """Batch normalisation and, where it is wanted, an activation."""
    x = BatchNormalization(axis=channel_axis(), epsilon=EPSILON, name=f"{name}_bn")(x)
    return x if activation is None else Activation(activation, name=f"{name}_{activation}")(x)


def stem(x: Any, use_bias: bool, normalize: bool = True) -> Any:
    """The 7 x 7 convolution and the pooling that all ResNets begin with."""
    x = ZeroPadding2D(3, name="conv1_pad")(x)
    x = Conv2D(64, 7, strides=2, use_bias=use_bias, name="conv1_conv")(x)
    x = normalized(x, "conv1") if normalize else x
    x = ZeroPadding2D(1, name="pool1_pad")(x)
    return MaxPooling2D(3, strides=2, name="pool1_pool")(x)


def _stages(x: Any, block: Callable[..., Any], depths: Sequence[int]) -> Any:
    for stage, (filters, depth) in enumerate(zip(STAGES, depths, strict=True)):
        for number in range(depth):
            stride = 2 if stage and not number else 1
            x = block(x, filters, stride, f"conv{stage + 2}_block{number + 1}", first=not number)
    return x


def _bottleneck(x: Any, filters: int, stride: int, name: str, first: bool) -> Any:
    """y = relu(shortcut(x) + three convolutions); the first of a stage changes the shape."""
    shortcut = x
    if first:
        shortcut = Conv2D(4 * filters, 1, strides=stride, name=f"{name}_0_conv")(x)
        shortcut = normalized(shortcut, f"{name}_0", None)
    x = Conv2D(filters, 1, strides=stride, name=f"{name}_1_conv")(x)
    x = normalized(x, f"{name}_1")
    x = Conv2D(filters, 3, padding="same", name=f"{name}_2_conv")(x)
    x = normalized(x, f"{name}_2")
    x = Conv2D(4 * filters, 1, name=f"{name}_3_conv")(x)
    x = normalized(x, f"{name}_3", None)
    return _sum(shortcut, x, name)


def _basic(x: Any, filters: int, stride: int, name: str, first: bool) -> Any:
    """y = relu(shortcut(x) + two convolutions)"""
    shortcut = x
    if stride > 1:
        shortcut = Conv2D(filters, 1, strides=2, use_bias=False, name=f"{name}_0_conv")(x)
        shortcut = normalized(shortcut, f"{name}_0", None)
        x = ZeroPadding2D(1, name=f"{name}_1_pad")(x)
    padding = "same" if stride == 1 else "valid"
    x = Conv2D(filters, 3, stride, padding, use_bias=False, name=f"{name}_1_conv")(x)
    x = normalized(x, f"{name}_1")
    x = Conv2D(filters, 3, padding="same", use_bias=False, name=f"{name}_2_conv")(x)
    x = normalized(x, f"{name}_2", None)
    return _sum(shortcut, x, name)


def _sum(shortcut: Any, x: Any, name: str) -> Any:
    x = Add(name=f"{name}_add")([shortcut, x])
    return Activation("relu", name=f"{name}_out")(x)


@application("resnet18", size=224, smallest=32, pools_named=True)
def ResNet18(inputs: Any) -> Any:
    """ResNet18: eight blocks of two convolutions; 11,689,512 parameters that learn.

    Shapes: pictures (b, 224, 224, 3) -> probabilities (b, 1000)
    Differs: Keras has none; layers are named like those of ResNet50.
    Source: He et al. 2015, arXiv:1512.03385, table 1, shortcuts of kind B
    """
    return _stages(stem(inputs, use_bias=False), _basic, (2, 2, 2, 2))


@application("resnet34", size=224, smallest=32, pools_named=True)
def ResNet34(inputs: Any) -> Any:
    """ResNet34: sixteen blocks of two convolutions; 21,797,672 parameters that learn.

    Shapes: pictures (b, 224, 224, 3) -> probabilities (b, 1000)
    Differs: Keras has none; layers are named like those of ResNet50.
    Source: He et al. 2015, arXiv:1512.03385, table 1, shortcuts of kind B
    """
    return _stages(stem(inputs, use_bias=False), _basic, (3, 4, 6, 3))


@application(
    "resnet50", size=224, smallest=32, pools_named=True,
    files=_files("resnet50", "2cb95161c43110f7111970584f804107",
                 "4d473c1dd8becc155b73f8504c6f6626"),
)  # fmt: skip
def ResNet50(inputs: Any) -> Any:
    """ResNet50: sixteen blocks of three convolutions; 25,636,712 parameters.

    Shapes: pictures (b, 224, 224, 3), preprocessed, -> probabilities (b, 1000)
    Source: He et al. 2015, arXiv:1512.03385, table 1
    """
    return _stages(stem(inputs, use_bias=True), _bottleneck, (3, 4, 6, 3))


@application(
    "resnet101", size=224, smallest=32, pools_named=True,
    files=_files("resnet101", "f1aeb4b969a6efcfb50fad2f0c20cfc5",
                 "88cf7a10940856eca736dc7b7e228a21"),
)  # fmt: skip
def ResNet101(inputs: Any) -> Any:
    """ResNet101: thirty-three blocks of three convolutions; 44,707,176 parameters.

    Shapes: pictures (b, 224, 224, 3), preprocessed, -> probabilities (b, 1000)
    Source: He et al. 2015, arXiv:1512.03385, table 1
    """
    return _stages(stem(inputs, use_bias=True), _bottleneck, (3, 4, 23, 3))


@application(
    "resnet152", size=224, smallest=32, pools_named=True,
    files=_files("resnet152", "100835be76be38e30d865e96f2aaae62",
                 "ee4c566cf9a93f14d82f913c2dc6dd0c"),
)  # fmt: skip
def ResNet152(inputs: Any) -> Any:
    """ResNet152: fifty blocks of three convolutions; 60,419,944 parameters.

    Shapes: pictures (b, 224, 224, 3), preprocessed, -> probabilities (b, 1000)
    Source: He et al. 2015, arXiv:1512.03385, table 1
    """
    return _stages(stem(inputs, use_bias=True), _bottleneck, (3, 8, 36, 3))


preprocess_input = preprocessing("caffe")

__all__ = [
    "ResNet18", "ResNet34", "ResNet50", "ResNet101", "ResNet152", "decode_predictions",
    "preprocess_input",
]  # fmt: skip
