"""The messages of event files: an event, and the values that TensorBoard's pages show.

Each function gives the bytes of one message; the numbers are those of the fields in TensorFlow's
``event.proto``, ``summary.proto`` and ``tensor.proto``. Values have the form that TensorFlow 2
writes: a tensor together with the name of the page ("plugin") that shows it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk.callbacks.tensorboard.wire import block, double, integer
from lernwerk.ops.primitive import Array

BUCKETS = 30
_TYPES = {"float32": 1, "float64": 2, "int32": 3, "uint8": 4, "int64": 9, "bool": 10}
_TEXT = 7


def event(wall_time: float, content: bytes, step: int = 0) -> bytes:
    """An event: when, at which step, and one of the contents below."""
    return double(1, wall_time) + integer(2, step) + content


def version() -> bytes:
    """The content of the first event of each file."""
    return block(3, "brain.Event:2")


def graph(graph_def: bytes) -> bytes:
    """The content of an event that holds a graph."""
    return block(4, graph_def)


def summary(value: bytes) -> bytes:
    """The content of an event that holds one value."""
    return block(5, block(1, value))


def value(tag: str, tensor: bytes, plugin: str, content: bytes = b"", about: str = "") -> bytes:
    """A tensor under a tag, and the page that shows it."""
    data = block(1, plugin) + (block(2, content) if content else b"")
    metadata = block(1, data) + (block(3, about) if about else b"")
    return block(1, tag) + block(8, tensor) + block(9, metadata)


# ---- tensors


def shape(lengths: Any) -> bytes:
    """The lengths of the axes."""
    return b"".join(block(2, integer(1, length)) for length in lengths)


def data_type(dtype: Any) -> int:
    """The number of a type; 0 where TensorFlow's list has none of that name."""
    return _TYPES.get(str(dtype), 0)


def numbers(array: Array) -> bytes:
    """A tensor of numbers."""
    little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    return integer(1, data_type(array.dtype)) + block(2, shape(array.shape)) + block(
        4, little.tobytes()
    )  # fmt: skip


def texts(values: list[bytes], lengths: Any) -> bytes:
    """A tensor of texts or bytes."""
    listed = b"".join(block(8, each) for each in values)
    return integer(1, _TEXT) + block(2, shape(lengths)) + listed


# ---- values


def scalar(tag: str, number: float, about: str = "") -> bytes:
    """A point of a curve."""
    return value(tag, numbers(np.asarray(number, np.float32)), "scalars", about=about)


def histogram(tag: str, data: Array, buckets: int = BUCKETS, about: str = "") -> bytes:
    """How often which values occur: left edge, right edge and count of each bucket."""
    return value(tag, numbers(bucketed(data, buckets)), "histograms", about=about)


def bucketed(data: Array, buckets: int) -> Array:
    """Buckets of equal width from the smallest to the largest value, as (buckets, 3).

    Equal values are all in the last one; values that are not finite are left out.
    """
    flat = np.asarray(data, np.float64).reshape(-1)
    flat = flat[np.isfinite(flat)]
    if not flat.size:
        return np.zeros((buckets, 3))
    low, high = flat.min(), flat.max()
    edges = np.linspace(low, high, buckets + 1)
    if low == high:
        counts = np.zeros(buckets)
        counts[-1] = flat.size
    else:
        places = np.floor((flat - low) / ((high - low) / buckets)).astype(np.int64)
        counts = np.bincount(np.minimum(places, buckets - 1), minlength=buckets)
    return np.stack([edges[:-1], edges[1:], counts], axis=1)


def images(tag: str, pictures: list[bytes], size: tuple[int, int], about: str = "") -> bytes:
    """PNG files of one size (width, height)."""
    width, height = (str(length).encode() for length in size)
    return value(tag, texts([width, height, *pictures], [len(pictures) + 2]), "images", about=about)


def text(tag: str, words: str, about: str = "") -> bytes:
    """A text in Markdown."""
    return value(tag, texts([words.encode()], []), "text", about=about)


def conceptual_graph(tag: str, model: str) -> bytes:
    """The layers of a model, from its description in JSON."""
    return value(tag, texts([model.encode()], []), "graph_keras_model", b"1")
