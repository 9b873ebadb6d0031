"""Windows of a time series as a data set."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk.core.random import RandomStream
from lernwerk.errors import ArgumentError, Range, check_ranges
from lernwerk.utils.dataset import Dataset
from lernwerk.utils.values import as_values

_SHUFFLED_BATCHES = 8  # how many batches are mixed with each other in every epoch, as in Keras


def timeseries_dataset_from_array(
    data: Any,
    targets: Any,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
    format: str = "tf",
) -> Dataset:
    """Batches of windows that slide over a series, with the target of each window's first step.

    Window k begins at step k sequence_stride and takes every ``sampling_rate``-th step until it has
    ``sequence_length``; ``targets[i]`` belongs to the window that begins at i (None: no targets).
    Only the steps from ``start_index`` to before ``end_index`` are used.

    Shapes: data (n, *s) -> batches (b, sequence_length, *s), and (b, *t) of targets (n, *t)
    """
    first, last = start_index or 0, len(data) if end_index is None else end_index
    _check(len(data), first, last, sequence_length, sequence_stride, sampling_rate, batch_size)
    count = last - first - (sequence_length - 1) * sampling_rate
    if targets is not None:
        count = min(count, len(targets))
    starts = np.arange(0, max(count, 0), sequence_stride) + first
    if shuffle:
        starts = starts[_order(len(starts), seed)]
    series, wanted = np.asarray(data), None if targets is None else np.asarray(targets)
    steps = np.arange(sequence_length) * sampling_rate
    rows = Dataset.from_tensor_slices(starts)
    if shuffle:
        rows = rows.shuffle(1024 if batch_size is None else batch_size * _SHUFFLED_BATCHES, seed)

    def windows(begin: Any) -> Any:
        begin = np.asarray(begin)
        x = as_values(series[begin[..., None] + steps])
        return x if wanted is None else (x, as_values(wanted[begin]))

    return (rows if batch_size is None else rows.batch(batch_size)).map(windows)


def _order(count: int, seed: int | None) -> Any:
    if seed is None:
        return RandomStream().permutation(count)
    order = np.arange(count)
    np.random.RandomState(seed).shuffle(order)  # Keras's own shuffle of that seed
    return order


def _check(
    count: int, first: int, last: int, length: int, stride: int, rate: int, batch: int | None
) -> None:
    where = "timeseries_dataset_from_array"
    inside = Range(1, max(count - 1, 1), integer=True)
    check_ranges(
        where,
        {"sequence_length": length, "sequence_stride": stride, "sampling_rate": rate,
         "batch_size": batch},
        {"sequence_length": Range(1, integer=True), "sequence_stride": inside,
         "sampling_rate": inside, "batch_size": Range(1, integer=True)},
    )  # fmt: skip
    if not 0 <= first < last <= count:
        raise ArgumentError(where, f"0 <= start_index < end_index <= {count}",
                            f"start_index={first}, end_index={last}")  # fmt: skip
