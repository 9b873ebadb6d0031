"""Curves and surfaces of losses: the heights drawn are the losses, the paths lie on them."""

from __future__ import annotations

import numpy as np
import pytest

from lernwerk import Variable
from lernwerk.errors import ArgumentError, DataError, ShapeError
from lernwerk.plots import figure_to_svg, loss_curve, loss_surface
from lernwerk.plots.landscape import height_at


def bowl(w: float, b: float = 0.0) -> float:
    return (w - 1) ** 2 + 3 * (b + 0.5) ** 2


def corners_of(surface) -> np.ndarray:
    """The corners of a surface's squares; matplotlib keeps them under one of two names."""
    faces = getattr(surface, "_faces", None)
    return faces.reshape(-1, 3) if faces is not None else np.array(surface._vec)[:3].T


def test_the_curve_is_the_loss() -> None:
    axes = loss_curve(bowl, (-2, 4)).axes[0]
    x, y = axes.get_lines()[0].get_data()
    np.testing.assert_allclose(y, (x - 1) ** 2 + 0.75)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("w", "loss")
    np.testing.assert_array_equal(
        loss_curve(bowl, [0, 1, 5]).axes[0].lines[0].get_xdata(), [0, 1, 5]
    )


def test_the_path_lies_on_the_curve() -> None:
    path = [-1.0, 2.5, 0.5]
    axes = loss_curve(bowl, (-2, 4), path=path).axes[0]
    np.testing.assert_allclose(axes.get_lines()[1].get_xydata(), [(w, bowl(w)) for w in path])


def test_a_loss_may_be_computed_by_lernwerk() -> None:
    axes = loss_curve(lambda w: (Variable(w) - 1.0) ** 2, (0, 2)).axes[0]
    x, y = axes.get_lines()[0].get_data()
    np.testing.assert_allclose(y, (x - 1) ** 2, atol=1e-6)


def test_several_paths_have_names() -> None:
    axes = loss_curve(bowl, (-2, 4), path={"slow": [0, 0.5], "fast": [0, 3]}).axes[0]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["slow", "fast"]


def test_a_path_that_flies_away_does_not_change_the_picture() -> None:
    path = [*(2.0 * (-3.0) ** i for i in range(600)), np.inf, np.nan]
    figure = loss_curve(bowl, (-2, 4), path=path)
    assert figure.axes[0].get_xlim() == (-2, 4)
    assert figure.axes[0].get_ylim()[1] < 11
    figure_to_svg(figure)


def test_the_surface_and_its_contours_are_the_losses() -> None:
    figure = loss_surface(bowl, (-2, 4), (-2, 2), steps=13)
    space, plane = figure.axes[:2]
    assert (space.get_xlabel(), space.get_ylabel()) == ("w", "b")
    corners = corners_of(space.collections[0])
    np.testing.assert_allclose(corners[:, 2], bowl(corners[:, 0], corners[:, 1]))
    (lines,) = [each for each in plane.collections if not each.filled]
    for level, path in zip(lines.levels, lines.get_paths(), strict=True):
        if len(path.vertices):
            np.testing.assert_allclose(bowl(*path.vertices.T), level, atol=0.3)


def test_a_matrix_of_losses_is_drawn_as_the_function_is() -> None:
    across, up = np.linspace(-2, 4, 7), np.linspace(-2, 2, 5)
    matrix = bowl(*np.meshgrid(across, up))
    one = loss_surface(matrix, across, up)
    other = loss_surface(bowl, across, up)
    assert figure_to_svg(one) == figure_to_svg(other)


def test_the_logarithm_is_that_of_the_loss() -> None:
    space = loss_surface(lambda w, b: 10.0**w, (-2, 2), (0, 1), steps=5, logarithmic=True).axes[0]
    corners = corners_of(space.collections[0])
    np.testing.assert_allclose(corners[:, 2], corners[:, 0], atol=1e-12)
    assert space.get_zlabel() == "log10 of the loss"


def test_the_path_lies_on_the_surface_and_ends_at_the_edge() -> None:
    path = np.array([[-1.0, 1.0], [0.0, 0.0], [9.0, 0.0]])
    space, plane = loss_surface(bowl, (-2, 4), (-2, 2), path=path, steps=200).axes[:2]
    x, y, z = space.get_lines()[0].get_data_3d()
    inside = np.isfinite(z)
    np.testing.assert_allclose(z[inside], bowl(x[inside], y[inside]), atol=0.01)
    assert x[inside].max() <= 4 < x.max()
    drawn = [line for line in plane.get_lines() if len(line.get_xydata()) == 3]
    np.testing.assert_array_equal(drawn[-1].get_xydata(), path)
    assert plane.get_xlim() == (-2, 4)


def test_heights_between_the_points_of_a_grid() -> None:
    across, up = np.array([0.0, 1.0, 3.0]), np.array([0.0, 2.0])
    plane = across + 10 * up[:, None]
    points = np.array([[0.5, 1.0], [2.5, 0.2], [3.0, 2.0], [0.0, 0.0], [3.1, 0.0], [0.0, -0.1]])
    heights = height_at(points, across, up, plane)
    np.testing.assert_allclose(heights[:4], points[:4] @ [1, 10])
    assert np.isnan(heights[4:]).all()


def test_messages() -> None:
    with pytest.raises(ArgumentError, match=r"loss_curve: expected values to be \(low, high\) or"):
        loss_curve(bowl, (2, 1))
    with pytest.raises(ArgumentError, match=r"expected second to be \(low, high\) or numbers that"):
        loss_surface(bowl, (0, 1), (0, np.nan))
    with pytest.raises(DataError) as infinite:
        loss_curve(lambda w: np.inf, (0, 1))
    assert str(infinite.value) == (
        "loss_curve: expected a finite loss at every weight, got inf. Choose a smaller range."
    )
    with pytest.raises(ShapeError, match=r"expected losses of shape \(5, 5\), got \(2, 5\)\."):
        loss_surface(np.ones((2, 5)), (0, 1), (0, 1), steps=5)
    with pytest.raises(ShapeError, match=r"expected a path of shape \(n, 2\), got \(3,\)\."):
        loss_surface(bowl, (0, 1), (0, 1), path=[1, 2, 3], steps=5)
    with pytest.raises(ShapeError, match=r"expected a path of shape \(n\), got \(3, 2\)\."):
        loss_curve(bowl, (0, 1), path=np.ones((3, 2)))
