"""``lernwerk run`` with notebooks: executed cell by cell, written back with their outputs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from lernwerk.compat import kernel
from lernwerk.errors import MissingExtraError

nbformat = pytest.importorskip("nbformat", reason="notebooks need nbformat")
pytest.importorskip("nbclient", reason="notebooks need nbclient")
pytest.importorskip("ipykernel", reason="notebooks need ipykernel")

CELLS = [
    "!pip install -q tensorflow==2.3 keras\n%matplotlib inline\n%tensorflow_version 2.x",
    "import numpy as np\nimport matplotlib.pyplot as plt\nfrom tensorflow import keras\n"
    "from keras.layers.core import Dense\nprint('ready')\nkeras.__version__",
    "model = keras.Sequential([Dense(output_dim=2, input_shape=(3,))])\n"
    "model.compile('sgd', 'mse')\n"
    "history = model.fit(np.ones((8, 3)), np.ones((8, 2)), epochs=2, verbose=0)\n"
    "plt.plot(history.history['loss'])\nplt.show()",
]


def write(path: Path, *cells: str) -> None:
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_markdown_cell("# A notebook")]
    notebook.cells += [nbformat.v4.new_code_cell(cell) for cell in cells]
    notebook.metadata["kernelspec"] = {"name": "tf2-gpu", "display_name": "x", "language": "python"}
    nbformat.write(notebook, path)


def outputs(path: Path) -> list[Any]:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return [output for cell in cells for output in cell.get("outputs", [])]


def test_outputs_and_plots_are_written(lernwerk: Any, tmp_path: Path) -> None:
    write(tmp_path / "a.ipynb", *CELLS)
    ended = lernwerk("run", "a.ipynb", "--out", "done.ipynb", "--seed", 3)
    assert ended.code == 0, ended.err
    assert ended.out == "ready\n"
    assert ended.err.splitlines() == [
        "Old names: !pip install -q tensorflow==2.3 keras -> skipped, %tensorflow_version 2.x ->"
        " skipped, Dense(output_dim=) -> units",
        "Written: done.ipynb",
    ]
    kinds = [output["output_type"] for output in outputs(tmp_path / "done.ipynb")]
    assert kinds == ["stream", "execute_result", "display_data"]
    assert "image/png" in outputs(tmp_path / "done.ipynb")[-1]["data"]
    source = json.loads((tmp_path / "done.ipynb").read_text())["cells"][1]["source"]
    assert "".join(source) == CELLS[0]  # as the reader wrote it


def test_a_cell_that_fails_is_named(lernwerk: Any, tmp_path: Path) -> None:
    write(tmp_path / "a.ipynb", "x = 1", "y = 2\nz = x / 0", "print('never')")
    ended = lernwerk("run", "a.ipynb")
    assert ended.code == 1
    assert ended.err.splitlines() == [
        "Written: a-run.ipynb",
        "a.ipynb, code cell 2, 'z = x / 0': ZeroDivisionError: division by zero",
    ]
    assert outputs(tmp_path / "a-run.ipynb")[-1]["ename"] == "ZeroDivisionError"


def test_an_error_of_lernwerk_in_a_cell(lernwerk: Any, tmp_path: Path) -> None:
    write(tmp_path / "a.ipynb", "import keras\nx = 1\nkeras.layers.Dense(-1)")
    ended = lernwerk("run", "a.ipynb")
    assert ended.err.splitlines()[-1] == (
        "a.ipynb, code cell 1, 'keras.layers.Dense(-1)': ArgumentError:"
        " dense: expected units to be an integer >= 1, got -1."
    )
    trace = outputs(tmp_path / "a-run.ipynb")[-1]["traceback"]
    assert trace[0] == "  Cell, line 3, in <module>"


SKIPPED = [
    "!pip install tensorflow", "%pip install -U keras==2.2.4", "    !pip install tf-nightly",
    "%tensorflow_version 2.x", "%load_ext tensorboard", "%tensorboard --logdir logs",
    "!conda install -c conda-forge tensorflow-gpu", "!python3 -m pip install --upgrade tensorflow",
]  # fmt: skip
KEPT = [
    "!pip install keras-tuner",
    "!pip install numpy",
    "x = '!pip install keras'",
    "!ls",
    "%time",
]


def test_lines_that_install_are_skipped() -> None:
    found = kernel.without_installs([f"{line}\n" for line in (*SKIPPED, *KEPT)])
    assert [line.strip() for line in found[: len(SKIPPED)]] == ["pass"] * len(SKIPPED)
    assert found[2] == "    pass\n"
    assert found[len(SKIPPED) :] == [f"{line}\n" for line in KEPT]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("none.ipynb",), "none.ipynb: expected a notebook to run, got nothing there."),
        (("a.ipynb", "word"), "lernwerk run: expected --out FILE or --seed N after a notebook,"
         " got 'word'."),
        (("a.ipynb", "--seed", "x"),
         "lernwerk run: expected a whole number after --seed, got 'x'."),
        (("bad.ipynb",), "bad.ipynb: expected a notebook (.ipynb), got another file"),
    ],
)  # fmt: skip
def test_messages(lernwerk: Any, tmp_path: Path, words: Any, text: str) -> None:
    write(tmp_path / "a.ipynb", "x = 1")
    (tmp_path / "bad.ipynb").write_text("no notebook")
    ended = lernwerk("run", *words)
    assert ended.code == 1
    assert ended.err.startswith(f"Error: {text}")


def test_without_the_extra(monkeypatch: Any, tmp_path: Path) -> None:
    from lernwerk.compat.notebook import run_notebook

    monkeypatch.setitem(sys.modules, "nbclient", None)
    with pytest.raises(MissingExtraError) as caught:
        run_notebook(tmp_path / "a.ipynb")
    assert str(caught.value) == (
        "lernwerk run: expected nbformat, nbclient and ipykernel for notebooks, got no nbclient."
        " pip install 'lernwerk[notebook]'"
    )
