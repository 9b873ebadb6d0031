"""Layers with spatial axes run on native kernels, forward and backward, but for volumes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lernwerk import gradient, layers, trace
from lernwerk.core.passes import simplify
from lernwerk.engines.native import ENGINE

FIRST = {"data_format": "channels_first"}
TRANSPOSED = {"filters": 4, "kernel_size": 3, "strides": 2}


@pytest.mark.parametrize(
    ("name", "options", "shape"),
    [
        ("Conv1D", {"filters": 4, "kernel_size": 3, "padding": "causal"}, (2, 9, 3)),
        ("Conv2D", {"filters": 4, "kernel_size": 3, "groups": 2, **FIRST}, (2, 4, 9, 8)),
        ("Conv3D", {"filters": 4, "kernel_size": 3, "padding": "same"}, (2, 4, 5, 6, 2)),
        ("Conv1DTranspose", TRANSPOSED, (2, 9, 3)),
        ("Conv2DTranspose", {**TRANSPOSED, "padding": "same", **FIRST}, (2, 3, 4, 5)),
        ("DepthwiseConv1D", {"kernel_size": 3}, (2, 9, 3)),
        ("DepthwiseConv2D", {"kernel_size": 3, "depth_multiplier": 2, "strides": 2}, (2, 8, 9, 3)),
        ("SeparableConv1D", {"filters": 4, "kernel_size": 3}, (2, 9, 3)),
        ("SeparableConv2D", {"filters": 4, "kernel_size": 3}, (2, 8, 9, 3)),
        ("ZeroPadding2D", {}, (2, 4, 5, 3)),
        ("Cropping2D", {"cropping": 1}, (2, 4, 5, 3)),
        ("UpSampling1D", {}, (2, 4, 3)),
        ("UpSampling2D", {}, (2, 4, 5, 3)),
        ("UpSampling2D", {"interpolation": "bilinear"}, (2, 4, 5, 3)),
        ("UpSampling2D", {"interpolation": "bicubic", **FIRST}, (2, 3, 4, 5)),
        ("UpSampling3D", {}, (1, 2, 3, 2, 2)),
        ("MaxPooling1D", {}, (2, 7, 3)),
        ("MaxPooling2D", {"pool_size": 3, "strides": 2, "padding": "same"}, (2, 7, 6, 3)),
        ("AveragePooling2D", {"pool_size": 2, **FIRST}, (2, 3, 7, 6)),
        ("GlobalMaxPooling2D", {}, (2, 4, 5, 3)),
        ("GlobalAveragePooling3D", {}, (2, 3, 4, 4, 5)),
        ("Permute", {"dims": (3, 1, 2)}, (2, 3, 4, 5)),
        ("RepeatVector", {"n": 4}, (2, 3)),
    ],
)
def test_no_node_falls_back_to_numpy(name: str, options: Any, shape: tuple[int, ...]) -> None:
    layer = getattr(layers, name)(**options)
    x = np.random.default_rng(0).normal(size=shape).astype("float32")
    g = np.ones(layer(x).shape, "float32")

    def both(x: Any, g: Any) -> Any:
        y = layer(x)
        return [y, *gradient(y, [x, *layer.trainable_variables], g)]

    places = ENGINE.placement(simplify(trace(both, x, g).graph))
    assert [node.primitive.name for node, place in places.items() if place == "numpy"] == []
