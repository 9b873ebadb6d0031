"""ResNet V2: normalisation and ReLU come before each convolution, the sum is left as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lernwerk.applications.blueprint import application
from lernwerk.applications.imagenet_utils import decode_predictions, preprocessing
from lernwerk.applications.resnet import STAGES, normalized, stem
from lernwerk.applications.weights import kernels
from lernwerk.layers import Add, Conv2D, MaxPooling2D, ZeroPadding2D


def _stages(x: Any, depths: Sequence[int]) -> Any:
    """Stages whose last block steps by two; the very last stage does not."""
    for stage, (filters, depth) in enumerate(zip(STAGES, depths, strict=True)):
        for number in range(depth):
            stride = 2 if number == depth - 1 and stage < 3 else 1
            x = _block(x, filters, stride, f"conv{stage + 2}_block{number + 1}", not number)
    return normalized(x, "post")


def _block(x: Any, filters: int, stride: int, name: str, first: bool) -> Any:
    """y = shortcut(x) + three convolutions, each of them after normalisation and ReLU"""
    before = normalized(x, f"{name}_preact")
    if first:
        shortcut = Conv2D(4 * filters, 1, strides=stride, name=f"{name}_0_conv")(before)
    else:
        shortcut = MaxPooling2D(1, strides=stride)(x) if stride > 1 else x
    y = Conv2D(filters, 1, use_bias=False, name=f"{name}_1_conv")(before)
    y = normalized(y, f"{name}_1")
    y = ZeroPadding2D(1, name=f"{name}_2_pad")(y)
    y = Conv2D(filters, 3, strides=stride, use_bias=False, name=f"{name}_2_conv")(y)
    y = normalized(y, f"{name}_2")
    y = Conv2D(4 * filters, 1, name=f"{name}_3_conv")(y)
    return Add(name=f"{name}_out")([shortcut, y])


@application(
    "resnet50v2", size=224, smallest=32, pools_named=True,
    files=kernels("resnet", "resnet50v2", "3ef43a0b657b3be2300d5770ece849e0",
                  "fac2f116257151a9d068a22e544a4917"),
)  # fmt: skip
def ResNet50V2(inputs: Any) -> Any:
    """ResNet50V2: sixteen blocks of three convolutions; 25,613,800 parameters.

    Shapes: pictures (b, 224, 224, 3), preprocessed, -> probabilities (b, 1000)
    Source: He et al. 2016, arXiv:1603.05027
    """
    return _stages(stem(inputs, use_bias=True, normalize=False), (3, 4, 6, 3))


@application(
    "resnet101v2", size=224, smallest=32, pools_named=True,
    files=kernels("resnet", "resnet101v2", "6343647c601c52e1368623803854d971",
                  "c0ed64b8031c3730f411d2eb4eea35b5"),
)  # fmt: skip
def ResNet101V2(inputs: Any) -> Any:
    """ResNet101V2: thirty-three blocks of three convolutions; 44,675,560 parameters.

    Shapes: pictures (b, 224, 224, 3), preprocessed, -> probabilities (b, 1000)
    Source: He et al. 2016, arXiv:1603.05027
    """
    return _stages(stem(inputs, use_bias=True, normalize=False), (3, 4, 23, 3))


@application(
    "resnet152v2", size=224, smallest=32, pools_named=True,
    files=kernels("resnet", "resnet152v2", "a49b44d1979771252814e80f8ec446f9",
                  "ed17cf2e0169df9d443503ef94b23b33"),
)  # fmt: skip
def ResNet152V2(inputs: Any) -> Any:
    """ResNet152V2: fifty blocks of three convolutions; 60,380,648 parameters.

    Shapes: pictures (b, 224, 224, 3), preprocessed, -> probabilities (b, 1000)
    Source: He et al. 2016, arXiv:1603.05027
    """
    return _stages(stem(inputs, use_bias=True, normalize=False), (3, 8, 36, 3))


preprocess_input = preprocessing("tf")

__all__ = ["ResNet50V2", "ResNet101V2", "ResNet152V2", "decode_predictions", "preprocess_input"]
