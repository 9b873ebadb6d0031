"""One contender of one row in a process of its own: ``python -m bench.worker T2 torch``.

Builds it and warms it up, answers ``{"value": first number}``, then one such line for each line it
reads, or ``{"error": text, "kind": class}``. It leaves when its input ends.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import TextIO

from bench.contender import Local
from bench.registry import NotYetError, all_rows


def main(id: str, name: str) -> None:
    """Serve the contender ``name`` of the row ``id``."""
    output = own_output()
    contenders: list[Local] = []

    def start() -> float:
        contenders.append(Local(all_rows()[id], name))
        return contenders[0].first

    if not answered(output, start):
        return
    for _ in sys.stdin:
        answered(output, contenders[0].measure)


def own_output() -> TextIO:
    """The standard output for answers only: what libraries print goes to the errors."""
    copy = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(copy, "w")


def answered(output: TextIO, work: Callable[[], float]) -> bool:
    """Send what the work gives, or how it failed."""
    try:
        answer = {"value": work()}
    except Exception as error:  # a peer can fail in any way; the run goes on without it
        kind = type(error).__name__
        known = isinstance(error, NotYetError)
        text = str(error) if known else f"{kind}: {first_line(error)}"
        answer = {"error": text, "kind": kind}
    print(json.dumps(answer), file=output, flush=True)
    return "value" in answer


def first_line(error: Exception) -> str:
    """The first line of an error's message: some have a page of them."""
    return next(iter(str(error).strip().splitlines()), "")


if __name__ == "__main__":
    main(*sys.argv[1:])
