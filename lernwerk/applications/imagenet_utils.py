"""Pictures and classes of ImageNet: preparing the former, naming the latter.

The weights of each network were learned on pictures prepared in one of three ways; the network's
module has the ``preprocess_input`` that fits.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from lernwerk.applications.weights import find
from lernwerk.config import floatx, standardize_data_format
from lernwerk.datasets.download import RemoteFile
from lernwerk.errors import COUNT, FileError, ShapeError, check_name, check_ranges

CLASSES = 1000
CLASS_INDEX = RemoteFile(
    "imagenet_class_index.json",
    ("https://storage.googleapis.com/download.tensorflow.org/data/imagenet_class_index.json",),
    "c2c37ea517e94d9795004a39431a14cb",
)
# The mean of each channel over ImageNet in the order blue, green, red, as Caffe's models use it.
_CAFFE_MEAN = (103.939, 116.779, 123.68)
# Mean and deviation of each channel for pixels between 0 and 1, as Torch's models use them.
_TORCH_MEAN, _TORCH_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_MODES = ("caffe", "tf", "torch")


def preprocess_input(x: Any, data_format: str | None = None, mode: str = "caffe") -> Any:
    """Prepare pictures with numbers from 0 to 255 for a network that was trained on ImageNet.

    caffe: blue, green, red instead of red, green, blue; minus the mean of each channel
    tf: x / 127.5 - 1
    torch: (x / 255 - mean) / deviation of each channel

    Shapes: x (b, h, w, 3) or (h, w, 3), with channels_first (b, 3, h, w) or (3, h, w) -> the same
    Differs: an array is not changed in place: the result is another one.
    """
    where = "preprocess_input"
    check_name(where, "mode", mode, _MODES)
    first = standardize_data_format(where, data_format) == "channels_first"
    x = _floating(x)
    if mode == "tf":
        return x / 127.5 - 1.0
    axis = len(x.shape) - 3 if first else len(x.shape) - 1
    if len(x.shape) < 3 or x.shape[axis] != 3:
        wanted = "(batch, 3, height, width)" if first else "(batch, height, width, 3)"
        raise ShapeError(where, f"pictures with three channels {wanted}", tuple(x.shape))
    if mode == "caffe":
        return _backwards(x, axis) - _along(_CAFFE_MEAN, x, axis)
    return (x / 255.0 - _along(_TORCH_MEAN, x, axis)) / _along(_TORCH_DEVIATION, x, axis)


def preprocessing(mode: str) -> Callable[..., Any]:
    """``preprocess_input`` of a network's module: the mode is that of its weights."""

    def prepare(x: Any, data_format: str | None = None) -> Any:
        return preprocess_input(x, data_format, mode)

    prepare.__name__ = prepare.__qualname__ = "preprocess_input"
    prepare.__doc__ = f"""Prepare pictures with numbers from 0 to 255 for the published weights.

    The same as ``imagenet_utils.preprocess_input(x, data_format, mode={mode!r})``.
    """
    return prepare


def decode_predictions(preds: Any, top: int = 5) -> list[list[tuple[str, str, float]]]:
    """For each picture the ``top`` likeliest classes: (WordNet's id, name, probability).

    Shapes: preds (b, 1000)
    Raises: FileError, with address and folder, where the list of names cannot be downloaded.
    """
    shape = tuple(np.shape(preds))
    if len(shape) != 2 or shape[1] != CLASSES:
        raise ShapeError("decode_predictions", f"predictions of shape (batch, {CLASSES})", shape,
                         "Only networks with ImageNet's classes have these names.")  # fmt: skip
    check_ranges("decode_predictions", {"top": top}, {"top": COUNT})
    names = class_names()
    rows = np.asarray(preds)
    best = np.argsort(-rows, axis=1, kind="stable")[:, :top]
    return [[(*names[k], row[k]) for k in order] for row, order in zip(rows, best, strict=True)]


@functools.cache
def class_names() -> list[tuple[str, str]]:
    """The WordNet id and the name of each of ImageNet's thousand classes, in their order."""
    path = find(CLASS_INDEX)
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))
        return [(str(listed[str(k)][0]), str(listed[str(k)][1])) for k in range(CLASSES)]
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise FileError(str(path), "the list of ImageNet's classes", f"{error}",
                        "Delete it; it is downloaded again.") from None  # fmt: skip


def _floating(x: Any) -> Any:
    """The pictures as floating-point numbers; tensors and symbolic tensors stay what they are."""
    if not hasattr(x, "dtype"):
        x = np.asarray(x)
    kind = np.dtype(x.dtype).kind
    return x if kind == "f" else x.astype(floatx())


def _backwards(x: Any, axis: int) -> Any:
    return x[(*[slice(None)] * axis, slice(None, None, -1))]


def _along(numbers: tuple[float, ...], x: Any, axis: int) -> Any:
    lengths = [3 if each == axis else 1 for each in range(len(x.shape))]
    return np.reshape(np.array(numbers, dtype=np.dtype(x.dtype)), lengths)


__all__ = ["decode_predictions", "preprocess_input"]
