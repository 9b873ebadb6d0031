"""Weights and gradients of every layer through a training: collected by a callback."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from lernwerk.callbacks import Callback
from lernwerk.core.tree import map_leaves
from lernwerk.errors import COUNT, UsageError, check_ranges

Array = np.ndarray[Any, Any]

_RANGES = {"every": COUNT}
_MOST_ROWS = 256  # of the training data, where no rows are given
_BIASES = ("bias", "beta")


def layer_weights(model: Any) -> dict[str, Array]:
    """The weights of each layer that training changes, as one vector a layer, without biases."""
    return _by_layer((each.path, each.numpy()) for each in model.trainable_variables)


def layer_gradients(model: Any, x: Any, y: Any) -> dict[str, Array]:
    """The gradient of a compiled model's loss by each layer's weights, as one vector a layer.

    It is that of one step of the training on these rows, with dropout and penalties, and changes
    nothing. Biases are left out, as in ``layer_weights``, and layers without trainable weights.
    Raises UsageError for a model without a loss.
    """
    from lernwerk.callbacks.tensorboard.inspection import inside_of_a_step

    if not getattr(model, "compiled", False):
        raise UsageError("layer_gradients", "a compiled model", model.name,
                         "model.compile(optimizer='adam', loss='mse')")  # fmt: skip
    order = [each.path for each in model.trainable_variables]
    found = inside_of_a_step(model, (x, y)).gradients
    return _by_layer((path, found[path]) for path in order if path in found)


def _by_layer(named: Iterable[tuple[str, Array]]) -> dict[str, Array]:
    """Arrays by the path of their weight, joined for each layer."""
    layers: dict[str, dict[str, Array]] = {}
    for path, array in named:
        layer, _slash, name = path.rpartition("/")
        layers.setdefault(layer, {})[name] = np.ravel(array).astype(np.float64)
    return {layer: np.concatenate(_without_biases(parts)) for layer, parts in layers.items()}


def _without_biases(parts: dict[str, Array]) -> list[Array]:
    """The arrays that are no biases; all of them where there are no others."""
    kept = [array for name, array in parts.items() if name not in _BIASES]
    return kept or list(parts.values())


class Recorder(Callback):
    """Keeps weights and gradients of each layer: ``model.fit(x, y, callbacks=[Recorder()])``.

    ``x`` and ``y`` are the rows on which gradients are computed; without them the first 256 of the
    training data. It records before the first epoch and after every ``every``-th.

    Attributes: ``epochs``, a list of numbers of epochs, 0 before the first; ``weights`` and
    ``gradients``, for each of those a dict from the layer's name to one vector of its numbers,
    without biases.
    """

    def __init__(self, x: Any = None, y: Any = None, *, every: int = 1) -> None:
        check_ranges("Recorder", {"every": every}, _RANGES)
        self.x, self.y, self.every = x, y, every
        self.epochs: list[int] = []
        self.weights: list[dict[str, Array]] = []
        self.gradients: list[dict[str, Array]] = []

    def on_train_begin(self, logs: Any = None) -> None:
        """Begin anew, with what the model is before the first epoch."""
        self.epochs, self.weights, self.gradients = [], [], []
        self._record(0)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Keep what the epoch has made of the model."""
        if (epoch + 1) % self.every == 0:
            self._record(epoch + 1)

    def _record(self, epoch: int) -> None:
        self.epochs.append(epoch)
        self.weights.append(layer_weights(self.model))
        rows = self._rows()
        self.gradients.append({} if rows is None else layer_gradients(self.model, *rows))

    def _rows(self) -> tuple[Any, Any] | None:
        if self.x is not None:
            return self.x, self.y
        if self.sample is None:
            return None
        x, y, *_weights = self.sample
        return map_leaves(lambda rows: None if rows is None else rows[:_MOST_ROWS], (x, y))
