"""TextVectorization: texts as the numbers of their words."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np

from lernwerk.errors import ArgumentError, Range, ShapeError, UsageError, check_name
from lernwerk.layers.lookup import _listed, rows_of
from lernwerk.layers.text_layer import _TextLayer, as_texts, batches_of
from lernwerk.layers.vocabulary import Vocabulary, output_mode

Array = np.ndarray[Any, Any]
STANDARDIZE = ("lower_and_strip_punctuation", "lower", "strip_punctuation")
SPLIT = ("whitespace", "character")
_WORD = re.compile(r"[^ \t\n\v\f\r]+")  # TensorFlow splits at ASCII's white space only
# TensorFlow's lower() changes ASCII letters only, too.
_LOWER = {ord(letter): letter.lower() for letter in string.ascii_uppercase}
_STRIPPED = dict.fromkeys(map(ord, string.punctuation))
_TABLES = {
    "lower": _LOWER,
    "strip_punctuation": _STRIPPED,
    "lower_and_strip_punctuation": _LOWER | _STRIPPED,
}


class TextVectorization(_TextLayer):
    """Texts as numbers: standardised, split into tokens, and these looked up in a vocabulary.

    ``standardize``: "lower_and_strip_punctuation", "lower", "strip_punctuation", None or a function
    of an array of texts; ``split``: "whitespace", "character", None or a function that gives a list
    of tokens for each text; ``ngrams``: n for all runs of up to n tokens, or a tuple of lengths.
    The vocabulary is given, or learnt by ``adapt(texts)``.

    int: the numbers of the tokens, 0 for padding, 1 for unknown ones, filled up to the longest text
    or to ``output_sequence_length``; multi_hot, count, tf_idf: one row for each text, as long as
    the vocabulary, or ``max_tokens`` long with pad_to_max_tokens.

    Shapes: x (b) or (b, 1), texts -> y (b, t) int32, or (b, depth)
    Differs: ragged and sparse results do not exist.
    """

    fixed = {"sparse": False, "ragged": False}
    ranges = {"output_sequence_length": Range(1, integer=True)}
    asset_folders = ("", "_lookup_layer")
    sparse, ragged = False, False

    def __init__(
        self,
        max_tokens: int | None = None,
        standardize: Any = "lower_and_strip_punctuation",
        split: Any = "whitespace",
        ngrams: Any = None,
        output_mode: str = "int",
        output_sequence_length: int | None = None,
        pad_to_max_tokens: bool = False,
        vocabulary: Any = None,
        idf_weights: Any = None,
        sparse: bool = False,
        ragged: bool = False,
        encoding: str = "utf-8",
        **keywords: Any,
    ) -> None:
        keywords = {k: v for k, v in keywords.items() if k not in ("vocabulary_size",
                    "has_input_vocabulary")}  # fmt: skip
        super().__init__(sparse=sparse, ragged=ragged, **keywords)
        self.max_tokens = max_tokens
        self.standardize = standardize
        self.split = split
        self.ngrams = tuple(ngrams) if isinstance(ngrams, list) else ngrams
        self.output_mode = _mode(self.name, output_mode)
        self.output_sequence_length = output_sequence_length
        self.pad_to_max_tokens = pad_to_max_tokens
        self.encoding = encoding
        self._given = _listed(vocabulary), _listed(idf_weights)
        self._check()
        self._words = Vocabulary(
            self.name, "", "[UNK]", 1, max_tokens, self.output_mode, pad_to_max_tokens
        )
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)

    def _check(self) -> None:
        self.check_arguments()
        for name, value, known in (
            ("standardize", self.standardize, STANDARDIZE), ("split", self.split, SPLIT),
        ):  # fmt: skip
            if value is not None and not callable(value):
                check_name(self.name, name, value, known)
        whole = isinstance(self.ngrams, int) or (
            isinstance(self.ngrams, tuple) and all(isinstance(n, int) for n in self.ngrams)
        )
        if self.ngrams is not None and not whole:
            raise ArgumentError(self.name, "ngrams, a number or a tuple of numbers", self.ngrams)
        if self.output_mode != "int" and self.output_sequence_length is not None:
            raise ArgumentError(self.name, "output_sequence_length for output_mode='int' only",
                                f"output_mode={self.output_mode!r}")  # fmt: skip

    @property
    def vocabulary(self) -> Any:
        """The vocabulary that was given to the layer, as it stands in the config."""
        return self._given[0]

    @property
    def idf_weights(self) -> Any:
        """The weights that were given to the layer, as they stand in the config."""
        return self._given[1]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, and the size of its vocabulary."""
        return {**super().get_config(), "vocabulary_size": self.vocabulary_size()}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """The layer that ``get_config``, Keras's or ours, described."""
        made = cls(
            **{**config, "dtype": None}
        )  # Keras writes "string" or a policy, which counts not
        made._words.expect(config.get("vocabulary_size"))
        return made

    # ---- vocabulary

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Learn the vocabulary of texts (an array, a list, or a data set's batches).

        Frequent tokens first, among equals the greater ones; at most ``max_tokens`` numbers.
        """
        if self._given[0] is not None:
            raise UsageError(f"{self.name}.adapt", "a layer without a given vocabulary", "one with")
        self._words.forget()
        for batch in batches_of(data, steps):
            self._words.count(self.tokens(batch))
        self._words.learn()

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[str]:
        """The token of every number; without "" and "[UNK]", those that were learnt."""
        return self._words.names(include_special_tokens)

    def vocabulary_size(self) -> int:
        """How many numbers there are."""
        return self._words.size

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Take these tokens: a list, an array, or the path of a text file with one a line."""
        self._words.set(vocabulary, idf_weights)

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

    # ---- texts to numbers

    def tokens(self, texts: Any) -> list[list[str]]:
        """The tokens of each text."""
        standard = self._standardized(as_texts(self.name, texts, self.encoding))
        standard = standard.reshape(1) if standard.ndim == 0 else standard
        if self.split is None:
            rows = standard.reshape(len(standard), -1).tolist()
        else:
            rows = self._split(self._flat(standard))
        if self.ngrams is None:
            return rows
        lengths = range(1, self.ngrams + 1) if isinstance(self.ngrams, int) else self.ngrams
        return [_runs(row, lengths) for row in rows]

    def encode(self, texts: Any) -> Array:
        """The numbers of the tokens of each text, or one row for each text."""
        rows = self.tokens(texts)
        numbers = [self._words.numbers(row, _first) for row in rows]
        single = np.ndim(texts) == 0 if not isinstance(texts, (list, tuple)) else False
        if self.output_mode == "one_hot":
            encoded = rows_of(self._words, _padded(numbers, None, -1))
        elif self.output_mode == "int":
            encoded = _padded(numbers, self.output_sequence_length, 0)
        else:
            encoded = self._words.rows(numbers)
        return encoded[0] if single else encoded

    def _standardized(self, texts: Array) -> Array:
        if self.standardize is None:
            return texts
        if callable(self.standardize):
            return np.asarray(self.standardize(texts.astype(str)))
        table = _TABLES[self.standardize]
        changed = np.empty(texts.size, object)
        changed[:] = [text.translate(table) for text in texts.reshape(-1).tolist()]
        return changed.reshape(texts.shape)

    def _flat(self, texts: Array) -> Array:
        if texts.ndim > 1 and texts.shape[-1] != 1:
            raise ShapeError(self.name, "texts of shape (b) or (b, 1)", texts.shape,
                             "Give split=None where they are tokens already.")  # fmt: skip
        return texts.reshape(-1)

    def _split(self, texts: Array) -> list[list[str]]:
        if callable(self.split):
            return [[str(token) for token in row] for row in self.split(texts)]
        each: Callable[[str], list[str]] = list if self.split == "character" else _WORD.findall
        return [each(text) for text in texts.tolist()]

    @property
    def encoded_dtype(self) -> str:
        """int32 for numbers, the layer's type for rows."""
        return "int32" if self.output_mode == "int" else self.dtype

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the numbers or rows for texts of this shape."""
        batch = tuple(input_shape)[:1]
        if self.output_mode == "int":
            length = self.output_sequence_length
            if self.split is None and self.ngrams is None and len(input_shape) > 1:
                length = length or input_shape[-1]
            return (*batch, length)
        row = (self._words.depth,)
        return (*batch, None, *row) if self.output_mode == "one_hot" else (*batch, *row)


def _mode(where: str, name: str) -> str:
    return output_mode(where, name)


def _first(_: str) -> int:
    return 0


def _runs(tokens: Sequence[str], lengths: Any) -> list[str]:
    """All runs of these lengths, joined by spaces; the shorter ones first."""
    return [" ".join(tokens[i : i + n]) for n in lengths for i in range(len(tokens) - n + 1)]


def _padded(rows: list[list[int]], length: int | None, value: int) -> Array:
    width = max(map(len, rows), default=0) if length is None else length
    y = np.full((len(rows), width), value, np.int32)
    for row, numbers in zip(y, rows, strict=True):
        row[: len(numbers)] = numbers[:width]
    return y
