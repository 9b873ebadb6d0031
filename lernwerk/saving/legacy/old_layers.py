"""What layers were called in Keras 1 and 2, and the options whose meaning has changed since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lernwerk.errors import DataError

RENAMED: Mapping[str, str] = {
    "Convolution1D": "Conv1D", "Convolution2D": "Conv2D", "Convolution3D": "Conv3D",
    "AtrousConvolution1D": "Conv1D", "AtrousConvolution2D": "Conv2D",
    "Deconvolution2D": "Conv2DTranspose", "Convolution2DTranspose": "Conv2DTranspose",
    "SeparableConvolution1D": "SeparableConv1D", "SeparableConvolution2D": "SeparableConv2D",
    "CuDNNLSTM": "LSTM", "CuDNNGRU": "GRU", "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization", "LSTMV2": "LSTM", "GRUV2": "GRU",
    "TimeDistributedDense": "Dense",
}  # fmt: skip
_RECURRENT = ("SimpleRNN", "LSTM", "GRU", "SimpleRNNCell", "LSTMCell", "GRUCell", "ConvLSTM2D")
_DROPPED = ("input_dtype", "sparse", "ragged", "time_major", "implementation", "unroll",
            "consume_less", "renorm", "fused", "virtual_batch_size")  # fmt: skip
_MODES = {
    "sum": "Add", "mul": "Multiply", "ave": "Average", "max": "Maximum", "min": "Minimum",
    "concat": "Concatenate", "dot": "Dot", "cos": "Dot",
}  # fmt: skip
OLD_HARD_SIGMOID = "hard_sigmoid_of_keras2"


def layer_options(name: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a layer with their meaning of that time."""
    current = RENAMED.get(name, name)
    found = {key: value for key, value in config.items() if key not in _DROPPED}
    if name == "InputLayer":
        found["batch_shape"] = found.pop("batch_input_shape", found.get("batch_shape"))
    axis = found.get("axis")
    if isinstance(axis, list) and len(axis) == 1:
        found["axis"] = axis[0]
    if current == "DepthwiseConv2D" and found.get("groups") == 1:
        del found["groups"]
    if current in ("GRU", "GRUCell"):
        found.setdefault("reset_after", name == "CuDNNGRU")
    for key in ("activation", "recurrent_activation", "inner_activation"):
        if found.get(key) == "hard_sigmoid":
            found[key] = OLD_HARD_SIGMOID
    return found


def merge_form(inner: Mapping[str, Any]) -> dict[str, Any]:
    """Keras 1's ``Merge``, whose kind was an option."""
    mode = inner.get("mode")
    if mode not in _MODES or inner.get("layers"):
        raise DataError(
            "config", "a Merge of a known mode in a functional model", repr(mode),
            "Save the model again in Keras 2, written with layers.concatenate and the like.",
        )  # fmt: skip
    config: dict[str, Any] = {"name": inner.get("name")}
    if mode == "concat":
        config["axis"] = inner.get("concat_axis", -1)
    if mode in ("dot", "cos"):
        config |= {"axes": inner.get("dot_axes", -1), "normalize": mode == "cos"}
    return {"module": "keras.layers", "class_name": _MODES[mode], "config": config,
            "registered_name": None}  # fmt: skip


def is_recurrent(name: str) -> bool:
    """Whether a class took its states as further inputs."""
    return name in (*_RECURRENT, "RNN", "Bidirectional")
