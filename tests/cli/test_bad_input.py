"""Bad input gives one clear line, a non-zero exit code, and loses nothing."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest


def refused(ended, *parts):
    assert ended.code == 1
    assert ended.err.startswith("Error: ")
    assert ended.err.count("\n") == 1, ended.err
    assert "Traceback" not in ended.err
    for part in parts:
        assert part in ended.err


def test_missing_file(lernwerk):
    refused(lernwerk("train", "digist"), "digist", "Did you mean 'digits'?")
    refused(lernwerk("train", "no/such/file.csv"), "no/such/file.csv")


def test_wrong_column(lernwerk, table):
    refused(lernwerk("train", table, "--target", "prize"), "prize", "'price'")


def test_no_column(lernwerk, table):
    refused(lernwerk("train", table), "--target")


def test_broken_picture_among_good_ones_is_named_and_left_out(lernwerk, pictures):
    (pictures / "digit 1" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n nothing")
    ended = lernwerk("train", pictures, "--epochs", 1, "--json")
    assert ended.code == 0
    assert any("broken.png" in sentence for sentence in json.loads(ended.out)["sentences"])


def test_empty_class(lernwerk, pictures):
    (pictures / "digit 7").mkdir()
    refused(lernwerk("train", pictures), "digit 7")


def test_text_where_numbers_belong(lernwerk, tmp_path):
    np.savez(tmp_path / "text.npz", x=np.array([["a", "b"]] * 20), y=np.arange(20) % 2)
    refused(lernwerk("train", "text.npz"), "numbers")


def test_nan_in_arrays(lernwerk, tmp_path):
    x = np.ones((20, 2))
    x[3, 1] = np.nan
    np.savez(tmp_path / "gap.npz", x=x, y=np.arange(20) % 2)
    refused(lernwerk("train", "gap.npz"))


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--model", "dens"], ["Did you mean 'dense'?"]),
        (["--model", "cnn"], ["a network for rows of shape (4,)", "linear, dense"]),
        (["--model", "missing.py"], ["missing.py", "no such file"]),
        (["--epochs", "0"], ["epochs to be an integer >= 1"]),
        (["--learning-rate", "-1"], ["learning_rate to be a number > 0"]),
        (["--resume"], ["an unfinished training", "Train without --resume"]),
    ],
)
def test_options_out_of_range(lernwerk, words, parts):
    refused(lernwerk("train", "iris", *words), *parts)


@pytest.mark.parametrize(
    ("program", "parts"),
    [
        ("build = 1", ["a function build(input_shape, outputs)"]),
        ("1 / 0", ["ZeroDivisionError: division by zero"]),
        ("def build(input_shape, outputs): return 3", ["build to return a model", "int"]),
        ("from lernwerk import *\nfrom lernwerk import Input, Sequential, layers\n"
         "def build(s, o): return Sequential([Input(s), layers.Dense(7)])",
         ["a model with 3 outputs a row", "(None, 7)", "Dense(3)"]),
    ],
)  # fmt: skip
def test_model_files(lernwerk, tmp_path, program, parts):
    (tmp_path / "mine.py").write_text(program)
    refused(lernwerk("train", "iris", "--model", "mine.py"), "mine.py", *parts)


def test_debug_shows_the_traceback(lernwerk):
    ended = lernwerk("train", "digist", "--debug")
    assert "Traceback" in ended.err and ended.code == 1


def test_json_errors_are_json(lernwerk):
    ended = lernwerk("train", "digist", "--json")
    assert "Did you mean" in json.loads(ended.out)["error"]


def test_unknown_option_is_a_usage_error(lernwerk):
    assert lernwerk("train", "iris", "--epoch", "3").code == 2


def test_full_disk_while_saving_keeps_earlier_files(lernwerk, tmp_path):
    """A limit on the size of files stands for the full disk: writing beyond it fails."""
    assert lernwerk("train", "digits", "--model", "linear", "--epochs", 1, "--out", "a").code == 0
    before = {p.name: p.read_bytes() for p in (tmp_path / "a").iterdir()}

    command = f"ulimit -f 8; exec {sys.executable} -c 'from lernwerk.cli import main; main()'"
    ended = subprocess.run(
        ["sh", "-c", f"{command} train digits --model linear --epochs 1 --out a --seed 2"],
        cwd=tmp_path, text=True, capture_output=True,
    )  # fmt: skip
    assert ended.returncode == 1
    assert ended.stderr.startswith("Error: ") and ended.stderr.count("\n") == 1
    assert {p.name: p.read_bytes() for p in (tmp_path / "a").iterdir()} == before


def test_folder_that_cannot_be_made(lernwerk, tmp_path):
    (tmp_path / "file").write_text("in the way")
    refused(lernwerk("train", "iris", "--out", "file/inside"), "--out FOLDER")
