"""Figures and models as the last expression of a notebook's cell."""

from __future__ import annotations

import base64
import io
import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lernwerk import Input, Model, Sequential, Variable, explain, layers
from lernwerk.plots import activation_functions, confusion_matrix, learning_curves


def test_every_figure_is_a_picture_of_its_size_on_white() -> None:
    figure = learning_curves({"loss": [2.0, 1.0]})
    png, size = figure._repr_png_()
    picture = Image.open(io.BytesIO(png))
    assert size == {"width": 470, "height": 310}
    assert picture.size == (940, 620)
    assert picture.convert("RGBA").getpixel((0, 0)) == (255, 255, 255, 255)


def test_a_figure_can_still_be_saved_and_pickled() -> None:
    figure = confusion_matrix(np.array([0, 1]), np.array([0, 1]))
    again = pickle.loads(pickle.dumps(figure))
    assert again._repr_png_()[1] == figure._repr_png_()[1]
    figure.savefig(io.BytesIO(), format="pdf")


def test_a_model_is_its_table() -> None:
    x = Input((3,), name="x")
    y = layers.Dense(2, name="a<b")(x)
    model = Model(x, layers.Concatenate(name="both")([x, y]), name="net")
    html = model._repr_html_()
    assert "<b>net</b> (Functional)" in html
    for cell in ("a&lt;b (Dense)", "(None, 2)", ">8<", "x[0][0],<br>a&lt;b[0][0]"):
        assert cell in html
    assert "Total params: 8" in html


def test_a_chain_names_no_connections_and_an_unbuilt_model_no_shapes() -> None:
    assert "Connected" not in Sequential([Input((3,)), layers.Dense(2)])._repr_html_()
    assert "0 (unbuilt)" in Sequential([layers.Dense(2)])._repr_html_()


def test_an_explanation_is_its_drawing() -> None:
    assert explain(Variable(2.0) * 3.0)._repr_html_().startswith("<svg")


def test_in_a_notebook_each_is_shown_once(tmp_path: Path) -> None:
    nbformat = pytest.importorskip("nbformat", reason="notebooks need nbformat")
    pytest.importorskip("nbclient", reason="notebooks need nbclient")
    pytest.importorskip("ipykernel", reason="notebooks need ipykernel")
    from lernwerk.compat.notebook import run_notebook

    cells = [
        "import lernwerk\nfrom lernwerk import layers, plots\nplots.activation_functions(['tanh'])",
        "model = lernwerk.Sequential([lernwerk.Input((3,)), layers.Dense(2)])\nmodel",
        "a = lernwerk.Variable(2.0, name='a')\nlernwerk.explain(a * a)",
        "%matplotlib inline\nplots.activation_functions(['tanh'])",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    nbformat.write(notebook, tmp_path / "a.ipynb")
    run_notebook(tmp_path / "a.ipynb", tmp_path / "b.ipynb")
    done = nbformat.read(tmp_path / "b.ipynb", 4)
    shown = [[output for output in cell.outputs if "data" in output] for cell in done.cells]
    kinds = ["image/png", "text/html", "text/html", "image/png"]
    for outputs, kind in zip(shown, kinds, strict=True):
        assert [set(output.data) for output in outputs] == [{"text/plain", kind}]
    first = base64.b64decode(shown[0][0].data["image/png"])
    assert first == activation_functions(["tanh"])._repr_png_()[0]
