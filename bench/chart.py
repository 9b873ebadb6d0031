"""The results as pictures: ratios (one line for each row, Lernwerk at 1) and time against work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bench.measuring import Result
from bench.registry import OURS, PEERS
from bench.report import Run
from bench.scaling import AXES, TITLES, point_id
from lernwerk.plots import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Marks differ in shape and colour; the colours stay apart for every common colour blindness.
MARKS = dict(zip(PEERS, ("o", "p", "s", "D", "^", "<", "v"), strict=True))
COLOURS = dict(zip(PEERS, ("#0b5e91", "#6fb7dc", "#cc7a29", "#e3b04b", "#8c3b2a", "#c98b7a",
                           "#5b8c5a"), strict=True))  # fmt: skip


def chart(run: Run) -> Figure:
    """The chart of the rows that have a peer."""
    shown = [result for result in run.results if result.ratios]
    with style.styled():
        if not shown:
            return style.figure_with_note("No peer was measured.")
        figure = style.new_figure(7.6, 1.2 + 0.42 * len(shown))
        axes = style.new_axes(
            figure, "peer / Lernwerk: to the right of 1,\nLernwerk is faster or smaller"
        )
        axes.axvline(1, color=style.INK, linewidth=1.0)
        for peer in run.peers:
            points = [(each.ratios[peer], y) for y, each in enumerate(shown) if peer in each.ratios]
            axes.plot(*zip(*points, strict=True), MARKS[peer], color=COLOURS[peer], label=peer)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
        labels = [f"{each.row.title.partition(': a')[0]}  {each.row.id}" for each in shown]
        axes.set_yticks(range(len(shown)), labels)
        axes.set_ylim(len(shown) - 0.5, -0.5)
        figure.legend(loc="outside lower center", ncols=len(PEERS))
    return figure


def scaling_chart(points: Sequence[Result]) -> Figure:
    """Time per step against width, depth, batch and length, a line for each contender."""
    found = {result.row.id: result.medians for result in points}
    with style.styled():
        figure = style.new_figure(7.6, 6.0)
        panels = figure.subplots(2, 2).flat
        for panel, (axis, values) in zip(panels, AXES.items(), strict=True):
            measured = [(value, found.get(point_id(axis, value), {})) for value in values]
            _draw_lines(panel, measured)
            panel.set_title(TITLES[axis], fontsize="medium")
            panel.set_xlabel(axis)
            panel.set_ylabel("milliseconds per step")
        lines, names = panel.get_legend_handles_labels()
        figure.legend(lines, names, loc="outside lower center", ncols=max(1, len(names)))
    return figure


def _draw_lines(panel: Any, measured: Sequence[tuple[int, dict[str, float]]]) -> None:
    """One panel: milliseconds of each contender at each value of the axis."""
    for name in (OURS, *PEERS):
        line = [(value, 1000 * medians[name]) for value, medians in measured if name in medians]
        if line:
            mark, colour = MARKS.get(name, "o"), COLOURS.get(name, style.INK)
            panel.plot(
                *zip(*line, strict=True), marker=mark, markersize=4, color=colour, label=name
            )
    panel.set_xscale("log", base=2)
    panel.set_yscale("log")
    panel.xaxis.set_major_formatter("{x:g}")
    panel.yaxis.set_major_formatter("{x:g}")
    panel.yaxis.set_minor_formatter("")
