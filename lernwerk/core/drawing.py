"""Boxes and arrows as SVG: a small layered layout for graphs and explanations.

Boxes stand in columns by their distance from the inputs; within a column they are ordered by the
mean place of their predecessors, so that few arrows cross (Sugiyama et al. 1981).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lernwerk.core.graph import Graph, Symbol

_CHARACTER, _LINE, _GAP_X, _GAP_Y, _MARGIN = 7.3, 17, 90, 22, 16
_STYLE = """
text{font:13px ui-monospace,Menlo,Consolas,monospace;fill:#1b1f24}
.box{fill:#f6f8fa;stroke:#57606a}.input{fill:#ddf4ff;stroke:#0969da}
.state{fill:#fff1cf;stroke:#9a6700}.result{fill:#dafbe1;stroke:#1a7f37}
.arrow{fill:none;stroke:#8c959f}.label{fill:#a40e26;paint-order:stroke;stroke:#fff;stroke-width:4px}
"""


@dataclass(frozen=True)
class Box:
    """One box: what identifies it, its lines of text, its kind (a class of the style)."""

    key: Hashable
    lines: tuple[str, ...]
    kind: str = "box"

    @property
    def width(self) -> float:
        """Width in pixels."""
        return max(map(len, self.lines)) * _CHARACTER + 18

    @property
    def height(self) -> float:
        """Height in pixels."""
        return len(self.lines) * _LINE + 12


@dataclass(frozen=True)
class Arrow:
    """An arrow between two boxes, with a label on it."""

    start: Hashable
    end: Hashable
    label: str = ""


def draw(boxes: Sequence[Box], arrows: Sequence[Arrow], title: str) -> str:
    """The SVG; boxes must be given in an order in which arrows only point forward."""
    columns = _columns(boxes, arrows)
    places = _places(columns, arrows)
    width = max(x + box.width for box, x, _ in places.values()) + _MARGIN
    height = max(y + box.height for box, _, y in places.values()) + _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img"><title>{escape(title)}</title>',
        f"<style>{_STYLE}</style>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
        'markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#8c959f"/></marker></defs>',
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#fff"/>',
    ]
    parts += [_arrow(arrow, places) for arrow in arrows]
    parts += [_box(*place) for place in places.values()]
    parts += [_label(arrow, places) for arrow in arrows if arrow.label]
    return "".join(parts) + "</svg>"


def _columns(boxes: Sequence[Box], arrows: Sequence[Arrow]) -> list[list[Box]]:
    into: dict[Hashable, list[Hashable]] = {}
    for arrow in arrows:
        into.setdefault(arrow.end, []).append(arrow.start)
    depth: dict[Hashable, int] = {}
    for box in boxes:
        depth[box.key] = 1 + max((depth[start] for start in into.get(box.key, [])), default=-1)
    _pull_inputs(boxes, arrows, depth)
    columns: list[list[Box]] = [[] for _ in range(1 + max(depth.values()))]
    for box in boxes:
        columns[depth[box.key]].append(box)
    return columns


def _pull_inputs(boxes: Sequence[Box], arrows: Sequence[Arrow], depth: dict[Hashable, int]) -> None:
    """Move inputs to the column before their first use."""
    ends = {arrow.end for arrow in arrows}
    for box in boxes:
        uses = [depth[arrow.end] for arrow in arrows if arrow.start == box.key]
        if box.key not in ends and uses:
            depth[box.key] = min(uses) - 1


def _places(
    columns: Sequence[Sequence[Box]], arrows: Sequence[Arrow]
) -> dict[Hashable, tuple[Box, float, float]]:
    tallest = max(sum(box.height + _GAP_Y for box in column) for column in columns)
    places: dict[Hashable, tuple[Box, float, float]] = {}
    x: float = _MARGIN
    for column in columns:
        wanted = {box.key: _mean_height(box, arrows, places) for box in column}
        ordered = sorted(column, key=lambda box: wanted[box.key])
        y = _MARGIN + (tallest - sum(box.height + _GAP_Y for box in column)) / 2
        for box in ordered:
            places[box.key] = box, x, y
            y += box.height + _GAP_Y
        x += max((box.width for box in column), default=0) + _GAP_X
    return places


def _mean_height(
    box: Box, arrows: Sequence[Arrow], places: dict[Hashable, tuple[Box, float, float]]
) -> float:
    before = [places[a.start][2] for a in arrows if a.end == box.key and a.start in places]
    return sum(before) / len(before) if before else 0.0


def _ends(
    arrow: Arrow, places: dict[Hashable, tuple[Box, float, float]]
) -> tuple[float, float, float, float]:
    start, x0, y0 = places[arrow.start]
    end, x1, y1 = places[arrow.end]
    return x0 + start.width, y0 + start.height / 2, x1, y1 + end.height / 2


def _arrow(arrow: Arrow, places: dict[Hashable, tuple[Box, float, float]]) -> str:
    x0, y0, x1, y1 = _ends(arrow, places)
    bend = max(30.0, (x1 - x0) / 2)
    return (
        f'<path class="arrow" marker-end="url(#tip)" d="M{x0:.1f} {y0:.1f}C{x0 + bend:.1f} '
        f'{y0:.1f} {x1 - bend:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"/>'
    )


def _label(arrow: Arrow, places: dict[Hashable, tuple[Box, float, float]]) -> str:
    x0, y0, x1, y1 = _ends(arrow, places)
    middle = f'x="{(x0 + x1) / 2:.1f}" y="{(y0 + y1) / 2 - 4:.1f}"'
    return f'<text class="label" text-anchor="middle" {middle}>{escape(arrow.label)}</text>'


def _box(box: Box, x: float, y: float) -> str:
    lines = "".join(
        f'<text x="{x + 9:.1f}" y="{y + 18 + i * _LINE:.1f}">{escape(line)}</text>'
        for i, line in enumerate(box.lines)
    )
    return (
        f'<rect class="{box.kind}" x="{x:.1f}" y="{y:.1f}" rx="6" width="{box.width:.1f}" '
        f'height="{box.height:.1f}"/>{lines}'
    )


def graph_svg(graph: Graph) -> str:
    """A traced graph: inputs blue, states yellow, operations grey, results green."""
    boxes = [Box(s, (f"input {s.label}", _type(s)), "input") for s in graph.inputs]
    boxes += [Box(s, (f"constant {s.label}", _type(s)), "input") for s in graph.constants]
    boxes += [Box(s, (state.name, _type(s)), "state") for state, s in graph.states.items()]
    arrows: list[Arrow] = []
    owner: dict[Symbol, Hashable] = {symbol: symbol for symbol in graph.sources()}
    results = set(graph.results())
    for number, node in enumerate(graph.nodes):
        lines = (node.primitive.name, *(f"{s.label} {_type(s)}" for s in node.outputs))
        lines += (node.scope,) if node.scope else ()
        boxes.append(Box(number, lines, "result" if results & set(node.outputs) else "box"))
        arrows += [Arrow(owner[symbol], number) for symbol in dict.fromkeys(node.inputs)]
        owner.update(dict.fromkeys(node.outputs, number))
    return draw(boxes, arrows, f"graph {graph.name}")


def _type(symbol: Symbol) -> str:
    return f"{symbol.dtype} ({', '.join(map(str, symbol.shape))})"
