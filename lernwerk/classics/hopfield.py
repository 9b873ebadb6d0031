"""Hopfield's network: a memory that finds a whole pattern from a part of it.

Every cell is joined to every other one, the weights are Hebb's, and a cell that changes always
lowers an energy: so the network rolls into a valley, and the patterns that it learned are valleys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from lernwerk.classics import checks
from lernwerk.errors import COUNT, DataError, check_ranges
from lernwerk.language import translate as _
from lernwerk.ops.primitive import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Hopfield:
    """A network of cells that are +1 or -1.

    Learning: w_ij = 1/n sum over patterns of s_i s_j, w_ii = 0
    Recall: s_i <- sign(sum over j of w_ij s_j), one cell after the other, in an order by chance
    Energy: E = -1/2 sum over i, j of w_ij s_i s_j, which no such step raises

    Shapes: ``fit``: patterns (count, n); ``predict``: (rows, n) -> (rows, n)
    Source: J. J. Hopfield 1982, Neural networks and physical systems with emergent collective
    computational abilities, PNAS 79, 2554-2558. Capacity 0.138 n: D. J. Amit, H. Gutfreund and
    H. Sompolinsky 1985, Physical Review Letters 55, 1530-1533.
    """

    def __init__(self, seed: int = 1) -> None:
        self.seed = seed
        self.weights: Array | None = None
        self.state: Array | None = None

    def fit(self, patterns: Any) -> Self:
        """Learn patterns of +1 and -1; those learned before are forgotten."""
        patterns = _signs("Hopfield.fit", patterns)
        self.weights = patterns.T @ patterns / patterns.shape[1]
        np.fill_diagonal(self.weights, 0)
        self.state = patterns[0].copy()
        return self

    def energy(self, states: Any) -> Array:
        """The energy of each state."""
        weights = checks.fitted("Hopfield.energy", self.weights)
        states = _signs("Hopfield.energy", states, len(weights))
        return -0.5 * np.sum(states @ weights * states, axis=1)

    def sweep(self, states: Array, random: np.random.Generator) -> Array:
        """Each cell once, in an order by chance; the same order for all rows."""
        weights = checks.fitted("Hopfield.sweep", self.weights)
        states = states.copy()
        for i in random.permutation(len(weights)):
            field = states @ weights[:, i]
            states[:, i] = np.where(field == 0, states[:, i], np.sign(field))
        return states

    def predict(self, states: Any, most_sweeps: int = 50) -> Array:
        """Where each state comes to rest: no cell wants to change any more."""
        check_ranges("Hopfield.predict", {"most_sweeps": most_sweeps}, {"most_sweeps": COUNT})
        weights = checks.fitted("Hopfield.predict", self.weights)
        states = _signs("Hopfield.predict", states, len(weights))
        random = np.random.default_rng(self.seed)
        for _sweep in range(most_sweeps):
            before = states
            states = self.sweep(before, random)
            if np.array_equal(states, before):
                break
        self.state = states[0]
        return states

    def picture(self, shape: tuple[int, int] | None = None) -> Figure:
        """The weights, and the state of the network as a picture of ``shape``."""
        from lernwerk.plots import style
        from lernwerk.plots.palette import diverging

        weights = checks.fitted("Hopfield.picture", self.weights)
        state = checks.fitted("Hopfield.picture", self.state)
        with style.styled():
            figure = style.new_figure(5.4, 2.8)
            for axes, values, title in zip(
                figure.subplots(1, 2),
                (weights, state.reshape(shape or (1, -1))),
                (_("weights"), _("state")),
                strict=True,
            ):
                limit = float(np.abs(values).max()) or 1.0
                axes.imshow(values, cmap=diverging(), vmin=-limit, vmax=limit)
                axes.set_title(title)
                axes.set_axis_off()
        return figure


def overlap(states: Any, patterns: Any) -> Array:
    """How much each state is like its pattern: 1 the same, 0 by chance, -1 the negative."""
    return np.mean(np.asarray(states) * np.asarray(patterns), axis=1)


def _signs(where: str, states: Any, width: int | None = None) -> Array:
    states = checks.rows(where, states, width)
    if not len(states):
        raise DataError(where, "at least one pattern", "none")
    if not np.isin(states, (-1, 1)).all():
        strange = states[~np.isin(states, (-1, 1))][0]
        raise DataError(where, "+1 or -1 everywhere", f"{strange:g}", "np.where(x > 0, 1, -1)")
    return states
