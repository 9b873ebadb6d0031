"""Where a training ran: version, engine, threads, processor - for reports and ``lernwerk info``."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

import lernwerk
from lernwerk import settings
from lernwerk.core.engine import engine_description, engine_names


def processor() -> str:
    """The processor's name, as the system gives it."""
    listing = Path("/proc/cpuinfo")
    if listing.is_file():
        for line in listing.read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def cores() -> int:
    """The number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def environment() -> dict[str, str]:
    """Everything that a result may depend on, as text."""
    threads = settings.get("threads")
    return {
        "lernwerk": lernwerk.__version__,
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "engine": f"{engine_description()} (of {', '.join(engine_names())})",
        "threads": str(threads or cores()),
        "processor": f"{processor()}, {cores()} cores",
        "system": f"{platform.system()} {platform.machine()}",
    }


def setting_lines() -> dict[str, str]:
    """Every setting with its present value and its meaning."""
    return {
        each.variable: f"{settings.get(name)} ({each.meaning})"
        for name, each in settings.SETTINGS.items()
    }
