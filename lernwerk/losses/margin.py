"""Losses that ask for a margin: the hinge losses of support vector machines."""

from __future__ import annotations

from typing import Any

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.losses.alignment import aligned
from lernwerk.losses.loss import FunctionLoss
from lernwerk.ops.primitive import composite


def _signs(labels: Tensor) -> Tensor:
    """Labels as -1 and 1; those that are all 0 and 1 are converted."""
    binary = ops.all(ops.logical_or(ops.equal(labels, 0.0), ops.equal(labels, 1.0)))
    return ops.where(binary, 2.0 * labels - 1.0, labels)


@composite
def hinge(y_true: Any, y_pred: Any) -> Tensor:
    """The mean lack of margin: mean(max(1 - t p, 0)), t in {-1, 1} (or {0, 1}, converted).

    Shapes: y_true (*b, c), y_pred (*b, c) -> (*b)
    Source: Cortes & Vapnik 1995, doi:10.1007/BF00994018.
    """
    t, p = aligned("hinge", y_true, y_pred)
    return ops.mean(ops.maximum(1.0 - _signs(t) * p, 0.0), axis=-1)


@composite
def squared_hinge(y_true: Any, y_pred: Any) -> Tensor:
    """The mean squared lack of margin: mean(max(1 - t p, 0)^2), t as in ``hinge``.

    Shapes: y_true (*b, c), y_pred (*b, c) -> (*b)
    Source: https://keras.io/api/losses/hinge_losses/
    """
    t, p = aligned("squared_hinge", y_true, y_pred)
    return ops.mean(ops.square(ops.maximum(1.0 - _signs(t) * p, 0.0)), axis=-1)


@composite
def categorical_hinge(y_true: Any, y_pred: Any) -> Tensor:
    """The margin between the true class and the best other one, for one-hot targets.

    max(max((1 - t) p) - sum(t p) + 1, 0)

    Shapes: y_true (*b, c), y_pred (*b, c) -> (*b)
    Source: https://keras.io/api/losses/hinge_losses/
    """
    t, p = aligned("categorical_hinge", y_true, y_pred)
    wrong = ops.max((1.0 - t) * p, axis=-1)
    return ops.maximum(wrong - ops.sum(t * p, axis=-1) + 1.0, 0.0)


class Hinge(FunctionLoss):
    """The mean lack of margin; see ``hinge``."""

    function = staticmethod(hinge)


class SquaredHinge(FunctionLoss):
    """The mean squared lack of margin; see ``squared_hinge``."""

    function = staticmethod(squared_hinge)


class CategoricalHinge(FunctionLoss):
    """The margin between the true class and the best other one; see ``categorical_hinge``."""

    function = staticmethod(categorical_hinge)
