"""Which kernel computes which node: one module per family, as in ``lernwerk/ops``."""

from lernwerk.engines.native.lowering import indexing, pooling, reduce, shape, sorting

__all__ = ["indexing", "pooling", "reduce", "shape", "sorting"]
