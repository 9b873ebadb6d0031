"""Passes: small pure functions from Graph to Graph that keep its meaning.

A pass that finds nothing to do returns the graph it was given. ``simplify`` runs those that keep
every bit. Engines ask for the others: ``fold_normalization`` changes rounding, ``relu_masks`` and
``early_choices`` pay where kernels end with relu.
"""

from collections.abc import Callable

from lernwerk import settings
from lernwerk.core.graph import Graph, verify
from lernwerk.core.passes.clean_up import clean_up
from lernwerk.core.passes.common import common_subexpressions
from lernwerk.core.passes.constant_folding import constant_folding
from lernwerk.core.passes.dead_code import dead_code
from lernwerk.core.passes.early_choices import early_choices
from lernwerk.core.passes.fold_normalization import fold_normalization
from lernwerk.core.passes.relu_masks import relu_masks

__all__ = [
    "clean_up", "common_subexpressions", "constant_folding", "dead_code", "early_choices",
    "fold_normalization", "relu_masks", "run_pass", "simplify",
]  # fmt: skip

_KEEP_EVERY_BIT = (constant_folding, clean_up, common_subexpressions, dead_code)
# A second round finds what the first one made equal or constant; a third has hardly anything left.
_MOST_ROUNDS = 3


def simplify(graph: Graph) -> Graph:
    """The passes that every engine wants, in their order, until nothing changes."""
    for _ in range(_MOST_ROUNDS):
        before = graph
        for change in _KEEP_EVERY_BIT:
            graph = run_pass(change, graph)
        if graph is before:
            break
    return graph


def run_pass(change: Callable[[Graph], Graph], graph: Graph) -> Graph:
    """Run one pass: checked from LERNWERK_DEBUG=1 on, printed from 2 on where it changed a graph.

    The graph before the pass is the one that was printed last.
    """
    changed = change(graph)
    level = settings.get("debug")
    if level and changed is not graph:
        verify(changed)
        if level > 1:
            print(f"pass {change.__name__}: {len(graph.nodes)} -> {len(changed.nodes)} nodes")
            print(changed)
    return changed
