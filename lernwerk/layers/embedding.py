"""Embedding: integers, such as the numbers of words, to vectors that are learnt."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk import constraints, initializers, ops, regularizers
from lernwerk.core.tensor import Tensor
from lernwerk.errors import COUNT, DataError, ShapeError
from lernwerk.layers.layer import Layer


class Embedding(Layer):
    """A table with one learnt vector for each integer.

    y[i] = embeddings[x[i]]

    Shapes: x (*b) integers in [0, input_dim) -> y (*b, output_dim)
    Weights: embeddings (input_dim, output_dim) uniform in [-0.05, 0.05] (Keras)
    With ``mask_zero`` the integer 0 stands for "nothing here" and layers after it skip it;
    ``weights`` is a table to begin with, as an array or a list of one array.
    Differs: integers outside the table are refused; ``input_length`` of Keras 2 is
    the ``input_shape``.
    """

    integer_inputs = True
    ranges = {"input_dim": COUNT, "output_dim": COUNT}
    fixed = {"lora_rank": None, "lora_alpha": None}

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        **keywords: Any,
    ) -> None:
        length = keywords.pop("input_length", None)  # Keras 1 and 2: the shape of the first layer
        if length is not None and "input_shape" not in keywords:
            keywords["input_shape"] = tuple(int(n) for n in np.atleast_1d(length))
        super().__init__(**keywords)
        self.input_dim = input_dim
        self.output_dim = output_dim
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.mask_zero = mask_zero
        self.check_arguments()
        if weights is not None:
            self._begin_with(weights)

    def _begin_with(self, table: Any) -> None:
        """Make the table of given vectors, such as those of word2vec."""
        given = table[0] if isinstance(table, (list, tuple)) and len(table) == 1 else table
        shape = (self.input_dim, self.output_dim)
        if np.shape(given) != shape:
            raise ShapeError(self.name, f"weights of shape {shape}", np.shape(given))
        self.build_for((None,))
        self.embeddings.assign(given)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the table."""
        self.embeddings = self.add_weight(
            "embeddings", (self.input_dim, self.output_dim), self.embeddings_initializer,
            regularizer=self.embeddings_regularizer, constraint=self.embeddings_constraint,
            autocast=False,  # only what is read is rounded
        )  # fmt: skip

    def call(self, inputs: Tensor) -> Tensor:
        """y[i] = embeddings[x[i]]"""
        return ops.gather(self.embeddings, inputs.astype("int32"), axis=0)

    def check_data(self, x: Any) -> None:
        """Refuse integers outside the table: NumPy would count negative ones from its end."""
        low, high = int(x.min()), int(x.max())
        wanted = f"integers from 0 to {self.input_dim - 1}"
        if low < 0:
            raise DataError(self.name, wanted, f"{low}")
        if high >= self.input_dim:
            hint = f"The table needs input_dim={high + 1}."
            raise DataError(self.name, wanted, f"{high}", hint)

    @classmethod
    def parameters(cls) -> list[str]:
        """The names of the arguments but the table, which is among the weights."""
        return [name for name in super().parameters() if name != "weights"]

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """True where the integer is not 0, if ``mask_zero``."""
        return ops.not_equal(inputs, 0) if self.mask_zero else None
