"""Philox against published vectors, and the distributions against SciPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.stats

from lernwerk import ops
from lernwerk.errors import ArgumentError, ShapeError
from lernwerk.ops import random as family
from lernwerk.ops.primitive import Spec

STATE = np.array([1, 2, 3, 4], np.uint32)
# Random123 (Salmon et al. 2011), tests/kat_vectors, lines "philox4x32 10": counter, key, words.
KNOWN_ANSWERS = [
    (
        (0x00000000, 0x00000000, 0x00000000, 0x00000000),
        (0x00000000, 0x00000000),
        (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8),
    ),
    (
        (0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF),
        (0xFFFFFFFF, 0xFFFFFFFF),
        (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
    ),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


def _philox_of_integers(counter: list[int], key: list[int]) -> list[int]:
    """The algorithm of the paper in Python's unbounded integers, one block at a time."""
    c, k = list(counter), list(key)
    for _ in range(10):
        high0, low0 = divmod(0xD2511F53 * c[0], 2**32)
        high1, low1 = divmod(0xCD9E8D57 * c[2], 2**32)
        c = [high1 ^ c[1] ^ k[0], low1, high0 ^ c[3] ^ k[1], low0]
        k = [(k[0] + 0x9E3779B9) % 2**32, (k[1] + 0xBB67AE85) % 2**32]
    return c


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN_ANSWERS)
def test_philox_gives_the_published_words(counter: Any, key: Any, words: Any) -> None:
    counters = np.array([counter] * 3, np.uint32).T
    found = family.philox(counters, np.array(key, np.uint32))
    np.testing.assert_array_equal(found, np.array([words] * 3, np.uint32).T, strict=True)
    assert _philox_of_integers(list(counter), list(key)) == list(words)


def test_bits_are_the_words_of_numbered_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [w for i in range(6) for w in _philox_of_integers([i, 0, 4, 3], [1, 2])]
    np.testing.assert_array_equal(ops.random_bits(STATE, shape=(23,)), expected[:23])
    np.testing.assert_array_equal(ops.random_bits(STATE, shape=(2, 3)).ravel(), expected[:6])
    monkeypatch.setattr(family, "_CHUNK", 2)  # the result does not depend on the work space
    np.testing.assert_array_equal(ops.random_bits(STATE, shape=(23,)), expected[:23])


def test_a_prefix_does_not_depend_on_the_length() -> None:
    long = ops.random_bits(STATE, shape=(100_003,))
    np.testing.assert_array_equal(ops.random_bits(STATE, shape=(40_001,)), long[:40_001])


@pytest.mark.parametrize("word", range(4))
def test_every_word_of_the_state_matters(word: int) -> None:
    other = STATE.copy()
    other[word] += 1
    same = ops.random_bits(STATE, shape=(1000,)) == ops.random_bits(other, shape=(1000,))
    assert same.sum() == 0


def test_too_many_words_of_one_state_are_refused() -> None:
    with pytest.raises(ArgumentError) as caught:
        ops.random_bits(STATE, shape=(2**35,))
    text = "random_bits: expected at most 17179869184 words from one state, got 34359738368."
    assert str(caught.value) == text


def test_uniform_numbers_are_the_leading_bits() -> None:
    words = [int(word) for word in ops.random_bits(STATE, shape=(10,))]
    single = ops.random_uniform(STATE, shape=(10,))
    assert single.dtype == np.float32
    assert single.tolist() == [(word >> 8) / 2**24 for word in words]
    double = ops.random_uniform(STATE, shape=(5,), dtype="float64")
    pairs = zip(words[0::2], words[1::2], strict=True)
    assert double.tolist() == [((first << 32 | second) >> 11) / 2**53 for first, second in pairs]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_uniform_numbers_are_uniform(dtype: str) -> None:
    y = ops.random_uniform(STATE, shape=(1000, 100), dtype=dtype)
    assert y.min() >= 0
    assert y.max() < 1
    assert scipy.stats.kstest(y.ravel(), "uniform").pvalue > 0.01
    assert abs(np.corrcoef(y[:, 0], y[:, 1])[0, 1]) < 0.1


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_normal_numbers_are_normal(dtype: str) -> None:
    y = ops.random_normal(STATE, shape=(99_999,), dtype=dtype)
    assert y.dtype == dtype
    assert scipy.stats.kstest(y, "norm").pvalue > 0.01
    assert scipy.stats.kurtosistest(y).pvalue > 0.01
    assert abs(np.corrcoef(y[0:-1:2], y[1::2])[0, 1]) < 0.015


def test_normal_numbers_follow_box_and_muller() -> None:
    u = ops.random_uniform(STATE, shape=(6,), dtype="float64")
    z = np.sqrt(-2 * np.log1p(-u[0::2])) * np.exp(2j * np.pi * u[1::2])
    y = ops.random_normal(STATE, shape=(5,), dtype="float64")
    np.testing.assert_allclose(y, z.view(np.float64)[:5], rtol=1e-12)


@pytest.mark.parametrize("name", ["random_uniform", "random_normal"])
def test_other_types_are_refused(name: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        ops.REGISTRY[name](STATE, shape=(2,), dtype="float16")
    text = "random numbers: expected dtype float32 or float64, got 'float16'."
    assert str(caught.value) == text


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dropout_keeps_the_mean_and_its_share_of_zeros(rate: float, dtype: Any) -> None:
    x = np.ones((300, 300), dtype)
    y = ops.dropout(x, STATE, rate=rate)
    assert y.dtype == dtype
    assert set(np.unique(y)) <= {0, dtype(1 / (1 - rate))}
    low, high = scipy.stats.binom(x.size, rate).interval(0.9999)
    assert low <= np.count_nonzero(y == 0) <= high


def test_dropout_uses_the_bits_of_the_state() -> None:
    x = np.arange(1.0, 11.0)
    kept = ops.random_bits(STATE, shape=(10,)) >= 0.25 * 2**32
    np.testing.assert_allclose(ops.dropout(x, STATE, rate=0.25), np.where(kept, x / 0.75, 0))


def test_the_gradient_of_dropout_has_the_same_mask() -> None:
    x = np.ones((4, 5))
    options = {"rate": 0.4, "noise_shape": (None, 1)}
    y = ops.dropout(x, STATE, **options)
    gradient, of_state = ops.dropout.gradient(3 * x, y, x, STATE, **options)
    np.testing.assert_allclose(gradient, 3 * y)
    assert of_state is None
    assert all(len(set(row)) == 1 for row in y.tolist())


def test_dropout_of_everything_gives_zeros() -> None:
    np.testing.assert_array_equal(ops.dropout(np.ones(3), STATE, rate=1.0), np.zeros(3))


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        (
            {"rate": 1.5, "noise_shape": None},
            ArgumentError,
            "dropout: expected rate to be a number in [0, 1], got 1.5.",
        ),
        (
            {"rate": 0.5, "noise_shape": (2, 5)},
            ShapeError,
            "dropout: expected a noise_shape that broadcasts to (4, 5), got (2, 5).",
        ),
    ],
)
def test_messages_of_dropout(options: Any, error: Any, text: str) -> None:
    specs = [Spec((4, 5), np.dtype("float32")), Spec((4,), np.dtype("uint32"))]
    with pytest.raises(error) as caught:
        ops.dropout.infer(specs, options)
    assert str(caught.value) == text


def test_message_for_a_state_of_the_wrong_length() -> None:
    with pytest.raises(ShapeError) as caught:
        ops.random_bits.infer([Spec((2,), np.dtype("uint32"))], {"shape": (3,)})
    assert str(caught.value) == "random_bits: expected state (4) with 4 = 4, got (2,)."
