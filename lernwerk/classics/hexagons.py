"""Places on a sheet of hexagons, on which every inner place has six equal neighbours."""

from __future__ import annotations

import numpy as np

from lernwerk.ops.primitive import Array


def hexagon(radius: int) -> Array:
    """A hexagon of places around (0, 0), one apart: (1 + 3 radius (radius + 1), 2) x and y."""
    steps = np.arange(-radius, radius + 1)
    q, r = (each.ravel() for each in np.meshgrid(steps, steps))
    inside = np.abs(q + r) <= radius
    return np.stack([q + r / 2, r * np.sqrt(3) / 2], axis=1)[inside]


def within(places: Array, nearest: float, farthest: float) -> Array:
    """1 where two places are so far apart, both bounds included, else 0: (places, places)."""
    apart = np.linalg.norm(places[:, None] - places, axis=-1)
    return ((apart > nearest - 0.01) & (apart < farthest + 0.01)).astype(np.float64)


def bars(places: Array, angles: Array, width: float = 1.3) -> Array:
    """Bars of light through the middle, (angles, places): 1 where a place is lit, else 0."""
    across = np.stack([-np.sin(angles), np.cos(angles)])  # (2, angles)
    return (np.abs(places @ across) <= width / 2).T.astype(np.float64)
