"""Reuters: 11228 news wires as lists of word numbers, with one of 46 topics each.

The file is Keras's. It is looked for in LERNWERK_DATA, in the cache and where Keras keeps its
downloads, and downloaded where it is in none of them.
"""

from __future__ import annotations

import numpy as np

from lernwerk.datasets import word_numbers as words
from lernwerk.datasets.dataset import TEST_SPLIT, Arrays
from lernwerk.datasets.download import RemoteFile
from lernwerk.datasets.places import KERAS, find
from lernwerk.datasets.stored_arrays import read_npz
from lernwerk.errors import check_ranges

SOURCE = "D. D. Lewis (1997), Reuters-21578 text categorization collection; numbered by Keras"
MIRRORS = (KERAS, "https://s3.amazonaws.com/text-datasets/")
FILES = {
    "reuters.npz": "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916",
    "reuters_word_index.json": "4d44cc38712099c9e383dc6e5f11a921",
}
LABELS = (
    "cocoa", "grain", "veg-oil", "earn", "acq", "wheat", "copper", "housing", "money-supply",
    "coffee", "sugar", "trade", "reserves", "ship", "cotton", "carcass", "crude", "nat-gas", "cpi",
    "money-fx", "interest", "gnp", "meal-feed", "alum", "oilseed", "gold", "tin",
    "strategic-metal", "livestock", "retail", "ipi", "iron-steel", "rubber", "heat", "jobs", "lei",
    "bop", "zinc", "orange", "pet-chem", "dlr", "gas", "silver", "wpi", "hog", "lead",
)  # fmt: skip


def load_data(
    path: str = "reuters.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
) -> tuple[Arrays, Arrays]:
    """((x_train, y_train), (x_test, y_test)): x vectors of lists of numbers, y of topics 0 to 45.

    Arguments as of imdb.load_data; the last ``test_split`` of the shuffled wires is the test part.
    """
    where = "reuters.load_data"
    check_ranges(where, {"test_split": test_split}, {"test_split": TEST_SPLIT})
    x, y = read_npz(find("reuters", _remote("reuters.npz"), path), "x", "y")
    texts, labels = words.shuffled(x, y, np.random.RandomState(seed))
    moved = words.moved(texts, start_char, index_from)
    kept, labels = words.shorter(where, moved, labels, maxlen)
    lists = words.frequent(kept, num_words, skip_top, oov_char)
    cut = int(len(lists) * (1 - test_split))
    return (lists[:cut], labels[:cut]), (lists[cut:], labels[cut:])


def get_word_index(path: str = "reuters_word_index.json") -> dict[str, int]:
    """The number of each word; in ``load_data``'s lists it is larger by ``index_from``."""
    return words.read_index(find("reuters", _remote("reuters_word_index.json"), path))


def get_label_names() -> tuple[str, ...]:
    """The names of the topics, in the order of their numbers."""
    return LABELS


def _remote(name: str) -> RemoteFile:
    return RemoteFile(name, tuple(mirror + name for mirror in MIRRORS), FILES[name])
