"""``python -m bench``: measures the rows that are asked for and says what came out."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.measuring import Result, run_row
from bench.registry import HIDDEN, PEERS, Row, chosen_rows
from bench.report import Run, result_lines, write
from bench.weights import FOLDER
from lernwerk.errors import ArgumentError, check_name

DOCS = Path(__file__).parents[1] / "docs"
SCALING = "scaling"  # the name of the points that only a chart shows


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser("bench", description="Lernwerk beside its peers, as ratios.")
    peers = ",".join(PEERS)
    add = made.add_argument
    add("ids", nargs="*", metavar="id", help="rows, such as T2 or T5a; T5 is T5a and T5b; scaling "
        "is the points of docs/scaling.png [all but scaling]")  # fmt: skip
    add("--peers", nargs="?", const="", default=peers, metavar="A,B",
        help=f"of {peers}; --peers alone: none [all that are installed]")  # fmt: skip
    add("--repeats", type=int, default=5, help="measurements of each contender [5]")
    add("--json", action="store_true", help="print one JSON object and nothing else")
    add("--write", action="store_true",
        help="write docs/benchmarks.md and .png; for scaling docs/scaling.png")  # fmt: skip
    return made


def main(arguments: Sequence[str]) -> None:
    """Run the benchmark; peer / Lernwerk above 1 means that Lernwerk is faster."""
    options = parser().parse_args(arguments)
    if options.repeats < 1:
        parser().error(f"--repeats: expected at least 1, got {options.repeats}")
    peers = [name for name in options.peers.split(",") if name]
    try:
        for name in peers:
            check_name("--peers", "peer", name, PEERS)
        rows = chosen_rows([HIDDEN if id == SCALING else id for id in options.ids])
    except ArgumentError as error:
        parser().error(str(error))
    if not options.json:
        print(f"medians of {options.repeats}; then peer / Lernwerk: above 1, Lernwerk is faster")
    run = Run(measured(rows, peers, options), options.repeats, arguments)
    if options.json:
        print(json.dumps(run.as_dict(), ensure_ascii=False))
    if options.write:
        write(run, DOCS)


def measured(
    rows: Sequence[Row], peers: Sequence[str], options: argparse.Namespace
) -> list[Result]:
    """The results of the rows, each printed as soon as it is there."""
    results = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ[FOLDER] = folder
        try:
            for row in rows:
                results.append(run_row(row, peers, options.repeats))
                if not options.json:
                    print("\n".join(result_lines(results[-1])), flush=True)
        finally:
            del os.environ[FOLDER]
    return results


if __name__ == "__main__":
    main(sys.argv[1:])
