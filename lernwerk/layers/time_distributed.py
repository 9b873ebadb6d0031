"""TimeDistributed: a layer applied to every step of a sequence."""

from __future__ import annotations

from typing import Any

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.core.tree import leaves, map_leaves
from lernwerk.errors import ShapeError
from lernwerk.layers.arguments import map_shapes
from lernwerk.layers.wrapper import Wrapper


class TimeDistributed(Wrapper):
    """A layer or model applied to every step, with the same weights.

    y[:, t] = layer(x[:, t])

    All steps of all sequences are rows of one call of the layer, which is as fast as a call on a
    large batch.

    Shapes: x (b, t, *s) -> y (b, t, *r), where the layer makes (b, *r) of (b, *s)
    Weights: those of the layer
    Source: https://keras.io/api/layers/recurrent_layers/time_distributed/
    Differs: BatchNormalization inside takes its statistics over all steps together.
    """

    supports_masking = True

    @property
    def integer_inputs(self) -> bool:  # type: ignore[override]
        """Whether the layer inside takes integers as they are."""
        return self.layer.integer_inputs  # type: ignore[no-any-return]

    def build(self, input_shape: Any) -> None:
        """Build the layer inside for one step."""
        self.layer.build_for(map_shapes(self._one_step, input_shape))

    def _one_step(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        if len(shape) < 3:
            raise ShapeError(
                self.name, "input of at least 3 axes (batch, steps, ...)", shape,
                "x[:, None] adds an axis of one step; a layer for all of x needs no wrapper.",
            )  # fmt: skip
        return (None, *shape[2:])

    def call(self, inputs: Any, training: bool = False, mask: Any = None) -> Any:
        """y[:, t] = layer(x[:, t])"""
        b, t = next(leaves(inputs)).shape[:2]
        rows = map_leaves(_rows, inputs)
        outputs = self.layer(rows, mask=None if mask is None else map_leaves(_rows, mask))
        return map_leaves(lambda y: y.reshape(b, t, *y.shape[1:]), outputs)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The input's mask; where the layer inside ends that of its steps, whether any was left."""
        if not isinstance(mask, Tensor) or mask.ndim < 3:
            return mask
        inner = self.layer.compute_mask(_rows(inputs), _rows(mask))
        if inner is None:
            return ops.any(mask, axis=tuple(range(2, mask.ndim)))
        return inner.reshape(*mask.shape[:2], *inner.shape[1:])


def _rows(x: Any) -> Any:
    """(b, t, *s) as (b * t, *s)."""
    return None if x is None else x.reshape(x.shape[0] * x.shape[1], *x.shape[2:])
