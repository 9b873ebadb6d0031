"""How many threads NumPy's matrix products use while a plan runs.

OpenBLAS's threads wait by spinning: on a machine whose other cores are busy, a small product on two
threads was measured ten times slower than on one. So small products stay on one thread.
"""

from __future__ import annotations

import contextlib
import functools
import math
from typing import Any

from lernwerk import settings
from lernwerk.core.graph import Graph, Node

# Multiplications in one product: about 2 ms on one core, where waking a second one starts to pay.
WORTH_SHARING = 1e8


def worth_sharing(graph: Graph) -> bool:
    """Whether a graph has a product that is large enough for several threads."""
    return any(_work(node) >= WORTH_SHARING for node in graph.nodes)


def thread_count(shared: bool) -> int | None:
    """The number of threads: as set, one for small products, None for all cores."""
    count: int | None = settings.get("threads")
    if count is not None:
        return count
    return None if shared else 1


def _work(node: Node) -> float:
    """Multiplications of a product: sqrt(mk * kn * mn) = mkn; of a batch of them, in one."""
    if len(node.inputs) < 2 or node.primitive.broadcasts:
        return 0.0
    shapes = [node.inputs[0].shape, node.inputs[1].shape, node.outputs[0].shape]
    if node.primitive.name == "matmul" and len(shapes[1]) > 2:
        shapes = [shape[-2:] for shape in shapes]
    return math.sqrt(math.prod(float(math.prod(shape)) for shape in shapes))


@functools.cache
def _controller() -> Any:
    import threadpoolctl

    return threadpoolctl.ThreadpoolController()


def limited(count: int | None) -> contextlib.AbstractContextManager[Any]:
    """Run matrix products inside on that many threads; None leaves them as they are."""
    if count is None:
        return contextlib.nullcontext()
    limit: contextlib.AbstractContextManager[Any] = _controller().limit(
        limits=count, user_api="blas"
    )
    return limit
