"""The ratios as a picture: one line for each row, one mark for each peer, Lernwerk at 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.registry import PEERS
from bench.report import Run
from lernwerk.plots import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Marks differ in shape and colour; the colours stay apart for every common colour blindness.
MARKS = dict(zip(PEERS, ("o", "s", "D", "^", "v"), strict=True))
COLOURS = dict(zip(PEERS, ("#0b5e91", "#cc7a29", "#e3b04b", "#8c3b2a", "#5b8c5a"), strict=True))


def chart(run: Run) -> Figure:
    """The chart of the rows that have a peer."""
    shown = [result for result in run.results if result.ratios]
    with style.styled():
        if not shown:
            return style.figure_with_note("No peer was measured.")
        figure = style.new_figure(7.6, 1.2 + 0.42 * len(shown))
        axes = style.new_axes(
            figure, "peer / Lernwerk: to the right of 1, Lernwerk is faster or smaller"
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
