"""The command line as tests call it: in this process, or as one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from lernwerk.cli.application import run

COMMAND = [sys.executable, "-c", "from lernwerk.cli import main; main()"]


class Ended(NamedTuple):
    """How a call of the command line ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def lernwerk(monkeypatch, capsys, tmp_path) -> Callable[..., Ended]:
    """Call the command line in an empty folder: ``lernwerk("train", "iris")``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)

    def call(*words: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["lernwerk", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            run()
            sys.exit(0)
        code = ended.value.code
        out, err = capsys.readouterr()
        return Ended(0 if code is None else int(code), out, err)

    return call


def start(*words: object, cwd: Path, **environment: str) -> subprocess.Popen[str]:
    """Start the command line as a process of its own."""
    return subprocess.Popen(
        [*COMMAND, *map(str, words)], cwd=cwd, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env={**os.environ, **environment},
    )  # fmt: skip


@pytest.fixture
def pictures(tmp_path) -> Path:
    """A folder with the digits 0, 1 and 2 as PNG files, twenty of each."""
    from PIL import Image

    from lernwerk.datasets import digits

    data = digits.load()
    folder = tmp_path / "pictures"
    for digit in range(3):
        (folder / f"digit {digit}").mkdir(parents=True)
        for number, row in enumerate(np.flatnonzero(data.y == digit)[:20]):
            picture = Image.fromarray((data.x[row] * 15).astype(np.uint8))
            picture.save(folder / f"digit {digit}" / f"{number}.png")
    return folder


@pytest.fixture
def table(tmp_path) -> Path:
    """A CSV with numbers, categories, dates and missing values; the price depends on them."""
    random = np.random.default_rng(3)
    lines = ["size;town;built;balcony;price"]
    for number in range(160):
        size, town = random.uniform(30, 120), random.choice(["Bonn", "Köln", "Ulm"])
        balcony = bool(random.integers(2))
        price = 1000 + 12 * size + 300 * (town == "Köln") + 150 * balcony
        shown = "" if number % 11 == 0 else f"{size:.1f}".replace(".", ",")
        built = f"{1 + number % 28:02}.{1 + number % 12:02}.{1950 + number % 70}"
        lines.append(f"{shown};{town};{built};{'ja' if balcony else 'nein'};{price:.0f}")
    path = tmp_path / "flats.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path
