"""Layers that turn whole numbers and ranges of numbers into categories."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from lernwerk import ops
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import COUNT, POSITIVE, ArgumentError, DataError, UsageError, check_name
from lernwerk.layers.layer import Layer
from lernwerk.layers.text_layer import batches_of

Array = np.ndarray[Any, Any]
MODES = ("one_hot", "multi_hot", "count")


def encoded(indices: Tensor, mode: str, depth: int, dtype: str, weights: Any = None) -> Tensor:
    """Numbers of categories as rows of ``depth``; numbers outside [0, depth) are left out.

    one_hot: a row for each number (a last axis of length 1 is dropped first); multi_hot: one row
    for the numbers of the last axis, 1 where there is any; count: how many, or the sum of their
    weights

    Shapes: indices (*b, n) -> y (*b, depth), for one_hot (*b, n, depth)
    """
    if mode == "one_hot":
        if indices.ndim > 1 and indices.shape[-1] == 1:
            indices = ops.squeeze(indices, axis=-1)
        return ops.one_hot(indices, depth=depth, dtype=dtype)  # type: ignore[no-any-return]
    before, n = indices.shape[:-1], indices.shape[-1]
    rows = math.prod(before)
    inside = ops.logical_and(indices >= 0, indices < depth)
    # Numbers outside go into a bin of their own at the end of each row, which is cut off.
    place = ops.where(inside, indices, np.asarray(depth, indices.dtype))
    place = ops.reshape(place, shape=(rows, n)) + (
        np.arange(rows, dtype=indices.dtype)[:, None] * (depth + 1)
    ).astype(indices.dtype)
    parts = np.ones(rows * n, dtype) if weights is None else ops.reshape(weights, shape=(-1,))
    total = ops.scatter_add(ops.reshape(place, shape=(-1,)), parts, length=rows * (depth + 1))
    y = ops.reshape(total, shape=(rows, depth + 1))[:, :depth]
    y = ops.reshape(y, shape=(*before, depth))
    return ops.minimum(y, 1.0) if mode == "multi_hot" else y  # type: ignore[no-any-return]


class CategoryEncoding(Layer):
    """Numbers of categories as rows of zeros and ones, or as counts.

    multi_hot: y[k] = 1 where k is among the last axis of x; count: how often, or the sum of
    ``count_weights`` there; one_hot: a row for each number

    Shapes: x (*b, n), whole numbers below num_tokens -> y (*b, num_tokens); one_hot of (*b, n > 1)
    gives (*b, n, num_tokens)
    """

    integer_inputs = True
    ranges = {"num_tokens": COUNT}
    fixed = {"sparse": False}

    def __init__(
        self, num_tokens: int | None = None, output_mode: str = "multi_hot", **keywords: Any
    ) -> None:
        super().__init__(**keywords)
        if num_tokens is None:
            raise ArgumentError(self.name, "num_tokens", None,
                                "Where it is not known, use IntegerLookup.")  # fmt: skip
        self.num_tokens = num_tokens
        self.output_mode = "multi_hot" if output_mode == "binary" else output_mode
        check_name(self.name, "output_mode", self.output_mode, MODES)
        self.check_arguments()

    def check_data(self, x: Array) -> None:
        """Refuse a data set with numbers that are no category."""
        if x.size and not 0 <= x.min() <= x.max() < self.num_tokens:
            worst = x.max() if x.max() >= self.num_tokens else x.min()
            raise DataError(self.name, f"whole numbers from 0 to {self.num_tokens - 1}",
                            f"{worst}", f"Give num_tokens={int(x.max()) + 1}."
                            if x.min() >= 0 else "")  # fmt: skip

    def call(self, inputs: Tensor, count_weights: Any = None) -> Tensor:
        """y = the rows of the categories"""
        if count_weights is not None:
            if self.output_mode != "count":
                raise ArgumentError(self.name, "count_weights for output_mode='count' only",
                                    f"output_mode={self.output_mode!r}")  # fmt: skip
            count_weights = as_tensor(count_weights, np.dtype(self.dtype))
        indices = inputs if inputs.dtype.kind in "iu" else inputs.astype("int32")
        indices = ops.expand_dims(indices, axis=-1) if indices.ndim == 0 else indices
        return encoded(indices, self.output_mode, self.num_tokens, self.dtype, count_weights)


class Discretization(Layer):
    """Numbers as the number of the range in which they lie.

    y = i where bin_boundaries[i - 1] <= x < bin_boundaries[i], from 0 to the number of boundaries;
    ``adapt(data)`` finds boundaries for ``num_bins`` ranges of about equally many numbers, up to
    ``epsilon`` of them. output_mode one_hot, multi_hot and count as in CategoryEncoding.

    Shapes: x (*s) -> y (*s) int32
    """

    ranges = {"num_bins": COUNT, "epsilon": POSITIVE}
    fixed = {"sparse": False}

    def __init__(
        self,
        bin_boundaries: Any = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = "int",
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        if (bin_boundaries is None) == (num_bins is None):
            given = "neither" if num_bins is None else "both"
            raise ArgumentError(self.name, "bin_boundaries or num_bins", given,
                                "For example num_bins=10, then adapt(data).")  # fmt: skip
        check_name(self.name, "output_mode", output_mode, ("int", *MODES))
        self.bin_boundaries = None if bin_boundaries is None else [float(b) for b in bin_boundaries]
        self.num_bins = num_bins
        self.epsilon = epsilon
        self.output_mode = output_mode
        self.check_arguments()

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer; Keras's has no weights and no trainable."""
        return {key: value for key, value in super().get_config().items() if key != "trainable"}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """The layer that a config describes; an adapted one has num_bins and bin_boundaries."""
        config = dict(config)
        learnt = config.pop("bin_boundaries") if config.get("num_bins") is not None else None
        layer = cls(**config)
        if learnt is not None:
            layer.bin_boundaries = [float(b) for b in learnt]
        return layer

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Learn the boundaries from an array, or from a data set's batches."""
        if self.num_bins is None:
            raise UsageError(f"{self.name}.adapt", "a layer with num_bins", "one with boundaries")
        summary = np.zeros((2, 0), np.float32)
        for batch in batches_of(data, steps):
            values = np.asarray(batch, np.float32).reshape(-1)
            summary = _merged(_summary(values, self.epsilon), summary, self.epsilon)
        if not summary.size:
            raise DataError(f"{self.name}.adapt", "numbers", "none")
        self.bin_boundaries = _compressed(summary, 1.0 / self.num_bins)[0, :-1].tolist()

    def call(self, inputs: Tensor) -> Tensor:
        """y = how many boundaries are not above x"""
        if self.bin_boundaries is None:
            raise UsageError(self.name, "bin_boundaries", "none yet",
                             "Call adapt(data) first.")  # fmt: skip
        boundaries = np.asarray(self.bin_boundaries, np.float32)
        bins = ops.digitize(inputs, boundaries)
        if self.output_mode == "int":
            return bins  # type: ignore[no-any-return]
        return encoded(bins, self.output_mode, len(boundaries) + 1, self.dtype)


# A summary (2, n) has values in ascending order and how many numbers each stands for. It is built
# of every k-th number of sorted data, so that quantiles of any amount of data need little memory.


def _summary(values: Array, epsilon: float) -> Array:
    """About 1 / epsilon of the values, equally far from each other in the sorted order."""
    step = max(len(values) * epsilon, 1.0)
    kept = np.sort(values)[int(step - 1) :: int(step)]
    return np.stack([kept, np.full_like(kept, step)])


def _merged(one: Array, other: Array, epsilon: float) -> Array:
    both = np.concatenate([one, other], axis=1)
    return _compressed(both[:, np.argsort(both[0])], epsilon)


def _compressed(summary: Array, epsilon: float) -> Array:
    """At most 1 / epsilon values, read off between the values by their share of the whole."""
    if summary.shape[1] * epsilon < 1:
        return summary
    shares = epsilon + np.arange(0.0, 1.0, epsilon)
    counted = summary[1].cumsum()
    values = np.interp(shares, counted / counted[-1], summary[0])
    weights = np.diff(np.interp(shares, counted / counted[-1], counted), prepend=0.0)
    return np.stack([values, weights]).astype(np.float32)
