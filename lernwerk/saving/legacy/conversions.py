"""Weights as Keras 1, CuDNN layers and Theano kept them, in the order and shape of today.

The forms are told by number and shape of the arrays. They are described in Keras 2.3's
``keras/engine/saving.py`` (preprocess_weights_for_loading).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from lernwerk import layers
from lernwerk.layers.layer import Layer
from lernwerk.ops.primitive import Array

Arrays = Sequence[Array]
_GATES = {"LSTM": (0, 2, 1, 3), "GRU": (0, 1, 2)}  # Keras 1 kept them in the order i c f o, z r h


class Origin(NamedTuple):
    """Which Keras wrote a file, on which backend."""

    version: str
    backend: str


def converted(layer: Layer, arrays: Arrays, origin: Origin) -> list[Array]:
    """The arrays of a layer in the form of today."""
    kind = type(layer).__name__
    inner = getattr(layer, "layer", None)
    if kind == "TimeDistributed" and isinstance(inner, Layer):
        return converted(inner, arrays, origin)
    if kind == "Bidirectional":
        half = len(arrays) // 2
        both = (getattr(layer, "forward_layer", None), getattr(layer, "backward_layer", None))
        parts = zip(both, (arrays[:half], arrays[half:]), strict=True)
        return [array for each, part in parts for array in converted(each, part, origin)]
    if kind in _GATES:
        return _recurrent(kind, arrays)
    if isinstance(layer, layers.Conv1D) or kind.startswith(("Conv", "SeparableConv", "Depthwise")):
        return _convolution(layer, arrays, origin)
    return list(arrays)


# ---- recurrent layers


def _recurrent(kind: str, arrays: Arrays) -> list[Array]:
    gates = _GATES[kind]
    if len(arrays) == 3 * len(gates):  # Keras 1: kernel, recurrent kernel and bias of each gate
        return [np.concatenate([arrays[3 * gate + part] for gate in gates], axis=-1)
                for part in range(3)]  # fmt: skip
    if len(arrays) == 3 and _is_cudnn(arrays, len(gates)):
        return _from_cudnn(kind, arrays, len(gates))
    return list(arrays)


def _is_cudnn(arrays: Arrays, gates: int) -> bool:
    """Whether there are two biases for each gate in one row."""
    units = arrays[1].shape[0] if arrays[1].ndim == 2 else 0
    return arrays[2].shape == (2 * gates * units,)


def _from_cudnn(kind: str, arrays: Arrays, gates: int) -> list[Array]:
    """CuDNN keeps every gate's matrices transposed, in memory order, and two biases."""
    kernel, recurrent, bias = arrays
    kernels = [each.T.reshape(each.shape, order="F") for each in np.split(kernel, gates, axis=1)]
    recurrents = [each.T for each in np.split(recurrent, gates, axis=1)]
    both = bias.reshape(2, -1)
    return [np.concatenate(kernels, axis=1), np.concatenate(recurrents, axis=1),
            both.sum(0) if kind == "LSTM" else both]  # fmt: skip


# ---- convolutions


def _convolution(layer: Layer, arrays: Arrays, origin: Origin) -> list[Array]:
    found = list(arrays)
    kernels = [i for i, array in enumerate(found) if array.ndim >= 3]
    targets = [*layer.trainable_weights, *layer.non_trainable_weights]
    for index in kernels:
        target = targets[index].shape if index < len(targets) else None
        if origin.version.startswith("1") and target is not None:
            found[index] = _from_first(found[index], target)
        if origin.backend == "theano":  # which turns kernels round before it applies them
            found[index] = np.flip(found[index], axis=tuple(range(found[index].ndim - 2)))
    return found


def _from_first(kernel: Array, shape: Sequence[int]) -> Array:
    """A kernel of Keras 1: (filters, channels, *lengths) or with a second length of one in 1D."""
    if kernel.shape == tuple(shape):
        return kernel
    for change in _CHANGES:
        if kernel.ndim >= 3 and change(kernel).shape == tuple(shape):
            return change(kernel)
    return kernel


def _filters_first(kernel: Array) -> Array:
    return kernel.transpose((*range(2, kernel.ndim), 1, 0))


def _one_length(kernel: Array) -> Array:
    return kernel[:, 0] if kernel.ndim == 4 else kernel


_CHANGES: Sequence[Callable[[Array], Array]] = (
    _one_length,
    _filters_first,
    lambda kernel: _one_length(_filters_first(kernel)),
    lambda kernel: kernel.swapaxes(-1, -2),  # transposed convolutions had channels and filters so
)
