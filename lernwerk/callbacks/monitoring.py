"""What callbacks that follow one value of the logs share: finding it, its direction, comparing."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import numpy as np

from lernwerk.callbacks.callback import Callback, Logs
from lernwerk.errors import ArgumentError, TrainingWarning, message, nearest
from lernwerk.legacy import present_name
from lernwerk.names import snake_case

MODES = ("auto", "min", "max")
_FALLING = (
    "loss", "error", "mse", "mae", "mape", "msle", "bce", "crossentropy", "divergence", "hinge",
    "poisson", "logcosh", "log_cosh", "false_positives", "false_negatives",
)  # fmt: skip


class Monitor(Callback):
    """Follows the value ``monitor`` of the logs of each epoch.

    ``mode`` "min" or "max" says which is better; "auto" decides by the metric that the model has
    under that name, else by the name. A gain counts from ``min_delta`` on.
    """

    without: ClassVar[str] = "Nothing is done."  # what happens where the value is missing

    def __init__(self, monitor: str, mode: str, min_delta: float = 0) -> None:
        if mode not in MODES:
            raise ArgumentError(type(self).__name__, "mode 'auto', 'min' or 'max'", repr(mode))
        self.monitor = monitor
        self.mode = mode
        self.min_delta = abs(min_delta)
        self.best: float | None = None
        self._warned = False

    @property
    def rising(self) -> bool:
        """Whether larger values are better."""
        if self.mode != "auto":
            return self.mode == "max"
        name = self.monitor.removeprefix("val_")
        kinds = getattr(self.model, "resolved_metrics", {})
        kind = snake_case(kinds.get(name, name))
        kind = name if kind in ("mean_metric_wrapper", "mean") else kind  # a function of one's own
        return not kind.endswith(_FALLING)

    def value(self, logs: Logs) -> float | None:
        """The value of this epoch; None, with a warning, where there is none.

        Raises ArgumentError where nothing of that name exists and ``mode`` does not say what is
        better, as Keras does.
        """
        logs = logs or {}
        name = present_name(self.monitor, logs)
        if name not in logs:
            self._missing(logs)
        return logs.get(name)

    def _missing(self, logs: dict[str, Any]) -> None:
        name = self.monitor.removeprefix("val_")
        if name in logs and self.params.get("validation"):
            return  # validation_freq leaves epochs out
        where = type(self).__name__
        expected, got = f"monitor to be one of {', '.join(logs)}", repr(self.monitor)
        if name in logs:
            hint = "val_... needs validation_data or validation_split in fit."
        elif self.mode == "auto":
            raise ArgumentError(where, expected, got, nearest(self.monitor, logs))
        else:
            hint = nearest(self.monitor, logs)
        if not self._warned:
            self._warned = True
            text = message(where, expected, got, hint)
            warnings.warn(f"{text} {self.without}", TrainingWarning, stacklevel=4)

    def better(self, value: float, reference: float | None) -> bool:
        """Whether the value is a gain against the reference, or the first number."""
        if reference is None:
            return not np.isnan(value)
        gain = value - reference if self.rising else reference - value
        return bool(gain > self.min_delta)
