"""``lernwerk graph`` shows the operations of a saved model: table, JSON, drawing, errors."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from lernwerk import layers, settings
from lernwerk.core.engine import engine_names
from lernwerk.engines.numpy import NumpyEngine
from lernwerk.models import Sequential


@pytest.fixture
def saved(lernwerk, monkeypatch):
    """A small network in the folder of the test, compiled; the terminal is 120 columns wide."""
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("LERNWERK_ENGINE", "numpy")
    model = Sequential(
        [layers.Input((8, 8, 1)), layers.Conv2D(4, 3, name="windows"), layers.Flatten(name="flat"),
         layers.Dense(10, activation="softmax", name="answer")], name="small",
    )  # fmt: skip
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.save("small.keras")
    model = Sequential([layers.Input((4,)), layers.Dense(2)])
    model.save("loose.keras")
    return "small.keras"


def test_the_table(lernwerk, saved, monkeypatch):
    monkeypatch.setenv("LERNWERK_ENGINE", "numpy")
    ended = lernwerk("graph", saved, "--batch", 2)
    assert ended.code == 0
    heading, _, *lines = ended.out.splitlines()
    assert heading.split() == [
        "Result", "Type", "Shape", "Operation", "Layer", "kB", "MFLOP", "Runs", "in",
    ]  # fmt: skip
    assert [" ".join(line.split()) for line in lines] == [
        "%2 float32 2x6x6x4 convolution %0 kernel windows 1.2 0.005 numpy",
        "%4 float32 2x6x6x4 add %2 bias windows 1.2 <0.001 numpy",
        "%5 float32 2x144 reshape %4 flat 1.2 - numpy",
        "%7 float32 2x10 matmul %5 kernel answer 0.080 0.006 numpy",
        "%9 float32 2x10 add %7 bias answer 0.080 <0.001 numpy",
        "%10 float32 2x10 softmax %9 answer 0.080 <0.001 numpy",
        "6 nodes, 0.011 MFLOP: returns %10",
        "2.3 kB for inputs and results at the same time, at most",
        "6.0 kB for weights and other variables, 0 kB for constants",
    ]


@pytest.mark.parametrize("step", ["train", "test", "predict"])
@pytest.mark.parametrize("columns", [60, 80, 100, 200])
def test_lines_are_as_long_as_the_terminal(lernwerk, saved, monkeypatch, step, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    ended = lernwerk("graph", saved, "--step", step)
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert max(map(len, lines)) <= max(columns, 80)
    assert not any("…" in line[:28] for line in lines)  # results, types and shapes are whole


def test_updates_and_gradients_of_a_training(lernwerk, saved):
    ended = lernwerk("graph", saved, "--step", "train")
    assert "convolution_kernel_gradient" in ended.out and "windows/gradient" in ended.out
    assert "updates 1" in ended.out


def test_raw_shows_what_was_traced(lernwerk, saved):
    simple = lernwerk("graph", saved, "--step", "train", "--json")
    raw = lernwerk("graph", saved, "--step", "train", "--json", "--raw")
    few, many = (json.loads(each.out)["totals"] for each in (simple, raw))
    assert few["nodes"] < many["nodes"] and few["state_bytes"] == many["state_bytes"]


def test_json(lernwerk, saved, monkeypatch):
    monkeypatch.setenv("LERNWERK_ENGINE", "numpy")
    found = json.loads(lernwerk("graph", saved, "--batch", 2, "--json").out)
    assert (found["step"], found["batch"], found["engine"]) == ("predict", 2, "numpy")
    assert found["inputs"] == [{"name": "%0", "type": "float32", "shape": [2, 8, 8, 1]}]
    assert [state["variable"] for state in found["states"]] == ["kernel", "bias"] * 2
    assert found["nodes"][0] == {
        "operation": "convolution", "inputs": ["%0", "%1"], "layer": "windows",
        "results": [{"name": "%2", "type": "float32", "shape": [2, 6, 6, 4]}],
        "bytes": 4 * 288, "flops": 2 * 288 * 9, "where": "numpy",
    }  # fmt: skip
    assert found["totals"]["nodes"] == len(found["nodes"]) == 6
    assert found["totals"]["state_bytes"] == 4 * (36 + 4 + 1440 + 10)


def test_the_drawing(lernwerk, saved, tmp_path):
    ended = lernwerk("graph", saved, "--batch", 2, "--svg", "small.svg")
    assert ended.out.endswith("Drawn in small.svg\n")
    text = (tmp_path / "small.svg").read_text(encoding="utf-8")
    ElementTree.fromstring(text)
    assert "1.2 kB  0.005 MFLOP" in text


def test_an_engine_says_where_nodes_run(lernwerk, saved, monkeypatch):
    def placed(self, graph):
        return {node: f"fused {i // 2}" for i, node in enumerate(graph.nodes[:-1])}

    monkeypatch.setenv("LERNWERK_ENGINE", "numpy")
    monkeypatch.setattr(NumpyEngine, "placement", placed)
    lines = lernwerk("graph", saved).out.splitlines()[2:8]
    assert [line.split()[-1] for line in lines] == ["0", "0", "1", "1", "2", "-"]
    monkeypatch.delattr(NumpyEngine, "placement")
    found = json.loads(lernwerk("graph", saved, "--json").out)
    assert {node["where"] for node in found["nodes"]} == {"numpy"}


def test_the_folder_of_a_training(lernwerk):
    assert lernwerk("train", "iris", "--epochs", 1, "--out", "run").code == 0
    for step in ("predict", "train", "test"):
        ended = lernwerk("graph", "run", "--step", step)
        assert ended.code == 0 and "matmul" in ended.out


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["nothing.keras"], "Error: nothing.keras: expected a readable file"),
        (["small.keras", "--step", "tran"], "Error: --step: expected the name of a known step, got "
         "'tran'. Did you mean 'train'?"),
        (["small.keras", "--batch", "0"], "Error: lernwerk graph: expected --batch to be an "
         "integer >= 1, got 0."),
        (["loose.keras", "--step", "train"], "Error: loose.keras: expected a model that was "
         "compiled before it was saved, got one without a loss. "
         "lernwerk graph MODEL --step predict"),
        (["small.keras", "--svg", "no/folder.svg"], "Error: no/folder.svg: "),
    ],
)  # fmt: skip
def test_errors_are_one_line(lernwerk, saved, words, text):
    ended = lernwerk("graph", *words)
    assert ended.code == 1
    assert ended.err.startswith(text) and ended.err.count("\n") == 1


def test_a_foreign_file(lernwerk, tmp_path):
    (tmp_path / "foreign.keras").write_bytes(b"not a zip")
    ended = lernwerk("graph", "foreign.keras", "--json")
    assert ended.code == 1
    assert "foreign.keras" in json.loads(ended.out)["error"]


def test_the_debug_setting_reaches_the_passes(lernwerk, saved):
    settings.set("debug", 2)
    try:
        ended = lernwerk("graph", saved, "--step", "train")
    finally:
        settings.set("debug", None)
    assert "pass clean_up: " in ended.out


@pytest.mark.skipif("native" not in engine_names(), reason="the native engine is not built")
def test_the_native_engine_says_what_it_fuses(lernwerk, saved, monkeypatch):
    monkeypatch.setenv("LERNWERK_ENGINE", "native")
    found = json.loads(lernwerk("graph", saved, "--batch", 2, "--json").out)
    assert found["engine"] == "native"
    assert [(node["operation"], node["where"]) for node in found["nodes"]] == [
        ("convolution", "fused 1"), ("add", "fused 1"), ("reshape", "view"),
        ("matmul", "fused 2"), ("add", "fused 2"), ("softmax", "native"),
    ]  # fmt: skip
