"""The core: Tensor, Variable, gradient, random streams, tracer, graph and ``compiled``."""

from lernwerk.core.compiled import CompiledFunction, compiled, trace
from lernwerk.core.explanation import explain
from lernwerk.core.gradient import gradient
from lernwerk.core.graph import Graph
from lernwerk.core.random import RandomStream, set_random_seed
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.core.variable import Variable

__all__ = [
    "CompiledFunction", "Graph", "RandomStream", "Tensor", "Variable", "as_tensor", "compiled",
    "explain", "gradient", "set_random_seed", "trace",
]  # fmt: skip
