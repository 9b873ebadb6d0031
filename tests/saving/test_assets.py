"""Vocabularies and what else layers keep beside their weights, both ways with Keras."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from file_edits import change_config

import lernwerk
from lernwerk import layers
from lernwerk.errors import FileError
from lernwerk.saving import load_model

TEXTS = ["the cat sat", "the dog ran", "a cat ran far", "dog"]
WORDS = np.array(["cat", "dog", "cat", "bird"])
VECTORS = "assets/layers/text_vectorization/vocabulary.txt"
pytestmark = pytest.mark.filterwarnings("ignore:.*copy keyword:DeprecationWarning")


def _vectors(k: Any, **options: Any) -> Any:
    layer = k.layers.TextVectorization(max_tokens=20, **options)
    layer.adapt(np.array(TEXTS))
    return k.Sequential([k.Input((1,), dtype="string"), layer])


MODES = {
    "int": {"output_sequence_length": 4}, "count": {"output_mode": "count"},
    "tf_idf": {"output_mode": "tf_idf"}, "multi_hot": {"output_mode": "multi_hot"},
}  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
def test_a_vocabulary_comes_back(mode: str, tmp_path: Path) -> None:
    model = _vectors(lernwerk, **MODES[mode])
    model.save(tmp_path / "m.keras")
    loaded = load_model(tmp_path / "m.keras")
    assert loaded.layers[0].get_vocabulary() == model.layers[0].get_vocabulary()
    x = np.array(TEXTS)[:, None]
    np.testing.assert_array_equal(loaded.predict(x), model.predict(x))
    assert VECTORS in zipfile.ZipFile(tmp_path / "m.keras").namelist()


def test_lookups_come_back(tmp_path: Path) -> None:
    layer = layers.StringLookup(num_oov_indices=1)
    layer.adapt(WORDS)
    entry = lernwerk.Input((1,), dtype="string")
    model = lernwerk.Model(entry, layers.Embedding(5, 2)(layer(entry)))
    model.save(tmp_path / "m.keras")
    x = np.array([["dog"], ["cat"], ["none"]])
    np.testing.assert_array_equal(load_model(tmp_path / "m.keras").predict(x), model.predict(x))


def test_vocabularies_go_both_ways(keras: Any, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow", reason="Keras's text layers need tensorflow")
    for ours, load in ((lernwerk, keras.saving.load_model), (keras, load_model)):
        model = _vectors(ours, output_sequence_length=4)
        model.save(tmp_path / "m.keras")
        loaded = load(tmp_path / "m.keras")
        assert loaded.layers[-1].get_vocabulary() == model.layers[-1].get_vocabulary()


@pytest.mark.parametrize("mode", ["one_hot", "multi_hot", "count", "tf_idf"])
@pytest.mark.parametrize("kind", ["StringLookup", "IntegerLookup", "TextVectorization"])
def test_rows_are_as_long_as_the_vocabulary_that_comes(
    kind: str, mode: str, tmp_path: Path
) -> None:
    if (kind, mode) == ("TextVectorization", "one_hot"):
        return
    whole = kind == "IntegerLookup"
    x = np.array([[3], [4], [3], [9]]) if whole else WORDS[:, None]
    layer = getattr(layers, kind)(output_mode=mode)
    layer.adapt(x if whole else WORDS)
    entry = lernwerk.Input((1,), dtype="int64" if whole else "string")
    model = lernwerk.Model(entry, layers.Dense(2)(layer(entry)))
    model.save(tmp_path / "m.keras")
    np.testing.assert_array_equal(load_model(tmp_path / "m.keras").predict(x), model.predict(x))


def test_a_given_vocabulary_stands_in_the_config(tmp_path: Path) -> None:
    layer = layers.StringLookup(vocabulary=["cat", "dog"])
    entry = lernwerk.Input((1,), dtype="string")
    model = lernwerk.Model(entry, layer(entry))
    model.save(tmp_path / "m.keras")
    assert not [n for n in zipfile.ZipFile(tmp_path / "m.keras").namelist() if "assets" in n]
    x = np.array([["dog"], ["cat"]])
    np.testing.assert_array_equal(load_model(tmp_path / "m.keras").predict(x), model.predict(x))


# ---- refused


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with a vocabulary."""
    _vectors(lernwerk, output_sequence_length=4).save(tmp_path / "m.keras")
    return tmp_path / "m.keras"


def _changed(path: Path, change: Any) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def _refused(path: Path) -> str:
    with pytest.raises(FileError) as caught:
        load_model(path)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_a_vocabulary_that_is_missing(path: Path) -> None:
    _changed(path, lambda members: [members.pop(n) for n in list(members) if "assets" in n])
    assert _refused(path) == (
        f"{path}, assets/layers/text_vectorization/: expected the file vocabulary.txt of layer "
        "text_vectorization, got none. The file is not complete."
    ).replace("text_vectorization,", f"{_name(path)},")


def _name(path: Path) -> str:
    import json

    config = json.loads(zipfile.ZipFile(path).read("config.json"))
    return str(config["config"]["layers"][1]["config"]["name"])


def test_the_path_of_a_vocabulary_is_not_followed(path: Path) -> None:
    def edit(config: dict[str, Any]) -> None:
        config["config"]["layers"][1]["config"]["vocabulary"] = "/etc/passwd"

    change_config(path, edit)
    assert _refused(path) == (
        f"{path}: expected a vocabulary in the file, got the path '/etc/passwd'. A file names no "
        "other files; save the layer again after adapt or set_vocabulary."
    )


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"\ncat\ncat\n"])
def test_a_vocabulary_that_is_none(content: bytes, path: Path) -> None:
    _changed(path, lambda members: members.update({VECTORS: content}))
    assert _refused(path).startswith(f"{path}, assets/layers/text_vectorization/: expected ")


def test_a_link_among_the_members(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("assets/layers/text_vectorization/more.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert _refused(path) == (
        f"{path}: expected 'assets/layers/text_vectorization/more.txt' as a plain file, got a "
        "symbolic link. It could point to any file."
    )


@pytest.mark.parametrize("name", ["assets/../../x", "assets//etc/x", "/assets/x", "assets\\..\\x"])
def test_assets_stay_inside(name: str, path: Path) -> None:
    _changed(path, lambda members: members.update({name: b"x"}))
    assert _refused(path).startswith(f"{path}: expected members inside the zip, got the path ")
