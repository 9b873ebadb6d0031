"""Kohonen's self-organising map: a sheet of cells on which neighbours learn to like neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from lernwerk.classics import checks
from lernwerk.errors import COUNT, POSITIVE, DataError, check_ranges
from lernwerk.language import translate as _
from lernwerk.ops.primitive import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class SelfOrganizingMap:
    """Cells in rows and columns, each with a weight vector of the input's length.

    For an input x the cell c with the nearest weights wins; it and its neighbours learn:

    w_i <- w_i + rate(t) h_ci(t) (x - w_i),  h_ci = exp(-|r_i - r_c|^2 / (2 radius(t)^2))

    where r are the places of cells on the sheet. Rate and radius shrink exponentially, to a
    hundredth of ``rate`` and to ``last_radius``.

    Shapes: ``fit``: x (rows, features); ``predict``: (rows, features) -> places (rows, 2);
    ``weights`` (rows of cells, columns, features)
    Source: T. Kohonen 1982, Self-organized formation of topologically correct feature maps,
    Biological Cybernetics 43, 59-69. U-matrix: A. Ultsch and H. P. Siemon 1990.
    """

    def __init__(
        self,
        rows: int,
        columns: int,
        rate: float = 0.5,
        last_radius: float = 0.8,
        seed: int = 1,
    ) -> None:
        ranges = {"rows": COUNT, "columns": COUNT, "rate": POSITIVE, "last_radius": POSITIVE}
        check_ranges("SelfOrganizingMap", locals(), ranges)
        self.rows, self.columns, self.rate, self.seed = rows, columns, rate, seed
        self.last_radius = last_radius
        self.first_radius = max(last_radius, max(rows, columns) / 2)
        self.places = np.stack(np.mgrid[:rows, :columns], axis=-1).astype(float)
        self.weights: Array | None = None

    def start(self, x: Any) -> Self:
        """Weights by chance, between the smallest and the largest value of each feature."""
        x = _some_rows("SelfOrganizingMap.start", x)
        low, high = x.min(axis=0), x.max(axis=0)
        shape = (self.rows, self.columns, x.shape[1])
        self.weights = low + np.random.default_rng(self.seed).random(shape) * (high - low)
        return self

    def learn(self, x: Array, done: float) -> None:
        """One input; ``done`` is the share of the training that lies behind, 0 to 1."""
        weights = checks.fitted("SelfOrganizingMap.learn", self.weights)
        radius = self.first_radius * (self.last_radius / self.first_radius) ** done
        winner = self.places.reshape(-1, 2)[np.argmin(np.sum((weights - x) ** 2, axis=2))]
        apart = np.sum((self.places - winner) ** 2, axis=2)  # (rows, columns)
        near = np.exp(-apart / (2 * radius**2))
        weights += self.rate * 0.01**done * near[..., None] * (x - weights)

    def fit(self, x: Any, steps: int = 10_000) -> Self:
        """So many inputs, drawn by chance from the rows of ``x``."""
        check_ranges("SelfOrganizingMap.fit", {"steps": steps}, {"steps": COUNT})
        x = _some_rows("SelfOrganizingMap.fit", x)
        self.start(x)
        chosen = np.random.default_rng(self.seed + 1).integers(len(x), size=steps)
        for step, row in enumerate(chosen):
            self.learn(x[row], step / steps)
        return self

    def predict(self, x: Any) -> Array:
        """The place (row, column) of the cell that each input belongs to."""
        return np.stack(np.unravel_index(self._best(x, 1)[:, 0], (self.rows, self.columns)), axis=1)

    def _best(self, x: Any, count: int) -> Array:
        """The numbers of the cells nearest to each row, the nearest first."""
        weights = checks.fitted("SelfOrganizingMap", self.weights)
        x = checks.rows("SelfOrganizingMap", x, weights.shape[2])
        flat = weights.reshape(-1, weights.shape[2])
        distances = np.sum(flat**2, axis=1) - 2 * x @ flat.T  # |x|^2 is the same for all cells
        return np.argsort(distances, axis=1, kind="stable")[:, :count]

    def quantization_error(self, x: Any) -> float:
        """The mean distance of inputs from the weights of their cells."""
        best = self._best(x, 1)[:, 0]
        flat = checks.fitted("SelfOrganizingMap", self.weights).reshape(-1, np.shape(x)[1])
        return float(np.mean(np.linalg.norm(np.asarray(x) - flat[best], axis=1)))

    def topographic_error(self, x: Any) -> float:
        """The share of inputs whose nearest and second nearest cells are no neighbours.

        Cells that touch at a corner are neighbours. Source: K. Kiviluoto 1996, ICNN, 294-299.
        """
        first, second = self.places.reshape(-1, 2)[self._best(x, 2)].swapaxes(0, 1)
        return float(np.mean(np.abs(first - second).max(axis=1) > 1))

    def u_matrix(self) -> Array:
        """The mean distance of each cell's weights from its neighbours', (rows, columns).

        Ridges in it are borders between groups of inputs.
        """
        weights = checks.fitted("SelfOrganizingMap.u_matrix", self.weights)
        total, count = np.zeros((2, self.rows, self.columns))
        for down, right in ((0, 1), (1, 0)):
            here = weights[: self.rows - down, : self.columns - right]
            there = weights[down:, right:]
            apart = np.linalg.norm(here - there, axis=2)
            for part in (np.s_[: self.rows - down, : self.columns - right], np.s_[down:, right:]):
                total[part] += apart
                count[part] += 1
        return total / np.maximum(count, 1)

    def picture(self) -> Figure:
        """The U-matrix; where inputs have three features, the weights as colours beside it."""
        from lernwerk.plots import style

        weights = checks.fitted("SelfOrganizingMap.picture", self.weights)
        coloured = weights.shape[2] == 3
        with style.styled():
            figure = style.new_figure(5.6 if coloured else 3.2, 3.0)
            *others, axes = figure.subplots(1, 2 if coloured else 1, squeeze=False)[0]
            axes.imshow(self.u_matrix(), cmap="bone_r")
            axes.set_title(_("U-matrix: distance from the neighbours"))
            for each in others:
                each.imshow(np.clip(weights, 0, 1))
                each.set_title(_("weights as colours"))
            for each in (*others, axes):
                each.set_axis_off()
        return figure


def _some_rows(where: str, x: Any) -> Array:
    x = checks.rows(where, x)
    if not len(x):
        raise DataError(where, "at least one row", "none")
    return x
