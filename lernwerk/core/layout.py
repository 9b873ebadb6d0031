"""Where the boxes and arrows of a drawing stand: a layered layout without a graphics library.

Boxes stand in columns by their distance from the inputs. An arrow that passes a column gets a place
of its own there, so that it runs between the boxes; within a column places are ordered by the mean
place of their neighbours, so that few arrows cross (Sugiyama et al. 1981). No SVG in here; see
``drawing.py``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

CHARACTER, LINE, MARGIN = 7.9, 17, 16  # pixels; a character of 13 pixels is 0.6 of that wide
_GAP_Y, _PASS, _SWEEPS = 20, 8, 6
BEND = 44  # pixels between two columns in which arrows change their height


@dataclass(frozen=True)
class Box:
    """One box: what identifies it, its lines of text, its kind (a class of the style)."""

    key: Hashable
    lines: tuple[str, ...]
    kind: str = "box"

    @property
    def width(self) -> float:
        """Width in pixels."""
        return max(map(len, self.lines)) * CHARACTER + 18


@dataclass(frozen=True)
class Arrow:
    """An arrow between two boxes, with a label on it."""

    start: Hashable
    end: Hashable
    label: str = ""


@dataclass(frozen=True)
class Pass:
    """The place of all arrows from one box that go through a column to later ones."""

    start: Hashable
    column: int


@dataclass
class Place:
    """Left edge, width, centre and height of a box or a pass."""

    width: float
    height: float
    x: float = 0.0
    y: float = 0.0


@dataclass
class Layout:
    """The columns with the links between neighbouring ones, and the place of everything."""

    columns: list[list[Hashable]]
    links: list[tuple[Hashable, Hashable]]
    places: dict[Hashable, Place]
    before: dict[Hashable, list[Hashable]] = field(default_factory=lambda: defaultdict(list))
    after: dict[Hashable, list[Hashable]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for start, end in self.links:
            self.before[end].append(start)
            self.after[start].append(end)

    def right(self, key: Hashable) -> float:
        """The right edge of the column in which something stands."""
        place = self.places[key]
        members = next(column for column in self.columns if key in column)
        return place.x + max(self.places[each].width for each in members)


def arrange(boxes: Sequence[Box], arrows: Sequence[Arrow]) -> Layout:
    """Give every box and every passing arrow its place."""
    depth = _depths(boxes, arrows)
    columns: list[list[Hashable]] = [[] for _ in range(1 + max(depth.values(), default=0))]
    for box in boxes:
        columns[depth[box.key]].append(box.key)
    links: dict[tuple[Hashable, Hashable], None] = {}
    for arrow in arrows:
        chain = route(arrow, depth[arrow.start], depth[arrow.end])
        links.update(dict.fromkeys(pairwise(chain)))
    for key in dict.fromkeys(end for _, end in links):
        if isinstance(key, Pass):
            columns[key.column].append(key)
    layout = Layout(columns, list(links), _sizes(boxes, arrows, columns))
    _order(layout)
    _set_heights(layout)
    _set_widths(layout, arrows)
    return layout


def route(arrow: Arrow, first: int, last: int) -> list[Hashable]:
    """The places of an arrow from its start, through the columns in between, to its end."""
    return [arrow.start, *(Pass(arrow.start, i) for i in range(first + 1, last)), arrow.end]


def _depths(boxes: Sequence[Box], arrows: Sequence[Arrow]) -> dict[Hashable, int]:
    """The column of each box; inputs stand in the column before their first use."""
    into: dict[Hashable, list[Hashable]] = defaultdict(list)
    uses: dict[Hashable, list[Hashable]] = defaultdict(list)
    for arrow in arrows:
        into[arrow.end].append(arrow.start)
        uses[arrow.start].append(arrow.end)
    depth: dict[Hashable, int] = {}
    for box in boxes:
        depth[box.key] = 1 + max((depth[start] for start in into[box.key]), default=-1)
    for box in boxes:
        if not into[box.key] and uses[box.key]:
            depth[box.key] = min(depth[end] for end in uses[box.key]) - 1
    return depth


def _sizes(
    boxes: Sequence[Box], arrows: Sequence[Arrow], columns: Sequence[Sequence[Hashable]]
) -> dict[Hashable, Place]:
    incoming: dict[Hashable, int] = defaultdict(int)
    for arrow in arrows:
        incoming[arrow.end] += 1
    sizes = {key: Place(0.0, _PASS) for column in columns for key in column}
    for box in boxes:
        # High enough for its lines, and for the arrows that end at it with a label each.
        lines = max(len(box.lines), incoming[box.key])
        sizes[box.key] = Place(box.width, lines * LINE + 12)
    return sizes


def _order(layout: Layout) -> None:
    """Sort each column by the mean rank of its neighbours, to and fro."""
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        neighbours = layout.before if forward else layout.after
        for column in layout.columns if forward else reversed(layout.columns):
            ranks = {key: i for each in layout.columns for i, key in enumerate(each)}
            column.sort(key=lambda key: _mean([ranks[n] for n in neighbours[key]], ranks[key]))


def _mean(values: Sequence[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def _set_heights(layout: Layout) -> None:
    """Move places towards the height of their neighbours as far as the column has room."""
    for column in layout.columns:
        _spread(layout, column, [0.0] * len(column))
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        for column in layout.columns if forward else reversed(layout.columns):
            wanted = [
                _mean(
                    [layout.places[n].y for n in (*layout.before[key], *layout.after[key])],
                    layout.places[key].y,
                )
                for key in column
            ]
            _spread(layout, column, wanted)
    top = min((place.y - place.height / 2 for place in layout.places.values()), default=0.0)
    for place in layout.places.values():
        place.y += MARGIN - top


def _spread(layout: Layout, column: Sequence[Hashable], wanted: Sequence[float]) -> None:
    """The middle between pushing everything down and pushing everything up: both keep the gaps."""
    places = [layout.places[key] for key in column]
    down, up = list(wanted), list(wanted)
    for i in range(1, len(places)):
        down[i] = max(wanted[i], down[i - 1] + _distance(places[i - 1], places[i]))
    for i in reversed(range(len(places) - 1)):
        up[i] = min(wanted[i], up[i + 1] - _distance(places[i], places[i + 1]))
    for place, low, high in zip(places, down, up, strict=True):
        place.y = (low + high) / 2


def _distance(above: Place, below: Place) -> float:
    return (above.height + below.height) / 2 + _GAP_Y


def _set_widths(layout: Layout, arrows: Sequence[Arrow]) -> None:
    """Columns from left to right, with room for the labels before each box."""
    labels: dict[Hashable, float] = defaultdict(float)
    for arrow in arrows:
        labels[arrow.end] = max(labels[arrow.end], label_width(arrow.label))
    x = float(MARGIN)
    for number, column in enumerate(layout.columns):
        if number:
            x += BEND + max((labels[key] for key in column), default=0.0)
        for key in column:
            layout.places[key].x = x
        x += max((layout.places[key].width for key in column), default=0.0)


def label_width(label: str) -> float:
    """Pixels from the end of a label's arrow to where the arrow may leave its height."""
    return len(label) * CHARACTER + 14 if label else 10.0
