"""What ``keras.backend`` does with a model's symbols: placeholders, functions, gradients.

The work is done in ``lernwerk.layers.symbolic``; here are only the old names and arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lernwerk.backend.arguments import tensor
from lernwerk.core.compiled import compiled
from lernwerk.core.gradient import gradient
from lernwerk.core.tree import leaves, map_leaves
from lernwerk.errors import ArgumentError
from lernwerk.layers import symbolic
from lernwerk.layers.context import training_mode
from lernwerk.ops.primitive import Array
from lernwerk.optimizers.updates import Update


def placeholder(
    shape: Any = None, ndim: int | None = None, dtype: Any = None, sparse: bool = False,
    name: str | None = None,
) -> Any:  # fmt: skip
    """The symbol of an input whose first axis is the batch."""
    from lernwerk.layers import Input

    lengths = (None,) * (ndim or 0) if shape is None else tuple(shape)
    return Input(batch_shape=lengths, dtype=dtype, name=name)


def is_keras_tensor(x: Any) -> bool:
    """Whether this is the symbol of a model: ``Input(...)`` or what a layer made of one."""
    return hasattr(type(x), "__composite__")


is_placeholder = is_keras_tensor


def function(
    inputs: Any, outputs: Any, updates: Any = None, **options: Any
) -> Callable[[Any], list[Array]]:
    """A function of arrays that computes symbols from symbols: ``K.function([x], [y])``.

    Its results are NumPy arrays. A learning phase after the arrays (0 or 1) says whether layers
    are called as in training. ``updates`` are those of ``optimizer.get_updates``, one step each.
    Raises ArgumentError for others: assignments happen at once here.
    """
    steps = [each for each in updates or () if each is not None]
    for each in steps:
        if not isinstance(each, Update):
            raise ArgumentError("K.function", "updates of an optimizer", repr(each)[:60],
                                "optimizer.get_updates(loss, weights)")  # fmt: skip
    symbols = [each for each in leaves(inputs) if is_keras_tensor(each)]

    @compiled
    def computed(arrays: Any, training: bool) -> Any:
        values = {id(x): tensor(array) for x, array in zip(symbols, arrays, strict=True)}
        with training_mode(training), symbolic.evaluating(values):
            found = map_leaves(lambda leaf: symbolic.value_of(leaf, values), outputs)
            for step in steps:
                step.run(symbolic.value_of(step.loss, values))
            return found

    def run(arrays: Any) -> Any:
        given = list(arrays) if isinstance(arrays, (list, tuple)) else [arrays]
        training = bool(given[len(symbols)]) if len(given) > len(symbols) else False
        numbers = [np.asarray(each) for each in given[: len(symbols)]]
        found = computed(numbers, training)
        return map_leaves(lambda leaf: np.asarray(leaf), found)

    return run


def gradients(loss: Any, variables: Any) -> Any:
    """The gradients of a loss with respect to tensors, Variables or symbols."""
    several = isinstance(variables, (list, tuple))
    sources = list(variables) if several else [variables]
    if is_keras_tensor(loss):
        return symbolic.gradients(loss, sources)
    return gradient(loss, sources)
