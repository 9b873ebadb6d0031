"""Which kernel computes which node: one module per family, as in ``lernwerk/ops``."""

from lernwerk.engines.native.lowering import indexing, loss, normalization, random

__all__ = ["indexing", "loss", "normalization", "random"]
