"""StringLookup and IntegerLookup: tokens as their numbers in a vocabulary, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.errors import ArgumentError, DataError, Range, UsageError
from lernwerk.layers.encoding import encoded
from lernwerk.layers.hashes import farm_hash, sip_hash
from lernwerk.layers.layer import Layer
from lernwerk.layers.text_layer import _TextLayer, as_texts, batches_of
from lernwerk.layers.vocabulary import Vocabulary, output_mode

Array = np.ndarray[Any, Any]
_OOV = Range(0, integer=True)


class _Lookup(Layer):
    """What lookups share: the vocabulary, its learning and its keeping."""

    ranges = {"num_oov_indices": _OOV}
    fixed = {"sparse": False}
    sparse = False
    _kind: type = str

    def _set_up(
        self, max_tokens: int | None, num_oov_indices: int, mask_token: Any, oov_token: Any,
        vocabulary: Any, idf_weights: Any, invert: bool, mode: str, pad_to_max_tokens: bool,
    ) -> None:  # fmt: skip
        self.max_tokens = max_tokens
        self.num_oov_indices = num_oov_indices
        self.mask_token = mask_token
        self.oov_token = oov_token
        self.invert = invert
        self.output_mode = output_mode(self.name, mode)
        self.pad_to_max_tokens = pad_to_max_tokens
        self._given = _listed(vocabulary), _listed(idf_weights)
        self.check_arguments()
        if invert and self.output_mode != "int":
            raise ArgumentError(self.name, "output_mode='int' with invert=True",
                                repr(self.output_mode))  # fmt: skip
        self._words = Vocabulary(
            self.name, mask_token, oov_token, num_oov_indices, max_tokens, self.output_mode,
            pad_to_max_tokens, self._kind,
        )  # fmt: skip
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)

    @property
    def vocabulary(self) -> Any:
        """The vocabulary that was given to the layer, as it stands in the config."""
        return self._given[0]

    @property
    def idf_weights(self) -> Any:
        """The weights that were given to the layer, as they stand in the config."""
        return self._given[1]

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """The layer that a config describes; Keras's has some keys that follow from others."""
        derived = ("vocabulary_size", "has_input_vocabulary", "dtype", "trainable")
        made = cls(**{key: value for key, value in config.items() if key not in derived})
        made._words.expect(config.get("vocabulary_size"))
        return made

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, and the size of its vocabulary."""
        return {**super().get_config(), "vocabulary_size": self.vocabulary_size()}

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """The token of every number; without the special tokens, those that were learnt."""
        return self._words.names(include_special_tokens)

    def vocabulary_size(self) -> int:
        """How many numbers there are."""
        return self._words.size

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Take these tokens: a list, an array, or the path of a text file with one a line."""
        self._words.set(vocabulary, idf_weights)

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Learn the vocabulary of an array, a list, or a data set's batches: the most frequent.

        For tf_idf each row is a document.
        """
        self._check_adaptable()
        self._words.forget()
        for batch in batches_of(data, steps):
            self._words.count(self._documents(batch))
        self._words.learn()

    def _check_adaptable(self) -> None:
        if self._given[0] is not None:
            raise UsageError(f"{self.name}.adapt", "a layer without a given vocabulary", "one with")

    def _documents(self, batch: Any) -> list[list[Any]]:
        tokens = self._tokens(batch)
        return tokens.reshape(len(tokens), -1).tolist() if tokens.ndim else [[tokens.item()]]

    def _tokens(self, value: Any) -> Array:
        raise NotImplementedError(type(self).__name__)

    def save_assets(self, folder: Any) -> None:
        """Write the vocabulary into a folder (a path, or a place in an archive)."""
        if self._given[0] is None:
            self._words.save(folder)

    def load_assets(self, folder: Any) -> None:
        """Read the vocabulary that ``save_assets``, Keras's or ours, wrote."""
        if self._given[0] is None:
            self._words.load(folder, self._words.idf_weights)

    def save_own_variables(self, store: Any) -> None:
        """Put the learnt idf weights under Keras's name into a mapping."""
        if self._words.idf_weights is not None:
            store["idf_weights"] = self._words.idf_weights

    def load_own_variables(self, store: Any) -> None:
        """Take the idf weights from a mapping, before ``load_assets``."""
        if self.output_mode == "tf_idf":
            self._words.idf_weights = np.asarray(store["idf_weights"], np.float32)


def _listed(value: Any) -> Any:
    """What stands in a config: a list; a path does not, its contents are an asset."""
    if value is None or isinstance(value, str):
        return None
    return np.asarray(value).tolist()


class StringLookup(_Lookup, _TextLayer):
    """Texts as their numbers in a vocabulary; with ``invert`` numbers as texts.

    int: the number, 0 for ``mask_token`` where there is one, the next ``num_oov_indices`` for
    unknown texts; one_hot, multi_hot, count, tf_idf: rows as in CategoryEncoding. The vocabulary is
    given, or learnt by ``adapt(data)`` with at most ``max_tokens`` numbers.

    Several numbers for unknown texts are shared out by FarmHash64, as in TensorFlow; SipHash with
    ``salt``.

    Shapes: x (*s), texts -> y (*s) int32
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: str | None = None,
        oov_token: str = "[UNK]",
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        pad_to_max_tokens: bool = False,
        sparse: bool = False,
        encoding: str = "utf-8",
        *,
        salt: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(sparse=sparse, **_plain(keywords))
        self.encoding = encoding
        self.salt = None if salt is None else [salt, salt] if isinstance(salt, int) else list(salt)
        self._set_up(max_tokens, num_oov_indices, mask_token, oov_token, vocabulary, idf_weights,
                     invert, output_mode, pad_to_max_tokens)  # fmt: skip

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """The numbers for texts, or with ``invert`` an array of the texts for numbers."""
        if self.invert and arguments:
            return self._texts(arguments[0])
        return super().__call__(*arguments, **keywords)

    def encode(self, texts: Any) -> Array:
        """The numbers, or rows, for texts."""
        tokens = self._tokens(texts)
        numbers = self._words.numbers(tokens.reshape(-1).tolist(), self._bucket)
        indices = np.array(numbers, np.int32).reshape(tokens.shape)
        if self.output_mode == "int":
            return indices
        return rows_of(self._words, indices)

    def _bucket(self, token: str) -> int:
        text = token.encode()
        hashed = farm_hash(text) if self.salt is None else sip_hash(text, self.salt)
        return hashed % self.num_oov_indices

    def _tokens(self, value: Any) -> Array:
        return as_texts(self.name, value, self.encoding)

    def _texts(self, indices: Any) -> Array:
        numbers = np.asarray(indices)
        names = np.array([*self._words.names(), self.oov_token], dtype=object)
        inside = (numbers >= 0) & (numbers < len(names) - 1)
        found: Array = names[np.where(inside, numbers, len(names) - 1).astype(np.intp)]
        return found

    @property
    def encoded_dtype(self) -> str:
        """int32 for numbers, the layer's type for rows."""
        return "int32" if self.output_mode == "int" else self.dtype

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the numbers or rows for texts of this shape."""
        shape = tuple(input_shape)
        if self.output_mode == "int":
            return shape
        one = self.output_mode == "one_hot" and not (len(shape) > 1 and shape[-1] == 1)
        return (*(shape if one else shape[:-1]), self._words.depth)


def rows_of(words: Vocabulary, indices: Any) -> Array:
    """The rows of the outputs one_hot, multi_hot, count and tf_idf."""
    words.check_ready()
    mode = "count" if words.output_mode == "tf_idf" else words.output_mode
    tensor = Tensor(np.asarray(indices))
    y = encoded(tensor[None] if tensor.ndim == 0 else tensor, mode, words.depth, "float32").numpy()
    return y * words.idf_weights if words.output_mode == "tf_idf" else y


def _plain(keywords: dict[str, Any]) -> dict[str, Any]:
    """Keywords without those that only Keras's configs of lookups have."""
    return {k: v for k, v in keywords.items() if k not in ("vocabulary_size",
            "has_input_vocabulary", "vocabulary_dtype", "oov_method")}  # fmt: skip


class IntegerLookup(_Lookup):
    """Whole numbers as their positions in a vocabulary; with ``invert`` back.

    As StringLookup; several positions for unknown numbers are shared out by x mod num_oov_indices.

    Shapes: x (*s), whole numbers -> y (*s) int32
    Differs: oov_method is always floormod.
    """

    integer_inputs = True
    fixed = {"sparse": False, "vocabulary_dtype": "int64", "oov_method": "floormod", "salt": None}
    vocabulary_dtype, oov_method, salt = "int64", "floormod", None
    _kind = int

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: int | None = None,
        oov_token: int = -1,
        vocabulary: Any = None,
        vocabulary_dtype: str = "int64",
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        salt: Any = None,
        **keywords: Any,
    ) -> None:
        options = {"sparse": sparse, "vocabulary_dtype": vocabulary_dtype,
                   "oov_method": oov_method, "salt": salt}  # fmt: skip
        super().__init__(**options, **keywords)
        self._set_up(max_tokens, num_oov_indices, mask_token, oov_token, vocabulary, idf_weights,
                     invert, output_mode, pad_to_max_tokens)  # fmt: skip

    def _tokens(self, value: Any) -> Array:
        return np.asarray(value).astype(np.int64)

    def check_data(self, x: Array) -> None:
        """Refuse unknown numbers where none of the positions is for them."""
        if self.num_oov_indices or self.invert:
            return
        known = [*self._words.tokens, *([] if self.mask_token is None else [self.mask_token])]
        unknown = np.setdiff1d(x, known)
        if unknown.size:
            raise DataError(self.name, "numbers of the vocabulary", f"{unknown[0]}",
                            "Give num_oov_indices=1 to let unknown ones pass.")  # fmt: skip

    def call(self, inputs: Tensor) -> Tensor:
        """y = the position of x in the vocabulary, or the rows for these positions"""
        if not inputs.traced:
            self.check_data(inputs.numpy())
        if self.invert:
            return self._inverted(inputs)
        indices = self._positions(inputs)
        if self.output_mode == "int":
            return indices
        words = self._words
        words.check_ready()
        mode = "count" if words.output_mode == "tf_idf" else words.output_mode
        y = encoded(indices, mode, words.depth, self.dtype)
        return y * words.idf_weights if words.output_mode == "tf_idf" else y

    def _positions(self, x: Tensor) -> Tensor:
        tokens = np.asarray(self._words.tokens or [0], np.int64)
        order = np.argsort(tokens)
        near = ops.searchsorted(tokens[order], x, side="left")
        near = ops.minimum(near, np.int32(len(tokens) - 1))
        found = ops.equal(ops.gather(tokens[order], near), x)
        numbers = (order + self._words.first_token).astype(np.int32)
        if not self._words.tokens:
            found = ops.logical_and(found, np.zeros((), bool))
        unknown: Any = np.int32(self._words.first_unknown)
        if self.num_oov_indices > 1:
            rest = ops.remainder(x, np.asarray(self.num_oov_indices, x.dtype))
            unknown = ops.cast(rest, dtype="int32") + unknown
        y = ops.where(found, ops.gather(numbers, near), unknown)
        if self.mask_token is None:
            return y  # type: ignore[no-any-return]
        mask = np.int32(0 if self.output_mode == "int" else -1)
        return ops.where(ops.equal(x, np.asarray(self.mask_token, x.dtype)), mask, y)  # type: ignore[no-any-return]

    def _inverted(self, x: Tensor) -> Tensor:
        names = np.asarray([*self._words.names(), self.oov_token])
        last = len(names) - 1
        inside = ops.logical_and(x >= 0, x < last)
        place = ops.where(inside, x, np.asarray(last, x.dtype))
        return ops.gather(names.astype(np.int64), place)  # type: ignore[no-any-return]
