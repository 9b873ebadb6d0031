"""Rosenblatt's perceptron: threshold cells that learn from their mistakes, and the Mark I of them.

A unit says yes where the weighted sum of its inputs is positive. After a mistake, and only then,
the input is added to its weights or taken away. Where a hyperplane separates the classes the
mistakes come to an end, and their number has a bound that knows nothing of how many inputs there
are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from lernwerk.classics import checks
from lernwerk.errors import COUNT, ArgumentError, DataError, check_ranges
from lernwerk.language import translate as _
from lernwerk.ops.primitive import Array
from lernwerk.plots import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Perceptron:
    """One unit for two classes, one for each class where there are more.

    u = [x, 1] w;  two classes: the second where u > 0;  more: the class of the largest u
    After a mistake: w += [x, 1] for the unit that should have won, -= for the one that did.

    ``mistakes`` holds their number for each epoch. Training ends with an epoch without any.
    Shapes: x (rows, inputs), y (rows); weights (inputs + 1, units), the threshold last.
    Source: F. Rosenblatt 1958, The perceptron, Psychological Review 65, 386-408; 1960, Perceptron
    simulation experiments, Proceedings of the IRE 48, 301-309.
    """

    def __init__(self, epochs: int = 100, shuffle: bool = True, seed: int = 0) -> None:
        check_ranges("Perceptron", {"epochs": epochs}, {"epochs": COUNT})
        self.epochs = epochs
        self.shuffle = shuffle
        self.random = np.random.default_rng(seed)
        self.classes: Array = np.array([])
        self.weights: Array | None = None
        self.mistakes: list[int] = []

    def fit(self, x: Any, y: Any) -> Self:
        """Learn from the beginning until an epoch passes without a mistake, or ``epochs`` have."""
        x = checks.rows("Perceptron.fit", x)
        y = checks.labels("Perceptron.fit", y, len(x))
        self.classes = np.unique(y)
        if len(self.classes) < 2:
            raise ArgumentError("Perceptron.fit", "at least two classes", len(self.classes))
        self.weights = np.zeros((x.shape[1] + 1, self._units))
        self.mistakes = []
        while len(self.mistakes) < self.epochs and 0 not in self.mistakes[-1:]:
            self.learn(x, y)
        return self

    @property
    def _units(self) -> int:
        return 1 if len(self.classes) == 2 else len(self.classes)

    def learn(self, x: Any, y: Any) -> int:
        """One epoch more, whose number of mistakes it returns."""
        weights = checks.fitted("Perceptron.learn", self.weights)
        inputs = _with_one(checks.rows("Perceptron.learn", x, len(weights) - 1))
        wanted = np.searchsorted(self.classes, self._known(y, len(inputs)))
        order = self.random.permutation(len(inputs)) if self.shuffle else range(len(inputs))
        count = sum(self._learn_row(weights, inputs[row], int(wanted[row])) for row in order)
        self.mistakes.append(count)
        return count

    def _known(self, y: Any, count: int) -> Array:
        y = checks.labels("Perceptron.learn", y, count)
        if not np.isin(y, self.classes).all():
            strange = y[~np.isin(y, self.classes)][0]
            raise DataError("Perceptron.learn", "labels that fit has seen", repr(strange.item()))
        return y

    def _learn_row(self, weights: Array, row: Array, wanted: int) -> bool:
        won = int(_winners(row @ weights))
        if won == wanted:
            return False
        if len(self.classes) == 2:
            weights[:, 0] += row if wanted else -row
        else:
            weights[:, wanted] += row
            weights[:, won] -= row
        return True

    def decision(self, x: Any) -> Array:
        """The weighted sums, (rows, units)."""
        weights = checks.fitted("Perceptron.decision", self.weights)
        return _with_one(checks.rows("Perceptron.decision", x, len(weights) - 1)) @ weights

    def predict(self, x: Any) -> Array:
        """The class of each row."""
        return self.classes[_winners(self.decision(x))]

    def score(self, x: Any, y: Any) -> float:
        """The share of rows whose class is right."""
        return float(np.mean(self.predict(x) == np.asarray(y)))

    def picture(self) -> Figure:
        """The weights of each unit, as a picture where the inputs are a square."""
        weights = checks.fitted("Perceptron.picture", self.weights)[:-1].T  # (units, inputs)
        names = self.classes[-len(weights) :]
        return weight_pictures(weights, [str(name) for name in names], _("weights"))


def _with_one(x: Array) -> Array:
    return np.concatenate([x, np.ones((len(x), 1))], axis=1)


def _winners(sums: Array) -> Any:
    return (sums[..., 0] > 0).astype(int) if sums.shape[-1] == 1 else sums.argmax(axis=-1)


class MarkOne(Perceptron):
    """The Mark I: retina, association units wired at random, and response units that learn.

    a = 1 where the sum of the retina's points wired to exciting connections, minus those wired to
    inhibiting ones, is > 0;  the response units are a ``Perceptron`` on a.

    Only the connections from association to response units learn; the wiring stays as it was
    plugged. The machine, shown in 1960, had a retina of 20 x 20 photocells, 512 association units
    and 8 response units. Shapes: x (rows, points) 0 or 1, wiring (points, association units) -1, 0
    or 1.
    Source: J. C. Hay, B. E. Lynch and D. R. Smith 1960, Mark I perceptron operators' manual,
    Cornell Aeronautical Laboratory, VG-1196-G-5.
    """

    def __init__(
        self,
        association_units: int = 512,
        connections: int = 40,
        epochs: int = 20,
        seed: int = 0,
    ) -> None:
        super().__init__(epochs=epochs, seed=seed)
        given = {"association_units": association_units, "connections": connections}
        check_ranges("MarkOne", given, dict.fromkeys(given, COUNT))
        self.association_units = association_units
        self.connections = connections
        self.wiring: Array | None = None

    def fit(self, x: Any, y: Any) -> Self:
        """Plug the wiring by chance, then teach the response units."""
        x = checks.binary_rows("MarkOne.fit", x)
        self.wiring = np.zeros((x.shape[1], self.association_units), dtype=np.float32)
        for unit in self.wiring.T:
            ends = self.random.integers(0, len(unit), self.connections)
            np.add.at(unit, ends, self.random.choice([-1, 1], self.connections))
        return super().fit(self.associations(x), y)

    def associations(self, x: Any) -> Array:
        """Which association units fire, (rows, association units)."""
        wiring = checks.fitted("MarkOne.associations", self.wiring)
        points = checks.binary_rows("MarkOne.associations", x, len(wiring))
        return (points.astype(np.float32) @ wiring > 0).astype(np.float64)

    def predict(self, x: Any) -> Array:
        """The class of each picture on the retina."""
        return super().predict(self.associations(x))

    def picture(self) -> Figure:
        """What each response unit sees: the wiring of all association units, by their weights."""
        weights = checks.fitted("MarkOne.picture", self.weights)[:-1]
        seen = (checks.fitted("MarkOne.picture", self.wiring) @ weights).T  # (units, points)
        names = self.classes[-len(seen) :]
        return weight_pictures(seen, [str(name) for name in names], _("seen through the wiring"))


def mistake_bound(x: Any, y: Any, rounds: int = 10_000) -> tuple[float, float, float]:
    """(bound, R, gamma): no perceptron makes more than (R / gamma)^2 mistakes on these two classes.

    R is the longest [x, 1]; gamma the widest margin that a direction through the origin leaves,
    which is the distance of the origin from the hull of all +-[x, 1] (Gilbert's algorithm, so many
    rounds of it). The margin found is a true one, so the bound holds. (inf, R, 0.0) where no
    direction separates the classes.
    Source: A. B. J. Novikoff 1962, On convergence proofs on perceptrons, Symposium on the
    Mathematical Theory of Automata 12, 615-622; E. G. Gilbert 1966, SIAM Journal on Control 4,
    61-79.
    """
    x = checks.rows("mistake_bound", x)
    y = checks.labels("mistake_bound", y, len(x))
    signed = _with_one(x) * np.where(y == np.unique(y)[-1], 1, -1)[:, None]
    radius = float(np.linalg.norm(signed, axis=1).max())
    nearest = signed[0].copy()  # the point of the hull that is nearest to the origin so far
    gamma = 0.0
    for _round in range(rounds):
        sums = signed @ nearest
        corner = signed[int(sums.argmin())]
        length = float(nearest @ nearest)
        gamma = max(gamma, float(sums.min()) / length**0.5 if length else 0.0)
        way = nearest - corner
        if length < 1e-12 or float(nearest @ way) <= 1e-6 * length:
            break
        nearest -= min(1.0, float(nearest @ way) / float(way @ way)) * way
    return ((radius / gamma) ** 2 if gamma > 0 else np.inf), radius, gamma


def weight_pictures(weights: Array, names: list[str], title: str) -> Figure:
    """One picture for each unit: red for, blue against; a row of pixels unless it is a square."""
    side = round(weights.shape[1] ** 0.5)
    shape = (side, side) if side**2 == weights.shape[1] else (1, weights.shape[1])
    columns = min(5, len(weights))
    rows = -(-len(weights) // columns)
    with style.styled():
        figure = style.new_figure(1.4 * columns + 0.6, 1.5 * rows + 0.4)
        figure.suptitle(title, x=0.01, ha="left", fontsize=9.5)
        for axes in (grid := figure.subplots(rows, columns, squeeze=False).ravel()):
            axes.set_axis_off()
        for axes, row, name in zip(grid, weights, names, strict=False):
            most = np.abs(row).max() or 1
            axes.imshow(row.reshape(shape), cmap="RdBu_r", vmin=-most, vmax=most)
            axes.set_title(name)
    return figure
