"""Hebb's rule: connections between cells that fire together grow stronger.

The rule is local (a connection knows its two cells and nothing else) and needs no teacher and no
error. Alone it only ever adds; with the weights kept at length one it finds the direction in which
its inputs vary most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from lernwerk.classics import checks
from lernwerk.errors import COUNT, POSITIVE, check_ranges
from lernwerk.language import translate as _
from lernwerk.ops.primitive import Array
from lernwerk.plots import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class HebbianCells:
    """Cells whose weights grow by what goes in times what comes out.

    y = w x (1 where it exceeds ``threshold``, if there is one);  w += learning_rate * y x

    ``normalized`` divides each cell's weights by their length after every step; they begin there at
    random, otherwise at zero. Shapes: x (rows, inputs) -> y (rows, cells); weights (cells, inputs).
    Source: D. O. Hebb 1949, The Organization of Behavior, Wiley, p. 62. The constant length is one
    of the later cures: C. von der Malsburg 1973, E. Oja 1982.
    """

    def __init__(
        self,
        inputs: int,
        cells: int = 1,
        learning_rate: float = 0.1,
        threshold: float | None = None,
        normalized: bool = False,
        seed: int = 0,
    ) -> None:
        given = {"inputs": inputs, "cells": cells, "learning_rate": learning_rate}
        check_ranges(
            "HebbianCells", given, {"inputs": COUNT, "cells": COUNT, "learning_rate": POSITIVE}
        )
        self.learning_rate = learning_rate
        self.threshold = threshold
        self.normalized = normalized
        self.weights = np.zeros((cells, inputs))
        if normalized:
            self.weights = _of_length_one(np.random.default_rng(seed).normal(size=(cells, inputs)))

    def predict(self, x: Any) -> Array:
        """What the cells answer."""
        x = checks.rows("HebbianCells.predict", x, self.weights.shape[1])
        answers = x @ self.weights.T
        return answers if self.threshold is None else (answers > self.threshold).astype(float)

    def learn(self, x: Any, y: Any | None = None) -> Array:
        """One step for each row of ``x``; ``y`` makes the cells fire so, else they answer.

        Returns the answers, (rows, cells), each given before its step.
        """
        x = checks.rows("HebbianCells.learn", x, self.weights.shape[1])
        forced = None if y is None else checks.rows("HebbianCells.learn", y, len(self.weights))
        answers = np.zeros((len(x), len(self.weights)))
        for index, row in enumerate(x):
            answer = self.predict(row[None])[0] if forced is None else forced[index]
            self.weights += self.learning_rate * np.outer(answer, row)
            if self.normalized:
                self.weights = _of_length_one(self.weights)
            answers[index] = answer
        return answers

    def fit(self, x: Any, y: Any | None = None, epochs: int = 1) -> Self:
        """``learn`` over and over."""
        check_ranges("HebbianCells.fit", {"epochs": epochs}, {"epochs": COUNT})
        for _epoch in range(epochs):
            self.learn(x, y)
        return self

    def picture(self) -> Figure:
        """The weights: red strengthens, blue weakens."""
        with style.styled():
            figure = style.new_figure(5.2, 1.2 + 0.25 * len(self.weights))
            axes = style.new_axes(figure, _("weights after Hebb's rule"))
            most = np.abs(self.weights).max() or 1
            image = axes.imshow(self.weights, cmap="RdBu_r", vmin=-most, vmax=most, aspect="auto")
            axes.set(xlabel=_("input"), ylabel=_("cell"), yticks=range(len(self.weights)))
            axes.grid(visible=False)
            figure.colorbar(image, ax=axes)
        return figure


def _of_length_one(weights: Array) -> Array:
    return weights / np.linalg.norm(weights, axis=1, keepdims=True)
