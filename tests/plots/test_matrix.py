"""The confusion matrix against scikit-learn's counts, and from 1 to 100 classes."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix as counted_by_sklearn

from lernwerk.errors import DataError, ShapeError
from lernwerk.plots import class_names_of, confusion_matrix, count_confusions, figure_to_svg


def random_labels(classes: int, rows: int = 200) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(classes)
    return generator.integers(0, classes, rows), generator.integers(0, classes, rows)


@pytest.mark.parametrize("classes", [2, 10, 100])
def test_counts_are_those_of_sklearn(classes: int) -> None:
    true, predicted = random_labels(classes)
    names = [f"class {index}" for index in range(classes)]
    counts = count_confusions(true[:, None], predicted, names)
    np.testing.assert_array_equal(
        counts, counted_by_sklearn(true, predicted, labels=range(classes))
    )


def test_labels_may_be_names() -> None:
    names = np.array(["cat", "dog"])
    true, predicted = random_labels(2)
    by_name = count_confusions(names[true], names[predicted], list(names))
    np.testing.assert_array_equal(by_name, count_confusions(true, predicted, list(names)))


def test_names_of_classes_without_names() -> None:
    assert class_names_of(np.array([0, 2]), np.array([1, 2])) == ["0", "1", "2"]
    assert class_names_of(np.array(["b"]), np.array(["a"])) == ["a", "b"]


@pytest.mark.parametrize("classes", [2, 10, 25])
def test_numbers_stand_in_the_cells(classes: int) -> None:
    true, predicted = random_labels(classes)
    counts = counted_by_sklearn(true, predicted, labels=range(classes))
    texts = [text.get_text() for text in confusion_matrix(true, predicted).axes[0].texts]
    assert sorted(texts) == sorted(str(count) for count in counts.ravel() if count)


def test_a_single_class_is_a_single_cell() -> None:
    axes = confusion_matrix(np.zeros(3, int), np.zeros(3, int)).axes[0]
    assert [text.get_text() for text in axes.texts] == ["3"]


@pytest.mark.parametrize("classes", [26, 100])
def test_many_classes_have_no_numbers_but_all_names(classes: int) -> None:
    true, predicted = random_labels(classes, 10_000)
    axes = confusion_matrix(true, predicted).axes[0]
    assert not axes.texts
    assert len(axes.get_yticklabels()) == classes


def test_the_drawing_stays_small_with_many_classes_and_long_names() -> None:
    true, predicted = random_labels(100, 10_000)
    names = [f"the name of class {index} goes on and on" * 5 for index in range(100)]
    assert len(figure_to_svg(confusion_matrix(true, predicted, names))) < 200_000


def test_rare_classes_are_as_deep_as_common_ones() -> None:
    true = np.array([0] * 1000 + [1])
    pixels = confusion_matrix(true, true).axes[0].images[0].get_array()
    assert pixels[0, 0, 3] == pixels[1, 1, 3] > 0.9
    assert pixels[0, 1, 3] == 0


def test_no_rows_are_said_in_words() -> None:
    none = np.array([], dtype=int)
    assert "No rows to compare." in figure_to_svg(confusion_matrix(none, none))


def test_labels_outside_the_classes_are_refused() -> None:
    with pytest.raises(DataError, match=r"labels: expected integers from 0 to 1, got 2\."):
        count_confusions(np.array([0, 2]), np.array([0, 1]), ["a", "b"])
    with pytest.raises(DataError, match=r"labels: expected only names of classes, got 'c'\."):
        count_confusions(np.array(["a", "c"]), np.array(["a", "b"]), ["a", "b"])


def test_lengths_must_agree() -> None:
    with pytest.raises(ShapeError, match=r"confusion matrix: expected 2 predictions, got 1\."):
        count_confusions(np.array([0, 1]), np.array([0]), ["a", "b"])
