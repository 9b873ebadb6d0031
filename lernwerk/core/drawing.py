"""Boxes and arrows as SVG: explanations and traced graphs as self-contained pictures.

The places come from ``layout.py``. The style holds only inside the drawing, so that several can
stand on one page.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from lernwerk.core.layout import (
    BEND,
    LINE,
    MARGIN,
    Arrow,
    Box,
    Layout,
    Pass,
    arrange,
    label_width,
)

if TYPE_CHECKING:
    from lernwerk.core.graph import Graph, Node, Symbol

LONGEST_TEXT = 44  # characters in a box; the print-out has the rest
# The fill and the line of each kind of box.
KINDS = {
    "box": ("#f6f8fa", "#57606a"),
    "input": ("#ddf4ff", "#0969da"),
    "state": ("#fff1cf", "#9a6700"),
    "result": ("#dafbe1", "#1a7f37"),
}
_BOXES = "".join(f".{kind}{{fill:{fill};stroke:{line}}}" for kind, (fill, line) in KINDS.items())
_STYLE = f"""
text{{font:13px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#1b1f24}}
{_BOXES}
.arrow{{fill:none;stroke:#8c959f}}
.label{{fill:#a40e26;paint-order:stroke;stroke:#fff;stroke-width:4px}}
"""


def draw(boxes: Sequence[Box], arrows: Sequence[Arrow], title: str) -> str:
    """The SVG; boxes must be given in an order in which arrows only point forward."""
    layout = arrange(boxes, arrows)
    places = layout.places.values()
    width = max((place.x + place.width for place in places), default=0) + MARGIN
    height = max((place.y + place.height / 2 for place in places), default=0) + MARGIN
    ports = ports_of(layout, arrows)
    name = _name(title, boxes, arrows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" id="{name}" viewBox="0 0 {width:.0f} '
        f'{height:.0f}" width="{width:.0f}" height="{height:.0f}" role="img">',
        f"<title>{escape(title)}</title><style>{_scoped(name)}</style>",
        f'<defs><marker id="{name}-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
        'markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#8c959f"/></marker></defs>',
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#fff"/>',
        f'<g class="arrow" marker-end="url(#{name}-tip)">',
    ]
    parts += [_arrow(layout, arrow, port) for arrow, port in zip(arrows, ports, strict=True)]
    parts += ["</g>", *(_box(box, layout) for box in boxes)]
    parts += [_label(layout, arrow, port) for arrow, port in zip(arrows, ports, strict=True)]
    return "".join(parts) + "</svg>"


def _name(title: str, boxes: Sequence[Box], arrows: Sequence[Arrow]) -> str:
    """An id made of what is drawn: the same drawing has the same on every run."""
    numbers = {box.key: i for i, box in enumerate(boxes)}
    links = [(numbers[arrow.start], numbers[arrow.end], arrow.label) for arrow in arrows]
    content = repr((title, [(box.lines, box.kind) for box in boxes], links))
    return f"drawing-{zlib.crc32(content.encode()):08x}"


def _scoped(name: str) -> str:
    """The style with every rule limited to the drawing of that name."""
    rules = _STYLE.replace("\n", "").split("}")
    return "".join(f"#{name} {rule}}}" for rule in rules if rule)


def ports_of(layout: Layout, arrows: Sequence[Arrow]) -> list[float]:
    """The height at which each arrow ends: one below the other, in the order of their coming."""
    incoming: dict[Hashable, list[int]] = defaultdict(list)
    for number, arrow in enumerate(arrows):
        incoming[arrow.end].append(number)
    ports = [0.0] * len(arrows)
    for end, numbers in incoming.items():
        numbers.sort(key=lambda i: layout.places[chain_of(layout, arrows[i])[-2]].y)
        first = layout.places[end].y - (len(numbers) - 1) / 2 * LINE
        for place, number in enumerate(numbers):
            ports[number] = first + place * LINE
    return ports


def chain_of(layout: Layout, arrow: Arrow) -> list[Hashable]:
    """The places that an arrow touches."""
    chain: list[Hashable] = [arrow.end]
    passes = [key for key in layout.places if isinstance(key, Pass) and key.start == arrow.start]
    by_column = {key.column: key for key in passes}
    column = next(i for i, keys in enumerate(layout.columns) if arrow.end in keys) - 1
    while column in by_column:
        chain.append(by_column[column])
        column -= 1
    return [arrow.start, *reversed(chain)]


def _arrow(layout: Layout, arrow: Arrow, port: float) -> str:
    chain = chain_of(layout, arrow)
    start = layout.places[arrow.start]
    path = f"M{start.x + start.width:.1f} {start.y:.1f}"
    for key, following in pairwise(chain):
        x0, y0 = layout.right(key), layout.places[key].y
        x1, y1 = layout.places[following].x, layout.places[following].y
        if following == arrow.end:
            y1 = port
        turn = min(x0 + BEND - 6, x1)
        middle = (x0 + turn) / 2
        path += f"H{x0:.1f}C{middle:.1f} {y0:.1f} {middle:.1f} {y1:.1f} {turn:.1f} {y1:.1f}"
        path += f"H{x1:.1f}"
    return f'<path d="{path}"/>'


def _label(layout: Layout, arrow: Arrow, port: float) -> str:
    if not arrow.label:
        return ""
    x = layout.places[arrow.end].x - label_width(arrow.label) + 4
    return f'<text class="label" x="{x:.1f}" y="{port - 4:.1f}">{escape(arrow.label)}</text>'


def _box(box: Box, layout: Layout) -> str:
    place = layout.places[box.key]
    top = place.y - place.height / 2
    first = place.y - len(box.lines) * LINE / 2 + 13
    lines = "".join(
        f'<text x="{place.x + 9:.1f}" y="{first + i * LINE:.1f}">{escape(line)}</text>'
        for i, line in enumerate(box.lines)
    )
    return (
        f'<rect class="{box.kind}" x="{place.x:.1f}" y="{top:.1f}" rx="6" '
        f'width="{place.width:.1f}" height="{place.height:.1f}"/>{lines}'
    )


def shortened(text: str) -> str:
    """A text that fits into a box."""
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 3]}..."


def graph_svg(graph: Graph, notes: Mapping[Node, str] | None = None) -> str:
    """A traced graph: inputs blue, states yellow, operations grey, results green.

    ``notes`` are lines of text for nodes, such as what they cost.
    """
    numbers = {s: f"{a.item():.6g}" for s, a in graph.constants.items() if a.size == 1}
    boxes = [Box(s, (f"input {s.label}", _type(s)), "input") for s in graph.inputs]
    boxes += [
        Box(s, (f"constant {s.label}", _type(s)), "input")
        for s in graph.constants
        if s not in numbers
    ]
    boxes += [
        Box(s, (f"{state.name} {s.label}", _type(s)), "state") for state, s in graph.states.items()
    ]
    arrows: list[Arrow] = []
    owner: dict[Symbol, Hashable] = {symbol: symbol for symbol in graph.sources()}
    results = set(graph.results())
    for number, node in enumerate(graph.nodes):
        kind = "box" if results.isdisjoint(node.outputs) else "result"
        lines = [*_node_lines(node, numbers, graph), *_note(node, notes)]
        boxes.append(Box(number, tuple(lines), kind))
        starts = dict.fromkeys(owner[symbol] for symbol in node.inputs if symbol not in numbers)
        arrows += [Arrow(start, number) for start in starts]
        owner.update(dict.fromkeys(node.outputs, number))
    return draw(boxes, arrows, f"graph {graph.name}")


def _node_lines(node: Node, numbers: dict[Symbol, str], graph: Graph) -> Iterator[str]:
    """What a node computes, the types of its outputs, its layer, and where its results go."""
    arguments = [numbers.get(symbol, symbol.label) for symbol in node.inputs]
    arguments += [f"{name}={value}" for name, value in node.attributes.items()]
    yield shortened(f"{node.primitive.name}({', '.join(arguments)})")
    for symbol in node.outputs:
        yield f"{symbol.label} {_type(symbol)}"
    if node.scope:
        yield shortened(node.scope)
    for state, symbol in graph.updates.items():
        if symbol in node.outputs:
            yield shortened(f"new value of {state.name}")
    if not set(graph.outputs).isdisjoint(node.outputs):
        yield "returned"


def _note(node: Node, notes: Mapping[Node, str] | None) -> Iterator[str]:
    if notes and node in notes:
        yield shortened(notes[node])


def _type(symbol: Symbol) -> str:
    return f"{symbol.dtype} ({', '.join(map(str, symbol.shape))})"
