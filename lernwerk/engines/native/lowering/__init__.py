"""Which kernel computes which node: one module per family, as in ``lernwerk/ops``."""

from lernwerk.engines.native.lowering import (
    convolution,
    indexing,
    loss,
    normalization,
    pooling,
    random,
    recurrent,
    reduce,
    shape,
    sorting,
)

__all__ = [
    "convolution",
    "indexing",
    "loss",
    "normalization",
    "pooling",
    "random",
    "recurrent",
    "reduce",
    "shape",
    "sorting",
]
