"""How many threads the engine may use, for programs that share a machine with others."""

from __future__ import annotations

from lernwerk import settings
from lernwerk.errors import COUNT, check_ranges


def set_threads(count: int | None) -> None:
    """Let compiled functions run on that many threads from their next run on.

    None is the default again: what LERNWERK_THREADS says, else all cores that the process may use.
    The number changes nothing but the speed: results of the native engine are the same to the bit.
    Raises ArgumentError for numbers below 1.
    """
    check_ranges("set_threads", {"count": count}, {"count": COUNT})
    settings.set("threads", None if count is None else int(count))
