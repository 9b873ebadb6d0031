"""The loss for sequences without alignment: connectionist temporal classification (CTC)."""

from __future__ import annotations

from typing import Any

from lernwerk import ops
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import ShapeError
from lernwerk.losses.alignment import floating
from lernwerk.losses.loss import FunctionLoss
from lernwerk.ops.primitive import composite

_NEVER = -1e5  # the logarithm of a chance of 0, as in Keras: finite, so that gradients are
_BLANK = 0


@composite
def ctc(y_true: Any, y_pred: Any) -> Tensor:
    """The cost of all ways to spread a sequence of labels over more steps, in nats.

    -ln(sum over all paths of the product over t of softmax(y_pred[t])[path[t]]), where a path
    gives the labels when repetitions and then blanks are left out

    ``y_true`` holds class numbers from 1; 0 is the blank, and fills up short sequences. A sequence
    that does not fit into the steps costs about 1e5.

    Differs: nothing; y_pred holds logits, as in Keras.
    Shapes: y_true (b, n), y_pred (b, t, k) -> (b)
    Raises ShapeError for other ranks, or batches of different lengths.
    Source: Graves et al. 2006, ICML, equations 6 to 8.
    """
    labels, scores = as_tensor(y_true).astype("int32"), floating(y_pred)
    if labels.ndim != 2 or scores.ndim != 3 or labels.shape[0] != scores.shape[0]:
        raise ShapeError(
            "ctc", "y_true (batch, labels) for y_pred (batch, steps, classes)",
            f"{labels.shape} and {scores.shape}",
            "y_true holds class numbers from 1, filled up with 0.",
        )  # fmt: skip
    extended = _with_blanks(labels)  # (b, s), s = 2n + 1
    chances = ops.log_softmax(scores, axis=-1)  # (b, t, k)
    alpha = _forward(chances, extended)
    length = ops.sum(ops.not_equal(labels, _BLANK).astype("int32"), axis=1)  # (b)
    return -ops.logsumexp(ops.where(_is_end(length, extended), alpha, _NEVER), axis=-1)


def _with_blanks(labels: Tensor) -> Tensor:
    """A blank before, between and after the labels."""
    blanks = ops.expand_dims(labels * 0, axis=-1)
    pairs = ops.concatenate(blanks, ops.expand_dims(labels, axis=-1), axis=-1)
    flat = pairs.reshape(labels.shape[0], -1)
    return ops.concatenate(flat, blanks[:, 0], axis=1)


def _forward(chances: Tensor, extended: Tensor) -> Tensor:
    """The logarithm of the chance of all paths that end at each place of the sequence.

    a[t](s) = p[t](z[s]) * (a[t-1](s) + a[t-1](s-1) + a[t-1](s-2) where z[s] may follow z[s-2])
    """
    batch, places = extended.shape
    classes = chances.shape[-1]
    chosen = ops.one_hot(extended, depth=classes, dtype=chances.dtype.name)  # (b, s, k)
    emitted = ops.matmul(chances, ops.swapaxes(chosen, first=1, second=2))  # (b, t, s)
    jump = ops.logical_and(extended != _BLANK, extended != _shifted(extended, 2, _BLANK))
    start = as_tensor([[0.0] * min(2, places) + [_NEVER] * (places - 2)], chances.dtype)
    alpha = ops.broadcast_to(start, shape=(batch, places)) + emitted[:, 0]
    for t in range(1, chances.shape[1]):
        skipped = ops.where(jump, _shifted(alpha, 2, _NEVER), _NEVER)
        ways = ops.stack([alpha, _shifted(alpha, 1, _NEVER), skipped], axis=-1)
        alpha = ops.logsumexp(ways, axis=-1) + emitted[:, t]
    return alpha


def _shifted(x: Tensor, places: int, filler: float) -> Tensor:
    """The rows moved to the right, with a filler at their beginnings."""
    kept = x[:, : max(x.shape[1] - places, 0)]
    padding = x[:, :places] * 0 + as_tensor(filler, x.dtype)
    return ops.concatenate(padding, kept, axis=1)


def _is_end(length: Tensor, extended: Tensor) -> Tensor:
    """Whether a path may end at a place: at the last label or at the blank behind it."""
    last = ops.expand_dims(2 * length, axis=-1)  # (b, 1)
    places = as_tensor([list(range(extended.shape[1]))]).astype("int32")  # (1, s)
    return ops.logical_or(ops.equal(places, last), ops.equal(places, last - 1))


class CTC(FunctionLoss):
    """The cost of labels without alignment; see ``ctc``."""

    function = staticmethod(ctc)
    compares_elements = False
