"""The computation graph as a figure says what the explanation says."""

from __future__ import annotations

import pytest

from lernwerk import Variable, explain
from lernwerk.core.drawing import KINDS, draw
from lernwerk.errors import UsageError
from lernwerk.plots import computation_graph


def computed():
    x, y = Variable(3.0, name="x"), Variable(17.0, name="y")
    a = x * y
    return (a + x) ** 2, a


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_values_and_local_gradients_are_those_of_the_explanation() -> None:
    loss, a = computed()
    found = texts(computation_graph(loss, a=a))
    assert found[:5] == ["17", "3", "1", "1", "108"]  # beside the arrows
    assert found[5:] == [
        "x", "= 3", "dL/dx = 1944", "y", "= 17", "dL/dy = 324",
        "a = x * y", "= 51", "b = a + x", "= 54", "L = b ** 2", "= 2916",
    ]  # fmt: skip
    explanation = explain(loss, a=a)
    assert texts(computation_graph(explanation)) == found
    assert explanation.gradient("x") == 1944


def test_there_is_an_arrow_for_each_local_gradient_and_a_box_for_each_value() -> None:
    loss, _a = computed()
    boxes, arrows = explain(loss).boxes_and_arrows()
    patches = [type(patch).__name__ for patch in computation_graph(loss).axes[0].patches]
    assert patches.count("FancyArrowPatch") == len(arrows) == 5
    assert patches.count("FancyBboxPatch") == len(boxes) == 5


def test_the_svg_has_the_same_colours() -> None:
    boxes, arrows = explain(computed()[0]).boxes_and_arrows()
    svg = draw(boxes, arrows, "title")
    for fill, line in KINDS.values():
        assert f"fill:{fill};stroke:{line}" in svg


def test_every_text_lies_inside_the_figure() -> None:
    loss, _a = computed()
    figure = computation_graph(loss)
    figure.canvas.draw()
    whole = figure.bbox
    for text in figure.axes[0].texts:
        box = text.get_window_extent()
        assert whole.contains(box.x0, box.y0)
        assert whole.contains(box.x1, box.y1)


def test_a_tensor_without_history_is_refused() -> None:
    with pytest.raises(UsageError, match="expected a tensor that operations have made"):
        computation_graph(Variable(1.0))
