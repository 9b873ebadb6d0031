"""Dataset: a stream of elements that can be read again and again, with the calls of tf.data.

``Dataset.from_tensor_slices((x, y)).shuffle(1000).batch(32)`` and its kind. Each call returns a new
data set; nothing is computed before it is iterated over. Elements are arrays, tuples or dicts of
them. While a data set still consists of the rows of arrays, only row numbers are shuffled and cut,
and a batch is picked out of the arrays at once.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, Self

import numpy as np

from lernwerk.core.random import RandomStream
from lernwerk.errors import COUNT, DataError, ShapeError, check_ranges
from lernwerk.utils import streams
from lernwerk.utils.streams import Stream
from lernwerk.utils.values import as_values

INFINITE, UNKNOWN = -1, -2
"""What ``cardinality`` says where there is no end, and where the number is not known."""


class ElementSpec(NamedTuple):
    """Shape and type of one array of an element."""

    shape: tuple[int | None, ...]
    dtype: Any


class Dataset:
    """Elements (arrays, tuples or dicts of arrays) in an order that can be run through repeatedly.

    ``len(dataset)`` is the number of elements, ``class_names`` and ``file_paths`` are set by the
    ``*_dataset_from_directory`` functions.
    """

    class_names: list[str] | None = None
    file_paths: list[str] | None = None

    def __init__(self, stream: Stream, length: int = UNKNOWN, rows_of: Any = None) -> None:
        self._stream = stream
        self._length = length
        self._rows_of = rows_of  # arrays: the stream then consists of row numbers

    # ---- making one

    @classmethod
    def from_tensor_slices(cls, tensors: Any) -> Self:
        """One element for each row of the arrays (an array, a tuple or a dict of arrays)."""
        arrays = _mapped(as_values, tensors)
        counts = {len(array) if array.ndim else -1 for array in _leaves(arrays)}
        if len(counts) != 1 or -1 in counts:
            raise ShapeError("from_tensor_slices", "arrays with one number of rows",
                             sorted(counts))  # fmt: skip
        count = counts.pop()
        return cls(lambda: iter(range(count)), count, arrays)

    @classmethod
    def from_tensors(cls, tensors: Any) -> Self:
        """A single element."""
        return cls(lambda: iter([_mapped(as_values, tensors)]), 1)

    @classmethod
    def from_generator(
        cls, generator: Callable[..., Iterable[Any]], output_types: Any = None,
        output_shapes: Any = None, args: tuple[Any, ...] = (), output_signature: Any = None,
        name: str | None = None,
    ) -> Self:  # fmt: skip
        """What a function without arguments (or with ``args``) yields, called for each run.

        The types and shapes that TensorFlow wants to know are found out from the elements.
        """
        return cls(lambda: (_mapped(as_values, each) for each in generator(*args)))

    @classmethod
    def range(cls, *bounds: int, output_type: Any = "int64", name: str | None = None) -> Self:
        """The numbers of Python's ``range``."""
        return cls.from_tensor_slices(np.arange(*bounds, dtype=output_type))

    @classmethod
    def zip(cls, *datasets: Any, name: str | None = None) -> Self:
        """Tuples of the elements of several data sets, up to the end of the shortest."""
        given = datasets[0] if len(datasets) == 1 and isinstance(datasets[0], tuple) else datasets
        lengths = [each._length for each in given if each._length != INFINITE]
        known = UNKNOWN if UNKNOWN in lengths else min(lengths, default=INFINITE)
        return cls(lambda: zip(*given, strict=False), known)

    # ---- reading

    def __iter__(self) -> Iterator[Any]:
        if self._rows_of is None:
            return iter(self._stream())
        return (_picked(self._rows_of, row) for row in self._stream())

    def as_numpy_iterator(self) -> Iterator[Any]:
        """The elements as plain NumPy arrays and numbers."""
        return (_mapped(lambda leaf: leaf.numpy(), each) for each in self)

    def cardinality(self) -> Any:
        """The number of elements; -1 for endless, -2 for unknown."""
        return as_values(np.int64(self._length))

    def __len__(self) -> int:
        if self._length < 0:
            kind = "an endless data set" if self._length == INFINITE else "one of unknown length"
            raise _NoLength("len(dataset)", "a data set with a known number of elements", kind)
        return self._length

    def __bool__(self) -> bool:
        return True

    @property
    def element_spec(self) -> Any:
        """Shape and type of the first element."""
        first = next(iter(self), None)
        if first is None:
            raise DataError("element_spec", "a data set with elements", "an empty one")
        return _mapped(lambda leaf: ElementSpec(leaf.shape, leaf.dtype), first)

    # ---- changing the elements

    def map(
        self, map_func: Callable[..., Any], num_parallel_calls: Any = None,
        deterministic: Any = None, name: str | None = None,
    ) -> Dataset:  # fmt: skip
        """The results of a function of each element; a tuple is given as several arguments."""
        return self._next(
            lambda: (_mapped(as_values, _called(map_func, each)) for each in self), self._length
        )

    def filter(self, predicate: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements for which the function says yes."""
        return self._next(lambda: (each for each in self if bool(_called(predicate, each))))

    def flat_map(self, map_func: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements of the data sets that a function makes of each element."""
        return self._next(lambda: (inner for each in self for inner in _called(map_func, each)))

    def enumerate(self, start: int = 0, name: str | None = None) -> Dataset:
        """Pairs of a number and the element."""
        return self._next(
            lambda: ((as_values(i), each) for i, each in enumerate(self, start)), self._length
        )

    def batch(
        self, batch_size: int, drop_remainder: bool = False, num_parallel_calls: Any = None,
        deterministic: Any = None, name: str | None = None,
    ) -> Dataset:  # fmt: skip
        """Elements stacked into batches; the last one may be smaller."""
        return self._batches(batch_size, drop_remainder, _stacked)

    def padded_batch(
        self, batch_size: int, padded_shapes: Any = None, padding_values: Any = None,
        drop_remainder: bool = False, name: str | None = None,
    ) -> Dataset:  # fmt: skip
        """Batches of elements of different lengths, filled up to the longest of the batch."""
        value = 0 if padding_values is None else padding_values
        return self._batches(batch_size, drop_remainder, lambda group: _padded(group, value))

    def unbatch(self, name: str | None = None) -> Dataset:
        """The rows of all batches, one by one."""
        return self._next(
            lambda: (_picked(each, row) for each in self for row in range(_rows(each)))
        )

    # ---- changing the order

    def shuffle(
        self, buffer_size: int, seed: int | None = None, reshuffle_each_iteration: Any = True,
        name: str | None = None,
    ) -> Dataset:  # fmt: skip
        """Random order: each element is drawn from a buffer of the next ``buffer_size``.

        Another order in every run, unless ``reshuffle_each_iteration`` is False.
        """
        check_ranges("shuffle", {"buffer_size": buffer_size}, {"buffer_size": COUNT})
        source = RandomStream(seed)
        first = source.next().numpy()
        again = reshuffle_each_iteration in (True, None)
        draw = (lambda: source.next().numpy()) if again else (lambda: first)
        return self._reordered(streams.shuffled(self._stream, int(buffer_size), draw), self._length)

    def take(self, count: int, name: str | None = None) -> Dataset:
        """The first ``count`` elements; all for -1."""
        if count < 0:
            return self
        known = self._length >= 0
        length = min(count, self._length) if known else count if self._length == INFINITE else -2
        return self._reordered(streams.sliced(self._stream, 0, count), length)

    def skip(self, count: int, name: str | None = None) -> Dataset:
        """Without the first ``count`` elements; without any for -1."""
        if count < 0:
            return self.take(0)
        length = max(0, self._length - count) if self._length >= 0 else self._length
        return self._reordered(streams.sliced(self._stream, count, None), length)

    def repeat(self, count: int | None = None, name: str | None = None) -> Dataset:
        """All elements ``count`` times; without end for None and -1."""
        endless = count in (None, -1)
        length = INFINITE if endless else self._length * (count or 0) if self._length >= 0 else -2
        return self._reordered(streams.repeated(self._stream, count), length)

    def concatenate(self, dataset: Dataset, name: str | None = None) -> Dataset:
        """The elements of this data set, then those of another."""
        known = self._length >= 0 and dataset._length >= 0
        length = self._length + dataset._length if known else UNKNOWN
        return self._next(lambda: itertools.chain(self, dataset), length)

    # ---- what only concerns speed

    def cache(self, filename: str = "", name: str | None = None) -> Dataset:
        """The elements read once, and from memory in later runs."""
        if self._rows_of is not None:
            return self
        return self._next(streams.kept(self._stream), self._length)

    def prefetch(self, buffer_size: Any = None, name: str | None = None) -> Dataset:
        """The same data set; there is nothing that would have to be asked for ahead."""
        return self

    def with_options(self, options: Any = None, name: str | None = None) -> Dataset:
        """The same data set: TensorFlow's options have no meaning here."""
        return self

    def apply(self, transformation_func: Callable[[Dataset], Dataset]) -> Dataset:
        """What a function of data sets makes of this one."""
        return transformation_func(self)

    def reduce(self, initial_state: Any, reduce_func: Callable[..., Any]) -> Any:
        """Run through all elements with a state: state = reduce_func(state, element)."""
        state = initial_state
        for each in self:
            state = reduce_func(state, each)
        return state

    # ---- inside

    def _next(self, stream: Stream, length: int = UNKNOWN) -> Dataset:
        """A data set made of this one, of elements."""
        return self._named(Dataset(stream, length))

    def _reordered(self, stream: Stream, length: int) -> Dataset:
        """A data set of the same elements, or rows of the same arrays."""
        return self._named(Dataset(stream, length, self._rows_of))

    def _named(self, made: Dataset) -> Dataset:
        made.class_names, made.file_paths = self.class_names, self.file_paths
        return made

    def _batches(
        self, size: int, whole: bool, stack: Callable[[list[Any]], Any]
    ) -> Dataset:  # fmt: skip
        check_ranges("batch", {"batch_size": size}, {"batch_size": COUNT})
        size = int(size)
        length = self._length
        if length >= 0:
            length = length // size if whole else -(-length // size)
        if self._rows_of is not None:
            chosen = streams.grouped(self._stream, size, whole)
            return self._next(
                lambda: (_picked(self._rows_of, np.array(rows)) for rows in chosen()), length
            )
        groups = streams.grouped(self.__iter__, size, whole)
        return self._next(lambda: (stack(group) for group in groups()), length)

    def __repr__(self) -> str:
        kinds = {INFINITE: "endless", UNKNOWN: "of unknown length"}
        return f"<Dataset {kinds.get(self._length, f'of {self._length} elements')}>"


class _NoLength(DataError, TypeError):
    """``list(dataset)`` asks for the length first and takes a TypeError for "unknown"."""


def _called(function: Callable[..., Any], element: Any) -> Any:
    """Elements that are tuples are several arguments."""
    return function(*element) if isinstance(element, tuple) else function(element)


def _mapped(function: Callable[[Any], Any], value: Any) -> Any:
    """The function of every array in tuples and dicts; a list is an array's rows."""
    if isinstance(value, tuple) and not isinstance(value, ElementSpec):
        return tuple(_mapped(function, each) for each in value)
    if isinstance(value, dict):
        return {key: _mapped(function, each) for key, each in value.items()}
    return value if isinstance(value, Dataset) else function(value)


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, (tuple, dict)):
        inner = value.values() if isinstance(value, dict) else value
        return [leaf for each in inner for leaf in _leaves(each)]
    return [value]


def _rows(element: Any) -> int:
    return len(_leaves(element)[0])


def _picked(arrays: Any, rows: Any) -> Any:
    """One row of each array, or for an array of row numbers, these rows."""
    return _mapped(lambda array: array[rows], arrays)


def _stacked(group: list[Any]) -> Any:
    """Elements of the same structure as one, with a new first axis."""
    first = group[0]
    if isinstance(first, tuple):
        return tuple(_stacked([each[i] for each in group]) for i in range(len(first)))
    if isinstance(first, dict):
        return {key: _stacked([each[key] for each in group]) for key in first}
    shapes = {each.shape for each in group}
    if len(shapes) > 1:
        raise ShapeError("batch", "elements of one shape", sorted(shapes),
                         "Use padded_batch, or bring them to one length first.")  # fmt: skip
    return as_values(np.stack([np.asarray(each) for each in group]))


def _padded(group: list[Any], value: Any) -> Any:
    first = group[0]
    if isinstance(first, tuple):
        values = value if isinstance(value, tuple) else (value,) * len(first)
        return tuple(_padded([each[i] for each in group], values[i]) for i in range(len(first)))
    if isinstance(first, dict):
        return {key: _padded([each[key] for each in group], value) for key in first}
    longest = np.max([each.shape for each in group], axis=0).astype(int)
    y = np.full((len(group), *longest), value, first.dtype)
    for place, each in enumerate(group):
        y[(place, *(slice(n) for n in each.shape))] = each
    return as_values(y)
