"""k-means: clusters found without a teacher, by nothing but two steps in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from lernwerk.classics import checks
from lernwerk.errors import COUNT, DataError, check_ranges
from lernwerk.language import translate as _
from lernwerk.ops.primitive import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class KMeans:
    """Lloyd's iteration: each row to its nearest centre, each centre to the mean of its rows.

    Minimises the inertia, the sum over rows of |x - nearest centre|^2, to the nearest minimum; the
    best of ``starts`` random starts is kept, each of ``clusters`` different rows.

    Shapes: ``fit``: x (rows, features); ``predict``: (rows, features) -> (rows);
    ``centres`` (clusters, features); ``path``: the centres after every step of the best start.
    Source: S. P. Lloyd 1957 (published 1982), Least squares quantization in PCM, IEEE Transactions
    on Information Theory 28, 129-137; J. MacQueen 1967, Fifth Berkeley Symposium, 281-297.
    """

    def __init__(self, clusters: int, starts: int = 10, seed: int = 1) -> None:
        check_ranges("KMeans", locals(), {"clusters": COUNT, "starts": COUNT})
        self.clusters, self.starts, self.seed = clusters, starts, seed
        self.centres: Array | None = None
        self.path: list[Array] = []
        self.inertia = np.inf

    def fit(self, x: Any) -> Self:
        """Find the centres of the clusters in ``x``."""
        x = checks.rows("KMeans.fit", x)
        different = np.unique(x, axis=0)
        if len(different) < self.clusters:
            raise DataError(
                "KMeans.fit", f"at least {self.clusters} different rows", str(len(different))
            )
        self.inertia, self._x = np.inf, x
        random = np.random.default_rng(self.seed)
        for _start in range(self.starts):
            path = self._descend(x, random.choice(different, self.clusters, replace=False))
            inertia = float(np.min(_distances(x, path[-1]), axis=1).sum())
            if inertia < self.inertia:
                self.centres, self.path, self.inertia = path[-1], path, inertia
        return self

    def _descend(self, x: Array, centres: Array) -> list[Array]:
        path = [centres]
        while len(path) < 2 or not np.array_equal(path[-1], path[-2]):
            nearest = np.argmin(_distances(x, path[-1]), axis=1)
            path.append(_means(x, nearest, path[-1]))
        return path

    def predict(self, x: Any) -> Array:
        """The number of the cluster whose centre is nearest to each row."""
        centres = checks.fitted("KMeans.predict", self.centres)
        return np.argmin(
            _distances(checks.rows("KMeans.predict", x, centres.shape[1]), centres), axis=1
        )

    def picture(self, step: int = -1) -> Figure:
        """The rows in the colours of their clusters and the centres after a step (2 features)."""
        from lernwerk.plots import style
        from lernwerk.plots.palette import colour_of

        checks.fitted("KMeans.picture", self.centres)
        centres = self.path[step]
        nearest = np.argmin(_distances(self._x, centres), axis=1)
        with style.styled():
            figure = style.new_figure(4.2, 3.6)
            axes = style.new_axes(figure, _("clusters and their centres"))
            for number, centre in enumerate(centres):
                members = self._x[nearest == number]
                colour = colour_of(number)
                axes.plot(members[:, 0], members[:, 1], ".", color=colour, ms=3, alpha=0.6)
                axes.plot(*centre[:2], "o", color=colour, ms=11, mec=style.INK, mew=1.5)
        return figure


def _distances(x: Array, centres: Array) -> Array:
    """The squared distance of every row from every centre, (rows, clusters)."""
    return np.sum((x[:, None] - centres) ** 2, axis=2)


def _means(x: Array, nearest: Array, centres: Array) -> Array:
    """The mean of each cluster; a centre without rows stays where it is."""
    return np.array(
        [
            x[nearest == number].mean(axis=0) if np.any(nearest == number) else centre
            for number, centre in enumerate(centres)
        ]
    )
