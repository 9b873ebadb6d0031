"""A contender of a row, warm and ready to be measured: in this process, or in one of its own.

In a run each contender is ``Remote``: it has a process to itself, so that no other framework's
waiting threads, settings or memory are in its way. The process is ``bench/worker.py``, which wraps
a ``Local`` and answers over its standard output.
"""

from __future__ import annotations

import gc
import json
import math
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from bench.registry import ENVIRONMENT, OURS, NotYetError, Row, Unit

ROOT = Path(__file__).parents[1]
SHORTEST = 0.2  # seconds; quicker work is repeated within a measurement, until caches are warm
PATIENCE = 600.0  # seconds for an answer of a peer; compiling may take one or two minutes
PAUSE = 0.1  # seconds in which the waiting threads of the contender before fall asleep


class Contender(Protocol):
    """What ``measuring`` needs; ``first`` is the number that the first unit of work gave."""

    first: float

    def measure(self) -> float:
        """One value of the row's measure."""

    def close(self) -> None:
        """Give back what it holds."""


Start = Callable[[Row, str], Contender]


class RemoteError(Exception):
    """What went wrong in a contender's process, in words that name the error's class."""


class Local:
    """A contender in this process: its unit of work, called twice to warm up."""

    def __init__(self, row: Row, name: str) -> None:
        self.row = row
        self.unit: Unit = row.makers()[name]()
        self.calls = 1
        self.first = float(self.unit())
        if not math.isfinite(self.first):
            raise ArithmeticError(f"the work gave {self.first}")
        if not row.returns:
            self.calls = max(1, math.ceil(SHORTEST / self.measure()))

    def measure(self) -> float:
        """Seconds a call, or what the unit of work returns."""
        gc.collect()
        time.sleep(PAUSE)
        if self.row.returns:
            return float(self.unit())
        start = time.perf_counter()
        for _ in range(self.calls):
            self.unit()
        return (time.perf_counter() - start) / self.calls

    def close(self) -> None:
        """Nothing to give back."""


@contextmanager
def _deadline(
    seconds: float | None, process: subprocess.Popen[str], late: threading.Event
) -> Iterator[None]:
    """Kill the process when the time is over, and say so by the event."""
    if seconds is None:
        yield
        return

    def end() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(seconds, end)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class Remote:
    """A contender in a process of its own, which does nothing until it is asked."""

    def __init__(self, row: Row, name: str) -> None:
        self.patience = None if name == OURS else PATIENCE
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed in close()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.worker", row.id, name],
            cwd=ROOT, env={**os.environ, **ENVIRONMENT.get(name, {})}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
        )  # fmt: skip
        try:
            self.first = self._answer()
        except BaseException:
            self.close()
            raise

    def measure(self) -> float:
        """Ask for one value."""
        assert self.process.stdin is not None
        self.process.stdin.write("measure\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> float:
        assert self.process.stdout is not None
        late = threading.Event()
        with _deadline(self.patience, self.process, late):
            line = self.process.stdout.readline()
        if late.is_set():
            raise RemoteError(f"no answer within {self.patience:g} s")
        if not line:
            raise RemoteError(f"its process ended: {self._last_words()}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            kind = NotYetError if answer["kind"] == NotYetError.__name__ else RemoteError
            raise kind(answer["error"])
        return float(answer["value"])

    def _last_words(self) -> str:
        code = self.process.wait()
        self.errors.seek(0)
        lines = self.errors.read().strip().splitlines()
        return lines[-1] if lines else f"code {code}"

    def close(self) -> None:
        """End the process: at the end of its input a worker leaves."""
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            with suppress(BrokenPipeError):  # it may have ended before it read the last word
                pipe.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:  # in the middle of something
            self.process.kill()
            self.process.wait()
        self.errors.close()
