"""A kernel beside its definition, on one thread and on two: what tests of families share."""

from __future__ import annotations

from typing import Any

import numpy as np
from native_running import run_node

from lernwerk.engines.native.extension import extension
from lernwerk.ops.primitive import REGISTRY


def check(name: str, *arrays: Any, rtol: float = 2e-5, atol: float = 2e-5, **options: Any) -> None:
    """The kernel of ``name`` gives what its definition gives, and the same bits on two threads."""
    primitive = REGISTRY[name]
    module = extension()
    threads = module.threads()
    results = []
    try:
        for count in (1, 2):
            module.set_threads(count)
            results.append(run_node(primitive, list(arrays), options))
    finally:
        module.set_threads(threads)
    alone, together = results
    assert alone is not None, f"{name} has no kernel here"
    assert together is not None
    expected = primitive.forward(*arrays, **(primitive.defaults | options))
    for a, b, c in zip(alone, together, [expected] if primitive.single else expected, strict=True):
        assert a.dtype == np.asarray(c).dtype
        assert a.shape == np.shape(c)
        assert a.tobytes() == b.tobytes()
        np.testing.assert_allclose(a, c, rtol=rtol, atol=atol)


def numbers(shape: tuple[int, ...], seed: int = 0) -> Any:
    """Normal float32 numbers."""
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)
