"""CSVLogger: the same bytes as real Keras's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lernwerk.callbacks import CSVLogger

LOGS: dict[str, list[dict[str, Any]]] = {
    "plain": [{"loss": 0.5, "accuracy": 0.25}, {"loss": 0.125, "accuracy": 1.0}],
    "validated": [{"loss": 0.5, "val_loss": 1.5}, {"val_loss": 2.5, "loss": 0.25}],
    "sometimes validated": [{"loss": 0.5}, {"loss": 0.25, "val_loss": 1.0}],
    "other names later": [{"loss": 0.5}, {"gain": 0.25}],
    "several numbers": [{"loss": np.array([1.0, 2.0]), "name": "a,b", "flat": np.array(3.0)}],
    "nothing": [{}],
}


@pytest.mark.parametrize("name", LOGS)
@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("append", [False, True])
def test_the_file_is_that_of_keras(
    keras: Any, drive: Any, tmp_path: Path, name: str, separator: str, append: bool
) -> None:
    found = []
    for kind in (CSVLogger, keras.callbacks.CSVLogger):
        path = tmp_path / f"{kind.__module__}.csv"
        for _ in range(2):  # a second training overwrites the file or goes on in it
            drive(kind(path, separator=separator, append=append), LOGS[name])
        found.append(path.read_bytes())
    assert found[0] == found[1]
    assert found[0]


def test_lines_are_there_while_the_training_runs(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    logger = CSVLogger(str(path))
    logger.on_train_begin({})
    logger.on_epoch_end(0, {"loss": 0.5})
    assert path.read_text() == "epoch,loss,val_loss\n0,0.5,NA\n"
    logger.on_train_end({})


def test_of_a_training(tmp_path: Path, net: Any, data: Any) -> None:
    path = tmp_path / "log.csv"
    history = net().fit(*data, epochs=3, verbose=0, callbacks=CSVLogger(path))
    table = np.genfromtxt(path, delimiter=",", names=True)
    np.testing.assert_array_equal(table["epoch"], [0, 1, 2])
    np.testing.assert_allclose(table["loss"], history.history["loss"])
