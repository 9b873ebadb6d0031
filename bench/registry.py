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
    "keras-tf": ("keras", "tensorflow"),
    "jax": ("jax",),
    "jax-scan": ("jax",),
    "torch": ("torch",),
    "torch-compile": ("torch",),
    "sklearn": ("sklearn",),
}
# What a peer's process is told before it imports anything.
ENVIRONMENT: dict[str, dict[str, str]] = {
    "keras-tf": {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"},
    # Weights that inference never changes become part of the program: its fast path on processors.
    "torch-compile": {"TORCHINDUCTOR_FREEZING": "1"},
}
HIDDEN = "S1"  # rows that are measured only when they are asked for: the points of a chart


class NotYetError(Exception):
    """Something that a row needs of Lernwerk does not exist yet."""


@dataclass(frozen=True)
class Row:
    """One line of the table.

    ``measure`` is the unit of its values. They are the seconds that the unit of work takes, except
    where the work ``returns`` its value itself. ``target`` is the ratio that Lernwerk aims at.
    ``agree``: the relative difference up to which the first numbers of all contenders are the same.
    """

    id: str
    title: str
    meaning: str
    makers: Callable[[], Makers]
    measure: str = "s"
    returns: bool = False
    target: float | None = None
    agree: float | None = None


ROWS: dict[str, Row] = {}


def row(
    id: str,
    title: str,
    meaning: str,
    measure: str = "s",
    *,
    returns: bool = False,
    target: float | None = None,
    agree: float | None = None,
) -> Callable[[Callable[[], Makers]], Callable[[], Makers]]:
    """Register the function below as the row ``id``; it makes the data and returns the makers."""

    def register(makers: Callable[[], Makers]) -> Callable[[], Makers]:
        ROWS[id] = Row(id, title, meaning, makers, measure, returns, target, agree)
        return makers

    return register


def keras_peers(make: Callable[[], Unit]) -> Makers:
    """Both Kerases with the same maker: which of them it is, is up to the process."""
    return {"keras-jax": make, "keras-tf": make}


def torch_peers(make: Callable[[bool], Unit]) -> Makers:
    """PyTorch eager and compiled, by a maker that is told whether to compile."""
    return {"torch": lambda: make(False), "torch-compile": lambda: make(True)}


def all_rows() -> dict[str, Row]:
    """Every row of every group by its id."""
    for group in GROUPS:
        importlib.import_module(f"bench.{group}")
    return ROWS


def chosen_rows(ids: Sequence[str]) -> list[Row]:
    """The rows of these ids, all but the hidden ones where there are none; T5 is T5a and T5b.

    Raises ArgumentError for an unknown id.
    """
    rows = all_rows()
    for each in ids:
        if not any(id.startswith(each) for id in rows):
            check_name("bench", "row", each, rows)
    if not ids:
        return [row for id, row in rows.items() if not id.startswith(HIDDEN)]
    return [row for id, row in rows.items() if id.startswith(tuple(ids))]


def missing_packages(peer: str) -> list[str]:
    """The packages that a peer needs and that are not installed."""
    return [each for each in PEERS[peer] if importlib.util.find_spec(each) is None]
