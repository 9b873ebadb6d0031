"""``tf.summary``: values for TensorBoard, by Lernwerk's own writer."""

from __future__ import annotations

from typing import Any

_NAMES = ("create_file_writer", "flush", "histogram", "image", "scalar", "text")
__all__ = [*_NAMES]


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        from lernwerk.callbacks.tensorboard import summary

        return getattr(summary, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
