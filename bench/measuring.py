"""Runs a row: contenders warmed up, then measured in turn (A B A B), so that noise meets all alike.

The machine may be shared: only ratios of medians within one row mean anything.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.contender import Contender, Remote, RemoteError, Start
from bench.registry import OURS, NotYetError, Row, missing_packages


@dataclass
class Result:
    """The values of a row, of each contender in the order in which they were measured."""

    row: Row
    values: dict[str, list[float]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def medians(self) -> dict[str, float]:
        """The median of each contender."""
        return {name: statistics.median(values) for name, values in self.values.items()}

    @property
    def ratios(self) -> dict[str, float]:
        """Peer / Lernwerk: above 1, Lernwerk is faster (or smaller)."""
        medians = self.medians
        ours = medians.pop(OURS, None)
        return {name: value / ours for name, value in medians.items()} if ours else {}

    @property
    def best(self) -> str | None:
        """The best of the peers."""
        return min(self.ratios, key=self.ratios.__getitem__, default=None)

    def as_dict(self) -> dict[str, Any]:
        """The result for JSON."""
        return {
            "id": self.row.id, "title": self.row.title, "measure": self.row.measure,
            "medians": self.medians, "ratios": self.ratios, "best": self.best,
            "target": self.row.target, "values": self.values, "notes": self.notes,
        }  # fmt: skip


def run_row(row: Row, peers: Sequence[str], repeats: int, start: Start = Remote) -> Result:
    """Measure a row; a peer that is missing or fails is left out with a note.

    Where Lernwerk cannot do the row yet, the note says what is missing and nothing is measured.
    """
    result = Result(row)
    running: dict[str, Contender] = {}
    try:
        _start_all(result, peers, start, running)
        _compare_first(result, running)
        for _ in range(repeats):
            for name in list(running):
                _measure(result, name, running)
    finally:
        for contender in running.values():
            contender.close()
    return result


def _start_all(
    result: Result, peers: Sequence[str], start: Start, running: dict[str, Contender]
) -> None:
    for name in result.row.makers():
        if name != OURS and name not in peers:
            continue
        if name != OURS and (missing := missing_packages(name)):
            result.notes.append(f"{name} left out: {' and '.join(missing)} not installed")
            continue
        try:
            running[name] = start(result.row, name)
        except NotYetError as error:
            result.notes.append(f"not yet: {error}")
            return
        except Exception as error:
            _leave_out(result, name, error)


def _compare_first(result: Result, running: dict[str, Contender]) -> None:
    """Note the contenders that compute something else from the same weights."""
    if result.row.agree is None or OURS not in running:
        return
    ours = running[OURS].first
    for name, contender in running.items():
        if abs(contender.first - ours) > result.row.agree * abs(ours):
            result.notes.append(
                f"{name} computes something else: {contender.first:.6g} instead of {ours:.6g}"
            )


def _measure(result: Result, name: str, running: dict[str, Contender]) -> None:
    try:
        value = running[name].measure()
    except Exception as error:
        running.pop(name).close()
        result.values.pop(name, None)
        _leave_out(result, name, error)
    else:
        result.values.setdefault(name, []).append(value)


def _leave_out(result: Result, name: str, error: Exception) -> None:
    """Go on without a peer that failed, in whatever way; there is no going on without Lernwerk."""
    if name == OURS:
        raise error
    text = str(error) if isinstance(error, RemoteError) else f"{type(error).__name__}: {error}"
    result.notes.append(f"{name} left out: {text}")
