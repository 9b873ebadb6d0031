"""Data sets under Keras's names: ``datasets.mnist.load_data()`` and its kind.

Small ones travel inside the package, the others are looked for and downloaded. ``load(name)`` gives
the same data as one ``Dataset`` with its names and its source.
"""

from __future__ import annotations

from importlib import import_module

from lernwerk.datasets import (
    boston_housing,
    breast_cancer,
    california_housing,
    cifar10,
    cifar100,
    diabetes,
    digits,
    fashion_mnist,
    historical,
    imdb,
    iris,
    mnist,
    reuters,
    sonar,
    wine,
)
from lernwerk.datasets.dataset import Dataset
from lernwerk.errors import check_name

NAMES = ("breast_cancer", "diabetes", "digits", "iris", "mnist", "sonar", "wine")


def load(name: str) -> Dataset:
    """The named data set as one object; ArgumentError with the nearest name if unknown."""
    check_name("datasets.load", "data set", name, NAMES)
    dataset: Dataset = import_module(f"lernwerk.datasets.{name}").load()
    return dataset


__all__ = [
    "NAMES",
    "Dataset",
    "boston_housing",
    "breast_cancer",
    "california_housing",
    "cifar10",
    "cifar100",
    "diabetes",
    "digits",
    "fashion_mnist",
    "historical",
    "imdb",
    "iris",
    "load",
    "mnist",
    "reuters",
    "sonar",
    "wine",
]
