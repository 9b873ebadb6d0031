"""What is said about the data, as values, sentences and JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lernwerk.job.inspection import ColumnFinding, Findings, describe_column, inspect
from lernwerk.job.raw_data import RawData
from lernwerk.job.source import load


def plain(text: str) -> str:
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ")


def sentences(found: Findings) -> list[str]:
    return [plain(sentence) for sentence in found.sentences]


def test_iris() -> None:
    found = inspect(load("iris"))
    assert (found.rows, found.kind, found.task, found.target) == (
        150, "table", "classification", "species",
    )  # fmt: skip
    assert found.classes == {"setosa": 50, "versicolor": 50, "virginica": 50}
    assert found.balance == 1
    assert found.columns[0] == ColumnFinding(
        "sepal length (cm)", "number", 0, "4.3 to 7.9, median 5.8"
    )
    assert sentences(found) == [
        "150 rows with 4 columns: 4 numbers.",
        "No value is missing.",
        "It is a classification: 'species' holds 3 different values, not numbers.",
        "3 classes: setosa (50), versicolor (50), virginica (50).",
        "The classes are about equally large; the largest, 'setosa', has 33.3 %.",
    ]


def test_diabetes() -> None:
    found = inspect(load("diabetes"))
    assert found.classes == {}
    assert found.target_range is not None
    assert found.target_range["minimum"] == 25
    assert found.target_range["mean"] == pytest.approx(152.13348416289594)
    assert sentences(found)[-1] == "'progression' ranges from 25 to 346, mean 152.1, median 140.5."


def test_digits() -> None:
    found = inspect(load("digits"))
    assert (found.shape, found.value_range, found.gray) == ((8, 8), (0.0, 16.0), 1797)
    assert found.sizes == {"8 x 8": 1797}
    assert sentences(found)[0] == "1 797 pictures of 8 x 8 pixels, gray, with values from 0 to 16."


def table(tmp_path: Path, **columns: Any) -> RawData:
    pd.DataFrame(columns).to_csv(tmp_path / "t.csv", index=False)
    return load(str(tmp_path / "t.csv"), "y")


def test_a_table_with_gaps_and_useless_columns(tmp_path: Path) -> None:
    rows = 40
    found = inspect(
        table(
            tmp_path,
            age=[None if i % 4 == 0 else i for i in range(rows)],
            colour=["red", "green", None, "blue", "red"] * 8,
            joined=[f"2024-01-{i % 28 + 1:02}" for i in range(rows)],
            member=["yes", "no"] * 20,
            name=[f"name {i}" for i in range(rows)],
            same=[1] * rows,
            y=["a"] * 34 + ["b"] * 6,
        )
    )
    assert sentences(found) == [
        "40 rows with 6 columns: 2 numbers, 2 categories, 1 date, 1 truth value.",
        "18 values are missing: 'age' 25.0 %, 'colour' 20.0 %.",
        "Column 'name' holds a different text in every row.",
        "Column 'same' holds the same value in every row ('1').",
        "It is a classification: 'y' holds 2 different values, not numbers.",
        "2 classes: a (34), b (6).",
        "The classes are unbalanced: 'a' has 85.0 % of the rows, 'b' 15.0 %.",
        "Few examples to learn from (fewer than 10): 'b'.",
    ]
    summaries = {column.name: column.summary for column in found.columns}
    assert summaries["colour"] == "red (16), blue (8), green (8)"
    assert summaries["joined"] == "2024-01-01 to 2024-01-28"
    assert summaries["member"] == "False (20), True (20)"
    assert plain(summaries["name"]).endswith(" and 37 more")
    assert found.missing == 18


def test_somewhat_unequal_classes_and_many(tmp_path: Path) -> None:
    found = inspect(table(tmp_path, x=range(30), y=["a"] * 20 + ["b"] * 10))
    assert sentences(found)[-1] == (
        "The classes are somewhat unequal in size; the largest, 'a', has 66.7 %."
    )
    many = inspect(table(tmp_path, x=range(36), y=[f"c{i % 12:02}" for i in range(36)]))
    assert plain(many.sentences[3]).endswith("c09 (3) and 2 more.")


def test_more_gaps_than_are_named(tmp_path: Path) -> None:
    gaps = {f"c{i}": [None] * (i + 1) + list(range(20 - i - 1)) for i in range(5)}
    found = inspect(table(tmp_path, **gaps, y=["a", "b"] * 10))
    assert sentences(found)[1] == (
        "15 values are missing: 'c4' 25.0 %, 'c3' 20.0 %, 'c2' 15.0 % and 2 more columns."
    )


def test_pictures_and_what_was_left_out(tmp_path: Path) -> None:
    sizes = {"a": [(5, 6), (7, 8)], "b": [(5, 6), (5, 6)]}
    for name, shapes in sizes.items():
        (tmp_path / name).mkdir()
        for i, shape in enumerate(shapes):
            pixels = np.zeros((*shape, 3) if i else shape, np.uint8)
            pixels[0, 0] = [9, 8, 7] if i else 1
            Image.fromarray(pixels).save(tmp_path / name / f"{i}.png")
    (tmp_path / "a" / "x.png").write_bytes(b"")
    found = inspect(load(str(tmp_path)))
    assert found.sizes == {"5 x 6": 3, "7 x 8": 1}
    assert found.gray == 2
    assert found.skipped == [("a/x.png", "an empty file")]
    assert sentences(found) == [
        "4 pictures of 5 x 6 to 7 x 8 pixels, 2 of them gray, the others in colour.",
        "It is a classification: every sub-folder is a class.",
        "2 classes: a (2), b (2).",
        "The classes are about equally large; the largest, 'a', has 50.0 %.",
        "Few examples to learn from (fewer than 10): 'a', 'b'.",
        "1 file was left out: a/x.png (an empty file).",
    ]


def test_arrays(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x_train=np.eye(8), y_train=[0, 1] * 4, x_test=np.eye(8)[:2],
             y_test=[0, 1])  # fmt: skip
    found = inspect(load(str(tmp_path / "d.npz")))
    assert found.shape == (8,)
    assert found.value_range == (0.0, 1.0)
    assert sentences(found)[0] == "10 rows of 8 numbers (float64) from 0 to 1."
    assert "The last 2 rows are the official test part." in sentences(found)


@pytest.mark.parametrize("name", ["iris", "diabetes", "digits"])
def test_json(name: str) -> None:
    found = inspect(load(name)).to_dict()
    assert json.loads(json.dumps(found)) == found
    assert found["name"] == name
    assert found["sentences"]


def test_an_empty_column() -> None:
    column = pd.Series(pd.Categorical([None, None]), name="a")
    assert describe_column(column) == ColumnFinding("a", "category", 2, "empty", "is empty")
