"""What a data set does with its stream of elements, or of row numbers: shuffling, cutting, groups.

Functions from iterators to iterators; dataset.py strings them together.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

Stream = Callable[[], Iterator[Any]]
"""A stream that can be begun again: calling it gives an iterator from the beginning."""


def shuffled(stream: Stream, buffer_size: int, generator: Callable[[], Any]) -> Stream:
    """Elements in random order: each is drawn from a buffer of the next ``buffer_size``."""

    def run() -> Iterator[Any]:
        random = np.random.default_rng(generator())
        source = stream()
        buffer = list(itertools.islice(source, buffer_size))
        if len(buffer) == buffer_size:
            for element in source:
                place = int(random.integers(buffer_size))
                yield buffer[place]
                buffer[place] = element
        for place in random.permutation(len(buffer)).tolist():
            yield buffer[place]

    return run


def sliced(stream: Stream, start: int, stop: int | None) -> Stream:
    """The elements from ``start`` to before ``stop``."""
    return lambda: itertools.islice(stream(), start, stop)


def repeated(stream: Stream, count: int | None) -> Stream:
    """The stream ``count`` times; None and -1: without end."""

    def run() -> Iterator[Any]:
        times: Iterable[int] = itertools.count() if count in (None, -1) else range(count or 0)
        for _ in times:
            empty = True
            for element in stream():
                empty = False
                yield element
            if empty:
                return

    return run


def grouped(stream: Stream, size: int, whole: bool) -> Stream:
    """Lists of ``size`` elements; a smaller last one is dropped where they must be ``whole``."""

    def run() -> Iterator[Any]:
        source = stream()
        while len(group := list(itertools.islice(source, size))) == size:
            yield group
        if group and not whole:
            yield group

    return run


def kept(stream: Stream) -> Stream:
    """The same elements, read once and then from memory."""
    memory: list[Any] = []
    complete = [False]

    def run() -> Iterator[Any]:
        if complete[0]:
            yield from memory
            return
        seen = []
        for element in stream():
            seen.append(element)
            yield element
        memory[:] = seen
        complete[0] = True

    return run
