"""ADALINE, the adaptive linear neuron, and its delta rule: learn from the error, not from mistakes.

The perceptron waits for a wrong answer; Adaline compares the sum itself with what it should be and
takes a part of the difference away at once. Fed by a delay line it becomes the adaptive filter that
has cancelled the echo of telephone lines ever since.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from lernwerk.classics import checks
from lernwerk.classics.perceptron import weight_pictures
from lernwerk.errors import COUNT, POSITIVE, Range, ShapeError, check_ranges
from lernwerk.language import translate as _
from lernwerk.ops.primitive import Array
from lernwerk.plots import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STEP = Range(0, 2, low_included=False, high_included=False)


class Adaline:
    """A linear neuron that takes a part of its error away with every example.

    error = y - w x;  w += step * error * x / (x x + quiet)

    One such step leaves (1 - step) of the error on its example, hence 0 < step < 2. ``quiet`` is
    the energy of inputs that are too faint to learn much from. ``predict`` answers with the sign,
    as the machine's lamp did; ``output`` with the sum.
    Shapes: x (rows, inputs), y (rows); weights (inputs); write 1 into a column for a threshold.
    Source: B. Widrow and M. E. Hoff 1960, Adaptive switching circuits, IRE WESCON Convention Record
    4, 96-104.
    """

    def __init__(self, step: float = 0.1, epochs: int = 10, quiet: float = 1e-9) -> None:
        given = {"step": step, "epochs": epochs, "quiet": quiet}
        check_ranges("Adaline", given, {"step": STEP, "epochs": COUNT, "quiet": POSITIVE})
        self.step = step
        self.epochs = epochs
        self.quiet = quiet
        self.weights: Array | None = None
        self.errors: list[float] = []  # the mean squared error of each epoch

    def fit(self, x: Any, y: Any) -> Self:
        """Learn from the beginning."""
        self.weights, self.errors = np.zeros(checks.rows("Adaline.fit", x).shape[1]), []
        for _epoch in range(self.epochs):
            self.errors.append(float(np.mean(self.learn(x, y) ** 2)))
        return self

    def learn(self, x: Any, y: Any) -> Array:
        """One step for each row; the errors, each as it was before its step."""
        x = checks.rows("Adaline.learn", x, None if self.weights is None else len(self.weights))
        y = checks.labels("Adaline.learn", y, len(x)).astype(np.float64)
        if self.weights is None:
            self.weights = np.zeros(x.shape[1])
        errors = np.zeros(len(x))
        for index, (row, wanted) in enumerate(zip(x, y, strict=True)):
            errors[index] = error = wanted - row @ self.weights
            self.weights += self.step * error / (row @ row + self.quiet) * row
        return errors

    def output(self, x: Any) -> Array:
        """The weighted sums, (rows)."""
        weights = checks.fitted("Adaline.output", self.weights)
        return checks.rows("Adaline.output", x, len(weights)) @ weights

    def predict(self, x: Any) -> Array:
        """1 where the sum is positive, else -1."""
        return np.where(self.output(x) > 0, 1, -1)

    def picture(self) -> Figure:
        """The weights as a picture where the inputs are a square, else as a row of pixels."""
        weights = checks.fitted("Adaline.picture", self.weights)
        return weight_pictures(weights[None], [""], _("weights of the Adaline"))


class EchoCanceller(Adaline):
    """An Adaline on a delay line: it learns an echo from the sound that made it and takes it away.

    x_t = (sent_t, sent_(t-1), ..., sent_(t-taps+1));  cleaned_t = heard_t - w x_t

    ``learn_from`` adapts with every sample; ``clean`` leaves the weights as they are, which are
    then an estimate of the echo's path. Shapes: sent, heard (t) -> (t); weights (taps).
    """

    def __init__(self, taps: int = 128, step: float = 0.5, quiet: float = 1e-9) -> None:
        super().__init__(step=step, quiet=quiet)
        check_ranges("EchoCanceller", {"taps": taps}, {"taps": COUNT})
        self.taps = taps
        self.weights = np.zeros(taps)

    def learn_from(self, sent: Any, heard: Any) -> Array:
        """What is left of ``heard`` while the weights adapt."""
        delayed, heard = self._lines("EchoCanceller.learn_from", sent, heard)
        return self.learn(delayed, heard)

    def clean(self, sent: Any, heard: Any) -> Array:
        """What is left of ``heard`` with the weights as they are."""
        delayed, heard = self._lines("EchoCanceller.clean", sent, heard)
        return heard - self.output(delayed)

    def _lines(self, where: str, sent: Any, heard: Any) -> tuple[Array, Array]:
        """The delay line at each moment, (t, taps), and what is heard then."""
        sent, heard = np.asarray(sent, np.float64), np.asarray(heard, np.float64)
        if sent.ndim != 1 or sent.shape != heard.shape:
            raise ShapeError(where, "two sounds of equal length (t)", (sent.shape, heard.shape))
        padded = np.concatenate([np.zeros(self.taps - 1), sent])
        return np.lib.stride_tricks.sliding_window_view(padded, self.taps)[:, ::-1], heard

    def picture(self) -> Figure:
        """The learned path of the echo: how loud it comes back after how many samples."""
        weights = checks.fitted("EchoCanceller.picture", self.weights)
        with style.styled():
            figure = style.new_figure(6.0, 2.4)
            axes = style.new_axes(figure, _("the echo's path as the Adaline has learned it"))
            axes.vlines(range(self.taps), 0, weights, color=style.VALIDATION, lw=1.2)
            axes.set(xlabel=_("delay in samples"), ylabel=_("weight"))
        return figure


def decibels(before: Array, after: Array) -> float:
    """By how much the energy of a sound was reduced: 10 log10(sum before^2 / sum after^2)."""
    return float(10 * np.log10(np.sum(np.square(before)) / np.sum(np.square(after))))
