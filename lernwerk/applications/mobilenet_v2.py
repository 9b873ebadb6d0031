"""MobileNet V2: blocks that widen, convolve within maps, and narrow again without a ReLU."""

from __future__ import annotations

from functools import partial
from typing import Any

from lernwerk.applications.blueprint import (
    Blueprint,
    Options,
    assembled,
    before_stride,
    channel_axis,
    divisible,
)
from lernwerk.applications.imagenet_utils import decode_predictions, preprocessing
from lernwerk.applications.input_shapes import named_sides
from lernwerk.applications.weights import HOST, WeightFiles, check_choice, published
from lernwerk.layers import (
    Add,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    GlobalAveragePooling2D,
    ReLU,
    ZeroPadding2D,
)
from lernwerk.models import Model

# Filters, repetitions and the first stride of each stage.
STAGES = ((16, 1, 1), (24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1))
WIDENING = 6  # of all blocks but the first
SIDES = (96, 128, 160, 192, 224)  # of the pictures for which weights were published
_WIDTHS = (0.35, 0.5, 0.75, 1.0, 1.3, 1.4)


def _normalized(x: Any, name: str, relu: str | None = None) -> Any:
    x = BatchNormalization(axis=channel_axis(), momentum=0.999, name=name)(x)
    return x if relu is None else ReLU(6.0, name=relu)(x)


def _block(x: Any, filters: int, stride: int, number: int) -> Any:
    """y = narrow(depthwise(widen(x))), plus x where the shapes are the same"""
    prefix = f"block_{number}_" if number else "expanded_conv_"
    inputs = x.shape[channel_axis()]
    y = x
    if number:
        y = Conv2D(WIDENING * inputs, 1, padding="same", use_bias=False, name=f"{prefix}expand")(y)
        y = _normalized(y, f"{prefix}expand_BN", f"{prefix}expand_relu")
    if stride > 1:
        y = ZeroPadding2D(before_stride(y, 3), name=f"{prefix}pad")(y)
    padding = "same" if stride == 1 else "valid"
    y = DepthwiseConv2D(3, stride, padding, use_bias=False, name=f"{prefix}depthwise")(y)
    y = _normalized(y, f"{prefix}depthwise_BN", f"{prefix}depthwise_relu")
    y = Conv2D(filters, 1, padding="same", use_bias=False, name=f"{prefix}project")(y)
    y = _normalized(y, f"{prefix}project_BN")
    return Add(name=f"{prefix}add")([x, y]) if stride == 1 and inputs == filters else y


def _body(alpha: float, x: Any) -> Any:
    x = Conv2D(divisible(32 * alpha), 3, 2, "same", use_bias=False, name="Conv1")(x)
    x = _normalized(x, "bn_Conv1", "Conv1_relu")
    number = 0
    for filters, count, stride in STAGES:
        for step in range(count):
            x = _block(x, divisible(int(filters * alpha)), 1 if step else stride, number)
            number += 1
    # The last layer is never narrowed: section 4.1 of the paper's supplement.
    x = Conv2D(divisible(1280 * max(alpha, 1.0)), 1, use_bias=False, name="Conv_1")(x)
    return _normalized(x, "Conv_1_bn", "out_relu")


def _head(x: Any, classes: int, activation: Any) -> Any:
    x = GlobalAveragePooling2D()(x)
    return Dense(classes, activation=activation, name="predictions")(x)


def MobileNetV2(
    input_shape: Any = None,
    alpha: float = 1.0,
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str | None = None,
) -> Model:
    """MobileNet V2: seventeen blocks of three convolutions; 3,538,984 parameters.

    ``alpha`` widens or narrows all layers.

    Shapes: pictures (b, 224, 224, 3), preprocessed, -> probabilities (b, 1000)
    Source: Sandler et al. 2018, arXiv:1801.04381, table 2
    """
    side, rows = named_sides(input_shape, input_tensor, SIDES, include_top)
    shown = side if weights == "imagenet" else rows
    options = Options(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation,
        name or f"mobilenetv2_{alpha:0.2f}_{shown}",
    )  # fmt: skip
    files = None
    if weights == "imagenet":
        check_choice("MobileNetV2", "alpha", alpha, _WIDTHS)
        files = _files(alpha, side)
    plan = Blueprint(partial(_body, alpha), side, 32, files, _head)
    return assembled(plan, options)


def _files(alpha: float, side: int) -> WeightFiles:
    # Keras publishes no checksums of these.
    stem = f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{float(alpha)}_{side}"
    return published(f"{HOST}/mobilenet_v2", stem, endings=(".h5", "_no_top.h5"))


preprocess_input = preprocessing("tf")

__all__ = ["MobileNetV2", "decode_predictions", "preprocess_input"]
