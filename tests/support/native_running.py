"""Run one node by its native kernel alone, beside its NumPy definition."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk.core.graph import Node, Symbol
from lernwerk.engines.native.extension import extension
from lernwerk.engines.native.step import lowered
from lernwerk.ops.primitive import Primitive, Spec


def run_node(
    primitive: Primitive, arrays: list[Any], attributes: dict[str, Any]
) -> list[Any] | None:
    """The outputs of the kernel; None where the node has no step or the kernel gave up."""
    arrays = [np.array(array, order="C") for array in arrays]
    attributes = primitive.defaults | attributes
    inputs = tuple(Symbol(Spec(a.shape, a.dtype), f"%{i}") for i, a in enumerate(arrays))
    node = Node(primitive, inputs, attributes)
    specs = primitive.infer([symbol.spec for symbol in inputs], attributes)
    node.outputs = tuple(Symbol(spec, f"%y{i}") for i, spec in enumerate(specs))
    step = lowered(node)
    if step is None:
        return None
    module = extension()
    # Results begin as NaN or as all bits set: a kernel that leaves a place out shows.
    outputs = [np.frombuffer(b"\xff" * (64 + _bytes(spec)), np.uint8).copy() for spec in specs]
    local = -(-step.local // 64) * 64
    shared = _aligned(step.shared)
    own = _aligned(local * module.threads())
    done = module.call_kernel(
        step.kernel,
        [array.ctypes.data for array in arrays],
        [buffer.ctypes.data for buffer in outputs],
        list(step.whole), list(step.real), shared[1], own[1], local,
    )  # fmt: skip
    if not done:
        return None
    results = []
    for buffer, spec in zip(outputs, specs, strict=True):
        assert (buffer[_bytes(spec) :] == 255).all(), f"{step.kernel} wrote beyond its output"
        results.append(buffer[: _bytes(spec)].view(spec.dtype).reshape(spec.shape))
    return results


def _bytes(spec: Spec) -> int:
    return int(np.prod(spec.shape, dtype=np.int64)) * spec.dtype.itemsize


def _aligned(size: int) -> tuple[Any, int]:
    memory = np.full(size + 64, 255, np.uint8)
    return memory, -(-memory.ctypes.data // 64) * 64
