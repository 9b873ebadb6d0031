"""Encodings, separators, headers and damage of table files."""

from __future__ import annotations

from pathlib import Path

import fastparquet
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lernwerk.errors import DataError, FileError, LernwerkError
from lernwerk.job.table_reading import looks_like_table, parse_table, read_table

ROWS = [["name", "size"], ["a", "1"], ["b", "2"]]


def written(separator: str, rows: list[list[str]] = ROWS) -> bytes:
    return "\n".join(separator.join(row) for row in rows).encode()


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators(separator: str) -> None:
    table = parse_table("t.csv", written(separator))
    assert table.separator == separator
    assert table.frame.to_dict("list") == {"name": ["a", "b"], "size": ["1", "2"]}
    assert table.notes == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(encoding: str) -> None:
    table = parse_table("t.csv", "größe,n\nüber,1\n".encode(encoding))
    assert table.frame.to_dict("list") == {"größe": ["über"], "n": ["1"]}
    assert table.notes == []


def test_latin_1_is_told() -> None:
    table = parse_table("t.csv", "größe,n\n5 €,1\n".encode("cp1252"))
    assert table.frame.to_dict("list") == {"größe": ["5 €"], "n": ["1"]}
    assert table.notes == [
        "The file is not UTF-8; it was read as Latin-1 (Western European, Windows)."
    ]


def test_german_file_without_header() -> None:
    table = parse_table("t.csv", b"1,5;2,5;x\n3,5;4,5;y\n")
    assert table.separator == ";"
    assert not table.header
    assert list(table.frame.columns) == ["column 1", "column 2", "column 3"]
    assert table.notes == [
        "The first line looks like data (it holds '1,5'), so the columns are called "
        "'column 1' to 'column 3'."
    ]
    assert len(table.frame) == 2


def test_texts_that_recur_are_data() -> None:
    table = parse_table("t.csv", b"p,x,s\np,y,s\ne,x,s\n")
    assert not table.header
    assert len(table.frame) == 3


def test_quoted_cells_with_separators_and_line_breaks() -> None:
    table = parse_table("t.csv", b'name,text\na,"x, y"\nb,"two\nlines"\nc,"say ""hi"""\n')
    assert table.frame["text"].tolist() == ["x, y", "two\nlines", 'say "hi"']


def test_blank_lines_spaces_and_short_lines() -> None:
    table = parse_table("t.csv", b"\n\nname, size\n\na, 1\nb\n\n")
    assert table.frame.to_dict("list") == {"name": ["a", "b"], "size": ["1", ""]}


def test_repeated_and_missing_column_names() -> None:
    table = parse_table("t.csv", b"a,a,,a\nx,y,z,w\n")
    assert list(table.frame.columns) == ["a", "a (2)", "column 3", "a (3)"]
    assert table.notes == [
        "The column name 'a' occurs again; that column is called 'a (2)'.",
        "The column name 'a' occurs again; that column is called 'a (3)'.",
    ]


def test_row_names_of_r() -> None:
    table = parse_table("t.csv", b'"mpg","cyl"\n"Mazda",21,6\n"Datsun",22.8,4\n')
    assert list(table.frame.columns) == ["row", "mpg", "cyl"]
    assert table.frame["mpg"].tolist() == ["21", "22.8"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "t.csv: expected a table, got an empty file."),
        (b" \n\n", "t.csv: expected a table, got an empty file."),
        (b"a,b\n", "t.csv: expected rows below the line of column names, got none."),
        (b"\x89PNG\r\n\0\0", "t.csv: expected a text table (CSV or TSV), got a binary file."),
        (
            b"a,b\n1,2\n3,4\n5,6,7\n",
            "t.csv, line 4: expected 2 cells separated by commas, got 3. "
            "Put quotes around cells that contain the separator.",
        ),
        (
            b"a;b\n1;2;3\n3;4\n",
            "t.csv, line 2: expected 2 cells separated by semicolons, got 3. "
            "Put quotes around cells that contain the separator.",
        ),
    ],
)
def test_refused_content(content: bytes, message: str) -> None:
    with pytest.raises(LernwerkError) as error:
        parse_table("t.csv", content)
    assert str(error.value) == message


def test_parquet(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"n": [1.5, 2.0], "t": ["a", None], "b": [True, False],
         "d": pd.to_datetime(["2024-01-01", "2024-01-02"]), "c": pd.Categorical(["u", "v"])}
    )  # fmt: skip
    fastparquet.write(str(tmp_path / "t.parquet"), frame)
    table = read_table(tmp_path / "t.parquet")
    assert list(table.frame.columns) == ["n", "t", "b", "d", "c"]
    assert table.frame["c"].tolist() == ["u", "v"]
    assert table.frame["n"].tolist() == [1.5, 2.0]
    assert table.frame["t"].isna().tolist() == [False, True]
    assert table.frame["d"].tolist() == frame["d"].tolist()


def test_damaged_parquet(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    for content, got in [
        (b"a,b\n1,2\n", "another kind of file"),
        (b"", "another kind of file"),
        (b"PAR1" + bytes(100), "a damaged one"),
    ]:
        path.write_bytes(content)
        with pytest.raises(FileError) as error:
            read_table(path)
        assert str(error.value) == f"{path}: expected a Parquet file, got {got}."


def test_parquet_with_an_index(tmp_path: Path) -> None:
    frame = pd.DataFrame({"n": [1.5, 2.0]}, index=pd.Index(["a", "b"], name="key"))
    fastparquet.write(str(tmp_path / "t.parquet"), frame, write_index=True)
    assert list(read_table(tmp_path / "t.parquet").frame.columns) == ["key", "n"]


def test_parquet_without_rows(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    fastparquet.write(str(path), pd.DataFrame({"a": [1.0]}).iloc[:0])
    with pytest.raises(DataError) as error:
        read_table(path)
    assert str(error.value) == f"{path}: expected a table with rows, got none."


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileError) as error:
        read_table(tmp_path / "t.csv")
    assert str(error.value) == (
        f"{tmp_path / 't.csv'}: expected a readable table, got No such file or directory."
    )


def test_text_of_an_unknown_kind(tmp_path: Path) -> None:
    (tmp_path / "sonar.all-data").write_text("0.1,0.2,R\n0.3,0.4,M\n")
    (tmp_path / "prose").write_text("One line, with a comma.\nAnother without.\n")
    (tmp_path / "binary").write_bytes(b"\0\1\2")
    assert looks_like_table(tmp_path / "sonar.all-data")
    assert not looks_like_table(tmp_path / "prose")
    assert not looks_like_table(tmp_path / "binary")
    assert not looks_like_table(tmp_path / "missing")


CELL = st.text("abcXYZ ;,|\"'äß\n", min_size=1, max_size=6).map(str.strip).filter(bool)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([",", ";", "\t"]),
    st.lists(st.tuples(CELL, CELL, st.integers(0, 99).map(str)), min_size=2, max_size=8),
)
def test_what_pandas_writes_is_read_back(separator: str, rows: list[tuple[str, ...]]) -> None:
    frame = pd.DataFrame(rows, columns=["first", "second", "third"])
    text = frame.to_csv(index=False, sep=separator, quoting=1)
    table = parse_table("t.csv", text.encode())
    assert table.separator == separator
    assert table.frame.to_dict("list") == frame.to_dict("list")
