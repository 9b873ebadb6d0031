"""The protocol between the core and whatever runs a graph.

The core knows engines only by name (``lernwerk.settings``) and by this protocol; implementations
live in ``lernwerk/engines/`` and import the core, never the other way round.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from typing import Protocol, cast

from lernwerk import settings
from lernwerk.core.graph import Graph
from lernwerk.errors import check_name
from lernwerk.ops.primitive import Array

ENGINES = ("numpy",)


class Plan(Protocol):
    """A graph made ready to run. States are read from and written to their Variables."""

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        """Run once: compute the outputs and update the Variables."""

    def run_epoch(self, data: Sequence[Array], order: Array, batch_size: int) -> list[Array]:
        """Run ``len(order) // batch_size`` steps without returning to the caller.

        Step i gets the rows ``order[i * batch_size : (i + 1) * batch_size]`` of each array of
        ``data``. Returns each output of all steps, concatenated along the first axis; numbers
        (outputs without axes) become a vector with one entry per step.
        """


class Engine(Protocol):
    """Something that turns graphs into plans."""

    name: str

    def compile(self, graph: Graph) -> Plan:
        """Make a graph ready to run."""


def current_engine() -> Engine:
    """The engine that the settings name."""
    name = settings.get("engine")
    check_name("LERNWERK_ENGINE", "engine", name, ENGINES)
    module = importlib.import_module(f"lernwerk.engines.{name}")
    return cast(Engine, module.ENGINE)
