"""Von der Malsburg's orientation cells: a sheet of cortex that organises itself.

Cells wired at random to a small retina see bars of light. Neighbours excite each other, cells
farther away are inhibited, and connections that carried light to an active cell grow at the cost
of its others. With no teacher each cell comes to prefer one orientation, and neighbours similar
ones, as Hubel and Wiesel had found it in the cat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from lernwerk.classics import checks
from lernwerk.classics.hexagons import bars, hexagon, within
from lernwerk.errors import COUNT, NOT_NEGATIVE, check_ranges
from lernwerk.language import translate as _
from lernwerk.ops.primitive import Array
from lernwerk.plots import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# The constants of the paper's table: how strongly an exciting cell excites its six neighbours (p)
# and the inhibiting cells at its place and around (r), how strongly these inhibit the twelve
# places beyond (q), and the mean weight of a connection from the retina (s).
P, R, Q, S = 0.4, 0.286, 0.3, 0.25
THRESHOLD = 1.0
# Time is counted in units of the cells' decay; steps of a fifth keep the sheet from swinging.
TIME, STEP = 20.0, 0.2
RETINA, CORTEX = 2, 7  # radii of the hexagons: 19 and 169 cells
ANGLES = np.deg2rad(10 + 20 * np.arange(9))  # nine bars, each of which lights seven cells


class OrientationCells:
    """169 exciting and 169 inhibiting cells on a sheet, 19 cells of a retina.

    exciting:    dH/dt = -H + p (six neighbours of H*) - q (twelve next of I*) + w a
    inhibiting:  dI/dt = -I + r (H* of the same place and its six neighbours)
    H* = what exceeds the threshold of 1, else 0; likewise I*
    learning:    w += learning_rate * H* a, then each cell's weights scaled to a sum of 19 s

    Shapes: pictures on the retina a (rows, 19) -> H* (rows, 169); weights (169, 19).
    Source: C. von der Malsburg 1973, Self-organization of orientation sensitive cells in the
    striate cortex, Kybernetik 14, 85-100.
    """

    def __init__(self, learning_rate: float = 0.05, seed: int = 0) -> None:
        check_ranges(
            "OrientationCells", {"learning_rate": learning_rate}, {"learning_rate": NOT_NEGATIVE}
        )
        self.learning_rate = learning_rate
        self.random = np.random.default_rng(seed)
        self.retina, self.places = hexagon(RETINA), hexagon(CORTEX)
        self.excitation = P * within(self.places, 1, 1)
        self.passed_on = R * within(self.places, 0, 1)
        self.inhibition = Q * within(self.places, 3**0.5, 2)
        self.weights = self._scaled(self.random.random((len(self.places), len(self.retina))))

    def _scaled(self, weights: Array) -> Array:
        return weights * (S * len(self.retina) / weights.sum(axis=1, keepdims=True))

    def predict(self, x: Any) -> Array:
        """How strongly each exciting cell fires after 20 units of time, (rows, 169).

        A sheet that has learned is at rest by then; a fresh one still settles a little.
        """
        x = checks.rows("OrientationCells.predict", x, len(self.retina))
        drive = x @ self.weights.T
        exciting, inhibiting = np.zeros_like(drive), np.zeros_like(drive)
        for _moment in range(round(TIME / STEP)):
            e, i = _above(exciting), _above(inhibiting)
            exciting += STEP * (drive + e @ self.excitation - i @ self.inhibition - exciting)
            inhibiting += STEP * (e @ self.passed_on - inhibiting)
        return _above(exciting)

    def learn(self, x: Any) -> Self:
        """One step of learning for each picture, in the order given."""
        for row in checks.rows("OrientationCells.learn", x, len(self.retina)):
            active = self.predict(row[None])[0]
            self.weights += self.learning_rate * np.outer(active, row)
            self.weights = self._scaled(self.weights)
        return self

    def fit(self, x: Any, epochs: int = 20) -> Self:
        """See all pictures so many times, each time in another order."""
        check_ranges("OrientationCells.fit", {"epochs": epochs}, {"epochs": COUNT})
        x = np.asarray(x, dtype=np.float64)
        for _epoch in range(epochs):
            self.learn(self.random.permutation(x))
        return self

    def bars(self, angles: Array = ANGLES) -> Array:
        """Bars of light on the retina, (angles, 19)."""
        return bars(self.retina, angles)

    def preferences(self, answers: Array | None = None) -> tuple[Array, Array]:
        """(angle, sharpness) of each cell: which bars it prefers, from 0 (all alike) to 1 (one).

        ``answers`` (9, 169) are the cells' to the nine bars; without them it is what the weights
        alone would let through. Angles lie between 0 and pi.
        """
        answers = self.bars() @ self.weights.T if answers is None else answers
        mean = np.exp(2j * ANGLES) @ answers / np.maximum(answers.sum(axis=0), 1e-12)
        return np.angle(mean) / 2 % np.pi, np.abs(mean)

    def disorder(self, angles: Array) -> float:
        """The mean angle between the preferences of neighbours; pi / 4 if these are by chance."""
        one, other = np.nonzero(self.excitation)
        apart = np.abs(angles[one] - angles[other])
        return float(np.minimum(apart, np.pi - apart).mean())

    def picture(self) -> Figure:
        """The sheet: a line in each cell's preferred orientation, longer where it is sharper."""
        with style.styled():
            figure = style.new_figure(5.2, 4.9)
            axes = style.new_axes(figure, _("preferred orientation of each cell's weights"))
            angles, sharpness = self.preferences()
            ways = np.stack([np.cos(angles), np.sin(angles)], axis=1) * sharpness[:, None]
            x, y = self.places.T
            axes.scatter(x, y, c=angles, cmap="hsv", vmin=0, vmax=np.pi, s=165, alpha=0.3, lw=0)
            axes.quiver(
                x, y, *ways.T, angles, cmap="hsv", clim=(0, np.pi), pivot="mid",
                width=0.008, headwidth=0, headlength=0, headaxislength=0,
                angles="xy", scale_units="xy", scale=0.75,
            )  # fmt: skip
            axes.set_aspect("equal")
            axes.set_axis_off()
        return figure


def _above(activity: Array) -> Array:
    return np.maximum(activity - THRESHOLD, 0.0)
