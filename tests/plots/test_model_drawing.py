"""The drawing of a model: which boxes and arrows there are, and that files come out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lernwerk import Input, Model, Sequential, layers, utils
from lernwerk.core.layout import Box
from lernwerk.errors import ArgumentError, UsageError
from lernwerk.plots.model_drawing import _placed, arrange


def network() -> Model:
    x = Input((4,), name="x")
    head = Sequential([Input((3,)), layers.Dense(2, activation="relu", name="inner")], name="head")
    hidden = layers.Dense(3, name="hidden")(x)
    return Model(x, layers.Concatenate(name="both")([head(hidden), x]))


def graph(drawing: Any) -> tuple[list[str], set[tuple[str, str]]]:
    """The labels of the boxes and the pairs that arrows connect, from Graphviz's language."""
    text = drawing.to_string()
    labels = dict(re.findall(r'(layer\d+) \[label="(.*)"\];', text))
    arrows = re.findall(r"(layer\d+) -> (layer\d+);", text)
    return list(labels.values()), {(labels[a], labels[b]) for a, b in arrows}


def test_boxes_and_arrows() -> None:
    labels, arrows = graph(utils.model_to_dot(network()))
    assert labels == ["x (InputLayer)", "hidden (Dense)", "head (Sequential)", "both (Concatenate)"]
    assert arrows == {
        ("x (InputLayer)", "hidden (Dense)"), ("hidden (Dense)", "head (Sequential)"),
        ("head (Sequential)", "both (Concatenate)"), ("x (InputLayer)", "both (Concatenate)"),
    }  # fmt: skip


def test_nested_models_are_opened() -> None:
    labels, arrows = graph(utils.model_to_dot(network(), expand_nested=True))
    assert "head/inner (Dense)" in labels
    assert ("hidden (Dense)", "head/inner (Dense)") in arrows
    assert ("head/inner (Dense)", "both (Concatenate)") in arrows


def test_what_the_boxes_say() -> None:
    labels, _ = graph(utils.model_to_dot(
        network(), show_shapes=True, show_dtype=True, show_layer_names=False,
        show_layer_activations=True, show_trainable=True,
    ))  # fmt: skip
    assert labels[1] == (
        r"Dense\nActivation: linear\nInput shape: (None, 4)\nOutput shape: (None, 3)"
        r"\nOutput dtype: float32\nTrainable: True"
    )


def test_operations_have_boxes_too() -> None:
    x = Input((4,))
    labels, _ = graph(utils.model_to_dot(Model(x, x * 2.0 + 1.0)))
    assert [label.split(" ")[1] for label in labels[1:]] == ["(multiply)", "(add)"]


def test_no_box_lies_over_another() -> None:
    drawing = utils.model_to_dot(network(), show_shapes=True)
    layout = arrange(drawing.boxes, drawing.arrows)
    sizes = {box.key: (2.0, 0.5) for box in drawing.boxes}
    for across in (False, True):
        centres, (width, height) = _placed(layout, sizes, across)
        boxes = [centres[box.key] for box in drawing.boxes]
        for i, (x, y) in enumerate(boxes):
            assert 1 <= x <= width - 1
            assert 0.25 <= y <= height - 0.25
            assert all(abs(x - a) >= 2 or abs(y - b) >= 0.5 for a, b in boxes[:i])
    assert isinstance(drawing.boxes[0], Box)


@pytest.mark.parametrize("ending", ["png", "svg", "pdf", "jpg", "dot"])
@pytest.mark.parametrize("rankdir", ["TB", "LR"])
def test_files(tmp_path: Path, ending: str, rankdir: str) -> None:
    path = tmp_path / f"model.{ending}"
    utils.plot_model(network(), path, show_shapes=True, rankdir=rankdir, dpi=60)
    content = path.read_bytes()
    starts = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF", "jpg": b"\xff\xd8",
              "dot": b"digraph"}  # fmt: skip
    assert content.startswith(starts[ending])
    if ending == "png":
        with Image.open(path) as picture:
            assert (picture.width > picture.height) == (rankdir == "LR")


def test_other_forms_of_a_drawing(tmp_path: Path) -> None:
    drawing = utils.model_to_dot(network())
    assert b"hidden (Dense)" in drawing.create(prog="dot", format="svg")
    assert drawing._repr_svg_().startswith("<?xml")
    for name in ("png", "svg", "pdf"):
        getattr(drawing, f"write_{name}")(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 1000


def test_messages() -> None:
    with pytest.raises(UsageError) as unknown:
        utils.plot_model(Sequential([layers.Dense(2)], name="net"))
    assert str(unknown.value) == (
        "plot_model: expected a functional model, or a Sequential with known shapes, got net. "
        "Begin it with Input(shape=...), or call model.build(shape) first."
    )
    with pytest.raises(ArgumentError, match="known rankdir, got 'XY'"):
        utils.model_to_dot(network(), rankdir="XY")
    with pytest.raises(ArgumentError, match="known format, got 'gif'"):
        utils.model_to_dot(network()).create(format="gif")
