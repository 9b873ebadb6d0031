"""Functional models, each made by the same lines from our modules and from Keras's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_random = np.random.default_rng(5)


def _floats(*shape: int) -> Any:
    return _random.normal(size=shape).astype("float32")


ROW, OTHER = _floats(6, 4), _floats(6, 4)
STEPS = _floats(6, 5, 3)


def chain(k: Any) -> Any:
    """Layers one after the other."""
    x = k.Input((4,), name="a")
    return k.Model(x, k.layers.Dense(2)(k.layers.Dense(3, "tanh")(x)))


def two_inputs(k: Any) -> Any:
    """Two inputs and two outputs, joined by an operator."""
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b")
    joined = k.layers.Dense(3)(a) + k.layers.Dense(3)(b)
    return k.Model([a, b], [k.layers.Dense(1, name="one")(joined), joined], name="pair")


def dictionaries(k: Any) -> Any:
    """Inputs and outputs by name."""
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b")
    outputs = {"y": k.layers.Dense(1)(a - b), "x": k.layers.Dense(2)(a * b)}
    return k.Model({"a": a, "b": b}, outputs)


def shared(k: Any) -> Any:
    """One layer used three times, at different depths."""
    x = k.Input((4,))
    layer = k.layers.Dense(4, activation="tanh")
    return k.Model(x, layer(layer(x)) + layer(x * 2.0))


def nested(k: Any) -> Any:
    """A functional model and a Sequential inside, the first used twice."""
    entry = k.Input((4,))
    inner = k.Model(entry, k.layers.Dense(3)(entry) / 2.0, name="inner")
    chain = k.Sequential([k.Input((3,)), k.layers.Dense(3), k.layers.BatchNormalization()])
    x = k.Input((4,))
    return k.Model(x, chain(inner(x)) + inner(x + 1.0))


def intermediate(k: Any) -> Any:
    """A model that begins in the middle of another one."""
    x = k.Input((4,))
    middle = k.layers.Dense(4, name="early")(x)
    return k.Model(middle, k.layers.Dense(2, name="late")(middle))


def operators(k: Any) -> Any:
    """Operators with numbers on either side, powers, comparisons and indices."""
    x = k.Input((4,))
    y = 2.0 - x * 3.0
    y = (y / 4.0 + x**2) - 1.0 / (x * x + 1.0)
    y = -y + abs(x)
    picked = y[:, 1:3] + y[:, ::2] + y[:, None, 0]
    return k.Model(x, [picked, k.layers.Dense(2)(picked)])


def ellipsis(k: Any) -> Any:
    """An index with an Ellipsis, which Keras has no form for in .h5 files."""
    x = k.Input((5, 3))
    return k.Model(x, k.layers.Dense(2)(x[..., -1:]))


def reductions(k: Any) -> Any:
    """Functions of keras.ops with axes and without."""
    x, ops = k.Input((5, 3)), k.ops
    mean, total = ops.mean(x, axis=1), ops.sum(x, axis=(1, 2), keepdims=True)
    largest = ops.max(x, axis=-1)
    flat = ops.reshape(x, (-1, 15))
    turned = ops.transpose(x, (0, 2, 1))
    joined = ops.concatenate([mean, ops.sqrt(ops.square(mean)), largest], axis=-1)
    stacked = ops.stack([mean, ops.exp(mean * 0.1)], axis=1)
    return k.Model(x, [joined, total, flat, turned, stacked, ops.softmax(mean, axis=-1)])


def several_functions(k: Any) -> Any:
    """More functions of keras.ops."""
    x, ops = k.Input((5, 3)), k.ops
    pairs = ops.matmul(x, ops.transpose(x, axes=(0, 2, 1)))
    where = ops.where(x > 0.0, x, x * 0.5)
    wide = ops.expand_dims(ops.squeeze(ops.expand_dims(x, 1), axis=1), axis=-1)
    limited = ops.clip(ops.maximum(x, -0.5), -0.4, 0.3)
    return k.Model(x, [pairs, where, wide, limited, ops.cast(x, "float32"), ops.relu(x)])


def two_arguments(k: Any) -> Any:
    """A layer called with several tensors and options."""
    x = k.Input((5, 3))
    attended = k.layers.MultiHeadAttention(2, 3)(x, x, use_causal_mask=True)
    return k.Model(x, attended + x)


def merged(k: Any) -> Any:
    """Layers that take lists."""
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b")
    joined = k.layers.Concatenate()([k.layers.Dense(3)(a), b])
    return k.Model([a, b], k.layers.Add()([k.layers.Dense(4)(joined), b]))


# name: how it is made, what goes in
CASES: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "chain": (chain, ROW), "two_inputs": (two_inputs, [ROW, OTHER]),
    "dictionaries": (dictionaries, {"a": ROW, "b": OTHER}), "shared": (shared, ROW),
    "nested": (nested, ROW), "intermediate": (intermediate, ROW), "operators": (operators, ROW),
    "ellipsis": (ellipsis, STEPS), "reductions": (reductions, STEPS),
    "several_functions": (several_functions, STEPS),
    "two_arguments": (two_arguments, STEPS), "merged": (merged, [ROW, OTHER]),
}  # fmt: skip


def filled(model: Any) -> Any:
    """The model with weights that are no first values."""
    generator = np.random.default_rng(3)
    model.set_weights([generator.uniform(0.1, 0.9, np.shape(w)).astype("float32")
                       for w in model.get_weights()])  # fmt: skip
    return model


def flat(outputs: Any) -> list[Any]:
    """Outputs as a list of arrays; those of a dict in the order of its keys."""
    if isinstance(outputs, dict):
        outputs = [outputs[key] for key in sorted(outputs)]
    return [
        np.asarray(each) for each in (outputs if isinstance(outputs, (list, tuple)) else [outputs])
    ]
