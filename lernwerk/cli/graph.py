"""``lernwerk graph``: the operations of a model's step as a table, as JSON, or as a drawing."""

from __future__ import annotations

import io
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from lernwerk.core.cost import Cost, cost, flops, output_bytes
from lernwerk.core.engine import engine_name, placement
from lernwerk.core.graph import Graph, Node, Symbol
from lernwerk.core.passes import simplify
from lernwerk.errors import COUNT, FileError, check_name, check_ranges
from lernwerk.job.bundle import model_path
from lernwerk.job.wording import counted
from lernwerk.models import Model
from lernwerk.models.step_graph import STEPS, step_graph

# Columns of a terminal: the table is not made narrower than the first; the second without one.
NARROWEST, USUAL = 80, 100


def graph_command(
    model: str, step: str, batch: int, svg: str | None, raw: bool, as_json: bool
) -> None:
    """Print the graph of a step, and draw it where ``svg`` names a file."""
    from lernwerk.cli.application import print_json

    check_name("--step", "step", step, STEPS)
    check_ranges("lernwerk graph", {"--batch": batch}, {"--batch": COUNT})
    network = _loaded(model_path(model), step)
    traced = step_graph(network, step, batch)
    graph = traced if raw else simplify(traced)
    places = placement(graph)
    if svg is not None:
        _draw(graph, svg)
    if as_json:
        print_json({"step": step, "batch": batch, "engine": engine_name(), **facts(graph, places)})
        return
    width = max(shutil.get_terminal_size((USUAL, 24)).columns, NARROWEST)
    typer.echo(table(graph, places, network.name, width))
    for line in totals(graph, cost(graph)):
        typer.echo(line)
    if svg is not None:
        typer.echo(f"Drawn in {svg}")


def _loaded(file: Path, step: str) -> Model:
    from lernwerk.saving import load_model

    model = load_model(file)
    if step != "predict" and model.loss is None:
        raise FileError(
            str(file), "a model that was compiled before it was saved", "one without a loss",
            "lernwerk graph MODEL --step predict",
        )  # fmt: skip
    return model


def _draw(graph: Graph, path: str) -> None:
    from lernwerk.utils.atomic import write_atomically

    notes = {
        node: f"{kilobytes(output_bytes(node))} kB  {megaflops(flops(node))} MFLOP"
        for node in graph.nodes
    }
    with write_atomically(path) as partial:
        partial.write_text(graph.svg(notes), encoding="utf-8")


# ---- as JSON


def facts(graph: Graph, places: dict[Node, str]) -> dict[str, Any]:
    """Everything in the table, unrounded."""
    states = {symbol: state.name for state, symbol in graph.states.items()}
    return {
        "inputs": [_value(symbol) for symbol in graph.inputs],
        "states": [{"variable": name, **_value(symbol)} for symbol, name in states.items()],
        "constants": [_value(symbol) for symbol in graph.constants],
        "nodes": [_node_facts(node, places) for node in graph.nodes],
        "outputs": [symbol.label for symbol in graph.outputs],
        "totals": {"nodes": len(graph.nodes), **asdict(cost(graph))},
    }


def _node_facts(node: Node, places: dict[Node, str]) -> dict[str, Any]:
    return {
        "operation": node.primitive.name,
        "inputs": [symbol.label for symbol in node.inputs],
        "results": [_value(symbol) for symbol in node.outputs],
        "layer": node.scope,
        "bytes": output_bytes(node),
        "flops": flops(node),
        "where": places.get(node),
    }


def _value(symbol: Symbol) -> dict[str, Any]:
    return {"name": symbol.label, "type": str(symbol.dtype), "shape": list(symbol.shape)}


# ---- as a table

_HEADINGS = ("Result", "Type", "Shape", "Operation", "Layer", "kB", "MFLOP", "Runs in")
_OPERATION, _LAYER = 3, 4  # the columns that give way where the width is short
_SHORTEST = 24  # characters for both of them, however short it is


def table(graph: Graph, places: dict[Node, str], model: str, width: int) -> str:
    """One line for each node; what is too long for the width ends in dots.

    Layers are named as in the model of that name.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    names = _names(graph)
    rows = [_row(node, names, places, model) for node in graph.nodes]
    made = Table(box=box.SIMPLE_HEAD, padding=0, pad_edge=False, show_edge=False)
    widths = _widths([_HEADINGS, *rows], width)
    for heading, wide in zip(_HEADINGS, widths, strict=True):
        right = heading in ("kB", "MFLOP")
        made.add_column(heading, no_wrap=True, width=wide, justify="right" if right else "left")
    for row in rows:
        made.add_row(*map(Text, row))
    console = Console(
        file=io.StringIO(), width=max(width, sum(widths) + len(widths)), force_terminal=False,
        color_system=None,
    )  # fmt: skip
    console.print(made)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in text.splitlines())


def _widths(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Each column as wide as its longest cell; operation and layer share what is left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    operation, layer = widths[_OPERATION], widths[_LAYER]
    room = max(width - (sum(widths) - operation - layer) - len(widths), _SHORTEST)
    if operation + layer > room:
        widths[_LAYER] = min(layer, max(room * 2 // 5, room - operation))
        widths[_OPERATION] = room - widths[_LAYER]
    return widths


def _names(graph: Graph) -> dict[Symbol, str]:
    """What stands for a value among the inputs of a node: a number, a Variable's name, a label."""
    names = {symbol: symbol.label for symbol in graph.constants}
    names |= {s: f"{a.item():.6g}" for s, a in graph.constants.items() if a.size == 1}
    return names | {symbol: state.name for state, symbol in graph.states.items()}


def _row(
    node: Node, names: dict[Symbol, str], places: dict[Node, str], model: str
) -> tuple[str, ...]:
    first, *others = node.outputs
    inputs = " ".join(names.get(symbol, symbol.label) for symbol in node.inputs)
    return (
        f"{first.label} +{len(others)}" if others else first.label,
        str(first.dtype),
        "x".join(map(str, first.shape)) or "1",
        f"{node.primitive.name} {inputs}",
        node.scope.removeprefix(f"{model}/"),
        kilobytes(output_bytes(node)),
        megaflops(flops(node)),
        places.get(node, "-"),
    )


def totals(graph: Graph, found: Cost) -> list[str]:
    """The lines under the table."""
    returned = ", ".join(symbol.label for symbol in graph.outputs)
    results = [f"returns {returned}"] if returned else []
    if graph.updates:
        results.append(f"updates {counted(len(graph.updates), 'variable')}")
    work = f"{counted(len(graph.nodes), 'node')}, {megaflops(found.flops)} MFLOP"
    return [
        f"{work}: {' and '.join(results) or 'no results'}",
        f"{kilobytes(found.peak_bytes)} kB for inputs and results at the same time, at most",
        f"{kilobytes(found.state_bytes)} kB for weights and other variables, "
        f"{kilobytes(found.constant_bytes)} kB for constants",
    ]


def kilobytes(count: int) -> str:
    """Bytes in thousands, with a fraction where there are few."""
    return _thousands(count / 1e3)


def megaflops(count: int) -> str:
    """Operations in millions, with a fraction where there are few; nothing is a dash."""
    return _thousands(count / 1e6) if count else "-"


def _thousands(value: float) -> str:
    if 0 < value < 0.001:
        return "<0.001"
    digits = 0 if value >= 100 or not value else 1 if value >= 1 else 3
    return f"{value:,.{digits}f}"
