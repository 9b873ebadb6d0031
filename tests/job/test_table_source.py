"""Tables with targets by name and number, gaps, German numbers and useless columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lernwerk import datasets
from lernwerk.errors import ArgumentError, DataError, FileError
from lernwerk.job.table_source import load_table


def write(folder: Path, text: str, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


SMALL = "size,colour,kind\n1,red,a\n2,blue,b\n3,red,a\n4,,b\n"


def test_breast_cancer_as_csv(tmp_path: Path) -> None:
    data = datasets.load("breast_cancer")
    frame = pd.DataFrame(data.x, columns=list(data.feature_names))
    frame["diagnosis"] = np.array(data.class_names)[data.y]
    frame.to_csv(tmp_path / "cancer.csv", index=False)
    raw = load_table(tmp_path / "cancer.csv", "diagnosis")
    assert (raw.name, raw.kind, raw.task) == ("cancer", "table", "classification")
    np.testing.assert_array_equal(raw.inputs.to_numpy(), data.x)
    assert raw.class_names == ("benign", "malignant")
    assert raw.notes == []
    assert len(raw) == 569


def test_gaps_and_marks_in_a_real_table(tmp_path: Path) -> None:
    data = datasets.load("wine")
    frame = pd.DataFrame(data.x, columns=list(data.feature_names)).astype(str)
    frame.iloc[::10, 0] = ""
    frame.iloc[::20, 1] = "?"
    frame["cultivar"] = [f"no {label}" for label in data.y]
    frame.to_csv(tmp_path / "wine.csv", index=False, sep=";")
    raw = load_table(tmp_path / "wine.csv", "cultivar")
    assert raw.inputs["alcohol"].isna().sum() == 18
    assert raw.inputs["malic_acid"].isna().sum() == 9
    assert raw.notes == ["Column 'malic_acid': 9 cells ('?') count as missing."]


def test_german_table(tmp_path: Path) -> None:
    text = "größe;preis;datum;art\n1,5;1.000,50;1.2.2024;A\n2,5;2;3.2.2024;B\n1;3;4.2.2024;A\n"
    path = tmp_path / "t.csv"
    path.write_bytes((text + "2;4;5.2.2024;B\n").encode("latin-1"))
    raw = load_table(path, "art")
    assert raw.inputs["größe"].tolist() == [1.5, 2.5, 1, 2]
    assert raw.inputs["preis"].tolist() == [1000.5, 2, 3, 4]
    assert raw.inputs["datum"].dt.month.tolist() == [2, 2, 2, 2]
    assert raw.class_names == ("A", "B")


@pytest.mark.parametrize("target", ["kind", "Kind ", "3", "-1"])
def test_ways_to_name_the_target(tmp_path: Path, target: str) -> None:
    raw = load_table(write(tmp_path, SMALL), target)
    assert raw.target_name == "kind"
    assert list(raw.inputs.columns) == ["size", "colour"]


def test_a_column_called_like_a_number_comes_first(tmp_path: Path) -> None:
    path = write(tmp_path, "a,1\nx,u\ny,v\nx,u\ny,v\n".replace("a,1", "a,b1"))
    assert load_table(path, "b1").target_name == "b1"


def test_rows_stay_together_when_targets_are_missing(tmp_path: Path) -> None:
    raw = load_table(write(tmp_path, "n,k\n1,a\n2,\n3,b\n4,a\n5,b\n"), "k")
    assert raw.inputs["n"].tolist() == [1, 3, 4, 5]
    assert raw.targets.tolist() == ["a", "b", "a", "b"]
    assert raw.notes[0].startswith("1 row (20")


def test_repeated_rows_are_told(tmp_path: Path) -> None:
    raw = load_table(write(tmp_path, "n,k\n1,a\n1,a\n3,b\n1,a\n5,b\n"), "k")
    assert raw.notes == ["2 rows repeat an earlier one; they are kept."]


def test_take_keeps_order_and_kinds(tmp_path: Path) -> None:
    raw = load_table(write(tmp_path, SMALL), "kind")
    taken = raw.take(np.array([3, 0]))
    assert taken["size"].tolist() == [4, 1]
    assert taken["colour"].dtype == raw.inputs["colour"].dtype
    assert taken.index.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("text", "target", "message"),
    [
        (SMALL, None,
         "t.csv: expected a target column, got none. Add --target 'kind'. "
         "Columns: 'size', 'colour', 'kind'."),
        ("a,Label,b\n1,x,2\n3,y,4\n", None,
         "t.csv: expected a target column, got none. Add --target 'Label'. "
         "Columns: 'a', 'Label', 'b'."),
        (SMALL, "colr", "t.csv: expected a target column that exists, got 'colr'. "
         "Did you mean 'colour'?"),
        (SMALL, "price", "t.csv: expected a target column that exists, got 'price'. "
         "Columns: 'size', 'colour', 'kind'."),
        (SMALL, "0", "t.csv: expected the number of a column from 1 to 3, or -1 for the last, "
         "got 0. Columns: 'size', 'colour', 'kind'."),
        (SMALL, "4", "t.csv: expected the number of a column from 1 to 3, or -1 for the last, "
         "got 4. Columns: 'size', 'colour', 'kind'."),
        ("1,2,R\n3,4,M\n", "label", "t.csv: expected a target column that exists, got 'label'. "
         "The file has no line of column names: give the number of the column, such as "
         "--target 3."),
    ],
)  # fmt: skip
def test_wrong_target(tmp_path: Path, text: str, target: str | None, message: str) -> None:
    with pytest.raises(ArgumentError) as error:
        load_table(write(tmp_path, text), target)
    assert str(error.value) == message


def test_only_a_target(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        load_table(write(tmp_path, "k\na\nb\na\nb\n"), "k")
    assert str(error.value) == "t.csv: expected columns besides the target 'k', got none."


def test_long_lists_of_columns_are_cut(tmp_path: Path) -> None:
    names = ",".join(f"c{i}" for i in range(30))
    with pytest.raises(ArgumentError, match=r"'c11' and 18 more\.$"):
        load_table(write(tmp_path, f"{names}\n{names}\n".replace("c", "x", 1)), None)


def test_unreadable_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="got No such file or directory"):
        load_table(tmp_path / "missing.csv", "y")
