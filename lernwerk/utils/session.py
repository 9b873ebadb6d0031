"""Starting anew: default names count from the beginning again."""

from __future__ import annotations

from lernwerk.names import reset_names


def clear_session(free_memory: bool = True) -> None:
    """Give the next layers and models their first names again: ``dense``, ``sequential``.

    Models that exist keep working. There is no global graph that would have to be thrown away;
    with ``free_memory`` unused objects are collected at once.
    """
    import gc

    reset_names()
    if free_memory:
        gc.collect()
