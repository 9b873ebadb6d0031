"""Small tables from the history of science, as their authors printed them, in today's units.

Each function gives one ``Dataset`` of a few dozen rows: small enough to be read number by number,
and with a question behind it. The recipes begin with them. Nothing here is downloaded.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from lernwerk.datasets.dataset import Dataset

# object by object, in the order of Hubble's table 1; the first two are the Magellanic Clouds
_DISTANCES = (
    0.032, 0.034, 0.214, 0.263, 0.275, 0.275, 0.45, 0.5, 0.5, 0.63, 0.8, 0.9,
    0.9, 0.9, 0.9, 1.0, 1.1, 1.1, 1.4, 1.7, 2.0, 2.0, 2.0, 2.0,
)  # fmt: skip
_VELOCITIES = (
    170, 290, -130, -70, -185, -220, 200, 290, 270, 200, 300, -30,
    650, 150, 500, 920, 450, 500, 500, 960, 500, 850, 800, 1090,
)  # fmt: skip

_SPOTS = (
    118, 161, 225, 199, 190, 149, 84, 33, 51, 173, 272, 333, 282, 162, 152, 102, 68, 34, 52, 114,
    157, 257, 330, 238, 186,
)  # fmt: skip

_TREE_DIAMETERS = (
    8.3, 8.6, 8.8, 10.5, 10.7, 10.8, 11.0, 11.0, 11.1, 11.2, 11.3, 11.4, 11.4, 11.7, 12.0, 12.9,
    12.9, 13.3, 13.7, 13.8, 14.0, 14.2, 14.5, 16.0, 16.3, 17.3, 17.5, 17.9, 18.0, 18.0, 20.6,
)  # fmt: skip
_TREE_HEIGHTS = (
    70, 65, 63, 72, 81, 83, 66, 75, 80, 75, 79, 76, 76, 69, 75, 74,
    85, 86, 71, 64, 78, 80, 74, 72, 77, 81, 82, 80, 80, 80, 87,
)  # fmt: skip
_TREE_VOLUMES = (
    10.3, 10.3, 10.2, 16.4, 18.8, 19.7, 15.6, 18.2, 22.6, 19.9, 24.2, 21.0, 21.4, 21.3, 19.1, 22.2,
    33.8, 27.4, 25.7, 24.9, 34.5, 31.7, 36.3, 38.3, 42.6, 55.4, 55.7, 58.3, 51.5, 51.0, 77.0,
)  # fmt: skip
INCH, FOOT = 2.54, 0.3048  # in cm, in m

_LAUNCH_TEMPERATURES = (
    53, 57, 58, 63, 66, 67, 67, 67, 68, 69, 70, 70, 70, 70, 72, 73, 75, 75, 76, 76, 78, 79, 81,
)  # fmt: skip
_RINGS_DAMAGED = (1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0)


@cache
def nebulae() -> Dataset:
    """24 galaxies, called nebulae in 1929: how far away, and how fast they move away from us.

    Shapes: x (24, 1) in million parsecs, y (24) in km/s
    """
    return _table(
        "nebulae", {"distance": _DISTANCES}, _VELOCITIES,
        "E. Hubble (1929), A relation between distance and radial velocity among extra-galactic "
        "nebulae, Proceedings of the National Academy of Sciences 15, 168-173, table 1",
    )  # fmt: skip


@cache
def sunspots() -> Dataset:
    """The groups of sunspots that a pharmacist in Dessau counted in each year from 1826 to 1850.

    Shapes: x (25, 1) years, y (25) groups
    """
    return _table(
        "sunspots", {"year": range(1826, 1826 + len(_SPOTS))}, _SPOTS,
        "H. Schwabe (1844), Sonnen-Beobachtungen im Jahre 1843, Astronomische Nachrichten 21, 233; "
        "continued to 1850 in A. von Humboldt (1850), Kosmos III",
    )  # fmt: skip


@cache
def cherry_trees() -> Dataset:
    """31 felled black cherry trees: thickness and height, and how much timber was in each.

    Shapes: x (31, 2): diameter in cm at 1.37 m above the ground, height in m; y (31) in m^3
    """
    columns = {
        "diameter": np.multiply(_TREE_DIAMETERS, INCH),
        "height": np.multiply(_TREE_HEIGHTS, FOOT),
    }
    return _table(
        "cherry_trees", columns, np.multiply(_TREE_VOLUMES, FOOT**3),
        "T. A. Ryan, B. L. Joiner and B. F. Ryan (1976), The Minitab Student Handbook, Duxbury "
        "Press; after H. A. Meyer (1953), Forest Mensuration",
    )  # fmt: skip


@cache
def o_rings() -> Dataset:
    """23 starts of the Space Shuttle: the temperature, and whether a sealing ring was damaged.

    The next start, on 28 January 1986 at -0.6 degrees, was Challenger's last.

    Shapes: x (23, 1) in degrees Celsius, y (23): 1 damaged, 0 not
    """
    celsius = (np.array(_LAUNCH_TEMPERATURES) - 32) / 1.8
    return _table(
        "o_rings", {"temperature": celsius}, _RINGS_DAMAGED,
        "S. R. Dalal, E. B. Fowlkes and B. Hoadley (1989), Risk analysis of the Space Shuttle: "
        "pre-Challenger prediction of failure, Journal of the American Statistical Association 84, "
        "945-957, table 1",
        classes=("sound", "damaged"),
    )  # fmt: skip


def _table(
    name: str, columns: dict[str, ArrayLike], y: ArrayLike, source: str,
    classes: tuple[str, ...] | None = None,
) -> Dataset:  # fmt: skip
    x = np.stack([np.asarray(column, float) for column in columns.values()], axis=1)
    target = np.asarray(y, np.int64 if classes else float)
    for array in (x, target):
        array.setflags(write=False)  # one cached object for all callers
    return Dataset(
        name=name, x=x, y=target, feature_names=tuple(columns), class_names=classes,
        task="classification" if classes else "regression", source=source,
    )  # fmt: skip
