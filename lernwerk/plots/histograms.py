"""How weights and gradients of each layer are distributed, and how that changes in a training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]


def weight_histograms(recorded: Any, *, layers: Sequence[str] = ()) -> Figure:
    """A panel for each layer with a histogram of its weights for each recorded epoch, oldest first.

    ``recorded`` is a ``Recorder`` that was a callback of ``fit``, or the same from plain NumPy: a
    dict from the layer's name to a list of arrays, one for each time. ``layers`` chooses some.
    """
    raise NotImplementedError


def gradient_histograms(recorded: Any, *, layers: Sequence[str] = ()) -> Figure:
    """The same of the gradients."""
    raise NotImplementedError


def gradient_norms(gradients: Any) -> Figure:
    """The size of each layer's gradient, on a logarithmic axis: whether it vanishes or explodes.

    ``gradients`` is a dict from the layer's name to its gradient (an array) or its norm (a number),
    first layer first: one line; a dict of such dicts by the name of the network: one line for each;
    or a ``Recorder``: a line for each layer over the epochs.

    norm = sqrt(sum(g^2))
    """
    raise NotImplementedError
