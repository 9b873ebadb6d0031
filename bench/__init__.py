"""Lernwerk beside its peers: the same work in the same run on the same machine, as ratios.

No test and no part of the package: ``python -m bench`` at the root of the source tree. A row is a
function in one of the files of ``GROUPS``; everything else here is how rows are run and shown.
"""

from __future__ import annotations

import os

os.environ.setdefault("KERAS_BACKEND", "jax")  # a worker may have been told another
os.environ["JAX_PLATFORMS"] = "cpu"

GROUPS = (
    "dense", "convolution", "residual", "recurrence", "generation", "processes", "reduced",
    "first_step", "busy", "programs", "scaling",
)  # fmt: skip
