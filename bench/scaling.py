"""S1: the time of a training step against width, depth, batch and length: points of a chart.

``python -m bench scaling --write`` measures them and draws docs/scaling.png.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from bench.registry import HIDDEN, OURS, Makers, Unit, row

INPUTS, CLASSES = 64, 10
UNITS, CHANNELS, ROWS = 128, 32, 32  # of the LSTM: units, inputs of a step, batch
# Each axis with the values along it; where a network has other axes they are at their middle.
AXES: dict[str, tuple[int, ...]] = {
    "width": (16, 64, 256, 1024, 2048),
    "depth": (1, 4, 16, 64),
    "batch": (1, 8, 64, 512, 2048),
    "length": (4, 20, 100, 400),
}
MIDDLE = {"width": 256, "depth": 2, "batch": 128}
TITLES = {
    "width": "Units of 2 dense layers, batch 128",
    "depth": "Dense layers of 256 units, batch 128",
    "batch": "Batch, 2 dense layers of 256 units",
    "length": "Steps of an LSTM of 128 units, batch 32",
}
RATE = 0.01


def dense_point(width: int, depth: int, batch: int) -> Makers:
    """A step of gradient descent on ``depth`` dense layers of this width."""
    random = np.random.default_rng(8)
    x = random.standard_normal((batch, INPUTS), dtype=np.float32)
    y = random.integers(0, CLASSES, batch, dtype=np.int32)
    sizes = [INPUTS, *[width] * depth, CLASSES]
    # He's spread keeps numbers alike through many layers: arXiv:1502.01852.
    kernels = [random.standard_normal(pair, dtype=np.float32) * np.float32(np.sqrt(2 / pair[0]))
               for pair in pairwise(sizes)]  # fmt: skip
    weights = [each for kernel in kernels for each in (kernel, np.zeros(kernel.shape[1], "f4"))]

    def ours() -> Unit:
        from lernwerk import layers

        hidden = [layers.Dense(width, activation="relu") for _ in range(depth)]
        return _ours((INPUTS,), hidden, weights, x, y)

    def raw() -> Unit:
        import jax

        from bench import raw_jax

        loss = raw_jax.sparse(raw_jax.dense(jax.nn.relu))
        return raw_jax.Training(loss, raw_jax.sgd(RATE), weights).steps(x, y)

    def torch() -> Unit:
        from torch import nn

        hidden = [part for pair in pairwise(sizes[:-1])
                  for part in (nn.Linear(*pair), nn.ReLU())]  # fmt: skip
        return _torch(nn.Sequential(*hidden, nn.Linear(width, CLASSES)), weights, x, y)

    return {OURS: ours, "jax": raw, "torch": torch}


def recurrent_point(length: int) -> Makers:
    """A step of gradient descent on an LSTM over sequences of this length."""
    random = np.random.default_rng(9)
    x = random.standard_normal((ROWS, length, CHANNELS), dtype=np.float32)
    y = random.integers(0, CLASSES, ROWS, dtype=np.int32)
    shapes = (CHANNELS, 4 * UNITS), (UNITS, 4 * UNITS), (4 * UNITS,), (UNITS, CLASSES), (CLASSES,)
    weights = [0.05 * random.standard_normal(shape, dtype=np.float32) for shape in shapes]

    def ours() -> Unit:
        from lernwerk import layers

        return _ours((length, CHANNELS), [layers.LSTM(UNITS)], weights, x, y)

    def raw() -> Unit:
        from bench import raw_jax

        loss = raw_jax.sparse(raw_jax.last_output)
        return raw_jax.Training(loss, raw_jax.sgd(RATE), weights).steps(x, y)

    def torch() -> Unit:
        from bench import torch_networks

        model = torch_networks.LastOutput(CHANNELS, UNITS, CLASSES)
        return _torch(model, weights, x, y)

    return {OURS: ours, "jax": raw, "torch": torch}


def _ours(shape: tuple[int, ...], hidden: list[Any], weights: Any, x: Any, y: Any) -> Unit:
    import lernwerk
    from bench import networks

    layers = [*hidden, lernwerk.layers.Dense(CLASSES, activation="softmax")]
    optimizer = lernwerk.optimizers.SGD(RATE)
    model = networks.compiled(lernwerk, shape, layers, optimizer, networks.SPARSE, {})
    model.set_weights(weights)
    return networks.step(model, x, y)


def _torch(model: Any, weights: Any, x: Any, y: Any) -> Unit:
    from torch import nn

    from bench import torch_networks, torch_running

    torch_networks.load(model, weights)
    optimizer = torch_running.sgd(model, RATE)
    return torch_running.steps(model, optimizer, nn.CrossEntropyLoss(), x, y)


def point_id(axis: str, value: int) -> str:
    """The id of the row that is this point of the chart."""
    return f"{HIDDEN}-{axis}-{value}"


def _register(axis: str, value: int) -> None:
    make: Callable[[], Makers] = (
        partial(recurrent_point, value) if axis == "length"
        else partial(dense_point, **{**MIDDLE, axis: value})
    )  # fmt: skip
    title = f"{TITLES[axis]}: {axis} {value}"
    row(point_id(axis, value), title, "time per step against work", agree=1e-3)(make)


for _axis, _values in AXES.items():
    for _value in _values:
        _register(_axis, _value)
