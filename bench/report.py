"""What a run says: lines on the terminal, JSON, and the page docs/benchmarks.md with its chart."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from bench import data
from bench.measuring import Result
from bench.registry import OURS, PEERS
from lernwerk.core.engine import engine_name
from lernwerk.job.environment import environment
from lernwerk.utils.atomic import write_atomically

PACKAGES = ("numpy", "scipy", "keras", "jax", "torch", "scikit-learn")
PAGE = """# Benchmarks

Lernwerk beside its peers on the same work, in one run on one machine, measured in turn (A B A B)
after a warm-up; medians of {repeats}. A cell is **peer / Lernwerk** with the peer's own value
behind it: above 1, Lernwerk is faster (or smaller). Times differ from machine to machine and with
what else it does; read the ratios.

{table}

![The ratios of the table on a logarithmic axis](benchmarks.png)

{engine}

## What the rows mean

{meanings}

Architecture, batch size, optimizer and float32 are the same everywhere; all may use all cores.
Each peer takes its fast path: `keras-jax` is Keras on JAX, compiled, in `fit` {steps} steps an
execution; `jax` is a jitted step without any library, `jax-scan` a whole epoch as one program;
`torch` is eager PyTorch with fused optimizers, on one thread or on all, as a trial says (no
torch.compile yet); `sklearn` is `MLPClassifier.partial_fit`. TensorFlow is not among them yet.
Shuffling and gathering of batches belong to an epoch; compilation and first calls do not, except in
fresh processes. The size of Lernwerk counts all that it needs, tables, plots and command line
included.

## The run

{facts}

    {command}
{notes}"""
ENGINES = {
    "numpy": """Lernwerk ran here on its reference engine, which computes one operation of the graph
after the other with NumPy and fuses nothing. It is there to be right and to be read, and the table
shows what that costs. The native engine, which will run the same graphs compiled, is to come."""
}


@dataclass(frozen=True)
class Run:
    """The results with all that they depend on."""

    results: Sequence[Result]
    repeats: int
    arguments: Sequence[str]

    @property
    def facts(self) -> dict[str, str]:
        """Machine, versions, data."""
        packages = {name: version for name in PACKAGES if (version := _version(name))}
        return {**environment(), **packages, "pictures": data.source()}

    @property
    def peers(self) -> list[str]:
        """The peers with a value in some row, in their order."""
        return [peer for peer in PEERS if any(peer in each.values for each in self.results)]

    def as_dict(self) -> dict[str, Any]:
        """The run for JSON."""
        rows = [each.as_dict() for each in self.results]
        return {"facts": self.facts, "repeats": self.repeats, "rows": rows}


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def value_text(value: float, measure: str) -> str:
    """A median as people read it: 1.32 s, 845 µs, 260 MB."""
    if measure != "s":
        return f"{value:.3g} {measure}"
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


def result_lines(result: Result) -> list[str]:
    """One row for the terminal: a line each for title, contenders and notes."""
    lines = [f"{result.row.id:<5}{result.row.title}"]
    for name, median in result.medians.items():
        ratio = f"{result.ratios[name]:9.2f}" if name in result.ratios else ""
        lines.append(f"     {name:<10}{value_text(median, result.row.measure):>10}{ratio}".rstrip())
    return lines + [f"     {note}" for note in result.notes]


def table(run: Run) -> str:
    """The table of the page."""
    lines = [["", "work", OURS, *run.peers], ["---"] * (3 + len(run.peers))]
    for result in run.results:
        lines.append([result.row.id, result.row.title, *_cells(result, run.peers)])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cells(result: Result, peers: Sequence[str]) -> list[str]:
    texts = {name: value_text(v, result.row.measure) for name, v in result.medians.items()}
    ratios = result.ratios
    return [
        texts[OURS],
        *(f"**{ratios[p]:.2f}** ({texts[p]})" if p in ratios else "" for p in peers),
    ]


def page(run: Run) -> str:
    """The text of docs/benchmarks.md."""
    from bench.networks import STEPS_PER_EXECUTION

    notes = [f"- {each.row.id}: {note}" for each in run.results for note in each.notes]
    engine = engine_name()
    return PAGE.format(
        repeats=run.repeats, table=table(run),
        engine=ENGINES.get(engine, f"Lernwerk ran on its engine `{engine}`."),
        steps=STEPS_PER_EXECUTION,
        meanings="\n".join(f"- **{r.row.id}**: {r.row.title}. Shows {r.row.meaning}."
                           for r in run.results),
        facts="\n".join(f"- {name}: {value}" for name, value in run.facts.items()),
        command=shlex.join(["python", "-m", "bench", *run.arguments]),
        notes="\n".join(["", *notes, ""] if notes else []),
    )  # fmt: skip


def write(run: Run, folder: Path) -> None:
    """Write benchmarks.md and benchmarks.png into a folder."""
    from bench.chart import chart

    with write_atomically(folder / "benchmarks.png") as path:
        chart(run).savefig(path, format="png", dpi=160, facecolor="white")
    with write_atomically(folder / "benchmarks.md") as path:
        path.write_text(page(run), encoding="utf-8")
