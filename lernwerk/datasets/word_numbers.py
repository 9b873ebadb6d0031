"""Texts as lists of word numbers, cut to what a program wants: shared by imdb and reuters.

Word 1 is the most frequent one. ``index_from`` moves all numbers up, so that 0 is free for padding,
``start_char`` for the beginning of a text and ``oov_char`` for words left out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lernwerk.errors import ArgumentError, FileError

Texts = list[list[int]]


def moved(texts: Any, start_char: int | None, index_from: int) -> Texts:
    """The numbers moved up by ``index_from``, with ``start_char`` in front."""
    first = [] if start_char is None else [start_char]
    step = index_from or 0
    return [first + [int(word) + step for word in text] for text in texts]


def shorter(
    where: str, texts: Texts, labels: NDArray[Any], maxlen: int | None
) -> tuple[Texts, NDArray[Any]]:
    """Only the texts with fewer words than ``maxlen``, as Keras counts."""
    if not maxlen:
        return texts, labels
    kept = [i for i, text in enumerate(texts) if len(text) < maxlen]
    if not kept:
        raise ArgumentError(where, "maxlen above the length of the shortest text", maxlen)
    return [texts[i] for i in kept], labels[kept]


def frequent(
    texts: Texts, num_words: int | None, skip_top: int, oov_char: int | None
) -> NDArray[Any]:
    """Only numbers from ``skip_top`` to below ``num_words``; others become ``oov_char``."""
    limit = num_words or max(max(text, default=0) for text in texts)
    if oov_char is None:
        return listed([[w for w in text if skip_top <= w < limit] for text in texts])
    return listed([[w if skip_top <= w < limit else oov_char for w in text] for text in texts])


def listed(texts: Sequence[Any]) -> NDArray[Any]:
    """A vector of lists; NumPy would make a matrix of lists of one length."""
    array = np.empty(len(texts), dtype=object)
    array[:] = texts
    return array


def shuffled(texts: NDArray[Any], labels: NDArray[Any], random: Any) -> tuple[Any, Any]:
    """Both in one new order."""
    order = np.arange(len(texts))
    random.shuffle(order)
    return texts[order], labels[order]


def read_index(path: Path) -> dict[str, int]:
    """The number of each word, from a .json file."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        found = str(error)
    if not isinstance(found, dict):
        raise FileError(str(path), "a .json file with the number of each word", f"{found}"[:60],
                        "Delete it and put the published file there.")  # fmt: skip
    return found
