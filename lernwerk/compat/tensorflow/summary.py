"""``tf.summary``: values for TensorBoard, by Lernwerk's own writer."""

from __future__ import annotations

from typing import Any

__all__ = [
    "create_file_writer", "flush", "histogram", "image", "scalar", "text",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in __all__:
        from lernwerk.callbacks.tensorboard import summary

        return getattr(summary, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
