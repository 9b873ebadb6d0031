"""What ``keras.backend`` does with a model's symbols: placeholders, functions, gradients.

The work is done in ``lernwerk.layers.symbolic``; here are only the old names and arguments.
"""

from __future__ import annotations

from typing import Any

from lernwerk.errors import ArgumentError


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


def function(inputs: Any, outputs: Any, updates: Any = None, **options: Any) -> Any:
    """A function of arrays that computes symbols from symbols: ``K.function([x], [y])``.

    Raises ArgumentError for ``updates``, which need sessions.
    """
    from lernwerk.layers import symbolic

    if updates:
        raise ArgumentError("K.function", "no updates", repr(updates)[:60])
    given = [each for each in inputs if is_keras_tensor(each)]
    computed = symbolic.function(given, outputs)

    def run(arrays: Any) -> Any:
        # A trailing learning phase (0 or 1), as in K.function([x, K.learning_phase()], ...).
        phase = arrays[len(given)] if len(arrays) > len(given) else 0
        return computed(list(arrays)[: len(given)], training=bool(phase))

    return run


def gradients(loss: Any, variables: Any) -> Any:
    """The gradients of a loss with respect to tensors, Variables or symbols."""
    several = isinstance(variables, (list, tuple))
    sources = list(variables) if several else [variables]
    if is_keras_tensor(loss):
        from lernwerk.layers import symbolic

        return symbolic.gradients(loss, sources)
    from lernwerk.core.gradient import gradient

    return gradient(loss, sources)
