"""The core: Tensor, Variable, gradient, random streams, tracer, graph and ``compiled``."""

from typing import Any

from lernwerk.core.compiled import CompiledFunction, compiled, trace
from lernwerk.core.gradient import gradient
from lernwerk.core.graph import Graph
from lernwerk.core.random import RandomStream, set_random_seed
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.core.variable import Variable

__all__ = [
    "CompiledFunction", "Graph", "RandomStream", "Tensor", "Variable", "as_tensor", "compiled",
    "explain", "gradient", "set_random_seed", "trace",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name == "explain":  # brings the drawing of graphs along
        from lernwerk.core.explanation import explain

        return explain
    raise AttributeError(f"module 'lernwerk.core' has no attribute {name!r}")
