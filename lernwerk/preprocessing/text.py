"""Words of texts as numbers: the Tokenizer and the functions around it.

What Keras called ``keras.preprocessing.text``. The layer TextVectorization does the same inside a
model that is saved.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

import numpy as np

from lernwerk.errors import DataError, UsageError, check_keywords, check_name

FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
Mode = Literal["binary", "count", "tfidf", "freq"]
MODES = ("binary", "count", "tfidf", "freq")
_OLD = {"nb_words": "num_words"}  # of Keras 1
_COUNTERS = ("word_counts", "word_docs", "index_docs", "index_word", "word_index")


def text_to_word_sequence(
    input_text: str, filters: str = FILTERS, lower: bool = True, split: str = " "
) -> list[str]:
    """The words of a text: lower case, without the characters in ``filters``."""
    text = input_text.lower() if lower else input_text
    text = text.translate(str.maketrans(dict.fromkeys(filters, split)))
    return [word for word in text.split(split) if word]


def one_hot(
    input_text: str, n: int, filters: str = FILTERS, lower: bool = True, split: str = " ",
    analyzer: Callable[[str], list[str]] | None = None,
) -> list[int]:  # fmt: skip
    """Numbers from 1 to n - 1 for the words, by Python's ``hash``; no vector, despite the name.

    Python draws its hashes anew in each process: use hashing_trick with "md5" for numbers to keep.
    """
    return hashing_trick(input_text, n, hash, filters, lower, split, analyzer)


def hashing_trick(
    text: str, n: int, hash_function: Any = None, filters: str = FILTERS, lower: bool = True,
    split: str = " ", analyzer: Callable[[str], list[str]] | None = None,
) -> list[int]:  # fmt: skip
    """Numbers from 1 to n - 1 for the words: hash(word) mod (n - 1) + 1.

    ``hash_function`` is Python's ``hash`` (None), "md5", or a function of a word.
    """
    if hash_function == "md5":
        hash_function = _md5
    words = analyzer(text) if analyzer else text_to_word_sequence(text, filters, lower, split)
    return [int((hash_function or hash)(word) % (n - 1) + 1) for word in words]


def _md5(word: str) -> int:
    return int(hashlib.md5(word.encode(), usedforsecurity=False).hexdigest(), 16)


class Tokenizer:
    """Numbers words by how often they occur, and turns texts into numbers and back.

    ``fit_on_texts`` counts; number 1 is the most frequent word (or ``oov_token``, which stands for
    unknown ones), 0 is left free for padding. Of the numbers below ``num_words`` all are used, the
    others count as unknown. Texts are strings, or lists of words.
    """

    def __init__(
        self,
        num_words: int | None = None,
        filters: str = FILTERS,
        lower: bool = True,
        split: str = " ",
        char_level: bool = False,
        oov_token: str | None = None,
        analyzer: Callable[[str], list[str]] | None = None,
        **keywords: Any,
    ) -> None:
        given = {_OLD.get(key, key): value for key, value in keywords.items()}
        check_keywords("Tokenizer(...)", given, ("document_count", "num_words", "filters", "lower",
                       "split", "char_level", "oov_token", "analyzer"))  # fmt: skip
        self.num_words = given.get("num_words", num_words)
        self.filters = filters
        self.lower = lower
        self.split = split
        self.char_level = char_level
        self.oov_token = oov_token
        self.analyzer = analyzer
        self.document_count = given.get("document_count", 0)
        self.word_counts: Counter[str] = Counter()
        self.word_docs: Counter[str] = Counter()
        self.index_docs: Counter[int] = Counter()
        self.word_index: dict[str, int] = {}
        self.index_word: dict[int, str] = {}

    # ---- learning

    def fit_on_texts(self, texts: Iterable[Any]) -> None:
        """Count the words of these texts, and number all words seen so far."""
        for text in texts:
            words = self._words(text)
            self.document_count += 1
            self.word_counts.update(words)
            self.word_docs.update(set(words))
        by_count = sorted(self.word_counts.items(), key=lambda item: -item[1])
        first = [] if self.oov_token is None else [self.oov_token]
        vocabulary = [*first, *(word for word, _ in by_count)]
        self.word_index = {word: number for number, word in enumerate(vocabulary, 1)}
        self.index_word = {number: word for word, number in self.word_index.items()}
        for word, count in self.word_docs.items():
            self.index_docs[self.word_index[word]] = count

    def fit_on_sequences(self, sequences: Iterable[Iterable[int]]) -> None:
        """Count in how many of these sequences each number occurs, for the mode tfidf."""
        for sequence in sequences:
            self.document_count += 1
            self.index_docs.update(set(sequence))

    # ---- there and back

    def texts_to_sequences(self, texts: Iterable[Any]) -> list[list[int]]:
        """The numbers of the words of each text; unknown words are oov_token's, or left out."""
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts: Iterable[Any]) -> Iterator[list[int]]:
        """texts_to_sequences, text by text."""
        unknown = self._unknown()
        for text in texts:
            numbers = (self.word_index.get(word) for word in self._words(text))
            used = (unknown if n is None or self._is_cut(n) else n for n in numbers)
            yield [n for n in used if n is not None]

    def sequences_to_texts(self, sequences: Iterable[Iterable[int]]) -> list[str]:
        """The words of each sequence of numbers, with spaces between them."""
        return list(self.sequences_to_texts_generator(sequences))

    def sequences_to_texts_generator(self, sequences: Iterable[Iterable[int]]) -> Iterator[str]:
        """sequences_to_texts, sequence by sequence."""
        for sequence in sequences:
            words = (None if self._is_cut(n) else self.index_word.get(n) for n in sequence)
            used = (self.oov_token if word is None else word for word in words)
            yield " ".join(word for word in used if word is not None)

    def texts_to_matrix(self, texts: Iterable[Any], mode: Mode = "binary") -> Any:
        """One row for each text; see sequences_to_matrix."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(self, sequences: Any, mode: Mode = "binary") -> Any:
        """One row for each sequence, one column for each number.

        binary: 1 where it occurs; count: how often, c; freq: c / length;
        tfidf: (1 + ln c) ln(1 + documents / (1 + documents with it))

        Shapes: n sequences -> y (n, num_words), float64
        """
        check_name("sequences_to_matrix", "mode", mode, MODES)
        width = self.num_words or (len(self.word_index) + 1 if self.word_index else 0)
        if not width:
            raise UsageError("sequences_to_matrix", "num_words, or texts to number", "neither",
                             "Call fit_on_texts(texts) first.")  # fmt: skip
        if mode == "tfidf" and not self.document_count:
            raise UsageError("sequences_to_matrix", "a fitted Tokenizer for mode tfidf",
                             "no documents", "Call fit_on_texts(texts) first.")  # fmt: skip
        rows = [list(sequence) for sequence in sequences]
        matrix = np.zeros((len(rows), width))
        for row, numbers in zip(matrix, rows, strict=True):
            for number, count in Counter(n for n in numbers if n < width).items():
                row[number] = self._measure(mode, number, count, len(numbers))
        return matrix

    # ---- keeping

    def get_config(self) -> dict[str, Any]:
        """The arguments and everything counted, the counters as texts in JSON."""
        plain = ("num_words", "filters", "lower", "split", "char_level", "oov_token",
                 "document_count")  # fmt: skip
        counters = {name: json.dumps(getattr(self, name)) for name in _COUNTERS}
        return {**{name: getattr(self, name) for name in plain}, **counters}

    def to_json(self, **keywords: Any) -> str:
        """The tokenizer as a text for tokenizer_from_json; keywords go to ``json.dumps``."""
        return json.dumps({"class_name": "Tokenizer", "config": self.get_config()}, **keywords)

    # ---- inside

    def _words(self, text: Any) -> Any:
        if self.char_level or isinstance(text, (list, tuple)):
            if not self.lower:
                return text
            return text.lower() if isinstance(text, str) else [word.lower() for word in text]
        if not isinstance(text, str):
            raise DataError("Tokenizer", "texts or lists of words", f"{text!r}"[:60])
        if self.analyzer is not None:
            return self.analyzer(text)
        return text_to_word_sequence(text, self.filters, self.lower, self.split)

    def _unknown(self) -> int | None:
        return None if self.oov_token is None else self.word_index.get(self.oov_token)

    def _is_cut(self, number: int) -> bool:
        return bool(self.num_words) and number >= (self.num_words or 0)

    def _measure(self, mode: str, number: int, count: int, length: int) -> float:
        if mode == "binary":
            return 1.0
        if mode == "count":
            return count
        if mode == "freq":
            return count / length
        rarity = self.document_count / (1 + self.index_docs.get(number, 0))
        return float((1 + np.log(count)) * np.log(1 + rarity))


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """The tokenizer that ``to_json``, Keras's or ours, wrote."""
    try:
        config = dict(json.loads(json_string)["config"])
        counters = {name: json.loads(config.pop(name)) for name in _COUNTERS}
    except (ValueError, KeyError, TypeError):
        raise DataError("tokenizer_from_json", "the text that to_json wrote",
                        f"{json_string!r}"[:60]) from None  # fmt: skip
    tokenizer = Tokenizer(**config)
    tokenizer.word_counts = Counter(counters["word_counts"])
    tokenizer.word_docs = Counter(counters["word_docs"])
    tokenizer.word_index = counters["word_index"]
    # Numbers as keys come back from JSON as texts.
    tokenizer.index_docs = Counter({int(k): v for k, v in counters["index_docs"].items()})
    tokenizer.index_word = {int(k): v for k, v in counters["index_word"].items()}
    return tokenizer
