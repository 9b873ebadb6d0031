"""What normalising layers share: a trainable scale gamma and a trainable offset beta.

The layers list these arguments in their own ``__init__``, in Keras's order; here is what they do.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk import constraints, initializers, regularizers
from lernwerk.layers.layer import Layer


class ScaleAndOffset(Layer):
    """Base of the layers with ``scale``, ``center`` and what belongs to gamma and beta."""

    supports_masking = True

    def keep_options(self, center: bool, scale: bool, **options: Any) -> None:
        """Store the arguments: initializers, regularizers and constraints by their ending."""
        modules = {
            "initializer": initializers, "regularizer": regularizers, "constraint": constraints,
        }  # fmt: skip
        self.center = center
        self.scale = scale
        for name, value in options.items():
            setattr(self, name, modules[name.rpartition("_")[2]].get(value))

    def add_scale_and_offset(self, shape: tuple[int, ...], scale: bool, center: bool) -> None:
        """Make gamma and beta, those of them that are wanted."""
        self.gamma = self._weight("gamma", shape) if scale else None
        self.beta = self._weight("beta", shape) if center else None

    def _weight(self, name: str, shape: tuple[int, ...]) -> Any:
        return self.add_weight(
            name, shape, getattr(self, f"{name}_initializer"),
            regularizer=getattr(self, f"{name}_regularizer"),
            constraint=getattr(self, f"{name}_constraint"), autocast=False,
        )  # fmt: skip

    def scale_and_offset(self, shape: tuple[int, ...]) -> tuple[Any, Any]:
        """gamma and beta in that shape; ones and zeros where there are none."""
        gamma = np.ones(shape, self.dtype) if self.gamma is None else self.gamma
        beta = np.zeros(shape, self.dtype) if self.beta is None else self.beta
        return _shaped(gamma, shape), _shaped(beta, shape)


def _shaped(weight: Any, shape: tuple[int, ...]) -> Any:
    return weight if weight.shape == shape else weight.reshape(shape)
