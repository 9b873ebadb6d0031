"""Fukushima's Neocognitron: the ancestor of convolutional networks, taught layer by layer.

Planes of S-cells look for one feature each everywhere in the picture; planes of C-cells blur what
they found, so that its exact place no longer matters. Deeper layers look for features of features.
Features are not computed by gradients: a patch that no plane answers to becomes a plane.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from lernwerk.classics import checks
from lernwerk.errors import COUNT, Range, ShapeError, check_ranges
from lernwerk.language import translate as _
from lernwerk.ops.primitive import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WINDOW = 3  # of S-cells in learned layers
ORIENTATIONS = 8
EDGE = 5  # the width of the first layer's windows
# Patches weaker than this share of the strongest of a picture are background.
FAINT = 0.2
THRESHOLD = Range(0, 1, low_included=False, high_included=False)


class Neocognitron:
    """Edges, two learned layers of features, and cells with labels at the top.

    S-cell: u = |x| max(0, cos(w, x) - threshold) / (1 - threshold), x a window of the layer below
    C-cell: the mean of 3 x 3 S-cells of its plane, every second one

    The planes of a learned layer come one by one: where a window of a training picture leaves all
    planes silent, it becomes the weights of a new one ("add if silent"). At the top a picture that
    is taken for the wrong class is added to the cells of its own.

    Shapes: pictures (rows, h, w), labels (rows)
    Source: K. Fukushima 1980, Neocognitron, Biological Cybernetics 36, 193-202; 2013, Training
    multi-layered neural network neocognitron, Neural Networks 40, 18-31 (add if silent).
    """

    def __init__(
        self, thresholds: tuple[float, float] = (0.6, 0.5), most_planes: int = 150
    ) -> None:
        values = {"first": thresholds[0], "second": thresholds[1], "most_planes": most_planes}
        ranges = {"first": THRESHOLD, "second": THRESHOLD, "most_planes": COUNT}
        check_ranges("Neocognitron", values, ranges)
        self.thresholds, self.most_planes = thresholds, most_planes
        self.planes: list[Array] = []
        self.references: Array | None = None
        self.labels = np.zeros(0, int)

    def fit(self, pictures: Any, labels: Any) -> Self:
        """Learn layer by layer: features without labels, then the top with them."""
        pictures = _pictures("Neocognitron.fit", pictures)
        labels = checks.labels("Neocognitron.fit", labels, len(pictures))
        self.planes = []
        maps = blurred(edges(pictures))
        for threshold in self.thresholds:
            self.planes.append(add_if_silent(maps, threshold, self.most_planes))
            maps = blurred(answers(maps, self.planes[-1], threshold))
        self._label(_unit(maps.reshape(len(maps), -1)), labels)
        return self

    def _label(self, tops: Array, labels: Array) -> None:
        """Add pictures that those kept before take for another class, until there are none."""
        kept = [0]
        before = 0
        while len(kept) > before:
            before = len(kept)
            for row in range(len(tops)):
                nearest = kept[int(np.argmax(tops[kept] @ tops[row]))]
                if labels[nearest] != labels[row]:
                    kept.append(row)
        self.references, self.labels = tops[kept], labels[kept]

    def layers(self, pictures: Any) -> list[Array]:
        """The S-cells of every layer, (rows, h, w, planes), and the top's input, (rows, n)."""
        checks.fitted("Neocognitron", self.references)
        found = [edges(_pictures("Neocognitron", pictures))]
        for planes, threshold in zip(self.planes, self.thresholds, strict=True):
            found.append(answers(blurred(found[-1]), planes, threshold))
        top = blurred(found[-1])
        return [*found, _unit(top.reshape(len(top), -1))]

    def predict(self, pictures: Any) -> Array:
        """The label of the top cell that answers most."""
        references = checks.fitted("Neocognitron.predict", self.references)
        return self.labels[np.argmax(self.layers(pictures)[-1] @ references.T, axis=1)]

    def picture(self, digit: Any) -> Figure:
        """A digit on its way: the planes of each layer that answer it most."""
        from lernwerk.plots import style

        layers = [np.asarray(digit)[None, :, :, None], *self.layers(np.asarray(digit)[None])[:-1]]
        titles = (_("picture"), _("edges"), _("features"), _("features of features"))
        with style.styled():
            figure = style.new_figure(6.4, 3.4)
            for row, (maps, title) in enumerate(zip(layers, titles, strict=True)):
                strongest = np.argsort(-maps[0].sum(axis=(0, 1)))[:8]
                for column, plane in enumerate(strongest):
                    axes = figure.add_subplot(len(layers), 8, 8 * row + column + 1)
                    axes.imshow(maps[0, :, :, plane], cmap="gray_r")
                    axes.set_axis_off()
                    if column == 0:
                        axes.set_title(title, fontsize=8)
        return figure


def edges(pictures: Array) -> Array:
    """How strongly an edge of each orientation lies at each place, (rows, h, w, orientations)."""
    y, x = np.mgrid[:EDGE, :EDGE] - EDGE // 2
    bell = np.exp(-(x**2 + y**2) / 2)
    angles = 2 * np.pi * np.arange(ORIENTATIONS) / ORIENTATIONS
    kernels = np.array([(np.cos(a) * x + np.sin(a) * y) * bell for a in angles])
    kernels /= np.abs(kernels).sum(axis=(1, 2), keepdims=True)
    found = windows(pictures[..., None], EDGE) @ kernels.reshape(ORIENTATIONS, -1).T
    return np.maximum(found, 0).astype(np.float32)


def windows(maps: Array, size: int) -> Array:
    """The surroundings of each place, zeros beyond the edge: (rows, h, w, size * size * planes)."""
    margin = size // 2
    padded = np.pad(maps, ((0, 0), (margin, margin), (margin, margin), (0, 0)))
    views = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(1, 2))
    return views.transpose(0, 1, 2, 4, 5, 3).reshape(*maps.shape[:3], -1)


def blurred(maps: Array) -> Array:
    """C-cells: the mean of 3 x 3 places, every second row and column."""
    _rows, height, width, _planes = maps.shape
    padded = np.pad(maps, ((0, 0), (1, 1), (1, 1), (0, 0)))
    shifted = (
        padded[:, down : down + height : 2, right : right + width : 2]
        for down in range(3)
        for right in range(3)
    )
    return sum(shifted) / np.float32(9)


def answers(maps: Array, planes: Array, threshold: float) -> Array:
    """The S-cells of learned planes, (rows, h, w, planes)."""
    return np.concatenate([_answers(each[None], planes, threshold) for each in maps])


def _answers(maps: Array, planes: Array, threshold: float) -> Array:
    patches = windows(maps, WINDOW)
    strength = np.linalg.norm(patches, axis=-1, keepdims=True)
    above = np.maximum(patches @ planes.T - np.float32(threshold) * strength, 0)
    return above / np.float32(1 - threshold)


def add_if_silent(maps: Array, threshold: float, most: int) -> Array:
    """Windows of unit length, one for each plane; no two are more alike than the threshold."""
    planes = np.zeros((0, WINDOW * WINDOW * maps.shape[3]), np.float32)
    for each in maps:
        patches = windows(each[None], WINDOW).reshape(-1, planes.shape[1])
        strength = np.linalg.norm(patches, axis=1)
        patches = _unit(patches)
        silent = (strength > FAINT * strength.max(initial=0)) & (
            np.max(patches @ planes.T, axis=1, initial=0) < threshold
        )
        while silent.any() and len(planes) < most:
            new = patches[np.argmax(strength * silent)]
            planes = np.vstack([planes, new])
            silent &= patches @ new < threshold
    return planes


def _unit(vectors: Array) -> Array:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(length > 0, length, 1)


def _pictures(where: str, pictures: Any) -> Array:
    pictures = np.asarray(pictures, dtype=np.float32)
    if pictures.ndim != 3 or not len(pictures):
        raise ShapeError(where, "pictures (rows, height, width)", pictures.shape)
    return pictures
