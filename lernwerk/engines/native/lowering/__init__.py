"""Which kernel computes which node: one module per family, as in ``lernwerk/ops``."""

from lernwerk.engines.native.lowering import (
    indexing,
    loss,
    pooling,
    random,
    recurrent,
    reduce,
    shape,
    sorting,
)

__all__ = ["indexing", "loss", "pooling", "random", "recurrent", "reduce", "shape", "sorting"]
