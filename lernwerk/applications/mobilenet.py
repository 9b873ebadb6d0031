"""MobileNet: every convolution is split into one within maps and one across them."""

from __future__ import annotations

from functools import partial
from typing import Any

from lernwerk.applications.blueprint import Blueprint, Options, assembled, channel_axis
from lernwerk.applications.imagenet_utils import decode_predictions, preprocessing
from lernwerk.applications.input_shapes import named_sides
from lernwerk.applications.weights import HOST, WeightFiles, check_choice, published
from lernwerk.layers import (
    Activation,
    BatchNormalization,
    Conv2D,
    DepthwiseConv2D,
    Dropout,
    GlobalAveragePooling2D,
    ReLU,
    Reshape,
    ZeroPadding2D,
)
from lernwerk.models import Model

# Filters and stride of each block.
BLOCKS = (
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1),
    (512, 1), (512, 1), (1024, 2), (1024, 1),
)  # fmt: skip
SIDES = (128, 160, 192, 224)  # of the pictures for which weights were published
_WIDTHS = {0.25: "2_5", 0.5: "5_0", 0.75: "7_5", 1.0: "1_0"}  # and how the files name them


def _normalized(x: Any, name: str) -> Any:
    x = BatchNormalization(axis=channel_axis(), name=f"{name}_bn")(x)
    return ReLU(6.0, name=f"{name}_relu")(x)


def _block(x: Any, filters: int, stride: int, number: int, multiplier: int) -> Any:
    """Depthwise 3 x 3, then 1 x 1 across the maps."""
    if stride > 1:
        x = ZeroPadding2D(((0, 1), (0, 1)), name=f"conv_pad_{number}")(x)
    x = DepthwiseConv2D(
        3, stride, "same" if stride == 1 else "valid", depth_multiplier=multiplier, use_bias=False,
        name=f"conv_dw_{number}",
    )(x)  # fmt: skip
    x = _normalized(x, f"conv_dw_{number}")
    x = Conv2D(filters, 1, padding="same", use_bias=False, name=f"conv_pw_{number}")(x)
    return _normalized(x, f"conv_pw_{number}")


def _body(alpha: float, multiplier: int, x: Any) -> Any:
    x = Conv2D(int(32 * alpha), 3, 2, "same", use_bias=False, name="conv1")(x)
    x = _normalized(x, "conv1")
    for number, (filters, stride) in enumerate(BLOCKS, 1):
        x = _block(x, int(filters * alpha), stride, number, multiplier)
    return x


def _head(dropout: float, x: Any, classes: int, activation: Any) -> Any:
    x = GlobalAveragePooling2D(keepdims=True)(x)
    x = Dropout(dropout, name="dropout")(x)
    x = Conv2D(classes, 1, padding="same", name="conv_preds")(x)
    x = Reshape((classes,), name="reshape_2")(x)
    return Activation(activation, name="predictions")(x)


def MobileNet(
    input_shape: Any = None,
    alpha: float = 1.0,
    depth_multiplier: int = 1,
    dropout: float = 1e-3,
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str | None = None,
) -> Model:
    """MobileNet: thirteen pairs of convolutions; 4,253,864 parameters.

    ``alpha`` widens or narrows all layers, ``depth_multiplier`` is that of the depthwise ones.

    Shapes: pictures (b, 224, 224, 3), preprocessed, -> probabilities (b, 1000)
    Source: Howard et al. 2017, arXiv:1704.04861, table 1
    """
    side, rows = named_sides(input_shape, input_tensor, SIDES, include_top)
    shown = side if weights == "imagenet" else rows
    options = Options(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation,
        name or f"mobilenet_{alpha:0.2f}_{shown}",
    )  # fmt: skip
    files = None
    if weights == "imagenet":
        check_choice("MobileNet", "alpha", alpha, _WIDTHS)
        check_choice("MobileNet", "depth_multiplier", depth_multiplier, (1,))
        files = _files(alpha, side)
    body, head = partial(_body, alpha, depth_multiplier), partial(_head, dropout)
    return assembled(Blueprint(body, side, 32, files, head), options)


def _files(alpha: float, side: int) -> WeightFiles:
    # Keras publishes no checksums of these.
    stem = f"mobilenet_{_WIDTHS[alpha]}_{side}_tf"
    return published(f"{HOST}/mobilenet", stem, endings=(".h5", "_no_top.h5"))


preprocess_input = preprocessing("tf")

__all__ = ["MobileNet", "decode_predictions", "preprocess_input"]
