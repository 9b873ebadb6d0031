"""Windows, word pairs and sampling tables against Keras's."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from lernwerk.errors import ArgumentError, ShapeError
from lernwerk.preprocessing import sequence


@pytest.fixture(scope="module")
def theirs() -> Any:
    pytest.importorskip("keras", reason="the oracle of this test, keras, is not installed")
    from keras.src.legacy.preprocessing import sequence as module

    return module


DATA, TARGETS = np.arange(100.0).reshape(50, 2), np.arange(50)


@pytest.mark.parametrize(
    "options",
    [
        {}, {"batch_size": 7}, {"sampling_rate": 2, "stride": 3, "batch_size": 4},
        {"start_index": 5, "end_index": 30, "reverse": True}, {"shuffle": True, "batch_size": 5},
    ],
)  # fmt: skip
def test_timeseries_generator_is_keras_s(theirs: Any, options: dict[str, Any]) -> None:
    mine = sequence.TimeseriesGenerator(DATA, TARGETS, 6, **options)
    real = theirs.TimeseriesGenerator(DATA, TARGETS, 6, **options)
    assert len(mine) == len(real)
    for index in range(len(mine)):
        np.random.seed(index)  # noqa: NPY002 - the generator that scripts seed
        found = mine[index]
        np.random.seed(index)  # noqa: NPY002
        for one, other in zip(found, real[index], strict=True):
            np.testing.assert_array_equal(one, other)


def test_timeseries_generator_as_text() -> None:
    config = sequence.TimeseriesGenerator([1, 2, 3], [4, 5, 6], 1).get_config()
    assert config["data"] == "[1, 2, 3]"
    assert (config["length"], config["end_index"]) == (1, 2)
    assert '"TimeseriesGenerator"' in sequence.TimeseriesGenerator([1, 2], [4, 5], 1).to_json()


def test_timeseries_generator_messages() -> None:
    with pytest.raises(ShapeError) as lengths:
        sequence.TimeseriesGenerator([1, 2, 3], [4], 1)
    assert str(lengths.value) == "TimeseriesGenerator: expected 3 targets as in data, got 1."
    with pytest.raises(ArgumentError) as long:
        sequence.TimeseriesGenerator([1, 2, 3], [4, 5, 6], 3)
    assert str(long.value) == (
        "TimeseriesGenerator: expected start_index + length <= end_index, got 3 > 2."
    )


def test_sampling_table(theirs: Any) -> None:
    found = sequence.make_sampling_table(50, 1e-3)
    np.testing.assert_allclose(found, theirs.make_sampling_table(50, 1e-3), rtol=1e-12)


@pytest.mark.parametrize(
    "options",
    [
        {"seed": 3}, {"negative_samples": 0, "shuffle": False}, {"categorical": True, "seed": 1},
        {"window_size": 1, "negative_samples": 2.5, "seed": 5},
        {"sampling_table": np.linspace(0, 1, 20), "seed": 5},
    ],
)  # fmt: skip
def test_skipgrams_are_keras_s(theirs: Any, options: dict[str, Any]) -> None:
    words = [3, 0, 5, 7, 3, 19, 2]
    random.seed(8)
    found = sequence.skipgrams(words, 20, **options)
    random.seed(8)
    assert found == theirs.skipgrams(words, 20, **options)


def test_no_pairs_without_words() -> None:
    assert sequence.skipgrams([0, 4], 9) == ([], [])
