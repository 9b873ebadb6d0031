"""Callbacks of Keras 1 and 2 that do nothing any more: what they did always happens."""

from lernwerk.callbacks import Callback


class BaseLogger(Callback):
    """Keras 1's mean of metrics over an epoch: every model has it."""


__all__ = ["BaseLogger"]
