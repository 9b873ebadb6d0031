"""From every kind of data to numbers and back from JSON, as the main job does it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lernwerk import datasets
from lernwerk.errors import FileError
from lernwerk.job.encoder import ENCODERS, encoder_for, encoder_from_config
from lernwerk.job.source import load
from lernwerk.job.split import split
from lernwerk.job.target import TargetCodec


def folder_of_digits(folder: Path) -> str:
    data = datasets.load("digits")
    for i in range(100):
        path = folder / "digits" / f"digit {data.y[i]}" / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(data.x[i] * 15).save(path)
    return str(folder / "digits")


def csv_of_wine(folder: Path) -> str:
    data = datasets.load("wine")
    lines = [";".join([*data.feature_names, "class"])]
    for i, row in enumerate(data.x):
        cells = ["" if (i + j) % 9 == 0 else str(v).replace(".", ",") for j, v in enumerate(row)]
        lines.append(";".join([*cells, f"wine {data.y[i]}"]))
    (folder / "wine.csv").write_text("\n".join(lines))
    return str(folder / "wine.csv")


def npz_of_diabetes(folder: Path) -> str:
    data = datasets.load("diabetes")
    np.savez(folder / "diabetes.npz", x=data.x, y=data.y)
    return str(folder / "diabetes.npz")


@pytest.mark.parametrize(
    ("make", "target", "shape"),
    [
        (lambda _: "iris", None, (4,)),
        (lambda _: "diabetes", None, (10,)),
        (lambda _: "digits", None, (8, 8, 1)),
        (folder_of_digits, None, (8, 8, 1)),
        (csv_of_wine, "class", (26,)),
        (npz_of_diabetes, None, (10,)),
    ],
)
def test_the_way_of_the_data(make: Any, target: str | None, shape: Any, tmp_path: Path) -> None:
    raw = load(make(tmp_path), target)
    parts = split(raw, seed=1)
    encoder = encoder_for(raw).fit(raw.take(parts.train))
    codec = TargetCodec(raw.task, raw.target_name).fit(raw.targets[parts.train])
    loaded = encoder_from_config(json.loads(json.dumps(encoder.config())))
    for rows in (parts.train, parts.validation, parts.test):
        encoded = encoder.encode(raw.take(rows))
        assert encoded.shape == (len(rows), *shape)
        assert encoded.dtype == np.float32
        np.testing.assert_array_equal(loaded.encode(raw.take(rows)), encoded)
        assert encoder.warnings == []
        back = codec.decode(codec.encode(raw.targets[rows]))
        if raw.task == "classification":
            assert back.tolist() == raw.targets[rows].tolist()
        else:
            np.testing.assert_allclose(back, raw.targets[rows], rtol=1e-4)
    assert encoder.decisions()


def test_encoders_are_chosen_by_kind() -> None:
    assert set(ENCODERS) == {"table", "pictures", "arrays"}
    raw = load("digits")
    assert encoder_for(raw, size=12).fit(raw.take([0, 1])).shape == (12, 12, 1)
    assert encoder_for(raw, cap=4).fit(raw.take([0, 1])).shape == (4, 4, 1)
    table = load("iris")
    table.missing_marks = {"a": ("x",)}
    assert encoder_for(table).missing_marks == {"a": ("x",)}  # type: ignore[attr-defined]


@pytest.mark.parametrize("config", [None, [], {}, {"kind": "pickle"}, {"kind": ["table"]}])
def test_foreign_settings(config: Any) -> None:
    with pytest.raises(FileError, match=r"^model\.keras: expected "):
        encoder_from_config(config, "model.keras")
