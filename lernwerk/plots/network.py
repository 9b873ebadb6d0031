"""A network as circles and lines: layers from left to right, weights by sign and size.

It draws dense networks, from Lernwerk's models or from plain numbers; the boxes of any model are in
``model_drawing.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def network_diagram(
    network: Any,
    weights: Sequence[Any] | None = None,
    *,
    texts: Sequence[Sequence[Any]] | None = None,
    inputs: Sequence[str] = (),
    outputs: Sequence[str] = (),
    most: int = 10,
) -> Figure:
    """Neurons as circles, weights as lines: blue where positive, orange where negative.

    ``network`` is a model of dense layers or the sizes of the layers, inputs first: [2, 3, 1].
    ``weights`` are the matrices between the layers of those sizes, plain NumPy; a model has its
    own. ``texts`` are written into the neurons, a list for each layer (thresholds, activations);
    ``inputs`` and ``outputs`` beside the first and the last. A layer of more than ``most`` neurons
    shows its first and last ones around dots, and its size.

    Shapes: weights (n of the layer before, n of the layer)
    """
    raise NotImplementedError
