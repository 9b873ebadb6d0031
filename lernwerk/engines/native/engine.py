"""The native engine: compiles graphs into plans of C++ kernels."""

from __future__ import annotations

from lernwerk.core.graph import Graph, Node
from lernwerk.core.passes import (
    early_choices,
    fold_normalization,
    relu_masks,
    run_pass,
    simplify,
)
from lernwerk.engines.native.extension import extension, target
from lernwerk.engines.native.lowerer import Lowerer
from lernwerk.engines.native.plan import NativePlan


class NativeEngine:
    """The engine in C++; it is there where the extension was built."""

    name = "native"

    @property
    def description(self) -> str:
        """Which build it is, and whether products in bfloat16 are fast."""
        bfloat16 = ", bfloat16" if extension().has_bfloat16() else ""
        return f"native, built for {target()}{bfloat16}"

    def compile(self, graph: Graph) -> NativePlan:
        """Make a graph ready to run."""
        graph = simplify(graph)
        for change in (fold_normalization, relu_masks, early_choices):
            graph = run_pass(change, graph)
        return NativePlan(simplify(graph))

    def placement(self, graph: Graph) -> dict[Node, str]:
        """Where each node runs: natively, fused with others (by number), in NumPy, or nowhere."""
        lowerer = Lowerer(graph)
        places = dict.fromkeys(graph.nodes, "view")
        places |= dict.fromkeys(lowerer.views.nodes, "unused")
        fused = 0
        for each in lowerer.instructions:
            if each.step is None:
                place = "numpy"
            elif len(each.nodes) == 1:
                place = "native"
            else:
                fused += 1
                place = f"fused {fused}"
            places |= dict.fromkeys(each.nodes, place)
        return places
