"""Losses between distributions that are not cross-entropies: Kullback-Leibler and Poisson."""

from __future__ import annotations

from typing import Any

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.losses.alignment import aligned
from lernwerk.losses.loss import FunctionLoss
from lernwerk.ops.primitive import composite

EPSILON = 1e-7  # Keras's backend.epsilon()


@composite
def kl_divergence(y_true: Any, y_pred: Any) -> Tensor:
    """The Kullback-Leibler divergence: sum(t ln(t / p)), both clipped to [1e-7, 1], in nats.

    Shapes: y_true (*b, c), y_pred (*b, c) -> (*b)
    Source: Kullback & Leibler 1951, doi:10.1214/aoms/1177729694.
    """
    t, p = (_clipped(x) for x in aligned("kl_divergence", y_true, y_pred))
    return ops.sum(t * ops.log(t / p), axis=-1)


def _clipped(x: Tensor) -> Tensor:
    return ops.minimum(ops.maximum(x, EPSILON), 1.0)


@composite
def poisson(y_true: Any, y_pred: Any) -> Tensor:
    """The Poisson loss for counts: mean(p - t ln(p + 1e-7)).

    Shapes: y_true (*b, c), y_pred (*b, c) -> (*b)
    Source: https://keras.io/api/losses/probabilistic_losses/
    """
    t, p = aligned("poisson", y_true, y_pred)
    return ops.mean(p - t * ops.log(p + EPSILON), axis=-1)


class KLDivergence(FunctionLoss):
    """The Kullback-Leibler divergence; see ``kl_divergence``."""

    function = staticmethod(kl_divergence)


class Poisson(FunctionLoss):
    """The Poisson loss for counts; see ``poisson``."""

    function = staticmethod(poisson)
