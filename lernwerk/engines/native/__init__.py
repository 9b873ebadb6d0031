"""The native engine: a graph becomes a flat list of kernels over memory laid out beforehand.

The C++ lies in ``native/`` at the root of the project; this package decides which kernel computes
which node (``lowering/``), what is fused (``cluster.py``, ``program.py``), the order
(``lowerer.py``) and where everything lies (``memory.py``). docs/engine.md is its map.
"""

from lernwerk.engines.native.engine import NativeEngine

ENGINE = NativeEngine()

__all__ = ["ENGINE"]
