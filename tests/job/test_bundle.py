"""The model file of a job: an ordinary Keras file that also knows raw input."""

from __future__ import annotations

import json
import zipfile

import numpy as np
import pytest

from lernwerk.errors import FileError
from lernwerk.job.bundle import MEMBER, load_bundle
from lernwerk.job.request import Request
from lernwerk.job.run import train
from lernwerk.models import load_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("job") / "wine"
    train(Request("wine", epochs=3, out=str(out)), announce=lambda line: None, verbose=0)
    return out


def rewritten(folder, path, content):
    with zipfile.ZipFile(folder / "model.keras") as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            if not name.endswith(MEMBER):
                new.writestr(name, old.read(name))
            elif content is not None:
                new.writestr(name, content)
    return str(path)


def test_keras_opens_the_network(folder, keras):
    bundle = load_bundle(str(folder))
    x = np.random.default_rng(0).normal(size=(5, 13)).astype(np.float32)
    theirs = keras.models.load_model(folder / "model.keras", compile=False)
    np.testing.assert_allclose(theirs.predict(x, verbose=0), bundle.model.predict(x), atol=1e-5)


def test_raw_rows_get_classes_and_probabilities(folder):
    from lernwerk.datasets import wine

    data = wine.load()
    rows = [dict(zip(data.feature_names, row.tolist(), strict=True)) for row in data.x[:20]]
    answers = load_bundle(str(folder / "model.keras")).answers(rows)
    assert len(answers) == 20
    for answer in answers:
        assert answer["prediction"] in data.class_names
        assert answer["probability"] == max(answer["probabilities"].values())
        assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-5)


def test_a_plain_keras_model_is_refused_with_the_way_to_use_it(folder, tmp_path):
    path = rewritten(folder, tmp_path / "plain.keras", None)
    with pytest.raises(FileError) as caught:
        load_bundle(path)
    assert str(caught.value) == (
        f"{path}: expected a model written by lernwerk train, got a model without preprocessing. "
        "Use it from Python: lernwerk.models.load_model(path).predict(x)."
    )
    assert load_model(path).output_shape == (None, 3)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"{", "expected preprocessing in JSON, got damaged bytes."),
        (b"[]", "expected preprocessing of a model, got something else."),
        (
            json.dumps({"version": 99, "encoder": {}, "target": {}}).encode(),
            "expected preprocessing of version 1, got 99. "
            "Read it with the version of lernwerk that wrote it.",
        ),
    ],
)
def test_damaged_preprocessing(folder, tmp_path, content, text):
    path = rewritten(folder, tmp_path / "damaged.keras", content)
    with pytest.raises(FileError) as caught:
        load_bundle(path)
    assert str(caught.value) == f"{path}: {text}"


@pytest.mark.parametrize("part", ["encoder", "target"])
def test_nonsense_in_the_preprocessing(folder, tmp_path, part):
    with zipfile.ZipFile(folder / "model.keras") as archive:
        (name,) = [each for each in archive.namelist() if each.endswith(MEMBER)]
        pipeline = json.loads(archive.read(name))
    pipeline[part] = {"kind": "magic"}
    with pytest.raises(FileError, match=r"magic|task|kind"):
        load_bundle(rewritten(folder, tmp_path / "x.keras", json.dumps(pipeline).encode()))
