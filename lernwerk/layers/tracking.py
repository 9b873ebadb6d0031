"""The layers, variables and random streams that a layer holds in its attributes.

A layer knows what is assigned to its attributes, also in lists, tuples and dicts, and also what is
put into such a list later (``self.blocks = []`` and then ``self.blocks.append(...)``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def parts_of(value: Any, kind: type) -> Iterator[Any]:
    """Everything of a kind in a value: itself, or the elements of lists, tuples and dicts."""
    if isinstance(value, kind):
        yield value
    elif isinstance(value, (list, tuple)):
        for each in value:
            if isinstance(each, kind):
                yield each
            else:
                yield from parts_of(each, kind)
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from parts_of(each, kind)


def is_plain(value: Any, *kinds: type) -> bool:
    """Whether a value is neither of one of the kinds nor a container that may hold such."""
    return not isinstance(value, (*kinds, list, tuple, dict, Mapping))


def may_hold(value: Any, kind: type) -> bool:
    """Whether a value holds something of a kind, or is a container that may come to."""
    if isinstance(value, (list, dict)) and not value:
        return True
    return next(parts_of(value, kind), None) is not None


def distinct(values: Any) -> list[Any]:
    """The values in order, each object once."""
    return list({id(value): value for value in values}.values())


def exchange(kept: list[Any], old: Any, new: Any) -> None:
    """Put a new object in the place of the old one, or behind all others."""
    for index, each in enumerate(kept):
        if each is old:
            kept[index] = new
            return
    if all(each is not new for each in kept):
        kept.append(new)
