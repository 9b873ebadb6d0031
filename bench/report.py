"""What a run says: lines on the terminal, JSON, and a page of docs with its chart."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import data
from bench.measuring import Result
from bench.registry import HIDDEN, OURS, PEERS
from lernwerk.core.engine import engine_name
from lernwerk.job.environment import environment
from lernwerk.utils.atomic import write_atomically

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PACKAGES = ("numpy", "scipy", "keras", "jax", "tensorflow", "tensorflow-cpu", "torch",
            "scikit-learn")  # fmt: skip
PROGRAMS = "K"  # the ids of the programs of courses begin with it
PAGE = """# Benchmarks

Lernwerk beside its peers on the same work, in one run on one machine, each in a process of its own,
measured in turn (A B A B) after a warm-up; medians of {repeats}. A cell is **peer / Lernwerk** with
the peer's own value behind it: above 1, Lernwerk is faster (or smaller). The best peer is the one
with the smallest ratio, and the aim is where that ratio is to be. Times differ from machine to
machine and with what else it does; read the ratios.

{table}

![The ratios of the table on a logarithmic axis]({name}.png)

{engine}

## What the rows mean

{meanings}

Architecture, start weights, batch size, optimizer and float32 are the same everywhere; all may use
all cores. Where the work is the same to the last operation, the run compares the first losses or
outputs of all and notes who differs. Each peer takes its fast path:

- `keras-jax` and `keras-tf` are Keras on JAX and on TensorFlow, compiled, in `fit` {steps} steps an
  execution.
- `jax` is a jitted step without any library, `jax-scan` a whole epoch as one program.
- `torch` is eager PyTorch with fused optimizers and pictures in channels last, on one thread or on
  all, as a trial says; `torch-compile` is the same with model and loss compiled by `torch.compile`,
  for inference with frozen weights.
- `sklearn` is `MLPClassifier.partial_fit`.

Shuffling and gathering of batches belong to an epoch; compilation and first calls do not, except in
fresh processes and in F1. The size of Lernwerk counts all that it needs, tables, plots and command
line included.
{scaling}
## The run

{facts}

    {command}
{notes}"""
SCALING = """
## Time per step against work

![Time per step against width, depth, batch and length](scaling.png)

A training step with gradient descent, by those that the legend names: what a step costs however
small it is, and where the work itself takes over. `python -m bench scaling --write` draws it.
"""
ENGINES = {
    "numpy": """Lernwerk ran here on its reference engine, which computes one operation of the graph
after the other with NumPy and fuses nothing. It is there to be right and to be read, and the table
shows what that costs.""",
    "native": """Lernwerk ran here on its native engine ([engine.md](engine.md)).""",
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
        return f"{value:.0f} {measure}" if value >= 100 else f"{value:.3g} {measure}"
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


def result_lines(result: Result) -> list[str]:
    """One row for the terminal: a line each for title, contenders and notes."""
    lines = [f"{result.row.id:<4} {result.row.title}"]
    for name, median in result.medians.items():
        ratio = f"{result.ratios[name]:9.2f}" if name in result.ratios else ""
        lines.append(f"     {name:<14}{value_text(median, result.row.measure):>10}{ratio}".rstrip())
    if result.best:
        aim = f", aim {target_text(result)}" if result.row.target else ""
        lines.append(f"     best peer {best_text(result)}{aim}")
    return lines + [f"     {note}" for note in result.notes]


def table(run: Run) -> str:
    """The table of the page."""
    lines = [["", "work", OURS, "best peer", "aim", *run.peers], ["---"] * (5 + len(run.peers))]
    for result in run.results:
        lines.append([result.row.id, result.row.title, *_cells(result, run.peers)])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cells(result: Result, peers: Sequence[str]) -> list[str]:
    texts = {name: value_text(v, result.row.measure) for name, v in result.medians.items()}
    ratios = result.ratios
    return [
        texts.get(OURS, "not yet"),
        best_text(result),
        target_text(result),
        *(f"**{ratios[p]:.2f}** ({texts[p]})" if p in ratios else "" for p in peers),
    ]


def best_text(result: Result) -> str:
    """The best peer with its ratio: 1.31 (torch)."""
    return f"{result.ratios[result.best]:.2f} ({result.best})" if result.best else ""


def target_text(result: Result) -> str:
    """The ratio that Lernwerk aims at."""
    return "" if result.row.target is None else f"{result.row.target:g}"


def page(run: Run, scaling: bool = False, name: str = "benchmarks") -> str:
    """The text of a page of docs, with the chart of scaling where there is one."""
    from bench.networks import STEPS_PER_EXECUTION

    notes = [f"- {each.row.id}: {note}" for each in run.results for note in each.notes]
    engine = engine_name()
    return PAGE.format(
        name=name,
        repeats=run.repeats, table=table(run),
        engine=ENGINES.get(engine, f"Lernwerk ran on its engine `{engine}`."),
        steps=STEPS_PER_EXECUTION, scaling=SCALING if scaling else "",
        meanings="\n".join(f"- **{r.row.id}**: {r.row.title}. Shows {r.row.meaning}."
                           for r in run.results),
        facts="\n".join(f"- {name}: {value}" for name, value in run.facts.items()),
        command=shlex.join(["python", "-m", "bench", *run.arguments]),
        notes="\n".join(["", *notes, ""] if notes else []),
    )  # fmt: skip


def write(run: Run, folder: Path) -> None:
    """Write benchmarks.md and benchmarks.png into a folder; scaling.png for the points of it.

    A run of the programs of courses alone (K1, ...) is a page of its own: programs.md.
    """
    from bench.chart import chart, scaling_chart

    points = [result for result in run.results if result.row.id.startswith(HIDDEN)]
    if points:
        _write_chart(scaling_chart(points), folder / "scaling.png")
    rows = [result for result in run.results if result not in points]
    if rows:
        shown = replace(run, results=rows)
        alone = all(result.row.id.startswith(PROGRAMS) for result in rows)
        name = "programs" if alone else "benchmarks"
        scaled = not alone and (folder / "scaling.png").exists()
        _write_chart(chart(shown), folder / f"{name}.png")
        with write_atomically(folder / f"{name}.md") as path:
            path.write_text(page(shown, scaled, name), encoding="utf-8")


def _write_chart(figure: Figure, file: Path) -> None:
    with write_atomically(file) as path:
        figure.savefig(path, format="png", dpi=160, facecolor="white")
