"""The Neocognitron: its cells by plain loops, its planes by their rule, what it learns."""

from __future__ import annotations

import numpy as np
import pytest

from lernwerk.classics import Neocognitron
from lernwerk.classics.neocognitron import add_if_silent, answers, blurred, edges, windows
from lernwerk.errors import ArgumentError, ShapeError, UsageError


def bars(count, seed):
    """Pictures 12 x 12 of an upright or a lying bar at any place, and which of both."""
    random = np.random.default_rng(seed)
    pictures, kinds = np.zeros((count, 12, 12)), random.integers(2, size=count)
    for picture, kind in zip(pictures, kinds, strict=True):
        row, column = random.integers(2, 5, size=2)
        picture[row : row + (7 if kind else 2), column : column + (2 if kind else 7)] = 1
    return pictures, kinds


def test_complex_cells_by_loops():
    maps = np.random.default_rng(1).random((2, 5, 6, 3)).astype(np.float32)
    padded = np.pad(maps, ((0, 0), (1, 1), (1, 1), (0, 0)))
    expected = [
        [padded[:, i : i + 3, j : j + 3].mean(axis=(1, 2)) for j in range(0, 6, 2)]
        for i in range(0, 5, 2)
    ]
    np.testing.assert_allclose(blurred(maps), np.moveaxis(expected, 2, 0), rtol=1e-5)


def test_simple_cells_by_loops():
    maps = np.random.default_rng(2).random((1, 4, 4, 2)).astype(np.float32)
    planes = add_if_silent(maps, 0.9, 10)
    found = answers(maps, planes, 0.9)
    x = windows(maps, 3)[0, 1, 2]
    likeness = planes @ x / np.linalg.norm(x)
    expected = np.linalg.norm(x) * np.maximum(0, likeness - 0.9) / 0.1
    np.testing.assert_allclose(found[0, 1, 2], expected, rtol=1e-4, atol=1e-5)


def test_an_edge_wakes_the_cells_of_its_orientation():
    picture = np.zeros((1, 9, 9))
    picture[0, :, 5:] = 1  # darker to the right: gradient along x, the first orientation
    strength = edges(picture)[0, 4, 4]
    assert strength.argmax() == 0
    assert strength[4] == 0


def test_no_plane_is_a_copy_of_another():
    maps = blurred(edges(bars(20, 3)[0]))
    planes = add_if_silent(maps, 0.7, 50)
    alike = planes @ planes.T
    np.testing.assert_allclose(np.diag(alike), 1, rtol=1e-5)
    assert np.all(alike[~np.eye(len(planes), dtype=bool)] < 0.7 + 1e-6)
    assert len(add_if_silent(maps, 0.7, 3)) == 3


def test_it_recognises_bars_at_places_it_has_not_seen():
    network = Neocognitron().fit(*bars(60, 4))
    pictures, kinds = bars(100, 5)
    assert np.mean(network.predict(pictures) == kinds) >= 0.97
    seen, shown = bars(60, 4)
    np.testing.assert_array_equal(network.predict(seen), shown)  # none of its own is mistaken


def test_the_picture():
    network = Neocognitron().fit(*bars(10, 6))
    figure = network.picture(bars(1, 7)[0][0])
    assert len(figure.axes) == 1 + 3 * 8


def test_messages():
    with pytest.raises(ShapeError) as caught:
        Neocognitron().fit(np.zeros((3, 4)), [0, 1, 0])
    assert str(caught.value) == (
        "Neocognitron.fit: expected pictures (rows, height, width), got (3, 4)."
    )
    with pytest.raises(UsageError, match=r"^Neocognitron.predict: expected something learned"):
        Neocognitron().predict(np.zeros((1, 4, 4)))
    with pytest.raises(
        ArgumentError, match=r"^Neocognitron: expected first to be a number in \(0, 1"
    ):
        Neocognitron((1.0, 0.5))
