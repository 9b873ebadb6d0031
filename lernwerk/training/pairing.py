"""The last layer against the loss, checked when a model is compiled.

What is certainly wrong is refused, what is probably wrong gets a warning; both with the line to
paste.
"""

from __future__ import annotations

import warnings
from typing import Any

from lernwerk import activations, losses
from lernwerk.errors import ArgumentError, TrainingWarning, message


def check_pairing(layer: Any, units: int | None, loss: Any) -> None:
    """Refuse or warn of a last layer whose activation does not go with the loss."""
    function = getattr(layer, "activation", None)
    if function is None:
        return
    name = str(getattr(function, "__name__", function))
    where = f"compile: {layer.name} with loss {getattr(loss, 'name', loss)}"
    if function is activations.softmax and units == 1:
        raise ArgumentError(
            where, "more than one unit for softmax", "1 unit, whose output is always 1",
            "For two classes: Dense(1, activation='sigmoid') with loss='binary_crossentropy'.",
        )  # fmt: skip
    kinds = (losses.CategoricalCrossentropy, losses.SparseCategoricalCrossentropy)
    if isinstance(loss, kinds):
        _check_categorical(where, name, units, loss)
    elif isinstance(loss, losses.BinaryCrossentropy):
        _check_binary(where, name, units, loss)


def _check_categorical(where: str, activation: str, units: int | None, loss: Any) -> None:
    if units == 1:
        raise ArgumentError(
            where, "one unit for each class", "1 unit",
            "For two classes: Dense(1, activation='sigmoid') with loss='binary_crossentropy'; "
            "for n classes: Dense(n, activation='softmax').",
        )  # fmt: skip
    _check_logits(where, activation, loss, "softmax")
    if not loss.from_logits and activation != "softmax":
        hint = f"Dense({units}, activation='softmax') gives probabilities that sum to 1."
        _warn(where, "activation 'softmax'", repr(activation), hint)


def _check_binary(where: str, activation: str, units: int | None, loss: Any) -> None:
    _check_logits(where, activation, loss, "sigmoid")
    if activation == "softmax":
        _warn(where, "loss 'categorical_crossentropy' for softmax", "binary_crossentropy",
              f"Classes that exclude each other: loss='categorical_crossentropy'; independent "
              f"labels: Dense({units}, activation='sigmoid').")  # fmt: skip
    elif not loss.from_logits and activation != "sigmoid":
        _warn(where, "activation 'sigmoid'", repr(activation),
              f"Dense({units}, activation='sigmoid') gives probabilities.")  # fmt: skip


def _check_logits(where: str, activation: str, loss: Any, squashing: str) -> None:
    """from_logits with an activation applies it twice; linear without from_logits not at all."""
    kind = type(loss).__name__
    if loss.from_logits and activation in ("softmax", "sigmoid"):
        raise ArgumentError(
            where, "a linear last layer for from_logits=True", f"activation {activation!r}",
            f"It would be applied twice. Use loss={kind}(), or a last layer without activation.",
        )  # fmt: skip
    if not loss.from_logits and activation == "linear":
        raise ArgumentError(
            where, "probabilities from the last layer", "a linear activation",
            f"Add activation={squashing!r} to it, or use loss={kind}(from_logits=True).",
        )  # fmt: skip


def _warn(where: str, expected: str, got: str, hint: str) -> None:
    warnings.warn(message(where, expected, got, hint), TrainingWarning, stacklevel=2)
