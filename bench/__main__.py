"""``python -m bench``: measures the rows that are asked for and says what came out."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.measuring import run_row
from bench.registry import PEERS, chosen_rows
from bench.report import Run, result_lines, write
from lernwerk.errors import ArgumentError

DOCS = Path(__file__).parents[1] / "docs"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser("bench", description="Lernwerk beside its peers, as ratios.")
    made.add_argument("ids", nargs="*", help="rows, such as T2 or T5a; T5 is T5a and T5b [all]")
    made.add_argument("--peers", nargs="*", choices=PEERS, default=list(PEERS), metavar="NAME",
                      help=f"of {', '.join(PEERS)} [all that are installed]")  # fmt: skip
    made.add_argument("--repeats", type=int, default=5, help="measurements of each contender [5]")
    made.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    made.add_argument("--write", action="store_true", help="write docs/benchmarks.md and .png")
    return made


def main(arguments: Sequence[str]) -> None:
    """Run the benchmark; peer / Lernwerk above 1 means that Lernwerk is faster."""
    options = parser().parse_args(arguments)
    if options.repeats < 1:
        parser().error(f"--repeats: expected at least 1, got {options.repeats}")
    try:
        rows = chosen_rows(options.ids)
    except ArgumentError as error:
        parser().error(str(error))
    if not options.json:
        print(f"medians of {options.repeats}; then peer / Lernwerk: above 1, Lernwerk is faster")
    results = []
    for row in rows:
        results.append(run_row(row, options.peers, options.repeats))
        if not options.json:
            print("\n".join(result_lines(results[-1])), flush=True)
    run = Run(results, options.repeats, arguments)
    if options.json:
        print(json.dumps(run.as_dict(), ensure_ascii=False))
    if options.write:
        write(run, DOCS)


if __name__ == "__main__":
    main(sys.argv[1:])
