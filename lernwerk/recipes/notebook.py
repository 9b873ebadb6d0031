"""A recipe as a Jupyter notebook, made by jupytext from its program."""

from __future__ import annotations

from pathlib import Path

from lernwerk.errors import MissingExtraError
from lernwerk.recipes.shelf import Recipe
from lernwerk.utils.atomic import write_text

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def write_notebook(recipe: Recipe, path: Path) -> Path:
    """Write the recipe as a notebook, its texts in the reader's language, nothing executed.

    Raises MissingExtraError without jupytext.
    """
    try:
        import jupytext
        import nbformat
    except ImportError:
        command = "pip install 'lernwerk[notebook]'"
        raise MissingExtraError("--notebook", "the package jupytext", "none", command) from None
    notebook = jupytext.reads(recipe.text(), fmt="py:percent")
    notebook.metadata = nbformat.NotebookNode(kernelspec=KERNEL)
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_text(path, nbformat.writes(notebook, version=4))
