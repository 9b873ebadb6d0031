"""The base of layers that take text: texts become numbers before a model computes.

A graph has no texts. Called on texts such a layer computes at once; as a part of a model it is
applied to the data while it is fed, by ``encode``, and in the graph passes on the numbers it gets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from lernwerk.core.tensor import Tensor
from lernwerk.errors import DtypeError
from lernwerk.layers.layer import Layer
from lernwerk.layers.symbolic import KerasTensor

Array = np.ndarray[Any, Any]


class _TextLayer(Layer):
    """A layer whose inputs are texts.

    ``takes_text`` tells the feeding to call ``encode`` on the data that reaches this layer;
    ``encoded_dtype`` and ``compute_output_shape`` say what comes out. ``save_assets(folder)`` and
    ``load_assets(folder)`` keep what is neither config nor weight; ``asset_folders`` are the places
    below the layer's own folder where Keras looks for it.
    """

    takes_text: ClassVar[bool] = True
    integer_inputs = True
    asset_folders: ClassVar[tuple[str, ...]] = ("",)

    def encode(self, texts: Any) -> Array:
        """The numbers for texts: an array, a list or a single string."""
        raise NotImplementedError(type(self).__name__)

    @property
    def encoded_dtype(self) -> str:
        """The type of the numbers."""
        return "int32"

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """The numbers for texts; for the symbolic input of a model, its symbolic numbers."""
        if arguments and is_text(arguments[0]):
            return Tensor(self.encode(arguments[0]))
        return super().__call__(*arguments, **keywords)

    def infer(self, *arguments: Any, **keywords: Any) -> Any:
        """The symbolic numbers for symbolic texts."""
        self.built = True
        return KerasTensor(self.compute_output_shape(arguments[0].shape), self.encoded_dtype)

    def call(self, inputs: Tensor) -> Tensor:
        """y = x, the numbers that ``encode`` made"""
        return inputs


def is_text(value: Any) -> bool:
    """Whether a value is a text, or a list or array of texts."""
    if isinstance(value, (str, bytes)):
        return True
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "US" or (
            value.dtype.kind == "O" and value.size > 0 and is_text(value.reshape(-1)[0])
        )
    return isinstance(value, (list, tuple)) and len(value) > 0 and is_text(value[0])


def as_texts(where: str, value: Any, encoding: str = "utf-8") -> Array:
    """The texts as an array of str; bytes are decoded. DtypeError where something is no text."""
    try:
        array = np.asarray(value, dtype=object)
    except ValueError:
        raise DtypeError(where, "rows of equally many texts", "rows of different lengths") from None
    flat = [each.decode(encoding) if isinstance(each, bytes) else each
            for each in array.reshape(-1).tolist()]  # fmt: skip
    wrong = next((each for each in flat if not isinstance(each, str)), None)
    if wrong is not None:
        raise DtypeError(where, "texts", f"{wrong!r}"[:60])
    texts = np.empty(len(flat), object)
    texts[:] = flat
    return texts.reshape(array.shape)


def batches_of(data: Any, steps: int | None = None) -> Any:
    """What ``adapt`` runs through: one array, or the batches of a data set or generator."""
    if isinstance(data, (str, list, tuple, np.ndarray, Tensor)) or not hasattr(data, "__iter__"):
        return iter([data])
    return _first(data, steps)


def _first(data: Any, steps: int | None) -> Any:
    import itertools

    count = getattr(data, "num_batches", None)
    batches = data if count is None else (data[i] for i in range(count))
    return itertools.islice(batches, steps)


Splitter = Callable[[Any], Any]
