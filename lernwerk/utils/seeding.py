"""One seed for everything that is random in a program."""

from __future__ import annotations

import random

import numpy as np

from lernwerk.core import random as streams


def set_random_seed(seed: int) -> None:
    """Make a program repeat itself: Lernwerk's streams, Python's ``random`` and NumPy.

    ``seed`` is an integer >= 0. Initial weights, dropout masks, shuffles and augmentations of what
    is made after this call are the same on every run, engine and number of threads. Raises
    ArgumentError for other seeds.
    """
    streams.set_random_seed(seed)
    random.seed(seed)
    np.random.mtrand._rand.seed(int(seed) % 2**32)  # the generator behind np.random.rand and kin
