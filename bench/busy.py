"""B1: an epoch of T2 while another process has one of the cores to itself."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bench.dense import mlp
from bench.registry import OURS, Makers, Unit, row

CONTENDERS = (OURS, "jax", "torch")
SETTLING = 0.3  # seconds until the other process has started and has its core
BURNING = "import os, sys\nif len(sys.argv) > 1: os.sched_setaffinity(0, {int(sys.argv[1])})\n"
BURNING += "while True: pass"


@contextmanager
def busy_core() -> Iterator[None]:
    """Another process computes without end on the second core that this one may use."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    core = [str(cores[min(1, len(cores) - 1)])] if cores else []
    burner = subprocess.Popen([sys.executable, "-c", BURNING, *core])
    try:
        time.sleep(SETTLING)
        yield
    finally:
        burner.kill()
        burner.wait()


@row("B1a", "T2 with one core busy: an epoch of 60000", "work on a machine that is shared",
     returns=True)  # fmt: skip
def epoch() -> Makers:
    return _on_busy_machine(lambda quiet, busy: busy)


@row("B1b", "T2 with one core busy: times the quiet machine's", "the same as a ratio", "x",
     returns=True)  # fmt: skip
def ratio() -> Makers:
    return _on_busy_machine(lambda quiet, busy: busy / quiet)


def _on_busy_machine(result: Callable[[float, float], float]) -> Makers:
    makers = mlp()
    return {name: _maker(makers[name], result) for name in CONTENDERS}


def _maker(make: Callable[[], Unit], result: Callable[[float, float], float]) -> Callable[[], Unit]:
    def made() -> Unit:
        unit = make()
        unit()

        def work() -> float:
            quiet = seconds(unit)
            with busy_core():
                return result(quiet, seconds(unit))

        return work

    return made


def seconds(unit: Unit) -> float:
    """How long a unit of work takes."""
    start = time.perf_counter()
    unit()
    return time.perf_counter() - start
