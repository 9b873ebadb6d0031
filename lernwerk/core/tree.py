"""Nested lists, tuples and dicts of values, taken apart into leaves and put together again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lernwerk.core.tensor import Tensor


def leaves(tree: Any) -> Iterator[Any]:
    """The leaves in order; dict entries in the order of their sorted keys."""
    if isinstance(tree, dict):
        for key in sorted(tree):
            yield from leaves(tree[key])
    elif isinstance(tree, (list, tuple)):
        for each in tree:
            yield from leaves(each)
    else:
        yield tree


def map_leaves(function: Callable[[Any], Any], tree: Any) -> Any:
    """The same structure with the function applied to every leaf, in the order of ``leaves``."""
    if isinstance(tree, dict):
        made = {key: map_leaves(function, tree[key]) for key in sorted(tree)}
        return {key: made[key] for key in tree}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(map_leaves(function, each) for each in tree))
    if isinstance(tree, (list, tuple)):
        return type(tree)(map_leaves(function, each) for each in tree)
    return function(tree)


def is_array(value: Any) -> bool:
    """Whether a leaf is an input of a graph; everything else is static."""
    return isinstance(value, (Tensor, np.ndarray, np.generic))
