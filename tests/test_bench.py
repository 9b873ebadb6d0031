"""The benchmark end to end on its smallest row, without peers; its words, numbers and networks."""

from __future__ import annotations

import importlib
import io
import json
from dataclasses import replace
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
    names = ("registry", "contender", "measuring", "report", "worker", "networks", "weights")
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

    row = bench.registry.Row("X1", "invented", "nothing", makers, "MB", returns=True, target=1.2)
    alone = bench.registry.Row("X2", "alone", "less", lambda: {"lernwerk": lambda: float})
    monkeypatch.setitem(bench.registry.PEERS, "sklearn", ("no_such_package",))
    monkeypatch.setitem(bench.registry.PEERS, "torch", ("numpy",))  # installed, whatever is here
    results = [
        bench.measuring.run_row(each, ["jax", "torch", "sklearn"], 3, bench.contender.Local)
        for each in (row, alone)
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
    assert unit in ("s", "ms", "µs")


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
        "     lernwerk            2 MB",
        "     jax                 3 MB     1.50",
        "     best peer 1.50 (jax), aim 1.2",
        "     torch left out: RuntimeError: no such thing",
        "     sklearn left out: no_such_package not installed",
    ]


def test_page_and_chart(bench, run, tmp_path, monkeypatch):
    monkeypatch.setenv("LERNWERK_ENGINE", "numpy")
    bench.report.write(run, tmp_path)
    page = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    assert "| | work | lernwerk | best peer | aim | jax |" in page.replace("|  |", "| |")
    assert "| X1 | invented | 2 MB | 1.50 (jax) | 1.2 | **1.50** (3 MB) |" in page
    assert "    python -m bench X1 --repeats 3\n" in page
    assert "- X1: torch left out: RuntimeError: no such thing\n" in page
    assert "reference engine" in page
    assert "{" not in page
    assert (tmp_path / "benchmarks.png").read_bytes().startswith(b"\x89PNG")


def test_programs_alone_have_a_page_of_their_own(bench, run, tmp_path):
    result = run.results[0]
    programs = replace(run, results=[replace(result, row=replace(result.row, id="K1"))])
    bench.report.write(programs, tmp_path)
    assert "](programs.png)" in (tmp_path / "programs.md").read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["programs.md", "programs.png"]


def test_a_unit_without_a_finite_number_is_left_out(bench):
    def makers():
        return {"lernwerk": lambda: float, "jax": lambda: lambda: float("nan")}

    row = bench.registry.Row("X", "invented", "nothing", makers)
    assert bench.measuring.run_row(row, ["jax"], 1, bench.contender.Local).notes == [
        "jax left out: ArithmeticError: the work gave nan"
    ]


def test_a_peer_that_computes_something_else_is_noted(bench):
    def makers():
        values = {"lernwerk": 2.0, "jax": 2.001, "keras-jax": 2.1}
        return {name: lambda value=value: lambda: value for name, value in values.items()}

    row = bench.registry.Row("X", "invented", "nothing", makers, "MB", returns=True, agree=1e-2)
    result = bench.measuring.run_row(row, ["jax", "keras-jax"], 1, bench.contender.Local)
    assert result.notes == ["keras-jax computes something else: 2.1 instead of 2"]


def test_a_peer_that_fails_later_is_left_out(bench):
    def makers():
        numbers = iter([3.0])  # the first call gives it; the second finds nothing
        return {"lernwerk": lambda: lambda: 2.0, "jax": lambda: lambda: next(numbers)}

    row = bench.registry.Row("X", "invented", "nothing", makers, "MB", returns=True)
    result = bench.measuring.run_row(row, ["jax"], 2, bench.contender.Local)
    assert result.values == {"lernwerk": [2.0, 2.0]}
    assert result.notes == ["jax left out: StopIteration: "]


def test_a_row_that_lernwerk_cannot_do_yet_is_noted_and_not_measured(bench, tmp_path):
    def ours():
        raise bench.registry.NotYetError("there is no such part")

    makers = {"lernwerk": ours, "jax": lambda: float}
    row = bench.registry.Row("X", "invented", "nothing", lambda: makers, target=2)
    result = bench.measuring.run_row(row, ["jax"], 1, bench.contender.Local)
    assert result.values == result.ratios == {}
    assert bench.report.result_lines(result)[1:] == ["     not yet: there is no such part"]
    page = bench.report.page(bench.report.Run([result], 1, ["X"]))
    assert "| X | invented | not yet |  | 2 |" in page


def test_where_lernwerk_fails_the_run_ends(bench):
    def ours():
        raise ValueError("wrong")

    row = bench.registry.Row("X", "invented", "nothing", lambda: {"lernwerk": ours})
    with pytest.raises(ValueError, match="wrong"):
        bench.measuring.run_row(row, [], 1, bench.contender.Local)


def test_an_error_in_another_process_comes_back_in_words(bench):
    rows = bench.registry.all_rows()
    with pytest.raises(bench.contender.RemoteError, match="KeyError: 'nobody'"):
        bench.contender.Remote(rows["T3"], "nobody")


def test_a_peer_that_takes_too_long_is_ended(bench, monkeypatch):
    monkeypatch.setattr(bench.contender, "PATIENCE", 0.01)
    with pytest.raises(bench.contender.RemoteError, match=r"no answer within 0\.01 s"):
        bench.contender.Remote(bench.registry.all_rows()["T3"], "jax")


def test_answers_of_a_worker(bench):
    output = io.StringIO()

    def failing():
        raise ValueError("first line\nsecond line")

    def missing():
        raise bench.registry.NotYetError("no such part")

    done = [bench.worker.answered(output, work) for work in (lambda: 1.5, failing, missing)]
    assert done == [True, False, False]
    assert [json.loads(line) for line in output.getvalue().splitlines()] == [
        {"value": 1.5},
        {"error": "ValueError: first line", "kind": "ValueError"},
        {"error": "no such part", "kind": "NotYetError"},
    ]


def test_points_of_scaling_make_a_chart_of_their_own(bench, tmp_path):
    points = bench.registry.chosen_rows(["S1-length"])
    results = [bench.measuring.Result(row, {"lernwerk": [0.1], "jax": [0.2]}) for row in points]
    bench.report.write(bench.report.Run(results, 1, ["scaling"]), tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["scaling.png"]


@pytest.fixture
def jax_rows(bench):
    """Rows of which raw JAX is to compute the same in this process."""
    pytest.importorskip("jax", reason="the oracle of this test, jax, is not installed")
    return bench.registry.all_rows()


@pytest.mark.parametrize("id", ["S1-width-16", "S1-depth-4", "S1-length-4", "T9c"])
def test_lernwerk_and_raw_jax_begin_with_the_same_number(
    bench, jax_rows, id, monkeypatch, tmp_path
):
    monkeypatch.setenv(bench.weights.FOLDER, str(tmp_path))
    row = jax_rows[id]
    result = bench.measuring.run_row(row, ["jax"], 1, bench.contender.Local)
    assert row.agree == 1e-3
    assert result.notes == []
    assert set(result.values) == {"lernwerk", "jax"}


@pytest.mark.parametrize(("network", "count"), [
    ("mlp", 159_010), ("small", 642), ("blocks", 59_978), ("lenet", 1_199_882), ("reader", 648_961),
    ("resnet18", 11_288_712),
])  # fmt: skip
def test_numbers_of_weights(bench, network, count):
    module = "bench.residual" if network == "resnet18" else "bench.networks"
    model = getattr(importlib.import_module(module), network)(lernwerk)
    assert model.count_params() == count


def test_start_weights_are_drawn_once_a_run(bench, monkeypatch, tmp_path):
    monkeypatch.setenv(bench.weights.FOLDER, str(tmp_path))
    first, second = (bench.weights.start_weights(bench.networks.small) for _ in range(2))
    assert [each.shape for each in first] == [(1, 16), (16,), (16, 32), (32,), (32, 2), (2,)]
    assert all((a == b).all() for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize(("value", "text"), [(1.3249, "1.32 s"), (0.0123, "12.3 ms"),
                                            (8.45e-4, "845 µs"), (2e-8, "20 ns")])  # fmt: skip
def test_times_as_people_read_them(bench, value, text):
    assert bench.report.value_text(value, "s") == text


def test_other_values_as_people_read_them(bench):
    values = [bench.report.value_text(value, "MB") for value in (1463.2, 2.04)]
    assert values == ["1463 MB", "2.04 MB"]


@pytest.mark.parametrize(("arguments", "text"), [
    (["T33"], "bench: expected the name of a known row, got 'T33'. Did you mean 'T3'?"),
    (["--repeats", "0"], "--repeats: expected at least 1, got 0"),
    (["T3", "--peers", "jax,troch"], "Did you mean 'torch'?"),
])  # fmt: skip
def test_wrong_arguments_are_refused_in_words(bench, arguments, text, capsys):
    with pytest.raises(SystemExit) as ended:
        bench.main(arguments)
    assert ended.value.code == 2
    assert text in capsys.readouterr().err


def test_a_short_id_names_its_rows(bench):
    rows = bench.registry.chosen_rows(["T5", "J1"])
    assert [row.id for row in rows] == ["T5a", "T5b", "J1"]
    everything = {row.id for row in bench.registry.chosen_rows([])}
    points = {row.id for row in bench.registry.chosen_rows(["S1"])}
    assert len(points) == 18
    assert everything == set(bench.registry.ROWS) - points


def test_every_contender_of_every_row_is_known(bench):
    known = {bench.registry.OURS, *bench.registry.PEERS}
    for row in bench.registry.all_rows().values():
        assert set(row.makers()) <= known, row.id
