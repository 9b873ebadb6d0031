"""Hashing: texts and whole numbers as one of a few numbers, without a vocabulary."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk.core.tensor import Tensor
from lernwerk.errors import COUNT, ArgumentError, check_name
from lernwerk.layers.encoding import MODES, encoded
from lernwerk.layers.hashes import farm_hash, sip_hash
from lernwerk.layers.text_layer import _TextLayer, as_texts, is_text

Array = np.ndarray[Any, Any]


class Hashing(_TextLayer):
    """Texts, or whole numbers written as texts, as the number of one of ``num_bins`` bins.

    y = FarmHash64(x) mod num_bins, or SipHash-2-4 with the key ``salt`` (one number or two);
    ``mask_value`` gets bin 0 for itself, the others then share 1 to num_bins - 1. output_mode
    one_hot, multi_hot and count as in CategoryEncoding.

    Shapes: x (*s) -> y (*s) int32
    Differs: arrays and lists are hashed when the layer is called on them or a model is fed, tensors
    count as hashed; the bins are Keras's, without TensorFlow.
    """

    ranges = {"num_bins": COUNT}
    fixed = {"sparse": False}
    sparse = False

    def __init__(
        self,
        num_bins: int,
        mask_value: Any = None,
        salt: Any = None,
        output_mode: str = "int",
        sparse: bool = False,
        **keywords: Any,
    ) -> None:
        if keywords.get("dtype") in ("int64", "int32"):  # how Keras says that bins are whole
            keywords["dtype"] = None
        super().__init__(sparse=sparse, **keywords)
        check_name(self.name, "output_mode", output_mode, ("int", *MODES))
        self.num_bins = num_bins
        self.mask_value = mask_value
        self.salt = [salt, salt] if isinstance(salt, int) else salt if salt is None else list(salt)
        self.output_mode = output_mode
        self.check_arguments()
        if self.salt is not None and len(self.salt) != 2:
            raise ArgumentError(self.name, "salt, one number or two", salt)

    def get_config(self) -> dict[str, Any]:
        """Keras's config: its type is int64 where the bins are the result."""
        config = super().get_config()
        return {**config, "dtype": "int64"} if self.output_mode == "int" else config

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """The bins of texts and whole numbers; tensors count as hashed already."""
        raw = (np.ndarray, np.generic, list, tuple, int, str)
        if arguments and isinstance(arguments[0], raw):
            return Tensor(self.encode(arguments[0]))
        return super().__call__(*arguments, **keywords)

    def encode(self, texts: Any) -> Array:
        """The bins of texts or whole numbers, or the rows for them."""
        given = as_texts(self.name, texts) if is_text(texts) else np.asarray(texts)
        if given.dtype.kind == "f":
            given = given.astype(np.int64)
        names, where = np.unique(given.reshape(-1), return_inverse=True)
        bins = np.array([self._bin(name) for name in names.tolist()], np.int32)
        indices = bins[where].reshape(given.shape)
        if self.output_mode == "int":
            return indices
        one = indices[None] if indices.ndim == 0 else indices
        return encoded(Tensor(one), self.output_mode, self.num_bins, self.dtype).numpy()

    def _bin(self, value: Any) -> int:
        masked = self.mask_value is not None and self.num_bins > 1
        if masked and value == self.mask_value:
            return 0
        text = str(value).encode()
        hashed = farm_hash(text) if self.salt is None else sip_hash(text, self.salt)
        return 1 + hashed % (self.num_bins - 1) if masked else hashed % self.num_bins

    @property
    def encoded_dtype(self) -> str:
        """int32 for bins, the layer's type for rows."""
        return "int32" if self.output_mode == "int" else self.dtype

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the bins or rows for inputs of this shape."""
        shape = tuple(input_shape)
        if self.output_mode == "int":
            return shape
        one = self.output_mode == "one_hot" and not (len(shape) > 1 and shape[-1] == 1)
        return (*(shape if one else shape[:-1]), self.num_bins)
