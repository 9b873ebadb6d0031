"""What is probably not meant in a training, said once with its remedy: TrainingWarning."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lernwerk.errors import TrainingWarning, message

_UNLIKELY = 10.0  # standard deviations of chance by which a mix of labels differs
_LEFT_OVER = 0.1  # share of a moving average's first value that still counts as warmed up
_WORSE = 1.5  # how much greater the loss of the validation is where averages are to blame


def _warn(*parts: str) -> None:
    warnings.warn(message(*parts), TrainingWarning, stacklevel=4)


def warn_of_tail(y: Any, count: int) -> None:
    """validation_split takes the last rows, as Keras does: warn where their labels are others."""
    labels = _class_numbers(y)
    if labels is None:
        return
    head, tail = labels[:count], labels[count:]
    known, counted = np.unique(head), np.unique(tail)
    missing = np.setxor1d(known, counted)
    if len(missing) and len(known) + len(counted) < len(labels) / 2:
        _warn(
            "validation_split", "all classes in both parts",
            f"classes {missing[:5].tolist()} in one part only "
            "(it takes the last rows unshuffled)", _SHUFFLE,
        )  # fmt: skip
    elif not len(missing) and _differ(head, tail):
        _warn(
            "validation_split", "the same mix of classes in both parts",
            f"{_shares(head)} in the first and {_shares(tail)} in the last rows "
            "(it takes these unshuffled)", _SHUFFLE,
        )  # fmt: skip


_SHUFFLE = "Shuffle first: p = np.random.permutation(len(x)); x, y = x[p], y[p]."


def _class_numbers(y: Any) -> Any:
    """Class numbers of a single output: whole numbers, or the ones of one-hot rows."""
    if not isinstance(y, np.ndarray):
        return None
    if y.ndim == 2 and y.shape[1] > 1:
        one_hot = ((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all()
        return y.argmax(axis=1) if one_hot else None
    if y.ndim > 2 or (y.dtype.kind == "f" and not np.isin(y, (0, 1)).all()):
        return None
    return y.reshape(len(y))


def _differ(head: Any, tail: Any) -> bool:
    """Whether chance hardly gives two such mixes: the chi-square statistic of both.

    Source: Pearson 1900, Philosophical Magazine 50, 157-175.
    """
    known = np.unique(head)
    found = np.array([[(part == each).sum() for each in known] for part in (head, tail)])
    expected = found.sum(axis=1, keepdims=True) * found.sum(axis=0) / found.sum()
    statistic = ((found - expected) ** 2 / expected).sum()
    freedom = max(len(known) - 1, 1)
    return bool(statistic > freedom + _UNLIKELY * np.sqrt(2 * freedom))


def _shares(labels: Any) -> str:
    """The share of the most frequent class, in words."""
    known, counts = np.unique(labels, return_counts=True)
    first = int(counts.argmax())
    return f"{100 * counts[first] / len(labels):.0f} % of class {known[first]}"


def warn_of_thawed(model: Any, steps: Any) -> None:
    """Say so, once, where layers were frozen or thawed since ``compile``."""
    changed = [
        layer for layer, learned in steps.learning.items()
        if layer._trainable is not learned and layer is not model
    ]  # fmt: skip
    if changed and not steps.warned_of_thawed:
        steps.warned_of_thawed = True
        layer = changed[0]
        _warn(
            "fit", "layer.trainable to be set before compile",
            f"{layer.name}.trainable = {layer._trainable} after it",
            "It takes effect with the next model.compile(...).",
        )  # fmt: skip


def warn_of_statistics(model: Any, history: Mapping[str, Sequence[float]]) -> None:
    """Explain a validation that is far worse where moving averages are still at their start.

    A moving average with momentum m holds its first value with the weight m^n after n steps; the
    batch normalization then computes something else in use than in training.
    """
    if not history.get("val_loss") or not history.get("loss"):
        return
    if not history["val_loss"][-1] > _WORSE * abs(history["loss"][-1]):
        return
    steps = int(model.optimizer.iterations.numpy())
    for layer in model._flattened():
        momentum = getattr(layer, "momentum", None)
        if hasattr(layer, "moving_variance") and momentum and momentum**steps > _LEFT_OVER:
            _warn(
                layer.name, "moving averages that have seen enough steps",
                f"{steps} steps at momentum {momentum:g}: {100 * momentum**steps:.0f} % of them "
                "is still their first value, so that in use the layer is not what it was in "
                f"training (val_loss {history['val_loss'][-1]:.4g}, loss "
                f"{history['loss'][-1]:.4g})",
                "Train longer, or BatchNormalization(momentum=0.9).",
            )  # fmt: skip
            return
