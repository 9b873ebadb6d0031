"""Learning curves: loss and metrics of every epoch, on the training rows and on validation rows.

It draws a history in Keras's words (``loss``, ``val_loss``, ``accuracy``, ...) and computes
nothing; reading and writing histories lives with the job that trains.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lernwerk.errors import check_name
from lernwerk.language import translate as _
from lernwerk.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

History = Mapping[str, Sequence[float]]

# Beyond this ratio of largest to smallest loss a linear axis shows only the first epochs.
LOGARITHMIC_RATIO = 30.0
# Up to here every epoch is a point of its own.
FEW_EPOCHS = 12


def measures(history: History) -> list[str]:
    """The names in a history without their ``val_`` twins, ``loss`` first."""
    names = list(dict.fromkeys(name.removeprefix("val_") for name in history))
    return sorted(names, key=lambda name: name != "loss")


def learning_curves(
    history: History, best_epoch: int | None = None, *, only: str | None = None
) -> Figure:
    """One panel for each measure of a history, training against validation.

    ``best_epoch`` counts from 1 and is marked; ``only`` draws a single measure. Values that are not
    finite leave a gap. Raises ArgumentError where ``only`` is not in the history.
    """
    names = measures(history)
    if only is not None:
        check_name("learning_curves", "measure", only, names)
        names = [only]
    with style.styled():
        if not any(len(values) for values in history.values()):
            return style.figure_with_note(_("No epoch was finished."))
        figure = style.new_figure(4.7 * len(names), 3.1)
        for axes, name in zip(figure.subplots(1, len(names), squeeze=False)[0], names, strict=True):
            _draw_measure(axes, history, name, best_epoch)
    return figure


def _draw_measure(axes: Axes, history: History, name: str, best_epoch: int | None) -> None:
    training = _finite(history.get(name, ()))
    validation = _finite(history.get(f"val_{name}", ()))
    _label_axes(axes, name, max(len(training), len(validation)))
    if all(map(math.isnan, training + validation)):
        _note_nothing(axes)
        return
    _draw_line(axes, training, _("training"), style.TRAINING, 1.3)
    _draw_line(axes, validation, _("validation"), style.VALIDATION, 1.8)
    if name == "loss" and _wants_logarithm(training + validation):
        _use_logarithm(axes)
    _mark_best(axes, validation or training, best_epoch)
    axes.legend(loc="best")


def _note_nothing(axes: Axes) -> None:
    axes.set_yticks([])
    axes.text(
        0.5,
        0.5,
        _("no finite value in any epoch"),
        color=style.QUIET,
        ha="center",
        va="center",
        transform=axes.transAxes,
    )


def _finite(values: Sequence[float]) -> list[float]:
    return [float(value) if math.isfinite(value) else math.nan for value in values]


def _draw_line(axes: Axes, values: list[float], label: str, colour: str, width: float) -> None:
    if values:
        epochs = range(1, len(values) + 1)
        # Few epochs, or gaps between them, leave no line to see: show the points as well.
        marker = (
            "o" if len(values) <= FEW_EPOCHS or any(math.isnan(value) for value in values) else ""
        )
        axes.plot(epochs, values, label=label, color=colour, linewidth=width, marker=marker, ms=3.2)


def _wants_logarithm(values: list[float]) -> bool:
    known = [value for value in values if not math.isnan(value)]
    return bool(known) and min(known) > 0 and max(known) / min(known) > LOGARITHMIC_RATIO


def _use_logarithm(axes: Axes) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    axes.set_yscale("log")
    axes.set_title(axes.get_title(loc="left") + _(" (log scale)"))
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=12))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _mark_best(axes: Axes, values: list[float], best_epoch: int | None) -> None:
    if best_epoch is None or not 1 <= best_epoch <= len(values):
        return
    axes.axvline(best_epoch, color=style.QUIET, linewidth=0.8, linestyle=(0, (1.5, 2.5)), zorder=1)
    value = values[best_epoch - 1]
    if not math.isnan(value):
        axes.plot(
            [best_epoch],
            [value],
            label=_("best: epoch {epoch}").format(epoch=best_epoch),
            color=style.INK,
            marker="o",
            ms=5,
            linestyle="",
            zorder=5,
        )


def _name(measure: str) -> str:
    known = {"loss": _("loss"), "accuracy": _("accuracy")}
    return known.get(measure, style.printable(measure).replace("_", " "))


def _label_axes(axes: Axes, name: str, epochs: int) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_title(_name(name))
    axes.set_xlabel(_("epoch"))
    axes.set_xlim((0.5, epochs + 0.5) if epochs <= FEW_EPOCHS else (0, epochs + 1))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1, nbins=7))
    axes.grid(visible=False, axis="x")
