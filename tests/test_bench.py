"""The benchmark end to end on its smallest row, without peers; its words and numbers."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

import lernwerk

ROOT = Path(__file__).parents[1]
QUICK = ["T3", "--repeats", "1", "--peers"]


@pytest.fixture
def bench(monkeypatch):
    """The modules of the benchmark, which is in the source tree and not in the package."""
    monkeypatch.syspath_prepend(ROOT)
    names = ("registry", "measuring", "report")
    modules = {name: importlib.import_module(f"bench.{name}") for name in names}
    return SimpleNamespace(main=importlib.import_module("bench.__main__").main, **modules)


@pytest.fixture
def run(bench, monkeypatch):
    """A run of two invented rows: one with a good, a failing and a missing peer, one without."""

    def broken():
        raise RuntimeError("no such thing")

    def makers():
        values = {"lernwerk": lambda: 2.0, "jax": lambda: 3.0, "torch": broken, "sklearn": broken}
        return {name: lambda unit=unit: unit for name, unit in values.items()}

    row = bench.registry.Row("X1", "invented", "nothing", makers, "MB")
    alone = bench.registry.Row("X2", "alone", "less", lambda: {"lernwerk": lambda: float}, "s")
    monkeypatch.setitem(bench.registry.PEERS, "sklearn", ("no_such_package",))
    monkeypatch.setitem(bench.registry.PEERS, "torch", ("numpy",))  # installed, whatever is here
    results = [
        bench.measuring.run_row(each, ["jax", "torch", "sklearn"], 3) for each in (row, alone)
    ]
    return bench.report.Run(results, 3, ["X1", "--repeats", "3"])


def test_the_table_of_the_smallest_row(bench, capsys):
    bench.main(QUICK)
    first, title, ours = capsys.readouterr().out.splitlines()
    assert first == "medians of 1; then peer / Lernwerk: above 1, Lernwerk is faster"
    assert title == "T3   MLP 1-16-32-2, Adam, batch 10: an epoch of 2100"
    name, number, unit = ours.split()
    assert name == "lernwerk"
    assert float(number) > 0
    assert unit in ("s", "ms")


def test_the_json_of_the_smallest_row(bench, capsys):
    bench.main([*QUICK, "--json"])
    found = json.loads(capsys.readouterr().out)
    (row,) = found["rows"]
    assert found["repeats"] == 1
    assert found["facts"]["lernwerk"] == lernwerk.__version__
    assert row["id"] == "T3"
    assert row["ratios"] == {}
    assert row["values"]["lernwerk"] == [row["medians"]["lernwerk"]]
    assert row["medians"]["lernwerk"] > 0


def test_ratios_and_notes(bench, run):
    result = run.results[0]
    assert result.ratios == {"jax": 1.5}
    assert result.values == {"lernwerk": [2.0] * 3, "jax": [3.0] * 3}
    assert bench.report.result_lines(result) == [
        "X1   invented",
        "     lernwerk        2 MB",
        "     jax             3 MB     1.50",
        "     torch left out: RuntimeError: no such thing",
        "     sklearn left out: no_such_package not installed",
    ]


def test_page_and_chart(bench, run, tmp_path):
    bench.report.write(run, tmp_path)
    page = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    assert "| X1 | invented | 2 MB | **1.50** (3 MB) |" in page
    assert "    python -m bench X1 --repeats 3\n" in page
    assert "- X1: torch left out: RuntimeError: no such thing\n" in page
    assert "reference engine" in page
    assert "{" not in page
    assert (tmp_path / "benchmarks.png").read_bytes().startswith(b"\x89PNG")


def test_a_unit_without_a_finite_number_is_left_out(bench):
    def makers():
        return {"lernwerk": lambda: float, "jax": lambda: lambda: float("nan")}

    row = bench.registry.Row("X", "invented", "nothing", makers, "s")
    assert bench.measuring.run_row(row, ["jax"], 1).notes == [
        "jax left out: ArithmeticError: the work gave nan"
    ]


@pytest.mark.parametrize(("value", "text"), [(1.3249, "1.32 s"), (0.0123, "12.3 ms"),
                                            (8.45e-4, "845 µs"), (2e-8, "20 ns")])  # fmt: skip
def test_times_as_people_read_them(bench, value, text):
    assert bench.report.value_text(value, "s") == text


@pytest.mark.parametrize(("arguments", "text"), [
    (["T33"], "bench: expected the name of a known row, got 'T33'. Did you mean 'T3'?"),
    (["--repeats", "0"], "--repeats: expected at least 1, got 0"),
])  # fmt: skip
def test_wrong_arguments_are_refused_in_words(bench, arguments, text, capsys):
    with pytest.raises(SystemExit) as ended:
        bench.main(arguments)
    assert ended.value.code == 2
    assert text in capsys.readouterr().err


def test_a_short_id_names_its_rows_and_every_row_has_a_known_contender(bench):
    rows = bench.registry.chosen_rows(["T5", "J1"])
    assert [row.id for row in rows] == ["T5a", "T5b", "J1"]
    assert len(bench.registry.chosen_rows([])) == len(bench.registry.ROWS)
