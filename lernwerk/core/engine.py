"""The protocol between the core and whatever runs a graph.

The core knows engines only by this protocol and by the names that ``lernwerk/engines/__init__.py``
lists; implementations live in ``lernwerk/engines/`` and import the core, never the other way round.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Sequence
from typing import Any, Protocol, cast, runtime_checkable

from lernwerk import settings
from lernwerk.core.graph import Graph, Node
from lernwerk.errors import check_name
from lernwerk.ops.primitive import Array


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


@runtime_checkable
class PlacingEngine(Engine, Protocol):
    """An engine that can say where it would run each node; others run all in one place."""

    def placement(self, graph: Graph) -> dict[Node, str]:
        """A few words for each node: "native", "numpy" (a fallback), "fused 3" (with others).

        Nodes with the same words "fused 3" become one loop; a node that is missing is not run by
        itself at all. The graph is one that ``simplify`` has made, or the one that was traced.
        """


def placement(graph: Graph) -> dict[Node, str]:
    """Where the current engine runs the nodes of a graph."""
    engine = current_engine()
    if isinstance(engine, PlacingEngine):
        return engine.placement(graph)
    return dict.fromkeys(graph.nodes, engine.name)


@functools.cache
def _engines() -> Any:
    return importlib.import_module("lernwerk.engines")


def engine_names() -> tuple[str, ...]:
    """The names of all engines, the one that is taken by default first."""
    names: tuple[str, ...] = _engines().NAMES
    return names


def engine_name() -> str:
    """The engine that the settings name, else the first of all."""
    name: str = settings.get("engine") or engine_names()[0]
    check_name("LERNWERK_ENGINE", "engine", name, engine_names())
    return name


def engine_description() -> str:
    """The present engine in words, and what is missing for a faster one."""
    engine = current_engine()
    missing: str = _engines().MISSING
    described = getattr(engine, "description", engine.name)
    return f"{described}; {missing}" if missing else described


def current_engine() -> Engine:
    """The engine to compile for."""
    module = importlib.import_module(f"lernwerk.engines.{engine_name()}")
    return cast(Engine, module.ENGINE)
