"""The Python in README and docs runs as it stands there."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

import lernwerk

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
EXAMPLES = [
    pytest.param(code, id=f"{page.name}-{number}")
    for page in PAGES
    for number, code in enumerate(re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.S))
]


@pytest.mark.parametrize("code", EXAMPLES)
def test_example_runs(code, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    program = tmp_path / "example.py"
    program.write_text(code, encoding="utf-8")
    try:
        runpy.run_path(str(program))
    finally:
        lernwerk.as_keras().undo()  # where an example has called as_keras()


def test_the_figures_of_the_readme_are_those_of_the_program(tmp_path, monkeypatch, capsys):
    text = PAGES[0].read_text("utf-8")
    (code,) = [
        each for each in re.findall(r"```python\n(.*?)```", text, re.S) if "explain(L)" in each
    ]
    (tmp_path / "example.py").write_text(code, encoding="utf-8")
    runpy.run_path(str(tmp_path / "example.py"))
    printed = capsys.readouterr().out
    lines = [line.strip() for line in text.split(code)[1].split("```")[1].splitlines()]
    shown = [each for each in lines if "<-" in each or re.match("[abcdL] = ", each)]
    assert len(shown) == 7  # five steps and two paths
    for line in shown:
        assert line in printed


def test_links_between_pages_lead_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
