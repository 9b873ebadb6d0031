"""The random functions of the tests: finite, the same eager and traced, and rich enough."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from random_graphs import graphs

from lernwerk.core import Tensor, trace
from lernwerk.core.graph import verify
from lernwerk.engines.numpy import NumpyPlan


@settings(max_examples=60)
@given(graphs())
def test_traced_and_eager_results_agree_and_are_finite(made):
    function, arrays = made
    eager = function(*map(Tensor, arrays))
    graph = trace(function, *arrays).graph
    verify(graph)
    for a, b in zip(NumpyPlan(graph).run(arrays), eager, strict=True):
        assert np.isfinite(a).all()
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        np.testing.assert_allclose(a, b.numpy(), rtol=1e-9, atol=1e-9)
