"""Weights and gradients of every layer through a training: collected by a callback."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk.callbacks import Callback

Array = np.ndarray[Any, Any]


def layer_gradients(model: Any, x: Any, y: Any) -> dict[str, Array]:
    """The gradient of a compiled model's loss by each layer's weights, as one vector a layer.

    Layers without trainable weights are left out.
    """
    raise NotImplementedError


class Recorder(Callback):
    """Keeps weights and gradients of each layer: ``model.fit(x, y, callbacks=[Recorder()])``.

    ``x`` and ``y`` are the rows on which gradients are computed; without them the first rows of
    the training data. It records before the first epoch and after every ``every``-th.

    Attributes: ``epochs``, a list of numbers of epochs, 0 before the first; ``weights`` and
    ``gradients``, for each of those a dict from the layer's name to one vector of its numbers.
    """

    def __init__(self, x: Any = None, y: Any = None, *, every: int = 1) -> None:
        self.x, self.y, self.every = x, y, every
        self.epochs: list[int] = []
        self.weights: list[dict[str, Array]] = []
        self.gradients: list[dict[str, Array]] = []
