"""Dataset: tf.data's calls, by hand-worked results; Values; split_dataset."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lernwerk.core.tensor import Tensor
from lernwerk.errors import ArgumentError, DataError, ShapeError
from lernwerk.utils import Dataset, set_random_seed, split_dataset
from lernwerk.utils.values import as_values

X, Y = np.arange(20.0, dtype="float32").reshape(10, 2), np.arange(10)


def numbers(dataset: Any) -> list[Any]:
    return [np.asarray(each).tolist() for each in dataset]


def test_rows_of_arrays() -> None:
    dataset = Dataset.from_tensor_slices((X, {"label": Y}))
    assert len(dataset) == 10
    x, rest = list(dataset)[3]
    assert (x.tolist(), rest["label"].numpy(), int(rest["label"])) == ([6.0, 7.0], 3, 3)
    assert next(iter(dataset))[0].shape == (2,)
    assert dataset.element_spec[0] == ((2,), np.float32)
    assert int(dataset.cardinality()) == 10


def test_batches() -> None:
    dataset = Dataset.from_tensor_slices((X, Y)).batch(4)
    assert len(dataset) == 3
    assert [y.tolist() for _, y in dataset] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_batches_of_mapped_elements_are_stacked() -> None:
    dataset = Dataset.from_tensor_slices((X, Y)).map(lambda x, y: (x * 2, y))
    (first, labels), last = list(dataset.batch(8, drop_remainder=False))
    assert (first.shape, labels.tolist()) == ((8, 2), [0, 1, 2, 3, 4, 5, 6, 7])
    np.testing.assert_array_equal(last[0], X[8:] * 2)
    assert len(list(dataset.batch(8, drop_remainder=True))) == 1
    uneven = Dataset.from_generator(lambda: [[1], [1, 2]])
    with pytest.raises(ShapeError) as error:
        list(uneven.batch(2))
    assert str(error.value) == (
        "batch: expected elements of one shape, got [(1,), (2,)]. "
        "Use padded_batch, or bring them to one length first."
    )
    assert numbers(uneven.padded_batch(2)) == [[[1, 0], [1, 2]]]


@pytest.mark.parametrize("mapped", [False, True])
def test_order(mapped: bool) -> None:
    whole = Dataset.range(6)
    dataset = whole.map(lambda x: x) if mapped else whole
    assert numbers(dataset.take(2)) == [0, 1]
    assert numbers(dataset.take(-1)) == numbers(dataset.skip(0)) == [0, 1, 2, 3, 4, 5]
    assert numbers(dataset.skip(4)) == [4, 5]
    assert numbers(dataset.skip(-1)) == []
    assert numbers(dataset.take(2).repeat(2)) == [0, 1, 0, 1]
    assert numbers(dataset.take(2).concatenate(dataset.skip(5))) == [0, 1, 5]
    assert numbers(dataset.repeat().take(8)) == [0, 1, 2, 3, 4, 5, 0, 1]
    assert [len(d) for d in (dataset.take(2), dataset.skip(4), dataset.repeat(3))] == [2, 2, 18]
    assert numbers(dataset.batch(4).unbatch()) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("buffer", [1, 3, 6, 100])
def test_shuffle(buffer: int) -> None:
    dataset = Dataset.range(50).shuffle(buffer, seed=1)
    first, second = numbers(dataset), numbers(dataset)
    assert sorted(first) == sorted(second) == list(range(50))
    assert (first == second) == (buffer == 1)
    assert all(value < place + buffer for place, value in enumerate(first))
    assert numbers(Dataset.range(50).shuffle(buffer, seed=1)) == first
    fixed = Dataset.range(50).shuffle(buffer, seed=1, reshuffle_each_iteration=False)
    assert numbers(fixed) == numbers(fixed)


def test_shuffles_repeat_themselves_after_set_random_seed() -> None:
    found = []
    for _ in range(2):
        set_random_seed(4)
        found.append(numbers(Dataset.range(30).shuffle(30)))
    assert found[0] == found[1] != list(range(30))


def test_shuffle_is_uniform() -> None:
    dataset = Dataset.range(4).shuffle(4, seed=0)
    counts = np.zeros((4, 4))
    for _ in range(800):
        counts[numbers(dataset), np.arange(4)] += 1
    assert np.abs(counts / 800 - 0.25).max() < 0.07  # four standard deviations


def test_changing_elements() -> None:
    dataset = Dataset.range(5)
    assert numbers(dataset.filter(lambda x: x % 2 == 0)) == [0, 2, 4]
    assert numbers(dataset.flat_map(lambda x: Dataset.range(x))) == [0, 0, 1, 0, 1, 2, 0, 1, 2, 3]
    assert [(int(i), int(x)) for i, x in dataset.skip(3).enumerate(7)] == [(7, 3), (8, 4)]
    assert [(int(a), int(b)) for a, b in Dataset.zip((dataset, dataset.skip(3)))] == [
        (0, 3), (1, 4),
    ]  # fmt: skip
    assert int(dataset.reduce(0, lambda state, x: state + x)) == 10
    assert numbers(dataset.apply(lambda d: d.take(1))) == [0]
    (tensor,) = Dataset.from_tensors(X).map(lambda x: Tensor(np.asarray(x)) + 1.0)
    np.testing.assert_array_equal(tensor.numpy(), X + 1)


def test_the_cache_is_read_once() -> None:
    runs = []

    def source() -> Any:
        runs.append(1)
        return range(3)

    dataset = Dataset.from_generator(source).cache().prefetch(-1)
    assert numbers(dataset) == numbers(dataset) == [0, 1, 2]
    assert len(runs) == 1


def test_lengths_that_are_not_known() -> None:
    dataset = Dataset.from_generator(lambda: [1, 2])
    assert list(dataset.as_numpy_iterator()) == [1, 2]
    assert int(dataset.cardinality()) == -2
    with pytest.raises(TypeError) as unknown:
        len(dataset)
    assert str(unknown.value) == (
        "len(dataset): expected a data set with a known number of elements, "
        "got one of unknown length."
    )
    assert int(dataset.repeat().cardinality()) == -1
    assert repr(Dataset.range(3)) == "<Dataset of 3 elements>"


def test_text_stays_text() -> None:
    dataset = Dataset.from_tensor_slices((["a b", "c"], [0, 1])).batch(2)
    texts, labels = next(iter(dataset))
    assert texts.numpy().tolist() == ["a b", "c"]
    assert texts[1].numpy() == "c"
    assert f"{texts[0]} {labels[1]:03d}" == "a b 001"
    assert {"a": 1}.get(texts.numpy()[0][0]) == 1
    assert ["x", "y"][labels[1]] == "y"


def test_values_of_single_elements() -> None:
    value = as_values(np.array([1.5, 2.5], "float32"))[1]
    assert (value.numpy(), float(value), f"{value:.1f}", str(value)) == (2.5, 2.5, "2.5", "2.5")
    assert [each.numpy() for each in as_values([1, 2])] == [1, 2]


def test_splitting() -> None:
    left, right = split_dataset(Y, left_size=0.7)
    assert (numbers(left), numbers(right)) == ([0, 1, 2, 3, 4, 5, 6], [7, 8, 9])
    left, right = split_dataset((X, Y), left_size=2, right_size=3, shuffle=True, seed=1)
    assert (len(left), len(right)) == (2, 3)
    seen = {int(y) for _, y in [*left, *right]}
    assert len(seen) == 5
    with pytest.raises(ArgumentError) as neither:
        split_dataset(Y)
    assert str(neither.value) == (
        "split_dataset: expected left_size or right_size, got neither. For example left_size=0.8."
    )
    with pytest.raises(ArgumentError, match=r"expected left_size between 0 and 1, got 1\.5"):
        split_dataset(Y, left_size=1.5)
    with pytest.raises(ArgumentError, match="expected two parts of 10 elements, got 8 and 5"):
        split_dataset(Y, left_size=8, right_size=5)


def test_messages() -> None:
    with pytest.raises(ShapeError) as rows:
        Dataset.from_tensor_slices((X, Y[:3]))
    assert str(rows.value) == (
        "from_tensor_slices: expected arrays with one number of rows, got [3, 10]."
    )
    with pytest.raises(ArgumentError, match=r"batch: expected batch_size to be an integer >= 1"):
        Dataset.range(3).batch(0)
    with pytest.raises(DataError, match="element_spec: expected a data set with elements, got an"):
        _ = Dataset.range(0).element_spec
