"""ART-1: resonance, learning that comes to rest, old categories that new ones leave alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lernwerk.classics import ART1, letters
from lernwerk.errors import ArgumentError, ShapeError, UsageError

LETTERS = letters().reshape(26, -1)


@given(st.floats(0, 1), st.integers(0, 1000))
def test_every_picture_finds_enough_of_itself_when_it_learns(vigilance: float, seed: int) -> None:
    art = ART1(vigilance)
    for picture in np.random.default_rng(seed).permutation(LETTERS):
        category = art.learn(picture[None])[0]
        template = art.templates[category]
        assert (template <= picture).all()
        assert template.sum() >= vigilance * picture.sum() - 1e-4  # float32


@pytest.mark.parametrize("vigilance", [0.3, 0.6, 0.9])
def test_learning_comes_to_rest(vigilance: float) -> None:
    art = ART1(vigilance).fit(LETTERS, epochs=10)
    known, resets = art.templates.copy(), art.resets
    art.learn(LETTERS)
    np.testing.assert_array_equal(art.templates, known)
    assert (art.predict(LETTERS) >= 0).all() and art.resets >= resets


def test_full_vigilance_gives_every_picture_its_own_category() -> None:
    both_signs = np.concatenate([LETTERS, ~LETTERS], axis=1)  # so that none contains another
    art = ART1(1.0).fit(both_signs)
    np.testing.assert_array_equal(art.predict(both_signs), np.arange(26))
    np.testing.assert_array_equal(art.templates, both_signs)


def test_a_picture_inside_a_template_takes_it_over() -> None:
    art = ART1(1.0).fit([[1, 1, 1], [1, 1, 0]])
    np.testing.assert_array_equal(art.templates, [[1, 1, 0]])
    assert art.predict([[1, 1, 1]])[0] == -1


def test_no_vigilance_makes_few() -> None:
    counts = [len(ART1(each).fit(LETTERS).templates) for each in (0.0, 0.5, 0.8, 1.0)]
    assert counts == sorted(counts) and counts[0] < 8


def test_other_pictures_leave_a_category_alone() -> None:
    left, right = np.eye(8)[:4].sum(0), np.eye(8)[4:].sum(0)
    art = ART1(0.5).fit([left])
    known = art.templates.copy()
    art.learn([right, right * [1, 1, 1, 1, 0, 1, 1, 1]])
    np.testing.assert_array_equal(art.templates[:1], known)
    assert art.predict([left])[0] == 0


def test_no_more_categories_than_allowed() -> None:
    art = ART1(1.0, most=3)
    np.testing.assert_array_equal(art.learn(np.eye(5)), [0, 1, 2, -1, -1])
    assert art.predict(np.eye(5)[4:])[0] == -1
    assert art.predict(np.eye(5)[4:], vigilance=0)[0] >= 0


def test_messages() -> None:
    with pytest.raises(UsageError) as caught:
        ART1().predict(LETTERS)
    assert str(caught.value) == (
        "ART1.predict: expected something learned, got nothing. Call fit first."
    )
    with pytest.raises(ArgumentError, match=r"vigilance to be a number in \[0, 1\], got 2\."):
        ART1(2)
    with pytest.raises(ShapeError, match=r"rows of shape \(rows, 35\), got \(1, 2\)\."):
        ART1().fit(LETTERS).predict([[0, 1]])


def test_picture() -> None:
    axes = ART1(0.8).fit(LETTERS).picture().axes[0]
    assert axes.get_title(loc="left").endswith("categories at vigilance 0.8")
    assert axes.images[0].get_array().sum() == ART1(0.8).fit(LETTERS).sizes.sum()
