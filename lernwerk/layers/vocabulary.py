"""Vocabulary: which token has which number, learnt by counting or given.

Not a layer: what StringLookup, IntegerLookup and TextVectorization share. Numbers, order and
special tokens are Keras's: for the output "int" the mask token has 0, then come ``num_oov`` numbers
for unknown tokens, then the tokens; the other outputs leave the mask out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lernwerk.errors import (
    ArgumentError,
    DataError,
    FileError,
    ShapeError,
    UsageError,
    check_name,
)

Array = np.ndarray[Any, Any]
OUTPUT_MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")
OLD_MODES = {"binary": "multi_hot", "tf-idf": "tf_idf"}  # of Keras 2
FILE = "vocabulary.txt"  # its name in the assets of a saved model


class Vocabulary:
    """Tokens (texts or whole numbers) and their numbers, for one layer."""

    def __init__(
        self, where: str, mask_token: Any, oov_token: Any, num_oov: int, max_tokens: int | None,
        output_mode: str, pad_to_max_tokens: bool = False, kind: type = str,
    ) -> None:  # fmt: skip
        self.where = where
        self.mask_token = mask_token
        self.oov_token = oov_token
        self.num_oov = num_oov
        self.max_tokens = max_tokens
        self.output_mode = output_mode
        self.pad_to_max_tokens = pad_to_max_tokens
        self.kind = kind
        self.tokens: list[Any] = []
        self.expected_size = 0  # of a vocabulary that a file says is still to come
        self.idf_weights: Array | None = None  # of all numbers, the special ones first
        self._numbers: dict[Any, int] = {}
        self.forget()
        self._check()

    def _check(self) -> None:
        if self.max_tokens is not None and self.max_tokens <= 1:
            raise ArgumentError(self.where, "max_tokens above 1", self.max_tokens)
        if self.pad_to_max_tokens and self.max_tokens is None:
            raise ArgumentError(self.where, "max_tokens with pad_to_max_tokens=True", None)

    # ---- sizes

    @property
    def first_unknown(self) -> int:
        """The first number for unknown tokens."""
        return 1 if self.mask_token is not None and self.output_mode == "int" else 0

    @property
    def first_token(self) -> int:
        """The number of the first token."""
        return self.first_unknown + self.num_oov

    @property
    def size(self) -> int:
        """How many numbers there are, the special ones included."""
        return self.first_token + len(self.tokens)

    @property
    def depth(self) -> int:
        """The length of the rows of the outputs that are not "int"."""
        if self.pad_to_max_tokens:
            return self.max_tokens or 0
        return self.size if self.tokens else max(self.size, self.expected_size)

    def expect(self, size: Any) -> None:
        """Be as long as a vocabulary of this size until it comes."""
        if isinstance(size, int) and not self.tokens:
            self.expected_size = size
            if self.output_mode == "tf_idf":
                self.idf_weights = np.ones(1, np.float32)  # whose shape goes with any depth

    def names(self, include_special_tokens: bool = True) -> list[Any]:
        """The token of every number."""
        if not include_special_tokens:
            return list(self.tokens)
        masks = [self.mask_token] * self.first_unknown
        return [*masks, *[self.oov_token] * self.num_oov, *self.tokens]

    # ---- learning

    def forget(self) -> None:
        """Begin counting anew."""
        self._counts: Counter[Any] = Counter()
        self._documents: Counter[Any] = Counter()
        self._document_count = 0

    def count(self, rows: Iterable[Sequence[Any]]) -> None:
        """Count the tokens of some documents, each a list of tokens."""
        for tokens in rows:
            self._counts.update(tokens)
            if self.output_mode == "tf_idf":
                self._documents.update(set(tokens))
            self._document_count += 1

    def learn(self) -> None:
        """Number the counted tokens: frequent ones first, among equals the greater ones."""
        for special in (self.mask_token, self.oov_token):
            self._counts.pop(special, None)
        if not self._counts:
            return
        ordered = sorted(self._counts.items(), key=lambda item: (item[1], item[0]), reverse=True)
        room = None if self.max_tokens is None else self.max_tokens - self.first_token
        self._number([token for token, _ in ordered[:room]])
        if self.output_mode == "tf_idf":
            found = np.array([self._documents[token] for token in self.tokens])
            self._weigh(np.log(1 + self._document_count / (1 + found)), complete=False)
        self.forget()

    def _number(self, tokens: list[Any]) -> None:
        self.tokens = tokens
        self._numbers = {token: n for n, token in enumerate(tokens, self.first_token)}

    def _weigh(self, weights: Array, complete: bool) -> None:
        """Weights of the tokens; unknown ones get the mean, numbers without a token zero."""
        before = 0 if complete else self.first_token
        after = self.depth - before - len(weights)
        padded = np.pad(weights, (before, max(after, 0)))
        padded[:before] = np.mean(weights)
        self.idf_weights = padded.astype(np.float32)

    # ---- given

    def set(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Take these tokens (a list, an array, or the path of a file with one a line).

        The special tokens may stand in front. Raises DataError for repeated or misplaced tokens.
        """
        if (idf_weights is None) == (self.output_mode == "tf_idf"):
            raise ArgumentError(self.where, "idf_weights for output_mode='tf_idf', and only then",
                                f"output_mode={self.output_mode!r}")  # fmt: skip
        given = self._read(vocabulary) if isinstance(vocabulary, (str, Path)) else vocabulary
        tokens = [self.kind(token) for token in np.asarray(given, dtype=object).tolist()]
        special = self.names()[: self.first_token]
        complete = tokens[: self.first_token] == special and bool(special)
        if idf_weights is not None and len(idf_weights) != len(tokens):
            raise ShapeError(self.where, f"{len(tokens)} idf_weights as tokens", len(idf_weights))
        tokens = tokens[self.first_token :] if complete else tokens
        self._check_tokens(tokens, special)
        self._number(tokens)
        if idf_weights is not None:
            self._weigh(np.asarray(idf_weights, np.float64), complete)

    def _read(self, path: str | Path) -> list[str]:
        try:
            lines = Path(path).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise FileError(str(path), "a vocabulary, one token a line", reason) from None
        return lines

    def _check_tokens(self, tokens: list[Any], special: list[Any]) -> None:
        if not tokens:
            raise DataError(self.where, "a vocabulary with tokens", "none")
        repeated = [token for token, count in Counter(tokens).items() if count > 1]
        if repeated:
            raise DataError(self.where, "each token once", f"{repeated[:5]} several times")
        if self.mask_token is not None and self.mask_token in tokens:
            raise DataError(self.where, f"the mask token {self.mask_token!r} in front or nowhere",
                            f"it at position {tokens.index(self.mask_token)}",
                            f"Leave the special tokens out, or begin with {special}.")  # fmt: skip
        if self.max_tokens is not None and self.first_token + len(tokens) > self.max_tokens:
            raise DataError(self.where, f"at most max_tokens={self.max_tokens} numbers",
                            f"{self.first_token + len(tokens)}")  # fmt: skip

    # ---- files

    def save(self, folder: Any) -> None:
        """Write the tokens, special ones included, as Keras keeps them in a model's assets."""
        with _folder(folder).joinpath(FILE).open("w", encoding="utf-8", newline="\n") as file:
            file.write("\n".join(str(name) for name in self.names()))

    def load(self, folder: Any, idf_weights: Any = None) -> None:
        """Read what ``save``, Keras's or ours, wrote."""
        with _folder(folder).joinpath(FILE).open("r", encoding="utf-8") as file:
            lines = file.read().split("\n")
        while lines and lines[-1] == "":
            lines.pop()
        try:
            tokens = [self.kind(line.rstrip("\r")) for line in lines]
        except ValueError:
            raise DataError(f"{self.where}, {FILE}", "a whole number on each line",
                            repr(lines)[:60]) from None  # fmt: skip
        self.set(tokens, idf_weights)

    # ---- use

    def numbers(self, tokens: Iterable[Any], bucket: Callable[[Any], int]) -> list[int]:
        """The numbers of tokens: -1 for the mask where it is left out.

        ``bucket`` says which of several numbers an unknown token gets. Raises DataError for unknown
        tokens where there is none.
        """
        known, unknown = self._numbers, self.first_unknown
        mask = self.mask_token
        if mask is not None:
            known = {**known, mask: 0 if self.output_mode == "int" else -1}
        if self.num_oov == 1:
            return [known.get(token, unknown) for token in tokens]
        return [known[t] if t in known else unknown + self._bucket(t, bucket) for t in tokens]

    def _bucket(self, token: Any, bucket: Callable[[Any], int]) -> int:
        if not self.num_oov:
            raise DataError(self.where, "tokens of the vocabulary", repr(token),
                            "Give num_oov_indices=1 to let unknown ones pass.")  # fmt: skip
        return bucket(token)

    def rows(self, rows: Sequence[Sequence[int]]) -> Array:
        """Rows for the outputs multi_hot, count and tf_idf of the numbers of documents.

        Shapes: n lists of numbers -> y (n, depth)
        """
        self.check_ready()
        y = np.zeros((len(rows), self.depth), np.float32)
        for row, numbers in zip(y, rows, strict=True):
            kept = np.asarray(numbers, np.int64)
            np.add.at(row, kept[kept >= 0], 1)
        if self.output_mode == "multi_hot":
            return np.minimum(y, 1)
        return y * self.idf_weights if self.output_mode == "tf_idf" else y

    def check_ready(self) -> None:
        """Refuse outputs whose length would depend on a vocabulary that is not there yet."""
        if self.expected_size and not self.tokens:
            return
        unknown = not self.tokens and not self.pad_to_max_tokens and self.output_mode != "int"
        if unknown or (self.output_mode == "tf_idf" and self.idf_weights is None):
            raise UsageError(self.where, "a vocabulary", "none yet",
                             "Call adapt(data) or set_vocabulary(words) first.")  # fmt: skip


def _folder(folder: Any) -> Any:
    """A folder with joinpath: a path, or something inside an archive that has it already."""
    return folder if hasattr(folder, "joinpath") else Path(folder)


def output_mode(where: str, name: str) -> str:
    """The output mode under its present name; ArgumentError for unknown ones."""
    mode = OLD_MODES.get(name, name)
    check_name(where, "output_mode", mode, OUTPUT_MODES)
    return mode
