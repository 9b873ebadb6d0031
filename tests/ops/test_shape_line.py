"""The Shapes: line read as a check and as a rule."""

from __future__ import annotations

import pytest

from lernwerk.errors import ShapeError
from lernwerk.ops.shape_line import ShapeLine


def result(text, *shapes, broadcasts=False, **attributes):
    line = ShapeLine(text)
    return line.result(line.bind("op", shapes, attributes, broadcasts))


def test_letters_bind_and_give_the_output():
    assert result("Shapes: x (*b, c), w (c, n) -> y (*b, n)", (2, 3, 4), (4, 5)) == [(2, 3, 5)]


def test_the_line_goes_on_after_a_comma_and_after_the_arrow():
    text = """Do something.

    Shapes: a (n, k),
    b (k) ->
    y (n), z (2, k)

    Raises nothing.
    """
    assert result(text, (2, 3), (3,)) == [(2,), (2, 3)]


def test_attributes_are_letters_too():
    assert result("Shapes: x (*s) -> y (*shape)", (2, 3), shape=(6,)) == [(6,)]
    assert result("Shapes: i (*b) -> y (*b, depth)", (2,), depth=4) == [(2, 4)]


def test_broadcasting_where_the_operation_allows_it():
    text = "Shapes: a (*s), b (*s) -> y (*s)"
    assert result(text, (2, 1, 3), (4, 1), broadcasts=True) == [(2, 4, 3)]


@pytest.mark.parametrize(
    ("text", "shapes", "broadcasts", "message"),
    [
        ("Shapes: x (*b, c), w (c) -> y (*b, c)", [(2, 3), (4,)], False,
         "op: expected w (c) with c = 3, got (4,)."),
        ("Shapes: x (b, c) -> y (b)", [(2, 3, 4)], False,
         "op: expected x (b, c) (2 axes), got (2, 3, 4)."),
        ("Shapes: x (*b, c, n) -> y (*b)", [(2,)], False,
         "op: expected x (*b, c, n) (2 axes or more), got (2,)."),
        ("Shapes: a (*s), b (*s) -> y (*s)", [(2,), (3,)], False,
         "op: expected b (*s) with s = (2,), got (3,)."),
        ("Shapes: a (*s), b (*s) -> y (*s)", [(2,), (3,)], True,
         "op: expected shapes that broadcast against (2,), got (3,). Axes are compared from the "
         "last to the first; each pair must be equal or have a 1."),
        ("Shapes: a (n), b (n) -> y (n)", [(2,)], False,
         "op: expected 2 arrays (Shapes: a (n), b (n) -> y (n)), got 1."),
    ],
)  # fmt: skip
def test_shapes_that_do_not_fit(text, shapes, broadcasts, message):
    with pytest.raises(ShapeError) as caught:
        result(text, *shapes, broadcasts=broadcasts)
    assert str(caught.value) == message


def test_a_docstring_without_the_line_is_a_mistake_of_the_author():
    with pytest.raises(SyntaxError):
        ShapeLine("Add two arrays.")
