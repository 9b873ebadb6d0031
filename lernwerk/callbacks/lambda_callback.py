"""LambdaCallback: a callback from functions."""

from __future__ import annotations

from typing import Any

from lernwerk.callbacks.callback import HOOKS, Callback
from lernwerk.errors import ArgumentError, nearest


class LambdaCallback(Callback):
    """A callback from functions: ``LambdaCallback(on_epoch_end=lambda epoch, logs: ...)``.

    Arguments: the name of any hook of ``Callback``; functions get the arguments of that hook.
    Raises ArgumentError for other names.
    """

    def __init__(
        self,
        on_epoch_begin: Any = None,
        on_epoch_end: Any = None,
        on_train_begin: Any = None,
        on_train_end: Any = None,
        on_train_batch_begin: Any = None,
        on_train_batch_end: Any = None,
        **functions: Any,
    ) -> None:
        functions |= {
            "on_epoch_begin": on_epoch_begin, "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin, "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin, "on_train_batch_end": on_train_batch_end,
        }  # fmt: skip
        for name, function in functions.items():
            if name not in HOOKS:
                raise ArgumentError(
                    "LambdaCallback", "the name of a hook", repr(name), nearest(name, HOOKS)
                )
            if function is not None:
                setattr(self, name, function)
