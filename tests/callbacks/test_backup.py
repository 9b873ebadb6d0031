"""BackupAndRestore: a training that was cut off goes on bit for bit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lernwerk import Sequential, layers
from lernwerk.callbacks import BackupAndRestore, LambdaCallback, wants_single_steps
from lernwerk.callbacks.backup import NAME, PREVIOUS
from lernwerk.errors import ArgumentError, FileError, UsageError


class Cut(Exception):
    """The power is gone."""


def cut(epoch: int) -> LambdaCallback:
    def stop(now: int, logs: Any) -> None:
        if now == epoch:
            raise Cut

    return LambdaCallback(on_epoch_begin=stop)


def fit(model: Any, data: Any, *callbacks: Any, epochs: int = 5) -> Any:
    return model.fit(*data, epochs=epochs, batch_size=5, verbose=0, callbacks=list(callbacks))


def states(model: Any) -> list[np.ndarray]:
    return [variable.numpy() for variable in model.state_variables]


def assert_equal(a: Any, b: Any) -> None:
    for one, other in zip(states(a), states(b), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_training_that_was_cut_off_is_the_one_that_was_not(
    tmp_path: Path, net: Any, data: Any
) -> None:
    whole, first, second = net(), net(), net()
    expected = fit(whole, data).history["loss"]
    with pytest.raises(Cut):
        fit(first, data, BackupAndRestore(tmp_path / "backup"), cut(3))
    assert (tmp_path / "backup" / NAME).exists()
    history = fit(second, data, BackupAndRestore(tmp_path / "backup"))
    assert history.epoch == [3, 4]
    assert history.history["loss"] == expected[3:]
    assert_equal(second, whole)
    assert not (tmp_path / "backup").exists()  # the training is finished


def epochs_of_two_runs(model: Any, data: Any, backup: Any, kind: Any) -> list[int]:
    """The epochs that are begun when the third one is cut off and the training started again."""
    begun: list[int] = []

    def note(epoch: int, logs: Any) -> None:
        begun.append(epoch)
        if len(begun) == 3:
            raise Cut

    with pytest.raises(Cut):
        fit(model, data, backup, kind(on_epoch_begin=note))
    fit(model, data, backup, kind(on_epoch_begin=note))
    return begun


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's
def test_the_epochs_run_are_those_of_keras(tmp_path: Path, net: Any, data: Any, keras: Any) -> None:
    model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    real = keras.callbacks.BackupAndRestore(str(tmp_path / "keras"))
    expected = epochs_of_two_runs(model, data, real, keras.callbacks.LambdaCallback)
    mine = BackupAndRestore(tmp_path / "mine")
    assert epochs_of_two_runs(net(), data, mine, LambdaCallback) == expected
    assert expected == [0, 1, 2, 2, 3, 4]


def test_after_steps_the_epoch_is_begun_anew(tmp_path: Path, net: Any, data: Any) -> None:
    kept: list[Any] = []

    def stop(batch: int, logs: Any) -> None:
        if batch == 3:
            kept.extend(model.get_weights())
            raise Cut

    model = net()
    backup = BackupAndRestore(tmp_path, save_freq=2)
    with pytest.raises(Cut):
        fit(model, data, backup, LambdaCallback(on_train_batch_begin=stop))
    with np.load(tmp_path / NAME) as file:
        assert json.loads(str(file["meta"]))["batch"] == 2
    other = net()
    begun: list[Any] = []
    look = LambdaCallback(on_train_begin=lambda logs: begun.extend(other.get_weights()))
    history = fit(other, data, BackupAndRestore(tmp_path, save_freq=2), look)
    assert history.epoch == [0, 1, 2, 3, 4]
    assert any((a != b).any() for a, b in zip(begun, net().get_weights(), strict=True))


def test_a_damaged_state_falls_back_on_the_one_before(tmp_path: Path, net: Any, data: Any) -> None:
    with pytest.raises(Cut):
        fit(net(), data, BackupAndRestore(tmp_path, double_checkpoint=True), cut(3))
    (tmp_path / NAME).write_bytes(b"PK nothing")
    whole, second = net(), net()
    fit(whole, data)
    history = fit(second, data, BackupAndRestore(tmp_path, double_checkpoint=True))
    assert history.epoch == [2, 3, 4]
    assert_equal(second, whole)
    assert not (tmp_path / PREVIOUS).exists()


def test_what_is_kept_and_what_is_deleted(tmp_path: Path, net: Any, data: Any) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    fit(net(), data, BackupAndRestore(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    fit(net(), data, BackupAndRestore(tmp_path, delete_checkpoint=False))
    assert (tmp_path / NAME).exists()
    assert fit(net(), data, BackupAndRestore(tmp_path)).epoch == []  # nothing was left to do


def test_an_interrupted_training_keeps_its_state(tmp_path: Path, net: Any, data: Any) -> None:
    model = net()

    def interrupt(epoch: int, logs: Any) -> None:
        model.interrupted = epoch == 1

    fit(model, data, BackupAndRestore(tmp_path), LambdaCallback(on_epoch_end=interrupt))
    assert (tmp_path / NAME).exists()


def test_single_steps_only_where_steps_are_counted() -> None:
    assert not wants_single_steps([BackupAndRestore("x")])
    assert wants_single_steps([BackupAndRestore("x", save_freq=3)])


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"backup_dir": ""},
         "BackupAndRestore: expected a folder as backup_dir, got an empty name."),
        ({"backup_dir": "x", "save_freq": 0},
         "BackupAndRestore: expected save_freq 'epoch' or a number of steps, got 0."),
    ],
)  # fmt: skip
def test_what_is_refused(options: dict[str, Any], text: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        BackupAndRestore(**options)
    assert str(refused.value) == text


def test_states_that_do_not_fit(tmp_path: Path, net: Any, data: Any) -> None:
    fit(net(), data, BackupAndRestore(tmp_path, delete_checkpoint=False), epochs=1)
    other = Sequential([layers.Dense(2, input_shape=(3,)), layers.Dense(1)])
    other.compile("adam", "mse")
    with pytest.raises(FileError) as refused:
        fit(other, data, BackupAndRestore(tmp_path))
    assert str(refused.value) == (
        f"{tmp_path}: expected the state of this model, got one of another. "
        f"Delete the folder to train anew: rm -r '{tmp_path}'."
    )
    (tmp_path / NAME).write_bytes(b"")
    with pytest.raises(FileError) as refused:
        fit(net(), data, BackupAndRestore(tmp_path))
    assert str(refused.value) == (
        f"{tmp_path / NAME}: expected a readable training state, "
        "got a damaged one (No data left in file). Delete it to train anew."
    )


def test_a_model_has_to_be_built(tmp_path: Path, net: Any, data: Any) -> None:
    fit(net(), data, BackupAndRestore(tmp_path, delete_checkpoint=False), epochs=1)
    model = Sequential([layers.Dense(1)])
    model.compile("adam", "mse")
    callback = BackupAndRestore(tmp_path)
    callback.set_model(model)
    with pytest.raises(UsageError) as refused:
        callback.on_train_begin({})
    assert str(refused.value) == (
        "BackupAndRestore: expected a built model, got one without input shape. "
        "Begin it with Input(shape=...), or call it on data first."
    )
