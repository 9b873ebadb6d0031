"""Passes: small pure functions from Graph to Graph that keep its meaning."""

from lernwerk.core.graph import Graph
from lernwerk.core.passes.common import common_subexpressions
from lernwerk.core.passes.dead_code import dead_code

__all__ = ["common_subexpressions", "dead_code", "simplify"]


def simplify(graph: Graph) -> Graph:
    """The passes that every engine wants, in their order."""
    return dead_code(common_subexpressions(graph))
