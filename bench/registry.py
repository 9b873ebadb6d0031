"""The rows of the benchmark and the contenders; the files of ``GROUPS`` register themselves here.

A row gives for each contender a maker; a maker builds and returns the unit of work: a function
without arguments that does the work once and returns a number (a loss), to show that it did.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench import GROUPS
from lernwerk.errors import check_name

Unit = Callable[[], float]
Makers = Mapping[str, Callable[[], Unit]]

OURS = "lernwerk"
# Each peer with the packages that it needs.
PEERS: dict[str, tuple[str, ...]] = {
    "keras-jax": ("keras", "jax"),
    "jax": ("jax",),
    "jax-scan": ("jax",),
    "torch": ("torch",),
    "sklearn": ("sklearn",),
}


@dataclass(frozen=True)
class Row:
    """One line of the table; where the measure is not "s", the unit of work returns the value."""

    id: str
    title: str
    meaning: str
    makers: Callable[[], Makers]
    measure: str


ROWS: dict[str, Row] = {}


def row(
    id: str, title: str, meaning: str, measure: str = "s"
) -> Callable[[Callable[[], Makers]], Callable[[], Makers]]:
    """Register the function below as the row ``id``; it makes the data and returns the makers."""

    def register(makers: Callable[[], Makers]) -> Callable[[], Makers]:
        ROWS[id] = Row(id, title, meaning, makers, measure)
        return makers

    return register


def chosen_rows(ids: Sequence[str]) -> list[Row]:
    """The rows of these ids, all where there are none; T5 stands for T5a and T5b.

    Raises ArgumentError for an unknown id.
    """
    for group in GROUPS:
        importlib.import_module(f"bench.{group}")
    for each in ids:
        if not any(id.startswith(each) for id in ROWS):
            check_name("bench", "row", each, ROWS)
    return [row for id, row in ROWS.items() if not ids or id.startswith(tuple(ids))]


def missing_packages(peer: str) -> list[str]:
    """The packages that a peer needs and that are not installed."""
    return [each for each in PEERS[peer] if importlib.util.find_spec(each) is None]
