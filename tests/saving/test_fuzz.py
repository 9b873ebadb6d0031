"""Damaged files: whatever happens to the bytes, loading gives the same model or a refusal."""

from __future__ import annotations

import json
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lernwerk
from lernwerk import layers
from lernwerk.core.random import set_random_seed
from lernwerk.errors import DataError, FileError
from lernwerk.models import Sequential
from lernwerk.saving import load_model, load_weights, read_extras, save_model, save_weights

FEW = settings(
    max_examples=150, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


def _model() -> Sequential:
    set_random_seed(1)
    model = Sequential(
        [layers.Input((4, 2)), layers.Conv1D(3, 2), layers.Dropout(0.5), layers.LSTM(2)]
    )
    model.compile("adam", "mse")
    return model


def _graph() -> Any:
    """A functional model with operations, a shared layer, a model inside and a vocabulary."""
    words = layers.StringLookup()
    words.adapt(np.array(["a", "b", "c"]))
    text, x = lernwerk.Input((2,), dtype="string", name="t"), lernwerk.Input((4,), name="x")
    inner = Sequential([layers.Input((4,)), layers.Dense(4), layers.Dense(4)])
    shared = layers.Dense(4)
    read = layers.Flatten()(layers.Embedding(6, 2)(words(text)))
    outputs = shared(inner(x)) + shared(x)[:, ::-1] * lernwerk.ops.mean(read, axis=1, keepdims=True)
    model = lernwerk.Model([text, x], [outputs, layers.Concatenate()([outputs, read])])
    model.compile("adam", ["mse", "mae"], loss_weights=[1.0, 2.0], metrics=[["mae"], []])
    return model


@cache
def _whole(kind: str, folder: Path) -> bytes:
    if kind == "graph.keras":
        _graph().save(folder / kind)
        return (folder / kind).read_bytes()
    model = _model()
    model.fit(np.ones((4, 4, 2), "float32"), np.ones((4, 2), "float32"), verbose=0)
    path = folder / f"whole{kind}"
    if kind == ".keras":
        save_model(model, path, extras={"job.json": b"{}"})
    else:
        save_weights(model, path)
    return path.read_bytes()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for all examples."""
    return tmp_path_factory.mktemp("fuzz")


def _damaged(content: bytes, flips: list[tuple[float, int]], end: float) -> bytes:
    changed = bytearray(content[: round(len(content) * end)])
    for place, bits in flips:
        if changed:
            changed[int(place * len(changed))] ^= bits
    return bytes(changed)


_places = st.floats(0, 1, exclude_max=True)
_flips = st.lists(st.tuples(_places, st.integers(1, 255)), min_size=1, max_size=4)
_ends = st.one_of(st.just(1.0), st.floats(0, 1))


@FEW
@given(flips=_flips, end=_ends)
def test_a_damaged_model_is_the_same_or_refused(flips: Any, end: float, folder: Path) -> None:
    path, whole = folder / "m.keras", _whole(".keras", folder)
    path.write_bytes(_damaged(whole, flips, end))
    try:
        loaded = load_model(path)
        extras = read_extras(path)
    except (FileError, DataError) as error:
        assert "\n" not in str(error)
        return
    assert extras == {"job.json": b"{}"}
    path.write_bytes(whole)
    assert _bits(loaded) == _bits(load_model(path))


def _bits(model: Sequential) -> list[bytes]:
    return [variable.numpy().tobytes() for variable in model.state_variables]


@FEW
@given(flips=_flips, end=_ends)
def test_damaged_weights_are_the_same_or_refused(flips: Any, end: float, folder: Path) -> None:
    path, model, original = folder / "m.weights.h5", _model(), _model()
    whole = _whole(".weights.h5", folder)
    path.write_bytes(whole)
    load_weights(original, path)
    before = _bits(model)
    path.write_bytes(_damaged(whole, flips, end))
    try:
        load_weights(model, path)
    except (FileError, DataError) as error:
        assert "\n" not in str(error)
        assert _bits(model) == before
        return
    assert _bits(model) == _bits(original)


@FEW
@given(flips=_flips, end=_ends, kind=st.sampled_from(["graph.keras", "old.h5"]))
def test_other_damaged_files_are_read_or_refused(
    flips: Any, end: float, kind: str, folder: Path
) -> None:
    whole = _old(folder) if kind == "old.h5" else _whole(kind, folder)
    path = folder / f"damaged_{kind}"
    path.write_bytes(_damaged(whole, flips, end))
    try:
        load_model(path)
    except (FileError, DataError) as error:
        assert "\n" not in str(error)


@cache
def _old(folder: Path) -> bytes:
    model = _model()
    model.save(folder / "old.h5")
    return (folder / "old.h5").read_bytes()


_scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.integers(), st.floats(), st.text(max_size=5),
    st.sampled_from(["Dense", "Lambda", "keras.layers", "keras", "relu", "same", "float16"]),
)  # fmt: skip
_values = st.recursive(
    _scalars, lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ), max_leaves=6,
)  # fmt: skip


def _changed(config: Any, place: int, value: Any) -> Any:
    """The config with its n-th value replaced, counted through the whole tree."""
    spots: list[tuple[Any, Any]] = []
    pending = [config]
    while pending:
        each = pending.pop()
        keys = each if isinstance(each, dict) else range(len(each))
        spots += [(each, key) for key in keys]
        pending += [each[key] for key in keys if isinstance(each[key], (dict, list))]
    owner, key = spots[place % len(spots)]
    owner[key] = value
    return config


@FEW
@given(place=st.integers(0, 10**4), value=_values, kind=st.sampled_from([".keras", "graph.keras"]))
def test_a_changed_config_is_read_or_refused(
    place: int, value: Any, kind: str, folder: Path
) -> None:
    path, base = folder / "c.keras", folder / "b.keras"
    base.write_bytes(_whole(kind, folder))
    with zipfile.ZipFile(base) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = _changed(json.loads(members["config.json"]), place, value)
    members["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    try:
        load_model(path)
    except (FileError, DataError) as error:
        assert "\n" not in str(error)
