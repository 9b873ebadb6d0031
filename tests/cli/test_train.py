"""``lernwerk train`` on every kind of data, from the command to the folder."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer

import lernwerk as package
from lernwerk.core.engine import engine_names


def result(ended):
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def test_named_data_set_says_what_it_found_and_how_good_it_is(lernwerk, tmp_path):
    ended = lernwerk("train", "iris", "--epochs", 30)
    assert ended.code == 0, ended.err
    assert "150 rows with 4 columns" in ended.out
    assert "Split: " in ended.out and "held back" in ended.out
    assert "Network: dense: 4 numbers a row have no order that a network could use" in ended.out
    assert "Accuracy on 30 held-back rows: " in ended.out and "(baseline, always the" in ended.out
    assert "Predict: lernwerk predict runs/iris/model.keras INPUT" in ended.out
    assert sorted(p.name for p in (tmp_path / "runs" / "iris").iterdir()) == [
        "history.csv", "model.keras", "report.html",
    ]  # fmt: skip


def test_a_second_run_gets_a_folder_of_its_own(lernwerk):
    first = result(lernwerk("train", "iris", "--epochs", 1, "--json"))
    second = result(lernwerk("train", "iris", "--epochs", 1, "--json"))
    assert (first["folder"], second["folder"]) == ("runs/iris", "runs/iris-2")
    assert first["scores"] == second["scores"]


def test_seed_changes_the_result_and_repeats_it(lernwerk):
    histories = [
        result(lernwerk("train", "wine", "--epochs", 2, "--seed", seed, "--json"))["history"]
        for seed in (1, 2, 2)
    ]
    assert histories[0] != histories[1]
    assert histories[1] == histories[2]


def test_breast_cancer_as_a_csv_reaches_95_percent(lernwerk, tmp_path):
    data = load_breast_cancer(as_frame=True)
    frame = data.data.assign(diagnosis=data.target_names[data.target])
    frame.to_csv(tmp_path / "cancer.csv", index=False)
    found = result(lernwerk("train", "cancer.csv", "--target", "diagnosis", "--json"))
    assert found["scores"]["accuracy"] >= 0.95
    assert found["baseline"]["accuracy"] < 0.65
    assert found["class_names"] == ["benign", "malignant"]


def test_regression_on_a_german_table_with_missing_values(lernwerk, table):
    found = result(lernwerk("train", table, "--target", "price", "--json"))
    assert found["task"] == "regression"
    assert found["scores"]["r2"] > 0.7 and found["baseline"]["r2"] <= 0.05
    assert found["scores"]["mae"] < found["baseline"]["mae"]
    kinds = {column["name"]: column["kind"] for column in found["columns"]}
    assert kinds == {"size": "number", "town": "category", "built": "date", "balcony": "boolean"}


def test_a_folder_of_pictures(lernwerk, pictures):
    found = result(lernwerk("train", pictures, "--json"))
    assert found["kind"] == "pictures"
    assert found["class_names"] == ["digit 0", "digit 1", "digit 2"]
    assert found["scores"]["accuracy"] >= 0.9 > found["baseline"]["accuracy"]


def test_an_npz(lernwerk, tmp_path):
    x = np.random.default_rng(0).normal(size=(200, 5)).astype(np.float32)
    np.savez(tmp_path / "data.npz", x=x, y=(x.sum(axis=1) > 0).astype(int))
    found = result(lernwerk("train", "data.npz", "--json"))
    assert found["scores"]["accuracy"] >= 0.9


def test_sequences_get_a_recurrent_network(lernwerk, tmp_path):
    x = np.random.default_rng(0).normal(size=(80, 6, 2)).astype(np.float32)
    np.savez(tmp_path / "sequences.npz", x=x, y=(x[:, :, 0].sum(axis=1) > 0).astype(int))
    found = result(lernwerk("train", "sequences.npz", "--epochs", 1, "--json"))
    assert found["settings"]["model"] == "lstm"
    assert found["layers"][0][0].endswith("(LSTM)")


@pytest.mark.parametrize("name", ["linear", "dense", "small_cnn"])
def test_networks_by_name(lernwerk, name):
    found = result(lernwerk("train", "digits", "--model", name, "--epochs", 1, "--json"))
    assert found["settings"]["model"] == name
    assert len(found["history"]["val_loss"]) == 1


def test_a_network_from_a_python_file(lernwerk, tmp_path):
    (tmp_path / "mine.py").write_text(
        "from lernwerk import Input, Sequential, layers\n"
        "def build(input_shape, outputs):\n"
        "    return Sequential([Input(input_shape), layers.Dense(outputs, activation='softmax')])\n"
    )
    found = result(lernwerk("train", "iris", "--model", "mine.py", "--epochs", 2, "--json"))
    assert found["parameters"] == 4 * 3 + 3


def test_history_and_settings_are_those_of_the_result(lernwerk, tmp_path):
    found = result(
        lernwerk("train", "wine", "--epochs", 3, "--batch-size", 20, "--learning-rate", 0.01,
                 "--patience", 2, "--out", "here", "--json")
    )  # fmt: skip
    assert found["settings"] == {
        "model": "dense", "epochs": 3, "batch_size": 20, "learning_rate": 0.01, "patience": 2,
        "seed": 1,
    }  # fmt: skip
    with (tmp_path / "here" / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["val_loss"]) for row in rows] == found["history"]["val_loss"]
    assert "--batch-size 20" in found["command"] and "--seed" not in found["command"]


def test_the_report_repeats_the_score(lernwerk, tmp_path):
    lernwerk("train", "diabetes", "--epochs", 5, "--out", "here")
    page = (tmp_path / "here" / "report.html").read_text(encoding="utf-8")
    assert "R²" in page and "lernwerk train diabetes --epochs 5" in page


def test_info_as_text_and_json(lernwerk):
    assert "LERNWERK_ENGINE" in lernwerk("info").out
    facts = json.loads(lernwerk("info", "--json").out)
    assert facts["lernwerk"] == package.__version__
    names = engine_names()
    assert facts["engine"].startswith(names[0])
    assert facts["engine"].endswith(f"(of {', '.join(names)})")


def test_no_command_prints_the_help(lernwerk):
    ended = lernwerk()
    assert "train" in ended.out + ended.err and "predict" in ended.out + ended.err


@pytest.mark.filterwarnings("default")
def test_a_training_that_diverges_says_so_in_the_report(lernwerk, tmp_path):
    ended = lernwerk("train", "diabetes", "--learning-rate", 1e30, "--epochs", 2, "--out", "here",
                     "--json")  # fmt: skip
    found = result(ended)
    (warning,) = found["warnings"]
    assert warning.startswith("fit, epoch 1, batch ") and "Lower the learning rate" in warning
    assert f"Note: {warning}" in ended.err
    assert found["scores"]["r2"] is None
    page = (tmp_path / "here" / "report.html").read_text(encoding="utf-8")
    assert "expected finite numbers, got" in page


def test_categories_that_training_rows_lack_are_noted(lernwerk, tmp_path):
    lines = [f"{'c' if n == 7 else 'ab'[n % 3 == 0]},{n},{n % 2}" for n in range(40)]
    (tmp_path / "rare.csv").write_text("\n".join(["name,n,y", *lines]))
    outputs = []
    for seed in range(12):  # which part row 8 falls into is the seed's choice
        ended = lernwerk("train", "rare.csv", "--target", "y", "--epochs", 1, "--seed", seed)
        assert ended.code == 0, ended.err
        outputs.append(ended.out)
    note = "Note: Column 'name': 'c' did not occur in the training."
    assert 0 < sum(note in output for output in outputs) < len(outputs)
