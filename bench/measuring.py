"""Runs a row: contenders warmed up, then measured in turn (A B A B), so that noise meets all alike.

The machine may be shared: only ratios of medians within one row mean anything.
"""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.registry import OURS, Row, Unit, missing_packages

SHORTEST = 0.05  # seconds; quicker work is repeated within a measurement, for the clock's sake
PAUSE = 0.1  # seconds in which the waiting threads of the contender before fall asleep


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
        ours = medians.pop(OURS)
        return {name: value / ours for name, value in medians.items()}

    def as_dict(self) -> dict[str, Any]:
        """The result for JSON."""
        return {
            "id": self.row.id, "title": self.row.title, "measure": self.row.measure,
            "medians": self.medians, "ratios": self.ratios, "values": self.values,
            "notes": self.notes,
        }  # fmt: skip


def run_row(row: Row, peers: Sequence[str], repeats: int) -> Result:
    """Measure a row; a peer that is missing or fails is left out with a note."""
    result = Result(row)
    calls = _prepared(result, peers)
    for _ in range(repeats):
        for name, (unit, count) in calls.items():
            result.values[name].append(_measured(unit, count, row.measure))
    return result


def _prepared(result: Result, peers: Sequence[str]) -> dict[str, tuple[Unit, int]]:
    """The warm units of work, and how often each is called in one measurement."""
    calls = {}
    for name, make in result.row.makers().items():
        if name != OURS and name not in peers:
            continue
        if name != OURS and (missing := missing_packages(name)):
            result.notes.append(f"{name} left out: {' and '.join(missing)} not installed")
            continue
        try:
            unit = make()
            calls[name] = unit, _calls(unit, result.row.measure)
        except Exception as error:  # a peer can fail in any way and must not end the run
            if name == OURS:
                raise
            result.notes.append(f"{name} left out: {type(error).__name__}: {error}")
            continue
        result.values[name] = []
    return calls


def _calls(unit: Unit, measure: str) -> int:
    """Warm up with two calls, of which the second tells how many make a measurement."""
    if not math.isfinite(value := float(unit())):
        raise ArithmeticError(f"the work gave {value}")
    if measure != "s":
        return 1
    return max(1, math.ceil(SHORTEST / _measured(unit, 1, measure)))


def _measured(unit: Unit, calls: int, measure: str) -> float:
    if measure != "s":
        return unit()
    gc.collect()
    time.sleep(PAUSE)
    start = time.perf_counter()
    for _ in range(calls):
        unit()
    return (time.perf_counter() - start) / calls
