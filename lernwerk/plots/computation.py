"""The computation graph of a Tensor with its values and local gradients, as a matplotlib figure.

The places are those of ``explain(...).svg()``; a figure can stand beside others and become a PNG.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def computation_graph(tensor: Any, **names: Any) -> Figure:
    """The steps that led to a Tensor, each with its value, the local gradients on the arrows.

    ``names`` gives values their names: ``computation_graph(loss, x=x, w=w)``; an ``Explanation``
    may stand in the place of the Tensor.
    """
    raise NotImplementedError
