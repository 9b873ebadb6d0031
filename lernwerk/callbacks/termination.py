"""TerminateOnNaN: end a training whose loss is no longer a finite number."""

from __future__ import annotations

import math

from lernwerk.callbacks.callback import Callback, Logs, single_steps
from lernwerk.errors import UsageError


class TerminateOnNaN(Callback):
    """Stop as soon as the loss is NaN or infinite; with ``raise_error`` by an error.

    Differs: the mean loss is looked at after each slice of steps (about 0.05 s), so the batch named
    may lie a little behind the one where it happened; the warning of ``fit`` names that one, its
    layer and its sample. The error is a UsageError, which is a RuntimeError as in Keras.
    """

    def __init__(self, raise_error: bool = False) -> None:
        self.raise_error = raise_error

    @single_steps(False)
    def on_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Look at the loss."""
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        if self.raise_error:
            raise UsageError(
                "TerminateOnNaN", "a finite loss", f"{loss} at batch {batch}",
                "Lower the learning rate, or clip the gradients: optimizer=Adam(1e-4, clipnorm=1).",
            )  # fmt: skip
        print(f"Batch {batch}: Invalid loss, terminating training")
        self.model.stop_training = True
