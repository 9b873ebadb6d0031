"""``tf.logging`` and ``tf.get_logger``: Python's logger of the name "tensorflow"."""

from __future__ import annotations

import logging as standard
from typing import Any

DEBUG, INFO, WARN, ERROR, FATAL = (
    standard.DEBUG, standard.INFO, standard.WARNING, standard.ERROR, standard.CRITICAL,
)  # fmt: skip


def get_logger() -> standard.Logger:
    """The logger; Lernwerk writes nothing to it."""
    return standard.getLogger("tensorflow")


def set_verbosity(v: Any) -> None:
    """From which level on messages are shown."""
    get_logger().setLevel(v)


def get_verbosity() -> int:
    """The level from which on messages are shown."""
    return get_logger().getEffectiveLevel()


def info(msg: str, *args: Any) -> None:
    """Log a message."""
    get_logger().info(msg, *args)


def warning(msg: str, *args: Any) -> None:
    """Log a warning."""
    get_logger().warning(msg, *args)


warn = warning


def error(msg: str, *args: Any) -> None:
    """Log an error."""
    get_logger().error(msg, *args)


__all__ = [
    "DEBUG", "ERROR", "FATAL", "INFO", "WARN", "error", "get_logger", "get_verbosity", "info",
    "set_verbosity", "warn", "warning",
]  # fmt: skip
