"""Random streams: repeatable, independent of each other, and distributed as promised."""

from __future__ import annotations

import re

import numpy as np
import pytest
from scipy import stats

from lernwerk import ops
from lernwerk.core import RandomStream, compiled, set_random_seed
from lernwerk.core.random import default_seed
from lernwerk.errors import ArgumentError


@pytest.fixture(autouse=True)
def seed_of_the_process():
    before = default_seed()
    yield
    set_random_seed(before)


def test_same_seed_same_numbers():
    a, b = RandomStream(7), RandomStream(7)
    for draw in (lambda s: s.uniform((3, 4)), lambda s: s.normal((5,))):
        np.testing.assert_array_equal(draw(a).numpy(), draw(b).numpy())
    assert not np.array_equal(RandomStream(7).uniform((9,)), RandomStream(8).uniform((9,)))
    low, high = RandomStream(1), RandomStream(1 + 2**32)
    assert not np.array_equal(low.uniform((9,)), high.uniform((9,)))


def test_draws_differ_from_step_to_step():
    stream = RandomStream(3)
    assert not np.array_equal(stream.uniform((9,)), stream.uniform((9,)))
    assert stream.state.numpy().tolist() == [3, 0, 0, 2]


def test_a_stream_does_not_depend_on_what_others_draw():
    set_random_seed(5)
    first, second = RandomStream(), RandomStream()
    expected = second.uniform((4,)).numpy()
    set_random_seed(5)
    first, second = RandomStream(), RandomStream()
    for _ in range(3):
        first.normal((2,))
    np.testing.assert_array_equal(second.uniform((4,)).numpy(), expected)
    assert not np.array_equal(RandomStream().uniform((4,)), expected)
    np.testing.assert_array_equal(RandomStream(5, 2).uniform((4,)).numpy(), expected)


def test_traced_draws_are_the_eager_ones(agrees):
    eager, traced = RandomStream(9), RandomStream(9)
    step = compiled(lambda: (traced.uniform((3,)), traced.normal((2,))))
    for _ in range(3):
        u, n = step()
        np.testing.assert_array_equal(u.numpy(), eager.uniform((3,)).numpy())
        agrees(n.numpy(), eager.normal((2,)).numpy())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_distributions(dtype):
    stream = RandomStream(11)
    u = stream.uniform((20000,), -2.0, 3.0, dtype=dtype).numpy()
    n = stream.normal((20001,), 1.0, 2.0, dtype=dtype).numpy()
    assert u.dtype == n.dtype == np.dtype(dtype)
    assert u.min() >= -2
    assert u.max() <= 3
    assert stats.kstest(u, stats.uniform(-2, 5).cdf).pvalue > 0.01
    assert stats.kstest(n, stats.norm(1, 2).cdf).pvalue > 0.01


def test_neighbouring_streams_and_steps_are_uncorrelated():
    draws = [RandomStream(1, i).normal((4000,)).numpy() for i in range(4)]
    one = RandomStream(1, 0)
    draws += [one.normal((4000,)).numpy() for _ in range(4)][1:]
    correlations = np.corrcoef(draws)[np.triu_indices(len(draws), 1)]
    assert np.abs(correlations).max() < 4 / np.sqrt(4000)


@pytest.mark.parametrize("count", [0, 1, 2, 1000])
def test_permutations(count):
    stream = RandomStream(2)
    first, second = stream.permutation(count), stream.permutation(count)
    assert sorted(first) == sorted(second) == list(range(count))
    assert count < 3 or not np.array_equal(first, second)
    np.testing.assert_array_equal(RandomStream(2).permutation(count), first)


def test_every_place_of_a_permutation_is_equally_likely():
    stream = RandomStream(4)
    counts = np.zeros((5, 5))
    for _ in range(1000):
        counts[np.arange(5), stream.permutation(5)] += 1
    assert stats.chisquare(counts.reshape(-1)).pvalue > 0.01


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda: set_random_seed(-1), "set_random_seed: expected seed to be an integer in [0, 18446744073709551615], got -1."),  # noqa: E501
        (lambda: set_random_seed(None), "set_random_seed: expected seed to be an integer in [0, 18446744073709551615], got None."),  # noqa: E501
        (lambda: RandomStream(0.5), "RandomStream: expected seed to be an integer in [0, 18446744073709551615], got 0.5."),  # noqa: E501
        (lambda: RandomStream(1, -1), "RandomStream: expected stream to be an integer in [0, 4294967295], got -1."),  # noqa: E501
    ],
)  # fmt: skip
def test_ranges(function, message):
    with pytest.raises(ArgumentError, match=f"^{re.escape(message)}$"):
        function()


def test_a_mask_is_the_same_function_of_its_counter():
    state = np.array([1, 0, 2, 3], np.uint32)
    x = np.ones((50,), np.float32)
    np.testing.assert_array_equal(
        ops.dropout(x, state, rate=0.5), ops.dropout(x, state.copy(), rate=0.5)
    )
