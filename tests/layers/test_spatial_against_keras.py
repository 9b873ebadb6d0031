"""Layers with spatial axes, and those that reshape, in many configurations against real Keras."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lernwerk import layers, ops
from lernwerk.errors import ShapeError

Agree = Callable[..., tuple[Any, Any]]
FIRST = {"data_format": "channels_first"}
SAME = {"padding": "same"}


def of(name: str, *cases: tuple[dict[str, Any], tuple[int, ...]]) -> list[Any]:
    return [(name, options, shape) for options, shape in cases]


CONVOLUTIONS = [
    *of(
        "Conv1D",
        ({"filters": 4, "kernel_size": 3}, (2, 9, 3)),
        ({"filters": 4, "kernel_size": 3, "strides": 2, **SAME}, (2, 10, 3)),
        ({"filters": 4, "kernel_size": 2, "padding": "causal", "dilation_rate": 3}, (2, 9, 3)),
        ({"filters": 2, "kernel_size": 3, "padding": "causal", "strides": 2}, (2, 9, 3)),
        ({"filters": 4, "kernel_size": 3, "groups": 2, "activation": "tanh"}, (2, 9, 6)),
        ({"filters": 4, "kernel_size": 3, "padding": "causal", **FIRST}, (2, 4, 9)),
    ),
    *of(
        "Conv2D",
        ({"filters": 4, "kernel_size": 3}, (2, 6, 7, 3)),
        ({"filters": 4, "kernel_size": (2, 3), "strides": (2, 1), **SAME}, (2, 7, 6, 3)),
        ({"filters": 4, "kernel_size": 3, "dilation_rate": 2, "use_bias": False}, (2, 8, 8, 3)),
        ({"filters": 6, "kernel_size": 3, "groups": 3, **SAME, "activation": "relu"}, (2, 5, 5, 3)),
        ({"filters": 2, "kernel_size": 1}, (2, 3, 3, 2)),
        ({"filters": 3, "kernel_size": 4, "strides": 3, **SAME}, (1, 8, 9, 2)),
        ({"filters": 4, "kernel_size": (5, 1), "dilation_rate": (1, 2), **SAME}, (2, 9, 8, 4)),
        ({"filters": 4, "kernel_size": 3, "strides": 2, "groups": 2, **FIRST}, (2, 4, 9, 8)),
    ),
    *of(
        "Conv3D",
        ({"filters": 2, "kernel_size": 2}, (2, 4, 4, 3, 2)),
        ({"filters": 2, "kernel_size": (3, 2, 1), "strides": (1, 2, 1), **SAME}, (1, 3, 4, 3, 2)),
        ({"filters": 2, "kernel_size": 2, "strides": (3, 1, 2), "groups": 2}, (2, 8, 4, 3, 4)),
        ({"filters": 2, "kernel_size": 2, "dilation_rate": (2, 1, 1), **SAME}, (1, 5, 3, 3, 2)),
        ({"filters": 4, "kernel_size": 2, **FIRST}, (2, 2, 4, 4, 5)),
    ),
]

TRANSPOSED = [
    *of(
        "Conv1DTranspose",
        ({"filters": 4, "kernel_size": 3, "strides": 2, **SAME}, (2, 4, 3)),
        ({"filters": 4, "kernel_size": 5, "strides": 2, "output_padding": 1}, (2, 4, 3)),
        ({"filters": 4, "kernel_size": 2, "dilation_rate": 3}, (2, 4, 3)),
        ({"filters": 4, "kernel_size": 3, "strides": 2, **FIRST}, (2, 3, 4)),
    ),
    *of(
        "Conv2DTranspose",
        ({"filters": 4, "kernel_size": 3}, (2, 4, 5, 3)),
        ({"filters": 4, "kernel_size": 3, "strides": 2, **SAME}, (2, 4, 5, 3)),
        ({"filters": 4, "kernel_size": 4, "strides": 2, **SAME}, (2, 4, 5, 3)),
        ({"filters": 4, "kernel_size": (2, 3), "strides": (3, 2)}, (2, 4, 5, 3)),
        ({"filters": 4, "kernel_size": 3, "strides": 2, **SAME, "output_padding": 1}, (2, 4, 5, 3)),
        ({"filters": 4, "kernel_size": 4, "strides": 3, **SAME, "output_padding": (2, 0)},
         (2, 4, 5, 3)),
        ({"filters": 4, "kernel_size": 4, "strides": 3, "output_padding": 1, "use_bias": False},
         (2, 4, 5, 3)),
        ({"filters": 4, "kernel_size": 3, "dilation_rate": 2, "activation": "relu"}, (2, 4, 5, 3)),
        ({"filters": 4, "kernel_size": 3, "dilation_rate": (1, 2), **SAME}, (2, 4, 5, 3)),
        ({"filters": 4, "kernel_size": 3, "strides": 2, **SAME, **FIRST}, (2, 3, 4, 5)),
    ),
    *of(
        "Conv3DTranspose",
        ({"filters": 2, "kernel_size": 3, "strides": 2, **SAME}, (1, 2, 3, 2, 2)),
        ({"filters": 2, "kernel_size": (1, 2, 3), "strides": (1, 2, 1),
          "output_padding": (0, 1, 0)}, (1, 2, 3, 2, 2)),
        ({"filters": 2, "kernel_size": 2, "dilation_rate": 2, **FIRST}, (1, 2, 3, 2, 2)),
    ),
]  # fmt: skip

PER_CHANNEL = [
    *of(
        "DepthwiseConv1D",
        ({"kernel_size": 3}, (2, 7, 3)),
        ({"kernel_size": 3, "depth_multiplier": 3, "strides": 2, **SAME}, (2, 7, 3)),
        ({"kernel_size": 3, "dilation_rate": 2, **FIRST}, (2, 3, 7)),
    ),
    *of(
        "DepthwiseConv2D",
        ({"kernel_size": 3}, (2, 6, 7, 3)),
        ({"kernel_size": 3, "depth_multiplier": 2, "strides": 2, **SAME, "activation": "relu"},
         (2, 6, 7, 3)),
        ({"kernel_size": (3, 2), "dilation_rate": 2, "use_bias": False}, (2, 6, 7, 3)),
        ({"kernel_size": 3, "depth_multiplier": 2}, (2, 6, 7, 1)),
        ({"kernel_size": 3, "depth_multiplier": 2, **FIRST}, (2, 3, 6, 7)),
    ),
    *of(
        "SeparableConv1D",
        ({"filters": 4, "kernel_size": 3, "depth_multiplier": 2}, (2, 7, 3)),
        ({"filters": 4, "kernel_size": 3, "strides": 2, **SAME}, (2, 7, 3)),
        ({"filters": 4, "kernel_size": 3, "dilation_rate": 2, **FIRST}, (2, 3, 7)),
    ),
    *of(
        "SeparableConv2D",
        ({"filters": 4, "kernel_size": 3}, (2, 6, 7, 3)),
        ({"filters": 4, "kernel_size": 3, "depth_multiplier": 2, "strides": 2, **SAME,
          "activation": "relu"}, (2, 6, 7, 3)),
        ({"filters": 4, "kernel_size": (3, 2), "dilation_rate": 2, "use_bias": False},
         (2, 6, 7, 3)),
        ({"filters": 4, "kernel_size": 3, **FIRST}, (2, 3, 6, 7)),
    ),
]  # fmt: skip

POOLINGS = [
    *of(
        "MaxPooling1D",
        ({}, (2, 7, 3)),
        ({"pool_size": 3, "strides": 2, **SAME}, (2, 8, 3)),
        (FIRST, (2, 3, 7)),
    ),
    *of(
        "MaxPooling2D",
        ({}, (2, 5, 6, 3)),
        ({"pool_size": (3, 2), "strides": (2, 1), **SAME}, (2, 6, 5, 2)),
        ({"pool_size": 3, "strides": 1}, (2, 5, 5, 2)),
        ({"pool_size": 3, "strides": 2, **SAME, **FIRST}, (2, 3, 7, 6)),
    ),
    *of(
        "MaxPooling3D",
        ({"pool_size": 2, **SAME}, (1, 3, 4, 5, 2)),
        (FIRST, (2, 3, 4, 4, 5)),
    ),
    *of(
        "AveragePooling1D",
        ({"pool_size": 3, **SAME}, (2, 7, 3)),
        ({"pool_size": 2, **FIRST}, (2, 3, 7)),
    ),
    *of(
        "AveragePooling2D",
        ({"pool_size": 2}, (2, 5, 6, 3)),
        ({"pool_size": 3, "strides": 2, **SAME}, (2, 6, 5, 2)),
        ({"pool_size": 3, "strides": 2, **SAME, **FIRST}, (2, 3, 7, 6)),
    ),
    *of(
        "AveragePooling3D",
        ({"pool_size": (1, 2, 2)}, (1, 3, 4, 5, 2)),
        ({"pool_size": 2, **FIRST}, (2, 3, 4, 4, 5)),
    ),
    *of("GlobalMaxPooling1D", ({}, (2, 5, 3)), ({"keepdims": True, **FIRST}, (2, 3, 4))),
    *of(
        "GlobalMaxPooling2D",
        ({}, (2, 5, 4, 3)),
        ({"keepdims": True}, (2, 5, 4, 3)),
        ({"keepdims": True, **FIRST}, (2, 3, 4, 5)),
    ),
    *of("GlobalMaxPooling3D", ({}, (2, 3, 4, 4, 5))),
    *of(
        "GlobalAveragePooling1D",
        ({}, (2, 5, 3)),
        ({"keepdims": True}, (2, 5, 3)),
        (FIRST, (2, 3, 4)),
    ),
    *of(
        "GlobalAveragePooling2D",
        ({}, (2, 5, 4, 3)),
        ({"keepdims": True}, (2, 5, 4, 3)),
        (FIRST, (2, 3, 4, 5)),
    ),
    *of(
        "GlobalAveragePooling3D",
        ({"keepdims": True}, (2, 3, 4, 4, 5)),
        ({"keepdims": True, **FIRST}, (2, 3, 4, 4, 5)),
    ),
]

EDGES = [
    *of("ZeroPadding1D", ({}, (2, 4, 3)), ({"padding": (0, 2)}, (2, 4, 3)),
        ({"padding": 2, **FIRST}, (2, 4, 3))),
    *of("ZeroPadding2D", ({}, (2, 4, 5, 3)), ({"padding": (0, 2)}, (2, 4, 5, 3)),
        ({"padding": ((0, 1), (2, 3))}, (2, 4, 5, 3)),
        ({"padding": ((0, 1), 2), **FIRST}, (2, 3, 4, 5))),
    *of("ZeroPadding3D", ({}, (1, 2, 3, 2, 2)),
        ({"padding": ((1, 0), (0, 2), (1, 1)), **FIRST}, (1, 2, 3, 2, 2))),
    *of("Cropping1D", ({}, (2, 4, 3)), ({"cropping": (0, 2)}, (2, 4, 3))),
    *of("Cropping2D", ({}, (2, 4, 5, 3)), ({"cropping": ((0, 1), (2, 2))}, (2, 4, 5, 3)),
        ({"cropping": (1, 2), **FIRST}, (2, 3, 4, 5))),
    *of("Cropping3D", ({}, (1, 3, 3, 4, 2)), ({"cropping": (1, 0, 2), **FIRST}, (1, 2, 3, 3, 5))),
]  # fmt: skip

ENLARGING = [
    *of("UpSampling1D", ({}, (2, 4, 3)), ({"size": 3}, (2, 4, 3))),
    *of(
        "UpSampling2D",
        ({}, (2, 4, 5, 3)),
        ({"size": (2, 3)}, (2, 4, 5, 3)),
        ({"size": 2, **FIRST}, (2, 3, 4, 5)),
        ({"size": (1, 3), "interpolation": "bilinear"}, (2, 4, 5, 3)),
        ({"size": (2, 4), "interpolation": "bilinear", **FIRST}, (2, 3, 4, 5)),
        ({"size": (2, 3), "interpolation": "bicubic"}, (2, 4, 5, 3)),
        ({"size": (2, 3), "interpolation": "lanczos3"}, (2, 4, 5, 3)),
        ({"size": (2, 3), "interpolation": "lanczos5"}, (2, 1, 5, 3)),
    ),
    *of("UpSampling3D", ({}, (1, 2, 3, 2, 2)), ({"size": (1, 2, 3), **FIRST}, (1, 2, 3, 2, 2))),
]

RESHAPING = [
    *of("Flatten", ({}, (2, 3, 4, 2)), ({}, (2, 3)), ({}, (3,)), (FIRST, (2, 3, 4, 5)),
        (FIRST, (2, 3))),
    *of("Reshape", ({"target_shape": (4, 3)}, (2, 12)), ({"target_shape": (-1, 2)}, (2, 3, 4)),
        ({"target_shape": (None, 4)}, (2, 3, 4)), ({"target_shape": ()}, (2, 1))),
    *of("Permute", ({"dims": (2, 1)}, (2, 3, 4)), ({"dims": (3, 1, 2)}, (2, 3, 4, 5))),
    *of("RepeatVector", ({"n": 4}, (2, 3))),
]  # fmt: skip

ALL = [*CONVOLUTIONS, *TRANSPOSED, *PER_CHANNEL, *POOLINGS, *EDGES, *ENLARGING, *RESHAPING]
each_class = pytest.mark.parametrize("name", sorted({name for name, _, _ in ALL}))


def numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype("float32")


@pytest.mark.parametrize(("name", "options", "shape"), ALL)
def test_outputs_gradients_and_weights_are_those_of_keras(
    agree: Agree, name: str, options: dict[str, Any], shape: tuple[int, ...]
) -> None:
    agree(name, options, numbers(*shape))


@each_class
def test_all_arguments_are_in_keras_s_order(keras: Any, name: str) -> None:
    def positional(kind: type) -> list[str]:
        found: list[str] = []
        for base in kind.__mro__:  # a *arguments goes on with those of the class above
            if "__init__" not in vars(base):
                continue
            own = list(inspect.signature(vars(base)["__init__"]).parameters.values())[1:]
            plain = [p.name for p in own if p.kind is p.POSITIONAL_OR_KEYWORD]
            found += [p for p in plain if p not in found]
            if all(p.kind is not p.VAR_POSITIONAL for p in own):
                return found
        return found

    assert positional(getattr(layers, name)) == positional(getattr(keras.layers, name))


@each_class
def test_configs_have_the_keys_and_values_of_keras(keras: Any, name: str) -> None:
    for options in [options for each, options, _ in ALL if each == name]:
        mine = getattr(layers, name)(name="layer", **options).get_config()
        real = getattr(keras.layers, name)(name="layer", **options).get_config()
        real.pop("activity_regularizer", None)
        mine.pop("activity_regularizer", None)
        assert mine.keys() == real.keys()
        plain = [key for key, value in mine.items() if not isinstance(value, dict)]
        assert {key: _lists(real[key]) for key in plain if key != "dtype"} == {
            key: mine[key] for key in plain if key != "dtype"
        }


def _lists(value: Any) -> Any:
    return [_lists(each) for each in value] if isinstance(value, (tuple, list)) else value


UNKNOWN = [
    ("Conv1D", {"filters": 4, "kernel_size": 3, "padding": "causal"}, (None, None, 2)),
    ("Conv1D", {"filters": 4, "kernel_size": 80, "strides": 4}, (None, None, 1)),
    ("Conv2D", {"filters": 4, "kernel_size": 3, "strides": 3}, (None, None, 9, 2)),
    ("Conv2D", {"filters": 4, "kernel_size": 3, **FIRST}, (None, 2, 9, None)),
    ("Conv2DTranspose", {"filters": 4, "kernel_size": 3, "strides": 2}, (None, None, 9, 2)),
    ("DepthwiseConv2D", {"kernel_size": 3, "depth_multiplier": 2}, (None, None, None, 2)),
    ("SeparableConv2D", {"filters": 4, "kernel_size": 3}, (None, None, None, 2)),
    ("MaxPooling2D", {}, (None, None, None, 2)),
    ("AveragePooling1D", {"pool_size": 2}, (None, None, 2)),
    ("GlobalMaxPooling1D", {}, (None, None, 2)),
    ("GlobalAveragePooling2D", {"keepdims": True, **FIRST}, (None, 2, None, None)),
    ("ZeroPadding2D", {}, (None, None, 7, None)),
    ("Cropping2D", {"cropping": 1}, (None, None, 7, 2)),
    ("UpSampling2D", {"interpolation": "bilinear"}, (None, None, 7, 2)),
    ("UpSampling1D", {}, (None, None, 2)),
    ("Flatten", {}, (None, None, 2)),
    ("Reshape", {"target_shape": (4, -1)}, (None, None, 16)),
    ("Reshape", {"target_shape": (4, 4)}, (None, None, 3)),
    ("Permute", {"dims": (2, 1)}, (None, None, 2)),
    ("RepeatVector", {"n": 3}, (None, 2)),
]


@pytest.mark.parametrize(("name", "options", "shape"), UNKNOWN)
def test_unknown_lengths_stay_unknown(
    keras: Any, name: str, options: dict[str, Any], shape: Any
) -> None:
    real = tuple(getattr(keras.layers, name)(**options).compute_output_shape(shape))
    assert getattr(layers, name)(**options).compute_output_shape(shape) == real


def test_functional_models_know_the_shapes_too() -> None:
    unknown = layers.Input((None, 3))
    assert layers.Reshape((4, 3))(unknown).shape == (None, 4, 3)
    assert layers.Reshape((-1, 3, 1))(unknown).shape == (None, None, 3, 1)
    assert layers.Conv1D(2, 100)(unknown).shape == (None, None, 2)
    pictures = layers.Input((None, None, 3))
    assert ops.upsample(pictures, factors=(2, 2)).shape == (None, None, None, 3)
    with pytest.raises(ShapeError, match=r"at least \(3, 3\), got \(2, 64\)"):
        layers.Conv2D(2, 3)(layers.Input((2, None, 3)))


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_global_average_pooling_skips_masked_steps(
    agree: Agree, keepdims: bool, data_format: str
) -> None:
    mask = np.ones((4, 6), bool)
    mask[0, 4:] = mask[1, :2] = mask[2, 1:4] = False
    shape = (4, 6, 2) if data_format == "channels_last" else (4, 2, 6)
    options = {"keepdims": keepdims, "data_format": data_format}
    agree("GlobalAveragePooling1D", options, numbers(*shape), mask=mask)


@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("name", ["DepthwiseConv1D", "SeparableConv1D"])
def test_causal_windows_end_at_their_own_step(keras: Any, name: str, dilation: int) -> None:
    """Keras 3 has no causal padding here: the oracle is a valid window over zeros in front."""
    filters = {"filters": 4} if name == "SeparableConv1D" else {}
    options = {"kernel_size": 3, "dilation_rate": dilation, **filters}
    mine = getattr(layers, name)(padding="causal", **options)
    real = getattr(keras.layers, name)(**options)
    x = numbers(2, 9, 3)
    mine.build_for(x.shape)
    real.build(x.shape)
    real.set_weights(mine.get_weights())
    front = np.concatenate([np.zeros((2, 2 * dilation, 3), "float32"), x], axis=1)
    np.testing.assert_allclose(mine(x).numpy(), np.asarray(real(front)), atol=1e-6)


def test_regularizers_and_constraints_reach_every_weight() -> None:
    kernel = {"kernel_regularizer": "l2", "kernel_constraint": _halved}
    channel = {"depthwise_regularizer": "l2", "depthwise_constraint": _halved}
    pointwise = {"pointwise_regularizer": "l2", "pointwise_constraint": _halved}
    bias = {"bias_regularizer": "l2", "bias_constraint": _halved}
    for made in (
        layers.Conv2D(2, 2, **kernel, **bias),
        layers.Conv2DTranspose(2, 2, **kernel, **bias),
        layers.DepthwiseConv2D(2, **channel, **bias),
        layers.SeparableConv2D(2, 2, **channel, **pointwise, **bias),
    ):
        made.build_for((None, 4, 4, 3))
        assert len(made.losses) == len(made.weights) >= 2
        assert all(weight.constraint is _halved for weight in made.weights)


def _halved(w: Any) -> Any:
    return w / 2
