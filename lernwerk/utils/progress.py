"""Progbar: one line that shows how far a loop has come."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterable
from typing import Any

import numpy as np

from lernwerk.errors import ArgumentError

BAR, BOLD, GREEN, WHITE, PLAIN = "━", "\x1b[1m", "\x1b[32m", "\x1b[37m", "\x1b[0m"


class Progbar:
    """A bar for a loop of ``target`` steps (None: unknown), with the means of some numbers.

    ``verbose`` is 1 for a bar that is written over, 2 for one line at the end, 0 for silence.
    Numbers named in ``stateful_metrics`` are shown as given, the others averaged over the steps;
    with ``stateless_metrics`` it is the other way round.
    """

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        stateless_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
    ) -> None:
        if stateful_metrics is not None and stateless_metrics is not None:
            raise ArgumentError(
                "Progbar(...)", "stateful_metrics or stateless_metrics, not both", "both"
            )
        self.target = target
        self.width = width
        self.verbose = verbose
        self.interval = interval
        self.unit_name = unit_name
        self.stateful_metrics = (
            None if stateless_metrics is not None else {*(stateful_metrics or ())}
        )
        self.stateless_metrics = None if stateless_metrics is None else {*stateless_metrics}
        self._sums: dict[str, tuple[float, int]] = {}
        self._seen = 0
        self._start = time.time()
        self._last_update = 0.0
        self._last_width = 0

    def update(
        self, current: int, values: Iterable[tuple[str, Any]] | None = None,
        finalize: bool | None = None,
    ) -> None:  # fmt: skip
        """Show step ``current`` with these (name, value) pairs; the last one ends the line."""
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        for name, value in values or ():
            self._add(name, float(np.mean(value)), max(current - self._seen, 1), finalize)
        self._seen = current
        now = time.time()
        if self.verbose == 1 and (finalize or now - self._last_update >= self.interval):
            self._show(self._bar(current), self._facts(current, now, finalize), finalize)
            self._last_update = now
        elif self.verbose == 2 and finalize and self.target:
            print(f"{self._count(current)} - {now - self._start:.0f}s -{self._pace(current, now)}"
                  f"{self._numbers()}", flush=True)  # fmt: skip

    def add(self, n: int, values: Iterable[tuple[str, Any]] | None = None) -> None:
        """Show that ``n`` more steps are done."""
        self.update(self._seen + n, values)

    def _add(self, name: str, value: float, steps: int, final: bool) -> None:
        if self.stateless_metrics is not None:
            averaged = name in self.stateless_metrics
        else:
            averaged = name not in (self.stateful_metrics or ())
        if final or not averaged or name not in self._sums:
            self._sums[name] = (value, 1) if final or not averaged else (value * steps, steps)
            return
        total, count = self._sums[name]
        self._sums[name] = (total + value * steps, count + steps)

    def _count(self, current: int) -> str:
        if not self.target:
            return f"{current:>7}/Unknown"
        digits = int(math.log10(self.target)) + 1
        return f"{current:>{digits}}/{self.target}"

    def _bar(self, current: int) -> str:
        if not self.target:
            return self._count(current)
        done = min(self.width, int(self.width * current / self.target))
        green = f"{GREEN}{BAR * done}{PLAIN}" if done else ""
        rest = f"{WHITE}{BAR * (self.width - done)}{PLAIN}"
        return f"{BOLD}{self._count(current)}{PLAIN} {green}{rest}"

    def _facts(self, current: int, now: float, final: bool) -> str:
        seconds = now - self._start
        if self.target and not final:
            seconds = seconds / max(current, 1) * (self.target - current)
        return f" {BOLD}{_clock(seconds)}{PLAIN}{self._pace(current, now)}{self._numbers()}"

    def _pace(self, current: int, now: float) -> str:
        each = (now - self._start) / max(current, 1)
        if each >= 1 or each == 0:
            return f" {each:.0f}s/{self.unit_name}"
        if each >= 1e-3:
            return f" {each * 1e3:.0f}ms/{self.unit_name}"
        return f" {each * 1e6:.0f}us/{self.unit_name}"

    def _numbers(self) -> str:
        means = {name: total / max(1, count) for name, (total, count) in self._sums.items()}
        return "".join(
            f" - {name}: {value:.4f}" if abs(value) > 1e-3 else f" - {name}: {value:.4e}"
            for name, value in means.items()
        )

    def _show(self, bar: str, facts: str, final: bool) -> None:
        width = len(bar) + len(facts)
        padding = " " * max(0, self._last_width - width)
        sys.stdout.write(f"\r{bar}{facts}{padding}" + ("\n" if final else ""))
        sys.stdout.flush()
        self._last_width = width


def _clock(seconds: float) -> str:
    """Seconds as people read them: 7s, 2:05, 1:00:03."""
    whole = int(seconds)
    if whole > 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
    return f"{whole // 60}:{whole % 60:02d}" if whole > 60 else f"{seconds:.0f}s"
