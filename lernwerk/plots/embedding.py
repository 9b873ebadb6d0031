"""Vectors of many numbers as points of a plane: their two principal components."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]


def principal_components(vectors: Array, count: int = 2) -> tuple[Array, Array]:
    """The vectors in the directions of their largest variance, and the share of it in each.

    x - mean = U S V^T; coordinates U S, shares S^2 / sum(S^2)

    Shapes: vectors (n, c) -> (n, count), (count)
    Source: Pearson 1901; Eckart & Young 1936.
    """
    raise NotImplementedError


def embedding_map(
    vectors: Array, labels: Sequence[Any] | Array | None = None, *, words: Sequence[str] = ()
) -> Figure:
    """Vectors as points of the plane of their two principal components.

    ``labels`` are the classes of the vectors, which give the colours; ``words`` are written beside
    the points.

    Shapes: vectors (n, c); labels and words none, or n
    """
    raise NotImplementedError
