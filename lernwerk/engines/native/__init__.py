"""The native engine: a graph becomes a flat list of kernels over memory that is laid out beforehand.

The C++ lies in ``native/`` at the root of the project; this package decides which kernel computes
which node (``lowering/``), what is fused, and where everything lies. docs/engine.md is its map.
"""
