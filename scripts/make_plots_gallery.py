"""Draw docs/plots.png: one example of each figure of lernwerk.plots, on real data where needed.

    python scripts/make_plots_gallery.py

Needs MNIST, from the folder that LERNWERK_DATA names or from the network.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

import lernwerk
from lernwerk import Variable, layers, plots
from lernwerk.datasets import mnist
from lernwerk.plots.landscape import loss_surface
from lernwerk.utils import set_random_seed

TARGET = Path(__file__).parent.parent / "docs" / "plots.png"
WIDTH, GAP, TITLE = 1800, 36, 34  # pixels
LETTERS = str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSansMono.ttf")
Named = tuple[str, Any]


def trained() -> tuple[Any, plots.Recorder, tuple[np.ndarray, np.ndarray]]:
    """A small convolutional network on 3,000 digits, what was recorded, and 1,000 other digits."""
    (x, y), (x_test, y_test) = mnist.load_data()
    x, x_test = x[:3000, ..., None] / np.float32(255), x_test[:1000, ..., None] / np.float32(255)
    model = lernwerk.Sequential([
        lernwerk.Input((28, 28, 1)),
        layers.Conv2D(8, 5, activation="relu", name="convolution"), layers.MaxPooling2D(),
        layers.Flatten(), layers.Dense(32, activation="relu", name="hidden"),
        layers.Dense(10, activation="softmax", name="output"),
    ])  # fmt: skip
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    recorder = plots.Recorder(x[:200], y[:200])
    model.fit(x, y[:3000], epochs=8, verbose=0, callbacks=[recorder])
    return model, recorder, (x_test, y_test[:1000])


def of_digits() -> Iterator[Named]:
    """Figures of the trained network."""
    model, recorder, (x, y) = trained()
    scores = model.predict(x, verbose=0)
    seven = x[np.flatnonzero(y == 7)[0]]
    yield "edge_filters(picture)", plots.edge_filters(seven)
    yield "feature_maps(model, layer, picture)", plots.feature_maps(model, "convolution", seven)
    yield "filters(layer)", plots.filters(model.get_layer("convolution"))
    yield "worst_mistakes(x, y, predictions)", plots.worst_mistakes(x, y, scores)
    inner = lernwerk.Model(model.inputs, model.get_layer("hidden").output)
    yield "embedding_map(vectors, labels)", plots.embedding_map(inner.predict(x, verbose=0), y)
    yield "confusion_matrix(true, predicted)", plots.confusion_matrix(y, scores.argmax(axis=1))
    yield "weight_histograms(recorder)", plots.weight_histograms(recorder)
    yield "gradient_norms(recorder)", plots.gradient_norms(recorder)


def of_classes() -> Iterator[Named]:
    """A boundary that no line could be, and the network that found it."""
    random = np.random.default_rng(1)
    turn = random.uniform(0, 3 * np.pi, 240)
    label = np.arange(240) % 2
    radius = turn / 3 + 0.5
    x = np.stack([np.cos(turn + np.pi * label), np.sin(turn + np.pi * label)], 1) * radius[:, None]
    x = (x + random.normal(0, 0.12, x.shape)).astype(np.float32)
    model = lernwerk.Sequential([
        lernwerk.Input((2,)), layers.Dense(12, activation="tanh"),
        layers.Dense(8, activation="tanh"), layers.Dense(1, activation="sigmoid"),
    ])  # fmt: skip
    model.compile(lernwerk.optimizers.Adam(0.02), "binary_crossentropy")
    model.fit(x, label, epochs=300, batch_size=40, verbose=0)
    yield "network_diagram(model)", plots.network_diagram(model, inputs=["x1", "x2"], most=12)
    yield "decision_boundary(model, x, y)", plots.decision_boundary(model, x, label)


def of_formulas() -> Iterator[Named]:
    """Figures that need no data."""
    yield (
        "activation_functions(names)",
        plots.activation_functions(["sigmoid", "tanh", "relu", "leaky_relu", "gelu", "softplus"]),
    )
    path = [-0.8]
    for _ in range(7):
        path.append(path[-1] - 0.92 * 2 * (path[-1] - 2))
    yield (
        "loss_curve(loss, values, path=...)",
        plots.loss_curve(lambda w: (w - 2) ** 2 + 0.5, (-1, 5), path=path),
    )
    yield "loss_surface(loss, first, second, path=...)", _surface()
    a, b = Variable(3.0, name="x"), Variable(17.0, name="y")
    yield "computation_graph(tensor)", plots.computation_graph((a * b + a) ** 2)
    matrix = np.random.default_rng(3).integers(0, 10, (5, 5))
    edge = np.array([[-1, 0, 1]] * 3)
    yield (
        "convolution_steps(matrix, kernel, at=...)",
        plots.convolution_steps(matrix, edge, at=(1, 2), padding="same"),
    )
    yield "pooling_steps(matrix)", plots.pooling_steps(matrix[:4, :4])


def _surface() -> Any:
    """Hills, hollows, and the paths of two descents, with and without momentum."""

    def loss(w: float, b: float) -> float:
        return 0.1 * (w**2 + b**2) + np.cos(1.6 * w) * np.cos(1.3 * b) + 1.2

    def slope(at: np.ndarray) -> np.ndarray:
        step = 1e-5 * np.eye(2)
        return np.array([(loss(*(at + d)) - loss(*(at - d))) / 2e-5 for d in step])

    paths = {}
    for name, momentum in {"plain": 0.0, "momentum 0.8": 0.8}.items():
        at, speed, path = np.array([1.5, 2.0]), np.zeros(2), []
        for _ in range(30):
            path.append(at)
            speed = momentum * speed - 0.12 * slope(at)
            at = at + speed
        paths[name] = np.array(path)
    return loss_surface(loss, (-3, 3), (-3, 3), path=paths)


# ---- the page


def picture(named: Named, height: int) -> Image.Image:
    """A figure of that many pixels in height with its title above it."""
    title, figure = named
    sink = io.BytesIO()
    dpi = (height - TITLE) / figure.get_size_inches()[1]
    figure.savefig(sink, format="png", dpi=dpi, facecolor="white")
    drawn = Image.open(sink).convert("RGB")
    font = ImageFont.truetype(LETTERS, 17)
    width = max(drawn.width, int(font.getlength(title)) + 4)
    page = Image.new("RGB", (width, drawn.height + TITLE), "white")
    ImageDraw.Draw(page).text((2, 2), title, fill="#1d232b", font=font)
    page.paste(drawn, (0, TITLE))
    return page


def row(members: list[Named]) -> Image.Image:
    """Figures beside each other, as high as the width of the page allows."""
    room = WIDTH - GAP * (len(members) - 1)
    ratios = [f.get_size_inches()[0] / f.get_size_inches()[1] for _, f in members]
    height = min(int(room / sum(ratios)) + TITLE, 620)
    pictures = [picture(each, height) for each in members]
    page = Image.new("RGB", (WIDTH, max(each.height for each in pictures)), "white")
    left = 0
    for each in pictures:
        page.paste(each, (left, 0))
        left += each.width + GAP
    return page


def main() -> None:
    """Write the page."""
    set_random_seed(1)
    figures = [*of_formulas(), *of_classes(), *of_digits()]
    named = {title.partition("(")[0]: (title, figure) for title, figure in figures}
    order = [
        ["network_diagram", "decision_boundary", "activation_functions"],
        ["loss_surface", "loss_curve"],
        ["computation_graph", "convolution_steps", "pooling_steps"],
        ["edge_filters", "feature_maps"],
        ["filters", "weight_histograms", "gradient_norms"],
        ["worst_mistakes", "embedding_map", "confusion_matrix"],
    ]
    rows = [row([named[name] for name in names]) for names in order]
    height = sum(each.height + GAP for each in rows)
    page = Image.new("RGB", (WIDTH + 2 * GAP, height + GAP), "white")
    top = GAP
    for each in rows:
        page.paste(each, (GAP, top))
        top += each.height + GAP
    page.quantize(200, dither=Image.Dither.NONE).save(TARGET, optimize=True)
    print(TARGET, page.size, f"{TARGET.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
