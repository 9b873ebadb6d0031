"""Sequences for training: padding, windows of a time series, word pairs.

What Keras called ``keras.preprocessing.sequence``.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from lernwerk.errors import COUNT, ArgumentError, ShapeError, check_ranges
from lernwerk.utils.pydataset import PyDataset
from lernwerk.utils.sequences import pad_sequences

__all__ = ["TimeseriesGenerator", "make_sampling_table", "pad_sequences", "skipgrams"]

Array = np.ndarray[Any, Any]
_EULER = 0.577  # Keras's digits of the Euler-Mascheroni constant, kept for equal tables
_ARGUMENTS = ("length", "sampling_rate", "stride", "start_index", "end_index", "shuffle", "reverse",
              "batch_size")  # fmt: skip


class TimeseriesGenerator(PyDataset):
    """Batches of windows of a series, each with the target of the step after the window.

    Window of row i: steps i - length, i - length + sampling_rate, ... before i; target: targets[i].
    ``stride`` rows lie between two windows; ``shuffle`` draws rows at random (NumPy's global
    generator), ``reverse`` turns the windows round.

    Shapes: data (n, *s), targets (n, *t) -> x (b, length / sampling_rate, *s), y (b, *t)
    """

    def __init__(
        self,
        data: Any,
        targets: Any,
        length: int,
        sampling_rate: int = 1,
        stride: int = 1,
        start_index: int = 0,
        end_index: int | None = None,
        shuffle: bool = False,
        reverse: bool = False,
        batch_size: int = 128,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        where = "TimeseriesGenerator"
        if len(data) != len(targets):
            raise ShapeError(where, f"{len(data)} targets as in data", len(targets))
        numbers = {"length": length, "sampling_rate": sampling_rate, "stride": stride,
                   "batch_size": batch_size}  # fmt: skip
        check_ranges(where, numbers, dict.fromkeys(numbers, COUNT))
        self.data = data
        self.targets = targets
        self.length = length
        self.sampling_rate = sampling_rate
        self.stride = stride
        self.start_index = start_index + length
        self.end_index = len(data) - 1 if end_index is None else end_index
        self.shuffle = shuffle
        self.reverse = reverse
        self.batch_size = batch_size
        if self.start_index > self.end_index:
            raise ArgumentError(where, "start_index + length <= end_index",
                                f"{self.start_index} > {self.end_index}")  # fmt: skip

    def __len__(self) -> int:
        span = self.batch_size * self.stride
        return (self.end_index - self.start_index + span) // span

    def __getitem__(self, index: int) -> tuple[Array, Array]:
        rows = self._rows(index).tolist()
        windows = [self.data[row - self.length : row : self.sampling_rate] for row in rows]
        x, y = np.array(windows), np.array([self.targets[row] for row in rows])
        return (x[:, ::-1] if self.reverse else x), y

    def _rows(self, index: int) -> Array:
        stop = self.end_index + 1
        if self.shuffle:
            source = np.random.mtrand._rand  # what np.random.seed seeds
            drawn: Array = source.randint(self.start_index, stop, size=self.batch_size)
            return drawn
        span = self.batch_size * self.stride
        first = self.start_index + span * index
        return np.arange(first, min(first + span, stop), self.stride)

    def get_config(self) -> dict[str, Any]:
        """The arguments, with data and targets as texts in JSON."""
        config = {name: getattr(self, name) for name in _ARGUMENTS}
        for name in ("data", "targets"):
            config[name] = json.dumps(np.asarray(getattr(self, name)).tolist())
        return config

    def to_json(self, **keywords: Any) -> str:
        """The config as a text; keywords go to ``json.dumps``."""
        return json.dumps(
            {"class_name": "TimeseriesGenerator", "config": self.get_config()}, **keywords
        )


def make_sampling_table(size: int, sampling_factor: float = 1e-5) -> Array:
    """How probably the word of each rank is kept, so that frequent words do not prevail.

    p = min(1, sqrt(s f)) with f = rank (ln(rank) + 0.577) + 1/2 - 1 / (12 rank), the inverse
    frequency by Zipf's law

    Shapes: y (size); rank 0 counts as rank 1
    Source: Mikolov et al. 2013, arXiv:1310.4546, equation 5
    """
    rank = np.arange(size)
    rank[0] = 1
    inverse = rank * (np.log(rank) + _EULER) + 0.5 - 1.0 / (12.0 * rank)
    table: Array = np.minimum(1.0, np.sqrt(sampling_factor * inverse))
    return table


def skipgrams(
    sequence: Sequence[int],
    vocabulary_size: int,
    window_size: int = 4,
    negative_samples: float = 1.0,
    shuffle: bool = True,
    categorical: bool = False,
    sampling_table: Any = None,
    seed: int | None = None,
) -> tuple[list[list[int]], list[Any]]:
    """Pairs of words that stand near each other (label 1), and random pairs (label 0).

    Word 0 is none and skipped. ``sampling_table[word]`` is the probability of taking a word;
    labels are [0, 1] and [1, 0] where ``categorical``. Random choices are those of Python's
    ``random``.
    Source: Mikolov et al. 2013, arXiv:1301.3781
    """
    couples = _neighbours(sequence, window_size, sampling_table)
    yes, no = ([0, 1], [1, 0]) if categorical else (1, 0)
    labels: list[Any] = [yes] * len(couples)
    if negative_samples > 0 and couples:
        count = int(len(labels) * negative_samples)
        words = [first for first, _ in couples]
        random.shuffle(words)
        couples += [
            [words[i % len(words)], random.randint(1, vocabulary_size - 1)] for i in range(count)
        ]
        labels += [no] * count
    if shuffle:
        order = list(range(len(couples)))
        random.seed(random.randint(0, 10_000_000) if seed is None else seed)
        random.shuffle(order)
        couples, labels = [couples[i] for i in order], [labels[i] for i in order]
    return couples, labels


def _neighbours(sequence: Sequence[int], window: int, sampling_table: Any) -> list[list[int]]:
    couples = []
    for i, word in enumerate(sequence):
        if not word or (sampling_table is not None and sampling_table[word] < random.random()):
            continue
        around = range(max(0, i - window), min(len(sequence), i + window + 1))
        couples += [[word, sequence[j]] for j in around if j != i and sequence[j]]
    return couples
