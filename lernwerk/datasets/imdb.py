"""IMDB: 50000 film reviews as lists of word numbers, half of them favourable; 25000 for training.

The file is Keras's. It is looked for in LERNWERK_DATA, in the cache and where Keras keeps its
downloads, and downloaded where it is in none of them.
"""

from __future__ import annotations

import numpy as np

from lernwerk.datasets import word_numbers as words
from lernwerk.datasets.dataset import Arrays
from lernwerk.datasets.download import RemoteFile
from lernwerk.datasets.places import KERAS, find
from lernwerk.datasets.stored_arrays import read_npz

SOURCE = (
    "A. L. Maas, R. E. Daly, P. T. Pham, D. Huang, A. Y. Ng and C. Potts (2011), Learning word "
    "vectors for sentiment analysis, ACL 2011; numbered by Keras"
)
MIRRORS = (KERAS, "https://s3.amazonaws.com/text-datasets/")
FILES = {
    "imdb.npz": "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
    "imdb_word_index.json": "bfafd718b763782e994055a2d397834f",
}


def load_data(
    path: str = "imdb.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
) -> tuple[Arrays, Arrays]:
    """((x_train, y_train), (x_test, y_test)): x vectors of lists of numbers, y of 0 and 1.

    Numbers below ``skip_top`` and from ``num_words`` on become ``oov_char``; reviews of ``maxlen``
    words and more are left out; ``seed`` fixes the shuffle. Keras's order, with the same seed.
    """
    names = ("x_train", "y_train", "x_test", "y_test")
    x_train, y_train, x_test, y_test = read_npz(find("imdb", _remote("imdb.npz"), path), *names)
    random = np.random.RandomState(seed)
    parts = []
    for x, y in ((x_train, y_train), (x_test, y_test)):
        texts, labels = words.shuffled(x, y, random)
        moved = words.moved(texts, start_char, index_from)
        parts.append(words.shorter("imdb.load_data", moved, labels, maxlen))
    (train, y_train), (test, y_test) = parts
    texts = words.frequent(train + test, num_words, skip_top, oov_char)
    return (texts[: len(train)], y_train), (texts[len(train) :], y_test)


def get_word_index(path: str = "imdb_word_index.json") -> dict[str, int]:
    """The number of each word; in ``load_data``'s lists it is larger by ``index_from``."""
    return words.read_index(find("imdb", _remote("imdb_word_index.json"), path))


def _remote(name: str) -> RemoteFile:
    return RemoteFile(name, tuple(mirror + name for mirror in MIRRORS), FILES[name])
