"""How figures become SVG and PNG: ids, colours, text, determinism, no global state."""

from __future__ import annotations

import base64
import io
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from PIL import Image

from lernwerk.errors import ShapeError
from lernwerk.plots import (
    confusion_matrix,
    figure_to_png_data_uri,
    figure_to_svg,
    learning_curves,
    picture_grid,
    picture_to_png_data_uri,
)
from lernwerk.plots.style import VARIABLES, printable, shortened

HISTORY = {"loss": [1.0, 0.5], "val_loss": [1.1, 0.7]}


def decoded(address: str) -> Image.Image:
    kind, text = address.split(",")
    assert kind == "data:image/png;base64"
    return Image.open(io.BytesIO(base64.b64decode(text)))


def test_importing_plots_imports_no_matplotlib_and_drawing_no_pyplot() -> None:
    code = (
        "import sys; import lernwerk.plots as plots; assert 'matplotlib' not in sys.modules;"
        "plots.figure_to_svg(plots.learning_curves({'loss': [1.0]}));"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_drawing_leaves_matplotlibs_settings_alone() -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    figure_to_svg(learning_curves(HISTORY))
    assert dict(matplotlib.rcParams) == before


def test_svg_is_well_formed_and_says_what_it_shows() -> None:
    svg = figure_to_svg(learning_curves(HISTORY), label='"loss" & <co>')
    root = ElementTree.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.attrib["aria-label"] == '"loss" & <co>'
    assert root.attrib["role"] == "img"


def test_svg_is_the_same_each_time() -> None:
    assert figure_to_svg(learning_curves(HISTORY)) == figure_to_svg(learning_curves(HISTORY))


def test_ids_of_two_figures_do_not_clash_and_references_are_kept() -> None:
    first = figure_to_svg(learning_curves(HISTORY))
    second = figure_to_svg(learning_curves({"loss": [3.0, 2.0]}))
    assert not ids(first) & ids(second)
    for svg in (first, second):
        assert references(svg) <= ids(svg)
    assert all(
        name.startswith("mine-") for name in ids(figure_to_svg(picture_grid([]), prefix="mine"))
    )


def ids(svg: str) -> set[str]:
    return {node.attrib["id"] for node in ElementTree.fromstring(svg).iter() if "id" in node.attrib}


def references(svg: str) -> set[str]:
    nodes = ElementTree.fromstring(svg).iter()
    return {node.attrib["href"][1:] for node in nodes if node.attrib.get("href", "")[:1] == "#"}


def test_colours_are_variables_with_themselves_as_fallback() -> None:
    svg = figure_to_svg(learning_curves(HISTORY, 2))
    assert "var(--figure-training, #cc7a29)" in svg
    assert "var(--figure-validation, #0b5e91)" in svg
    for colour in VARIABLES:
        assert f": {colour}" not in svg


def test_text_stays_text_whatever_a_class_is_called() -> None:
    names = ["<script>alert(1)</script>", 'id="x" url(#y)', "$\\alpha$ & -->", "猫\x00"]
    labels = np.arange(4)
    svg = figure_to_svg(confusion_matrix(labels, labels, names))
    texts = {node.text for node in ElementTree.fromstring(svg).iter() if node.text}
    assert "<script>" not in svg
    assert {shortened(name) for name in names} <= texts
    assert "猫\N{REPLACEMENT CHARACTER}" in texts


def test_png_of_a_figure_has_its_size() -> None:
    picture = decoded(figure_to_png_data_uri(learning_curves(HISTORY), dpi=100))
    assert picture.size == (470, 310)
    assert "Software" not in picture.info


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 1), (4, 5, 3), (4, 5, 4)])
def test_pictures_keep_their_pixels(shape: tuple[int, ...]) -> None:
    pixels = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    picture = decoded(picture_to_png_data_uri(pixels))
    np.testing.assert_array_equal(np.asarray(picture), pixels.reshape(np.asarray(picture).shape))


def test_floats_are_stretched_and_gaps_are_no_error() -> None:
    picture = decoded(picture_to_png_data_uri(np.array([[0.0, 0.5], [1.0, np.nan]])))
    np.testing.assert_array_equal(np.asarray(picture), [[0, 128], [255, 0]])
    assert np.asarray(decoded(picture_to_png_data_uri(np.full((2, 2), 7.0)))).max() == 0


@pytest.mark.parametrize("shape", [(4,), (4, 5, 2), (1, 4, 5, 3)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    expected = f"picture: expected (height, width) or (height, width, 1, 3 or 4), got {shape}."
    with pytest.raises(ShapeError) as caught:
        picture_to_png_data_uri(np.zeros(shape))
    assert str(caught.value) == expected


def test_shortened_keeps_both_ends() -> None:
    assert shortened("short") == "short"
    assert shortened("a very long name of a class, number 17", 20) == "a very long n…ber 17"
    assert len(shortened("x" * 500, 20)) == 20


def test_printable_replaces_what_no_page_may_hold() -> None:
    assert printable("a\nb\tc") == "a b c"
    assert printable("\x00\x1b\ud800") == "\N{REPLACEMENT CHARACTER}" * 3


def test_picture_grid_wants_a_title_for_each() -> None:
    pictures = [np.zeros((3, 3), np.uint8)] * 7
    assert len(picture_grid(pictures, ["title"] * 7).axes) == 12
    assert len(picture_grid(pictures[:2]).axes) == 2
    with pytest.raises(ShapeError, match=r"picture_grid: expected 7 titles, got 2\."):
        picture_grid(pictures, ["a", "b"])
