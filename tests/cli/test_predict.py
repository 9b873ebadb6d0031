"""``lernwerk predict`` takes raw input of the kind that the model was trained on."""

from __future__ import annotations

import json

import numpy as np
import pytest


def predictions(ended):
    assert ended.code == 0, ended.err
    return json.loads(ended.out)["predictions"]


@pytest.fixture
def flats(lernwerk, table):
    assert lernwerk("train", table, "--target", "price", "--out", "model").code == 0
    return "model/model.keras"


def test_table_row_as_json(lernwerk, flats):
    row = {"size": 80, "town": "Köln", "built": "01.05.1990", "balcony": "ja"}
    (large,) = predictions(lernwerk("predict", flats, json.dumps(row), "--json"))
    (small,) = predictions(lernwerk("predict", flats, json.dumps({**row, "size": 40}), "--json"))
    assert large["prediction"] > small["prediction"] + 200
    assert 1000 < large["prediction"] < 3500


def test_the_table_itself_and_the_folder_as_model(lernwerk, flats, table):
    ended = lernwerk("predict", "model", table)
    assert ended.code == 0
    assert len(ended.out.splitlines()) == 160


def test_missing_column_is_named(lernwerk, flats):
    ended = lernwerk("predict", flats, '{"size": 80, "town": "Ulm", "built": "01.05.1990"}')
    assert ended.code == 1
    assert "balcony" in ended.err and ended.err.count("\n") == 1


def test_pictures_one_by_one_and_as_a_folder(lernwerk, pictures):
    assert lernwerk("train", pictures, "--out", "model").code == 0
    one = predictions(lernwerk("predict", "model", pictures / "digit 2" / "0.png", "--json"))
    assert set(one[0]["probabilities"]) == {"digit 0", "digit 1", "digit 2"}
    assert sum(one[0]["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    folder = predictions(lernwerk("predict", "model", pictures / "digit 0", "--json"))
    assert len(folder) == 20
    right = [each["prediction"] == "digit 0" for each in folder]
    assert np.mean(right) > 0.8


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"not a zip", "model"),
        (b"", "model"),
        (b"PK\x03\x04 truncated", "model"),
    ],
)
def test_foreign_and_truncated_model_files(lernwerk, tmp_path, content, text):
    (tmp_path / "model.keras").write_bytes(content)
    ended = lernwerk("predict", "model.keras", "{}")
    assert ended.code == 1
    assert ended.err.startswith("Error: ") and text in ended.err and ended.err.count("\n") == 1


def test_truncated_real_model(lernwerk, tmp_path):
    lernwerk("train", "iris", "--epochs", 1, "--out", "model")
    path = tmp_path / "model" / "model.keras"
    path.write_bytes(path.read_bytes()[:-200])
    ended = lernwerk("predict", "model", "{}")
    assert ended.code == 1 and ended.err.count("\n") == 1


def test_missing_model(lernwerk):
    ended = lernwerk("predict", "nothing.keras", "{}")
    assert ended.code == 1 and "nothing.keras" in ended.err
