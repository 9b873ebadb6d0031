"""The named data sets as raw data: tables for measurements, pictures for digits and mnist."""

from __future__ import annotations

import numpy as np

from lernwerk import datasets
from lernwerk.errors import ArgumentError
from lernwerk.job.raw_data import RawData
from lernwerk.job.target_reading import target_from_values

TARGET_NAMES = {"diabetes": "progression", "iris": "species", "wine": "cultivar"}
TARGET_NAMES |= {"breast_cancer": "diagnosis", "digits": "digit", "mnist": "digit"}
TARGET_NAMES |= {"sonar": "object"}


def load_named(name: str, target: str | None, task: str | None = None) -> RawData:
    """One of ``lernwerk.datasets.NAMES``; it brings its own target."""
    data = datasets.load(name)
    own = TARGET_NAMES[name]
    if target not in (None, own):
        raise ArgumentError(
            name, "no --target", f"'{target}'", f"The data set has its own target, '{own}'."
        )
    values = data.y
    if data.class_names is not None and not data.image_shape:
        values = np.array(data.class_names)[data.y]
    answer = target_from_values(name, own, values, task)
    return RawData(
        name=name,
        kind="pictures" if data.image_shape else "table",
        inputs=data.x if data.image_shape else _frame(data),
        targets=answer.values,
        task=answer.task,
        task_reason=answer.reason,
        target_name=own,
        class_names=answer.class_names,
        given_split=data.train_rows,
        source=data.source,
    )


def _frame(data: datasets.Dataset) -> object:
    import pandas as pd

    return pd.DataFrame(data.x, columns=list(data.feature_names), copy=True)
