"""The text of a recipe: first page, cells, translation, notebook."""

from __future__ import annotations

import nbformat
import pytest

from lernwerk.errors import ArgumentError, MissingExtraError
from lernwerk.recipes import cells, execute, recipe, write_notebook


def test_the_first_page(sample):
    page = sample.page
    assert page.title == "The mean of numbers"
    assert page.paragraphs == (
        "A first paragraph over two lines.",
        "- a list\n- keeps its lines",
    )
    assert page.fields == {
        "Step": "3",
        "Source": "A. Author 1805, A long title that goes on. https://doi.org/1",
        "Needs": "optuna, mnist",
    }
    assert sample.needs == ("optuna", "mnist")
    assert sample.data == ("mnist",)
    assert sample.order == (0, 3, "mean_of_numbers")


def test_the_texts_that_are_translated(sample):
    assert cells.texts(sample.source) == [
        "The mean of numbers",
        "A first paragraph over two lines.",
        "- a list\n- keeps its lines",
        "A text of two lines.",
        "$$ m = s / n $$",
    ]


def test_a_translated_program_is_the_same_program(sample, tmp_path):
    other = sample.path.with_name("other.py")
    other.write_text(cells.percent(cells.translated(sample.source, str.upper)), encoding="utf-8")
    assert "# A TEXT OF TWO LINES." in other.read_text("utf-8")
    code = [each.text for each in cells.cells(sample.source) if each.kind == "code"]
    again = [each.text for each in cells.cells(other.read_text("utf-8")) if each.kind == "code"]
    assert again == code


def test_the_notebook(sample, tmp_path):
    path = write_notebook(sample, tmp_path / "sample.ipynb")
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    kinds = [cell.cell_type for cell in notebook.cells]
    assert kinds == ["markdown", "code", "markdown", "code"]
    assert notebook.cells[0].source.startswith("# The mean of numbers\n\nA first paragraph")
    assert "*Source: A. Author 1805" in notebook.cells[0].source


def test_a_notebook_shows_its_pictures(sample, tmp_path):
    nbclient = pytest.importorskip("nbclient")
    notebook = nbformat.read(write_notebook(sample, tmp_path / "s.ipynb"), as_version=4)
    nbclient.NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [each for each in notebook.cells[-1].outputs if each.output_type == "display_data"]
    assert [next(iter(each.data)) for each in shown] == ["image/png", "image/gif"]
    assert not (tmp_path / "runs").exists()


def test_without_jupytext(sample, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "jupytext", None)
    with pytest.raises(MissingExtraError) as caught:
        write_notebook(sample, tmp_path / "sample.ipynb")
    assert str(caught.value) == (
        "--notebook: expected the package jupytext, got none. pip install 'lernwerk[notebook]'"
    )


def test_an_unknown_recipe():
    with pytest.raises(ArgumentError, match=r"the name of a known recipe, got 'blind_serch'\. Did"):
        recipe("blind-serch")


def test_a_failing_recipe_leaves_nothing_behind(sample):
    sample.path.write_text('"""T.\n\nStep: 1\n"""\n\n# %%\n1 / 0\n', encoding="utf-8")
    with pytest.raises(ZeroDivisionError):
        execute(type(sample)(sample.path))
    from lernwerk.recipes.run import _current

    assert _current.get() is None
