"""Arrays against scikit-learn, their shapes, gaps and saved settings."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lernwerk.errors import DataError, FileError, UsageError
from lernwerk.job.array_encoder import ArrayEncoder
from lernwerk.job.encoder import encoder_from_config

GENERATOR = np.random.default_rng(0)


def again(encoder: ArrayEncoder) -> ArrayEncoder:
    loaded = encoder_from_config(json.loads(json.dumps(encoder.config())))
    assert isinstance(loaded, ArrayEncoder)
    return loaded


def test_features_are_standardised_like_scikit_learn() -> None:
    preprocessing = pytest.importorskip("sklearn.preprocessing", reason="the oracle here")
    x = GENERATOR.normal(5, [1, 10, 0.1], (30, 3))
    theirs = preprocessing.StandardScaler().fit(x[:20]).transform(x)
    encoder = ArrayEncoder().fit(x[:20])
    np.testing.assert_allclose(encoder.encode(x), theirs, rtol=1e-5, atol=1e-5)
    assert encoder.decisions() == ["Each of the 3 features is standardised by itself."]
    assert encoder.feature_names == ["x[0]", "x[1]", "x[2]"]


@pytest.mark.parametrize(
    ("x", "scaling", "words"),
    [
        (GENERATOR.integers(0, 256, (9, 6, 6), np.uint8), "none",
         "The uint8 values are left as they are, 0 to 255; the network scales them."),
        (GENERATOR.integers(0, 256, (9, 36), np.uint8), "all",
         "All values are standardised with one mean and one deviation, because they seem to be of "
         "one kind."),
        (GENERATOR.normal(3, 2, (9, 20, 4)), "channels",
         "The 4 channels of the last axis are standardised, each by itself."),
        (GENERATOR.normal(3, 2, (9, 28, 28)), "all",
         "All values are standardised with one mean and one deviation, because they seem to be of "
         "one kind."),
    ],
)  # fmt: skip
def test_other_shapes(x: np.ndarray, scaling: str, words: str) -> None:
    encoder = ArrayEncoder().fit(x)
    encoded = encoder.encode(x)
    assert encoder.scaling == scaling
    assert encoder.decisions() == [words]
    assert encoded.dtype == np.float32
    assert encoded.shape == x.shape == (9, *encoder.shape)
    if scaling == "none":
        np.testing.assert_array_equal(encoded, x)
        return
    axes = tuple(range(x.ndim - 1)) if scaling == "channels" else None
    np.testing.assert_allclose(encoded.mean(axis=axes), 0, atol=1e-5)
    np.testing.assert_allclose(encoded.std(axis=axes), 1, rtol=1e-5)


def test_a_single_row_lists_and_one_feature() -> None:
    encoder = ArrayEncoder().fit(GENERATOR.normal(size=(5, 3)))
    assert encoder.encode([1.0, 2.0, 3.0]).shape == (1, 3)
    assert encoder.encode([[1, 2, 3], [4, 5, 6]]).shape == (2, 3)
    assert ArrayEncoder().fit([1.0, 2.0, 4.0]).encode([3.0, 1.0]).shape == (2, 1)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros((2, 4)), "x: expected rows of shape (3,), as in the training, got (4,)."),
        ([[1.0, np.nan, 2.0]], "x: expected finite numbers, got nan at x[0, 1]."),
        ([["a", "b", "c"]], "x: expected numbers, got <U1."),
        ([[1, 2], [3]], "x: expected rows of equal length, got rows of different lengths."),
        (3.0, "x: expected one row per example, got a single value."),
    ],
)
def test_wrong_input(x: Any, message: str) -> None:
    encoder = ArrayEncoder().fit(np.eye(3))
    with pytest.raises(DataError) as error:
        encoder.encode(x)
    assert str(error.value) == message


def test_no_rows_and_no_fit() -> None:
    with pytest.raises(DataError) as error:
        ArrayEncoder().fit(np.zeros((0, 3)))
    assert str(error.value) == "x: expected rows to learn from, got none."
    with pytest.raises(UsageError) as usage:
        ArrayEncoder().encode(np.eye(3))
    assert (
        str(usage.value) == "ArrayEncoder: expected fit before encode, got no fit. encoder.fit(x)"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"shape": []}, "expected at least one axis for 'shape', got []."),
        ({"shape": [4]}, "expected a list of 4 finite numbers for 'mean', got [0.0, 0.0, 0.0]."),
        ({"scaling": "some"},
         "expected one of none, each, channels, all for 'scaling', got 'some'."),
        ({"deviation": [1, 0, 1]},
         "expected a list of 3 positive numbers for 'deviation', got [1, 0, 1]."),
        ({"more": 1}, "expected no other settings, got 'more'."),
    ],
)  # fmt: skip
def test_damaged_settings(change: dict[str, Any], message: str) -> None:
    config = {**ArrayEncoder().fit(np.eye(3)).config(), "mean": [0.0, 0.0, 0.0]}
    with pytest.raises(FileError) as error:
        encoder_from_config({**config, **change}, "model")
    assert str(error.value) == f"model: {message}"


@settings(max_examples=60, deadline=None)
@given(
    arrays.array_shapes(min_dims=2, max_dims=4, max_side=5).flatmap(
        lambda shape: arrays.arrays(np.float64, shape, elements=st.floats(-1e90, 1e90))
    )
)
def test_settings_survive_json(x: np.ndarray) -> None:
    encoder = ArrayEncoder().fit(x)
    encoded = encoder.encode(x)
    assert np.isfinite(encoded).all()
    np.testing.assert_array_equal(again(encoder).encode(x), encoded)
    assert again(encoder).decisions() == encoder.decisions()
