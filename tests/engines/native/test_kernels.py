"""Every native kernel against the NumPy definition of its operation, on the registry's samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from native_running import run_node

from lernwerk.ops.primitive import REGISTRY

CASES = [
    (name, i, sample)
    for name, primitive in sorted(REGISTRY.items())
    for i, sample in enumerate(primitive.samples(np.random.default_rng(0)))
]


def _single(array: Any) -> Any:
    """float64 as float32 and int64 as int32: the types that kernels work in."""
    array = np.asarray(array)
    return array.astype({"f8": "f4", "i8": "i4"}.get(array.dtype.str[1:], array.dtype))


@pytest.mark.parametrize(("name", "number", "sample"), CASES, ids=lambda c: str(c)[:30])
def test_kernel_is_its_definition(name: str, number: int, sample: Any) -> None:
    primitive = REGISTRY[name]
    inputs = [_single(array) for array in sample.inputs]
    found = run_node(primitive, inputs, sample.attributes)
    if found is None:
        pytest.skip(f"{name} has no kernel for this sample")
    expected = primitive.forward(*inputs, **sample.attributes)
    expected = [expected] if primitive.single else list(expected)
    for a, b in zip(found, expected, strict=True):
        assert a.dtype == np.asarray(b).dtype
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-5)
