"""``lernwerk run``: a program or a notebook written for Keras, on Lernwerk."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from lernwerk.errors import ArgumentError, UnknownArgumentError


def run_command(file: str, arguments: Sequence[str], out: str | None, seed: int | None) -> None:
    """Run the file and leave with its exit code."""
    path = Path(file)
    if path.suffix == ".ipynb":
        from lernwerk.compat.notebook import run_notebook

        out, seed = _options(arguments, out, seed)
        sys.exit(run_notebook(path, None if out is None else Path(out), seed))
    from lernwerk.compat.program import run_program

    sys.exit(run_program(path, arguments, None if out is None else Path(out), seed))


def _options(
    arguments: Sequence[str], out: str | None, seed: int | None
) -> tuple[str | None, int | None]:
    """Options after the name of a notebook, which has no arguments of its own."""
    waiting = [part for word in arguments for part in _parted(word)]
    while waiting:
        name = waiting.pop(0)
        if name not in ("--out", "--seed") or not waiting:
            raise UnknownArgumentError(
                "lernwerk run", "--out FILE or --seed N after a notebook", repr(name)
            )
        value = waiting.pop(0)
        if name == "--out":
            out = value
        elif value.isdigit():
            seed = int(value)
        else:
            raise ArgumentError("lernwerk run", "a whole number after --seed", repr(value))
    return out, seed


def _parted(word: str) -> list[str]:
    return word.split("=", 1) if word.startswith("--") else [word]
