"""Which network and which settings for which data, each with its reason in one line.

The rules depend on the data alone - never on the clock - so that the same data always give the same
network. ``--model`` overrides them with a name of this file or with a Python file.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from lernwerk.errors import ArgumentError, nearest
from lernwerk.layers import (
    LSTM,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Input,
    MaxPooling2D,
    Rescaling,
)
from lernwerk.layers.layer import Layer
from lernwerk.models import Model, Sequential

# Multiplications of a whole training that the NumPy engine does in a minute or two.
CONVOLUTION_WORK, DENSE_WORK = 2e12, 1e13
# Steps after which small data sets have converged; large ones get at least 20 epochs.
PICTURE_STEPS, TABLE_STEPS = 1500, 4000


@dataclass(frozen=True)
class Problem:
    """What the choice depends on: rows, the shape of one encoded row, and the outputs."""

    kind: str
    rows: int
    shape: tuple[int, ...]
    task: str
    classes: int

    @property
    def outputs(self) -> int:
        """The units of the last layer."""
        return self.classes if self.task == "classification" else 1


@dataclass(frozen=True)
class Settings:
    """How to train; every field can be set on the command line."""

    epochs: int
    batch_size: int
    learning_rate: float
    patience: int


@dataclass(frozen=True)
class Choice:
    """The network, the settings, and why."""

    model: str
    build: Callable[[], Model]
    settings: Settings
    reasons: list[tuple[str, str]] = field(default_factory=list)


def choose(problem: Problem, model: str | None = None) -> Choice:
    """Choose network and settings; ``model`` is a name, a Python file, or None for the rules.

    Raises ArgumentError for a name that is not known or does not suit the shape of the data.
    """
    settings, why_settings = _settings(problem)
    if model is not None and model.endswith(".py"):
        from lernwerk.job.model_file import builder_from_file

        build, why = builder_from_file(model, problem), f"as the file {model} says"
    else:
        why = "as --model says"
        if model is None:
            model, why = _rule(problem, settings.epochs)
        build = _builder(model, problem)
    return Choice(model, build, settings, [("network", f"{model}: {why}"), *why_settings])


def _builder(name: str, problem: Problem) -> Callable[[], Model]:
    if name not in NETWORKS:
        raise ArgumentError(
            "--model", "the name of a network or a Python file", repr(name),
            nearest(name, NETWORKS),
        )  # fmt: skip
    axes, layers = NETWORKS[name]
    if len(problem.shape) not in axes:
        suited = [each for each, (ok, _) in NETWORKS.items() if len(problem.shape) in ok]
        raise ArgumentError(
            "--model", f"a network for rows of shape {problem.shape}", repr(name),
            f"These suit: {', '.join(suited)}.",
        )  # fmt: skip
    return lambda: Sequential([Input(problem.shape), *layers(problem), *_head(problem)])


def _head(problem: Problem) -> list[Layer]:
    softmax = "softmax" if problem.task == "classification" else None
    return [Dense(problem.outputs, activation=softmax)]


# ---- rules


def _rule(problem: Problem, epochs: int) -> tuple[str, str]:
    if len(problem.shape) == 1:
        return "dense", f"{problem.shape[0]} numbers a row have no order that a network could use"
    if len(problem.shape) == 2:
        return "lstm", f"each row is a sequence of {problem.shape[0]} steps"
    if len(problem.shape) > 3:
        return "dense", f"each row is an array of {len(problem.shape)} axes, taken as one list"
    if min(problem.shape[:2]) < 6:
        return "dense", "the pictures are too small for convolutions"
    picture = f"pictures of {problem.shape[0]} x {problem.shape[1]}"
    steps = 6 * problem.rows * epochs  # forward and twice as much backward, two operations each
    if steps * _cnn_work(problem.shape, stride=1) <= CONVOLUTION_WORK:
        return "cnn", f"{picture}: convolutions find the same form anywhere in them"
    if steps * _cnn_work(problem.shape, stride=2) <= CONVOLUTION_WORK:
        return (
            "small_cnn",
            f"{picture}, {problem.rows} of them: convolutions find the same form "
            "anywhere, with stride 2 in a minute or two",
        )
    if steps * math.prod(problem.shape) * 512 <= DENSE_WORK:
        return "dense", f"{picture}, {problem.rows} of them: convolutions would take too long"
    return "small_cnn", f"{picture}, {problem.rows} of them: many large pictures need few weights"


def _cnn_work(shape: Sequence[int], stride: int) -> float:
    """Multiplications of the two convolutions for one picture, forward."""
    height, width, channels = shape
    places = height * width
    if stride == 1:
        return places * 9 * (channels * 32 + 32 * 64)
    return places / 4 * 25 * channels * 16 + places / 16 * 9 * 16 * 32


def _settings(problem: Problem) -> tuple[Settings, list[tuple[str, str]]]:
    batch = 2 ** int(np.clip(round(math.log2(max(problem.rows / 40, 1))), 4, 7))
    steps = PICTURE_STEPS if len(problem.shape) == 3 else TABLE_STEPS
    epochs = int(np.clip(steps * batch / problem.rows, 20, 150))
    patience = max(5, epochs // 4)
    settings = Settings(epochs, batch, 1e-3, patience)
    return settings, [
        ("batch size", f"{batch}: about a fortieth of {problem.rows} training rows, 16 to 128"),
        ("epochs", f"at most {epochs}: about {steps} steps, 20 to 150 epochs"),
        ("early stopping", f"after {patience} epochs without a better validation loss; the best "
         "weights are kept"),
        ("optimizer", "Adam with rate 0.001 falling to 0 along half a cosine: large steps first, "
         "fine ones at the end"),
    ]  # fmt: skip


# ---- networks


def _raw_pictures(problem: Problem) -> list[Layer]:
    """Pictures are encoded as pixel values in 0..255, other arrays are standardised."""
    return [Rescaling(1 / 255)] if problem.kind == "pictures" else []


def _dense(problem: Problem) -> list[Layer]:
    if len(problem.shape) == 3:
        hidden: list[Layer] = [*_raw_pictures(problem), Flatten()]
        for units in (512, 512):
            normalized = BatchNormalization(momentum=0.9)  # some data sets give few steps
            hidden += [Dense(units, use_bias=False), normalized, _relu(), Dropout(0.3)]
        return hidden
    units = int(np.clip(2 ** round(math.log2(max(problem.rows / 12, 1))), 32, 128))
    layers: list[Layer] = [] if len(problem.shape) == 1 else [Flatten()]
    for _ in range(2):
        layers += [Dense(units, activation="relu"), Dropout(0.3)]
    return layers


def _relu() -> Layer:
    from lernwerk.layers import Activation

    return Activation("relu")


def _cnn(problem: Problem) -> list[Layer]:
    return [
        *_raw_pictures(problem),
        Conv2D(32, 3, padding="same", activation="relu"),
        Conv2D(64, 3, padding="same", activation="relu"),
        MaxPooling2D(2), Dropout(0.25), Flatten(), Dense(128, activation="relu"), Dropout(0.5),
    ]  # fmt: skip


def _small_cnn(problem: Problem) -> list[Layer]:
    return [
        *_raw_pictures(problem),
        Conv2D(16, 5, strides=2, padding="same", activation="relu"),
        Conv2D(32, 3, strides=2, padding="same", activation="relu"),
        Dropout(0.25), Flatten(), Dense(128, activation="relu"), Dropout(0.5),
    ]  # fmt: skip


def _linear(problem: Problem) -> list[Layer]:
    return [*_raw_pictures(problem), *([] if len(problem.shape) == 1 else [Flatten()])]


def _lstm(problem: Problem) -> list[Layer]:
    return [LSTM(64), Dropout(0.2)]


ANY_AXES = tuple(range(1, 9))
NETWORKS: dict[str, tuple[tuple[int, ...], Callable[[Problem], list[Layer]]]] = {
    "linear": (ANY_AXES, _linear),
    "dense": (ANY_AXES, _dense),
    "lstm": ((2,), _lstm),
    "cnn": ((3,), _cnn),
    "small_cnn": ((3,), _small_cnn),
}
