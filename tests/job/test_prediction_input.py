"""Prediction input in every form, and the messages for what does not fit."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lernwerk.errors import DataError, FileError, LernwerkError
from lernwerk.job.array_encoder import ArrayEncoder
from lernwerk.job.picture_encoder import PictureEncoder
from lernwerk.job.prediction_input import read_inputs
from lernwerk.job.table_encoder import TableEncoder

ROWS = [
    {"age": 20.0, "code": "01", "vip": "yes", "day": "2024-01-31"},
    {"age": None, "code": "02", "vip": "no", "day": "2023-05-01"},
    {"age": 40.5, "code": "02", "vip": "maybe", "day": "2022-11-17"},
    {"age": 30.0, "code": "01", "vip": "yes", "day": "2022-11-17"},
]
TABLE = TableEncoder({"age": ["unk"]}).fit(ROWS)
ARRAYS = ArrayEncoder().fit(np.arange(12.0).reshape(4, 3))
PICTURES = PictureEncoder().fit(np.arange(162, dtype=np.uint8).reshape(2, 9, 9))


def stdin(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def picture(path: Path, value: int = 3) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((9, 9), value, np.uint8)).save(path)
    return path


def test_rows_as_json() -> None:
    found = read_inputs(TABLE, json.dumps(ROWS[0]))
    np.testing.assert_array_equal(TABLE.encode(found.inputs), TABLE.encode(ROWS[:1]))
    assert found.labels == ["1"]
    found = read_inputs(TABLE, json.dumps(ROWS))
    np.testing.assert_array_equal(TABLE.encode(found.inputs), TABLE.encode(ROWS))
    assert found.labels == ["1", "2", "3", "4"]


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.json", "t.jsonl"])
def test_table_files(tmp_path: Path, name: str) -> None:
    path, frame = tmp_path / name, pd.DataFrame(ROWS)
    if name.endswith("json"):
        path.write_text(json.dumps(ROWS, indent=1))
    elif name.endswith("jsonl"):
        path.write_text("\n".join(json.dumps(row) for row in ROWS))
    else:
        frame.to_csv(path, index=False, sep="\t" if name == "t.tsv" else ",")
    found = read_inputs(TABLE, str(path))
    np.testing.assert_array_equal(TABLE.encode(found.inputs), TABLE.encode(ROWS))


def test_one_row_of_a_csv_keeps_its_texts(tmp_path: Path) -> None:
    # Alone, '01' looks like a number and 'yes' like a truth value; in the training they were not.
    (tmp_path / "t.csv").write_text("age,code,vip,day\nunk,01,yes,31.01.2024\n")
    found = read_inputs(TABLE, str(tmp_path / "t.csv"))
    expected = TABLE.encode([{**ROWS[0], "age": None}])
    np.testing.assert_array_equal(TABLE.encode(found.inputs), expected)
    assert TABLE.warnings == []


def test_german_numbers_follow_the_file(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "age;code;vip;day\n1.000,5;01;yes;1.1.2024\n20;02;no;2.1.2024\n"
    )
    found = read_inputs(TABLE, str(tmp_path / "t.csv"))
    assert found.inputs["age"].tolist() == [1000.5, 20]


def test_slips_in_a_csv_are_told_and_garbage_is_refused(tmp_path: Path) -> None:
    rows = "".join(f"{age},01,yes,2024-01-01\n" for age in [*range(12), "oops"])
    (tmp_path / "t.csv").write_text(f"age,code,vip,day\n{rows}")
    found = read_inputs(TABLE, str(tmp_path / "t.csv"))
    assert found.notes == ["Column 'age': 1 cell ('oops') counts as missing."]
    (tmp_path / "t.csv").write_text("age,code,vip,day\nold,01,yes,2024-01-01\n")
    found = read_inputs(TABLE, str(tmp_path / "t.csv"))
    with pytest.raises(DataError) as error:
        TABLE.encode(found.inputs)
    assert str(error.value) == "column 'age', row 1: expected a number, got 'old'."


@pytest.mark.parametrize(
    "content",
    [json.dumps(ROWS[0]), json.dumps(ROWS[:1]), "age,code,vip,day\n20,01,yes,2024-01-31\n"],
)
def test_table_from_standard_input(monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    stdin(monkeypatch, content.encode())
    found = read_inputs(TABLE, "-")
    np.testing.assert_array_equal(TABLE.encode(found.inputs), TABLE.encode(ROWS[:1]))


def test_arrays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.arange(6.0).reshape(2, 3)
    np.savez(tmp_path / "d.npz", x=x)
    np.savez(tmp_path / "k.npz", x_test=x, y_test=[0, 1])
    np.save(tmp_path / "d.npy", x)
    (tmp_path / "d.json").write_text("[[0, 1, 2], [3, 4, 5]]")
    for name in ("d.npz", "k.npz", "d.npy", "d.json"):
        found = read_inputs(ARRAYS, str(tmp_path / name))
        np.testing.assert_array_equal(ARRAYS.encode(found.inputs), ARRAYS.encode(x))
        assert found.labels == ["1", "2"]
    assert read_inputs(ARRAYS, "[0, 1, 2]").inputs.shape == (1, 3)
    stdin(monkeypatch, b"[[0, 1, 2]]")
    assert read_inputs(ARRAYS, "-").inputs.shape == (1, 3)


def test_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = picture(tmp_path / "p" / "a.png"), picture(tmp_path / "p" / "b.png", 7)
    (tmp_path / "p" / "broken.png").write_bytes(b"")
    assert read_inputs(PICTURES, str(a)).labels == ["a.png"]
    several = read_inputs(PICTURES, [str(b), str(a)])
    assert several.labels == ["b.png", "a.png"]
    assert PICTURES.encode(several.inputs)[0, 0, 0, 0] == 7
    folder = read_inputs(PICTURES, str(tmp_path / "p"))
    assert folder.labels == ["a.png", "b.png"]
    assert folder.skipped == [("broken.png", "an empty file")]
    assert folder.notes == ["1 file was left out: broken.png (an empty file)."]
    assert read_inputs(PICTURES, str(tmp_path)).labels == ["p/a.png", "p/b.png"]
    stdin(monkeypatch, a.read_bytes())
    found = read_inputs(PICTURES, "-")
    assert found.labels == ["standard input"]
    assert PICTURES.encode(found.inputs).shape == (1, 9, 9, 1)
    np.savez(tmp_path / "x.npz", x=np.zeros((3, 9, 9), np.uint8))
    assert read_inputs(PICTURES, str(tmp_path / "x.npz")).labels == ["1", "2", "3"]


def refusal(encoder: Any, source: Any) -> str:
    with pytest.raises(LernwerkError) as error:
        read_inputs(encoder, source)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    ("encoder", "source", "message"),
    [
        (TABLE, "nothing.csv",
         'nothing.csv: expected a table file or JSON rows such as {"name": value}, got nothing of '
         "this name."),
        (PICTURES, "nothing.png",
         "nothing.png: expected a picture, a folder of pictures or an .npz with x, got nothing of "
         "this name."),
        (TABLE, "{'age': 1}",
         "JSON, line 1, column 2: expected JSON, got \"'age': 1}\". Names and texts stand in "
         'double quotes: {"name": "text", "other": 1.5}'),
        (TABLE, "[]", 'JSON: expected rows such as {"name": value}, got [].'),
        (ARRAYS, "{}", "JSON: expected a list of rows of numbers, got {}."),
        (ARRAYS, "[[1, 2], [3]]",
         "JSON: expected rows of equal length, got rows of different lengths."),
        (ARRAYS, '["a"]', "JSON: expected numbers, got ['a']."),
        (TABLE, ["a.csv", "b.csv"],
         "input: expected one file, got 2 of them. Put all rows into one table."),
        (TABLE, [], "input: expected one file, got none. Put all rows into one table."),
    ],
)  # fmt: skip
def test_refused(
    encoder: Any, source: Any, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert refusal(encoder, source) == message


def test_refused_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("t.csv").write_text("a\n1\n")
    Path("t.json").write_bytes(b"\xff\xfe{}")
    Path("d.npy").write_bytes(b"nonsense")
    picture(Path("p.png"))
    np.savez("d.npz", z=np.eye(3))
    np.savez("f.npz", x=np.eye(3))
    table, arrays = 'a table file or JSON rows such as {"name": value}', "an .npz or .npy with x, "
    pictures = "a picture, a folder of pictures or an .npz with x"
    assert refusal(TABLE, "empty") == f"empty: expected {table}, got a folder."
    assert refusal(TABLE, "d.npz") == f"d.npz: expected {table}, got a .npz file."
    assert refusal(PICTURES, "t.csv") == f"t.csv: expected {pictures}, got a .csv file."
    assert refusal(PICTURES, "empty") == "empty: expected pictures, got none."
    assert refusal(PICTURES, "f.npz") == "pictures: expected uint8 values of pixels, got float64."
    assert refusal(ARRAYS, "p.png") == (
        f"p.png: expected {arrays}or a JSON list of rows, got a .png file."
    )
    assert refusal(ARRAYS, "d.npz") == "d.npz: expected an array 'x', got 'z'. np.savez(file, x=x)"
    assert refusal(ARRAYS, "t.json") == "t.json: expected JSON in UTF-8, got another encoding."
    assert refusal(ARRAYS, "d.npy").startswith("d.npy: expected an .npy of numbers, got ")
    assert (
        refusal(TABLE, "p.png") == "p.png: expected a text table (CSV or TSV), got a binary file."
    )


def test_empty_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin(monkeypatch, b" \n")
    assert refusal(TABLE, "-") == (
        'standard input: expected a table file or JSON rows such as {"name": value}, got nothing.'
    )


def test_broken_line_of_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text('{"a": 1}\n{"a": }\n')
    assert refusal(TABLE, str(path)).startswith(
        f"{path}, line 2, column 7: expected JSON, got '}}'."
    )


def test_broken_picture(tmp_path: Path) -> None:
    (tmp_path / "p.png").write_bytes(b"")
    with pytest.raises(FileError) as error:
        read_inputs(PICTURES, str(tmp_path / "p.png"))
    assert str(error.value) == f"{tmp_path / 'p.png'}: expected a picture, got an empty file."
