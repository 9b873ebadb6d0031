"""SwapEMAWeights: evaluate and save with the moving average of the weights."""

from __future__ import annotations

from typing import Any

from lernwerk.callbacks.callback import Callback, Logs
from lernwerk.errors import UsageError


class SwapEMAWeights(Callback):
    """Put the optimizer's moving average of the weights into the model while it is evaluated.

    The optimizer must have ``use_ema=True``. With ``swap_on_epoch`` the average is in the model
    from the end of each epoch to the beginning of the next, for callbacks that stand behind this
    one, such as ModelCheckpoint.
    Source: Polyak & Juditsky 1992, Acceleration of Stochastic Approximation by Averaging
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        self.swap_on_epoch = swap_on_epoch
        self._swapped = False

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Train on with the weights themselves."""
        if self.swap_on_epoch:
            self._use_average(False)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Leave the average in the model; after the last epoch for good."""
        if not self.swap_on_epoch or self._swapped:
            return
        self._use_average(True)
        if epoch == self.params["epochs"] - 1:  # what the optimizer finishes with is the average
            for variable, average in self._pairs():
                average.assign(variable.numpy())

    def on_test_begin(self, logs: Logs = None) -> None:
        """Evaluate the average."""
        self._use_average(True)

    def on_test_end(self, logs: Logs = None) -> None:
        """The weights again."""
        self._use_average(False)

    def on_predict_begin(self, logs: Logs = None) -> None:
        """Predict with the average."""
        self._use_average(True)

    def on_predict_end(self, logs: Logs = None) -> None:
        """The weights again."""
        self._use_average(False)

    def _use_average(self, wanted: bool) -> None:
        if wanted == self._swapped:
            return
        for variable, average in self._pairs():
            kept = variable.numpy().copy()
            variable.assign(average.numpy())
            average.assign(kept)
        self._swapped = wanted

    def _pairs(self) -> list[tuple[Any, Any]]:
        """Each trained variable with its average."""
        optimizer = self.model.optimizer
        if not (optimizer.use_ema and optimizer.built):
            raise UsageError(
                "SwapEMAWeights", "an optimizer with use_ema=True that has made a step",
                type(optimizer).__name__, "model.compile(Adam(use_ema=True), ...)",
            )  # fmt: skip
        return [(v, optimizer.slot("average", v)) for v in self.model.trainable_variables]
