"""Which samples of the registry run natively: a kernel that is lost shows here, not as a skip."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk.core.graph import Node, Symbol
from lernwerk.engines.native.elementwise import is_reduction, register_of
from lernwerk.engines.native.lowering.linalg import product
from lernwerk.engines.native.step import lowered
from lernwerk.engines.native.views import is_view
from lernwerk.ops.primitive import REGISTRY, Primitive, Sample, Spec

# The numbers of the samples that fall back to NumPy: integers where kernels want floats, float64
# random numbers, three axes, axes apart from each other, batches that are broadcast.
FALLBACKS = {
    "all": [1], "any": [1], "argsort": [1, 2], "average_pooling": [3],
    "average_pooling_gradient": [3], "contraction": [0, 1, 2, 3, 4, 5], "convolution": [4],
    "convolution_input_gradient": [4], "convolution_kernel_gradient": [4], "matmul": [5, 6],
    "det": [0, 1], "inv": [0, 1], "max": [2], "max_pooling": [3],
    "max_pooling_gradient": [0, 1, 2, 3],
    "max_pooling_pick": [0, 1, 2, 3], "min": [2], "one_hot": [1], "prod": [2],
    "random_normal": [1], "random_uniform": [1], "searchsorted": [0, 1, 2], "sort": [1, 2],
    "sum": [2],
}  # fmt: skip


def _single(value: Any) -> Any:
    array = np.asarray(value)
    return array.astype({"f8": "f4", "i8": "i4"}.get(array.dtype.str[1:], array.dtype))


def _is_native(primitive: Primitive, sample: Sample) -> bool:
    attributes = primitive.defaults | sample.attributes
    arrays = [_single(value) for value in sample.inputs]
    inputs = tuple(Symbol(Spec(a.shape, a.dtype), "%") for a in arrays)
    node = Node(primitive, inputs, attributes)
    specs = primitive.infer([symbol.spec for symbol in inputs], attributes)
    node.outputs = tuple(Symbol(spec, "%") for spec in specs)
    if is_view(node) or is_reduction(node) or register_of(node):
        return True
    return product(node, {}) is not None or lowered(node) is not None


def test_what_falls_back_is_known() -> None:
    found: dict[str, list[int]] = {}
    for name, primitive in REGISTRY.items():
        for i, sample in enumerate(primitive.samples(np.random.default_rng(0))):
            if not _is_native(primitive, sample):
                found.setdefault(name, []).append(i)
    assert found == FALLBACKS
