"""Activation functions and their derivatives, which Lernwerk's gradient computes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def activation_functions(
    names: Sequence[str | Callable[[Any], Any]] = ("sigmoid", "tanh", "relu"),
    *,
    low: float = -5.0,
    high: float = 5.0,
) -> Figure:
    """One panel for each function: y = f(x), and its derivative dashed.

    ``names`` are Keras's, or functions of a Tensor that work element by element.
    """
    raise NotImplementedError
