"""Functional: the model between symbolic tensors, ``Model(inputs, outputs)``."""

from __future__ import annotations

from typing import Any

from lernwerk.models.model import Model


class Functional(Model):
    """A model made of symbolic tensors: any graph of layers with any inputs and outputs.

    ``inputs`` and ``outputs`` are symbolic tensors, or lists or dicts of them. Between them may
    lie shared layers, other models, operators and functions of ``keras.ops``.
    """

    keras_module = "keras.src.models.functional"

    def __init__(
        self, inputs: Any = None, outputs: Any = None, name: str | None = None, **keywords: Any
    ) -> None:
        super().__init__(inputs, outputs, name=name, **keywords)
