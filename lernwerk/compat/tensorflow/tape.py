"""``tf.GradientTape``. In Lernwerk the tape is always on, so this only asks for gradients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lernwerk import ops
from lernwerk.backend.arguments import tensor
from lernwerk.core.gradient import gradient
from lernwerk.core.tensor import Tensor
from lernwerk.core.tree import leaves, map_leaves


class GradientTape:
    """Gradients of what was computed inside: ``with tf.GradientTape() as tape: ...``.

    Differs: a tape can be asked more than once without ``persistent``, and tensors need no
    ``watch``.
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self.persistent = persistent
        self._watched: list[Any] = []

    def __enter__(self) -> GradientTape:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def watch(self, tensor: Any) -> None:
        """Accepted: gradients are known for every tensor."""
        self._watched.extend(leaves(tensor))

    def watched_variables(self) -> tuple[Any, ...]:
        """The tensors that were given to ``watch``."""
        return tuple(self._watched)

    def reset(self) -> None:
        """Forget what was watched."""
        self._watched.clear()

    @contextmanager
    def stop_recording(self) -> Iterator[None]:
        """Accepted: what is computed inside costs memory, but changes no gradient."""
        yield

    def gradient(
        self, target: Any, sources: Any, output_gradients: Any = None,
        unconnected_gradients: Any = "none",
    ) -> Any:  # fmt: skip
        """The gradients of the (sum of the) target, in the structure of the sources."""
        listed = list(leaves(sources))
        real = [each for each in listed if isinstance(each, Tensor)]
        found = iter(gradient(_total(target, output_gradients), real)) if real else iter(())
        zero = str(getattr(unconnected_gradients, "value", unconnected_gradients)) == "zero"
        results = []
        for source in listed:
            g = next(found) if isinstance(source, Tensor) else None
            results.append(ops.zeros_like(source) if g is None and zero else g)
        supply = iter(results)
        return map_leaves(lambda _: next(supply), sources)

    def jacobian(self, target: Any, sources: Any, **_: Any) -> Any:
        """The gradients of every element of the target, stacked in front."""
        flat = ops.reshape(tensor(target), shape=(-1,))
        rows = [self.gradient(flat[i], sources) for i in range(flat.shape[0])]
        shape = tuple(target.shape)

        def stacked(index: int, source: Any) -> Any:
            parts = [list(leaves(row))[index] for row in rows]
            filled = [ops.zeros_like(source) if p is None else p for p in parts]
            return ops.reshape(ops.stack(filled), shape=(*shape, *source.shape))

        made = iter([stacked(i, source) for i, source in enumerate(leaves(sources))])
        return map_leaves(lambda _: next(made), sources)

    def batch_jacobian(self, target: Any, source: Any, **_: Any) -> Any:
        """The gradients of every element of a row with respect to that row of the source."""
        y = ops.reshape(tensor(target), shape=(target.shape[0], -1))
        columns = [self.gradient(y[:, i], source) for i in range(y.shape[1])]
        made = ops.stack(columns, axis=1)
        return ops.reshape(made, shape=(*target.shape, *source.shape[1:]))


def _total(target: Any, output_gradients: Any) -> Any:
    """The sum of all targets, each weighted by the gradient arriving at it."""
    weights = list(leaves(output_gradients)) if output_gradients is not None else None
    total: Any = None
    for i, each in enumerate(leaves(target)):
        part = tensor(each)
        part = part if weights is None or weights[i] is None else part * weights[i]
        part = part if part.shape == () else ops.sum(part)
        total = part if total is None else total + part
    return total


def gradients(ys: Any, xs: Any, grad_ys: Any = None, **_: Any) -> Any:
    """``tf.gradients``: the gradients of the sum of ys with respect to each of xs."""
    listed = xs if isinstance(xs, (list, tuple)) else [xs]
    return GradientTape().gradient(ys, list(listed), grad_ys)


class UnconnectedGradients:
    """What stands for a gradient where there is no path."""

    NONE = "none"
    ZERO = "zero"


__all__ = ["GradientTape", "UnconnectedGradients", "gradients"]
