"""Decision boundaries: where they lie, and every form of answer."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from lernwerk import Input, Sequential, layers
from lernwerk.errors import ArgumentError, ShapeError
from lernwerk.plots import decision_boundary
from lernwerk.plots.palette import COLOURS

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(60, 2))
W = np.array([2.0, -1.0])
Y = (X @ W + 0.5 > 0).astype(int)


def probability(points):
    return 1 / (1 + np.exp(-(points @ W + 0.5)))


def boundary(figure) -> np.ndarray:
    paths = [path for each in figure.axes[0].collections for path in each.get_paths()]
    return np.concatenate([path.vertices for path in paths if len(path.vertices)])


def colours(figure) -> np.ndarray:
    return figure.axes[0].images[0].get_array()


def test_the_line_is_where_the_probability_is_the_threshold() -> None:
    points = boundary(decision_boundary(probability, X, Y))
    np.testing.assert_allclose(probability(points), 0.5, atol=2e-3)
    points = boundary(decision_boundary(probability, X, Y, threshold=0.9))
    np.testing.assert_allclose(probability(points), 0.9, atol=2e-3)


def test_both_sides_have_the_colour_of_their_class_and_certainty_its_depth() -> None:
    pixels = colours(decision_boundary(probability, X, Y, steps=21))
    left, right = pixels[10, 0], pixels[10, -1]
    np.testing.assert_allclose(left[:3], to_rgb(COLOURS[0]))
    np.testing.assert_allclose(right[:3], to_rgb(COLOURS[1]))
    assert pixels[..., 3].min() < 0.15 < 0.4 < pixels[..., 3].max()


@pytest.mark.parametrize("answer", [
    lambda p: (p @ W + 0.5 > 0).astype(int),
    lambda p: np.where(p @ W + 0.5 > 0, 1.0, 0.0)[:, None],
    lambda p: np.column_stack([1 - probability(p), probability(p)]),
    lambda p: np.column_stack([np.zeros(len(p)), p @ W + 0.5]),
    lambda p: probability(p)[:, None],
])  # fmt: skip
def test_every_form_of_answer_gives_the_same_classes(answer) -> None:
    wanted = colours(decision_boundary(probability, X, Y))[..., :3]
    np.testing.assert_array_equal(colours(decision_boundary(answer, X, Y))[..., :3], wanted)


def test_labels_may_be_signs_or_names() -> None:
    signs = decision_boundary(lambda p: np.sign(p @ W + 0.5), X, 2 * Y - 1)
    names = np.array(["no", "yes"])
    words = decision_boundary(lambda p: names[(p @ W + 0.5 > 0).astype(int)], X, names[Y])
    np.testing.assert_array_equal(colours(signs), colours(words))
    legend = words.axes[0].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["no", "yes"]


def test_three_classes_have_the_lines_of_equal_scores() -> None:
    directions = np.array([[1.0, 0.0], [-0.5, 0.9], [-0.5, -0.9]])
    figure = decision_boundary(lambda p: p @ directions.T, X, (X @ directions.T).argmax(1))
    scores = np.sort(boundary(figure) @ directions.T, axis=1)
    np.testing.assert_allclose(scores[:, -1], scores[:, -2], atol=0.02)


def test_the_rows_are_drawn_by_class() -> None:
    drawn = {line.get_label(): line for line in decision_boundary(probability, X, Y).axes[0].lines}
    for label in (0, 1):
        np.testing.assert_array_equal(drawn[str(label)].get_xydata(), X[label == Y])


def test_models_and_estimators_are_asked_to_predict() -> None:
    model = Sequential([Input((2,)), layers.Dense(1, activation="sigmoid")])
    model.set_weights([W[:, None], np.array([0.5])])
    points = boundary(decision_boundary(model, X, Y))
    np.testing.assert_allclose(probability(points), 0.5, atol=2e-3)

    class Estimator:
        def predict(self, x):
            return (x @ W + 0.5 > 0).astype(int)

    assert len(boundary(decision_boundary(Estimator(), X, Y)))


def test_one_row_and_one_class_are_enough() -> None:
    figure = decision_boundary(lambda p: np.full(len(p), 0.2), X[:1], Y[:1])
    assert not any(len(p.vertices) for c in figure.axes[0].collections for p in c.get_paths())


def test_messages() -> None:
    with pytest.raises(ShapeError, match=r"expected x of shape \(n, 2\), got \(60, 3\)\."):
        decision_boundary(probability, np.ones((60, 3)), Y)
    with pytest.raises(ShapeError, match=r"expected 60 labels, got 3\."):
        decision_boundary(probability, X, Y[:3])
    with pytest.raises(ShapeError, match=r"answers, \(n\), \(n, 1\) or \(n, k\), got \(\)\."):
        decision_boundary(lambda p: 1.0, X, Y)
    with pytest.raises(ArgumentError, match=r"expected 2 class_names, got 1\."):
        decision_boundary(probability, X, Y, class_names=["a"])
    with pytest.raises(ArgumentError, match=r"steps to be an integer >= 2, got 1"):
        decision_boundary(probability, X, Y, steps=1)
