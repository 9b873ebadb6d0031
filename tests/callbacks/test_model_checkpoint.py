"""ModelCheckpoint: the files that it writes; which and when is in test_monitoring."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lernwerk.callbacks import ModelCheckpoint, wants_single_steps
from lernwerk.errors import ArgumentError
from lernwerk.saving import load_model


def test_whole_models_come_back(tmp_path: Path, net: Any, data: Any) -> None:
    model = net()
    name = tmp_path / "new" / "folder" / "{epoch:02d}-{val_loss:.2f}.keras"
    history = model.fit(*data, epochs=2, verbose=0, validation_data=data,
                        callbacks=ModelCheckpoint(name))  # fmt: skip
    names = [f"{e + 1:02d}-{v:.2f}.keras" for e, v in enumerate(history.history["val_loss"])]
    assert sorted(path.name for path in name.parent.iterdir()) == names
    loaded = load_model(name.parent / names[-1])
    np.testing.assert_array_equal(loaded.predict(data[0]), model.predict(data[0]))


@pytest.mark.parametrize("name", ["best.weights.h5", "best.h5", "weights.hdf5", "cp.ckpt"])
def test_weights_come_back_under_every_name(tmp_path: Path, net: Any, data: Any, name: str) -> None:
    model, other = net(), net()
    model.fit(*data, epochs=1, verbose=0,
              callbacks=ModelCheckpoint(tmp_path / name, save_weights_only=True))  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == [name]
    other.load_weights(tmp_path / name)
    np.testing.assert_array_equal(other.predict(data[0]), model.predict(data[0]))


@pytest.mark.parametrize("name", ["best_model.h5", "model.hdf5"])
def test_whole_models_under_the_names_of_the_books(
    tmp_path: Path, net: Any, data: Any, name: str
) -> None:
    model = net()
    model.fit(*data, epochs=1, verbose=0, callbacks=ModelCheckpoint(str(tmp_path / name)))
    assert [path.name for path in tmp_path.iterdir()] == [name]
    loaded = load_model(tmp_path / name)
    np.testing.assert_array_equal(loaded.predict(data[0]), model.predict(data[0]))


def test_the_old_period(tmp_path: Path, net: Any, data: Any) -> None:
    name = str(tmp_path / "{epoch}.keras")
    net().fit(*data, epochs=5, verbose=0, callbacks=ModelCheckpoint(name, period=2))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2.keras", "4.keras"]


def test_the_weights_of_a_step_are_saved(tmp_path: Path, net: Any, data: Any) -> None:
    name = str(tmp_path / "{epoch}-{batch}.weights.h5")
    callback = ModelCheckpoint(name, save_weights_only=True, save_freq=2)
    net().fit(*data, batch_size=8, epochs=2, verbose=0, callbacks=callback)
    found = sorted(path.name for path in tmp_path.iterdir())
    assert found == ["1-2.weights.h5", "2-1.weights.h5", "2-3.weights.h5"]


def test_single_steps_only_where_steps_are_counted() -> None:
    assert not wants_single_steps([ModelCheckpoint("x.keras")])
    assert wants_single_steps([ModelCheckpoint("x.keras", save_freq=5)])


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda drive: ModelCheckpoint("x.keras", save_freq="batch"),
         "ModelCheckpoint: expected save_freq 'epoch' or a number of steps, got 'batch'."),
        (lambda drive: ModelCheckpoint("x.keras", period=0),
         "ModelCheckpoint: expected period to be an integer >= 1, got 0."),
        (lambda drive: ModelCheckpoint("x.keras", save_weights_only=True),
         "ModelCheckpoint: expected a filepath that ends in .weights.h5 with save_weights_only, "
         "got 'x.keras'. A .keras file holds a whole model."),
        (lambda drive: drive(ModelCheckpoint("{val_los}.keras"), [{"loss": 1.0, "val_loss": 2.0}]),
         "ModelCheckpoint: expected places of filepath to be among epoch, loss, val_loss, "
         "got 'val_los'. Did you mean 'val_loss'?"),
    ],
)  # fmt: skip
def test_what_is_refused(drive: Any, make: Any, text: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        make(drive)
    assert str(refused.value) == text
