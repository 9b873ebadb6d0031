"""Functional: the model between symbolic tensors, ``Model(inputs, outputs)``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from lernwerk.errors import DataError
from lernwerk.models.functional_config import KEYS
from lernwerk.models.model import Model


class Functional(Model):
    """A model made of symbolic tensors: any graph of layers with any inputs and outputs.

    ``inputs`` and ``outputs`` are symbolic tensors, or lists or dicts of them. Between them may
    lie shared layers, other models, operators and functions of ``keras.ops``.
    """

    keras_module = "keras.src.models.functional"

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Self:
        """The model that ``get_config`` described, with new weights."""
        missing = [key for key in KEYS if key not in config]
        if missing:
            raise DataError("config", f"{', '.join(KEYS)} of a functional model",
                            f"none of the name {missing[0]}")  # fmt: skip
        return super().from_config(config, custom_objects)

    def __init__(
        self, inputs: Any = None, outputs: Any = None, name: str | None = None, **keywords: Any
    ) -> None:
        super().__init__(inputs, outputs, name=name, **keywords)
