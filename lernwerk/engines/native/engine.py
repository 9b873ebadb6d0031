"""The native engine: compiles graphs into plans of C++ kernels."""

from __future__ import annotations

from lernwerk.core.graph import Graph
from lernwerk.core.passes import simplify
from lernwerk.engines.native.plan import NativePlan


class NativeEngine:
    """The engine in C++; it is there where the extension was built."""

    name = "native"

    def compile(self, graph: Graph) -> NativePlan:
        """Make a graph ready to run."""
        return NativePlan(simplify(graph))
