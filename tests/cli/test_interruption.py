"""A killed training goes on bit for bit; Ctrl-C ends one cleanly."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

from .conftest import start

# Enough epochs that the process is still training when the signal comes.
ARGUMENTS = ("train", "digits", "--model", "small_cnn", "--epochs", 12, "--patience", 12)


def weights(folder: Path) -> list[np.ndarray]:
    import io
    import zipfile

    with zipfile.ZipFile(folder / "model.keras") as archive:
        content = archive.read("model.weights.h5")
    found: list[np.ndarray] = []
    with h5py.File(io.BytesIO(content)) as file:
        file.visititems(lambda _, item: found.append(item[()]) if hasattr(item, "dtype") else None)
    return found


def after_two_epochs(folder: Path, seconds: float = 60) -> None:
    """Wait until a second epoch is stored."""
    path, started, seen = folder / "checkpoint.npz", time.time(), 0
    while time.time() - started < seconds:
        if path.exists():
            try:
                with np.load(path) as file:
                    seen = len(json.loads(str(file["meta"]))["progress"]["seconds"])
            except (OSError, ValueError, EOFError):
                seen = 0
        if seen >= 2:
            return
        time.sleep(0.01)
    raise AssertionError("no second epoch in time")


@pytest.fixture
def uninterrupted(tmp_path):
    process = start(*ARGUMENTS, "--out", "whole", "--json", cwd=tmp_path)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return json.loads(out)


def test_killed_and_resumed_is_the_same_to_the_last_bit(tmp_path, uninterrupted):
    process = start(*ARGUMENTS, "--out", "parts", cwd=tmp_path)
    after_two_epochs(tmp_path / "parts")
    process.kill()
    process.communicate()
    assert not (tmp_path / "parts" / "model.keras").exists()
    process = start(*ARGUMENTS, "--out", "parts", "--resume", "--json", cwd=tmp_path)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    resumed = json.loads(out)
    assert resumed["history"] == uninterrupted["history"]
    assert resumed["scores"] == uninterrupted["scores"]
    for a, b in zip(weights(tmp_path / "parts"), weights(tmp_path / "whole"), strict=True):
        np.testing.assert_array_equal(a, b)
    assert not (tmp_path / "parts" / "checkpoint.npz").exists()


def test_ctrl_c_keeps_what_was_learned_and_can_be_resumed(tmp_path, uninterrupted):
    process = start(*ARGUMENTS, "--out", "parts", cwd=tmp_path)
    after_two_epochs(tmp_path / "parts")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "Ended by Ctrl-C after " in out
    assert "; what was learned is kept, --resume goes on." in out
    for name in ("model.keras", "history.csv", "report.html"):
        assert (tmp_path / "parts" / name).exists()
    process = start(*ARGUMENTS, "--out", "parts", "--resume", "--json", cwd=tmp_path)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert json.loads(out)["history"] == uninterrupted["history"]


def test_a_state_of_other_settings_is_refused(tmp_path):
    process = start(*ARGUMENTS, "--out", "parts", cwd=tmp_path)
    after_two_epochs(tmp_path / "parts")
    process.kill()
    process.communicate()
    stored = (tmp_path / "parts" / "checkpoint.npz").read_bytes()
    process = start(*ARGUMENTS, "--out", "parts", "--resume", "--seed", 9, cwd=tmp_path)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "expected seed 9 as in this call, got 1." in err and err.count("\n") == 1
    assert (tmp_path / "parts" / "checkpoint.npz").read_bytes() == stored


def test_a_damaged_state_is_refused(tmp_path):
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "checkpoint.npz").write_bytes(b"PK half a file")
    process = start(*ARGUMENTS, "--out", "parts", "--resume", cwd=tmp_path)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "a readable checkpoint" in err and err.count("\n") == 1


def test_a_failure_while_the_results_are_written_loses_no_training(lernwerk, monkeypatch, tmp_path):
    from lernwerk.errors import FileError
    from lernwerk.job import report

    def refuse(outcome, path):
        raise FileError(str(path), "a file that can be written", "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(report, "write", refuse)
        assert lernwerk("train", "iris", "--epochs", 3).code == 1
    assert (tmp_path / "runs" / "iris" / "checkpoint.npz").exists()
    ended = lernwerk("train", "iris", "--epochs", 3, "--resume")
    assert ended.code == 0, ended.err
    assert "Going on after epoch 3 of 3." in ended.out
    assert sorted(path.name for path in (tmp_path / "runs" / "iris").iterdir()) == [
        "history.csv", "model.keras", "report.html",
    ]  # fmt: skip


def test_resume_takes_no_run_of_another_name_and_makes_no_folder(lernwerk, tmp_path):
    other = tmp_path / "runs" / "iris-of-mine"
    other.mkdir(parents=True)
    (other / "checkpoint.npz").write_bytes(b"of another data set")
    ended = lernwerk("train", "iris", "--resume")
    assert ended.code == 1 and "an unfinished training in runs/iris, got none" in ended.err
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["iris-of-mine"]


def test_a_network_that_cannot_be_built_leaves_no_folder(lernwerk, tmp_path):
    (tmp_path / "mine.py").write_text("def build(input_shape, outputs): return 3")
    assert lernwerk("train", "iris", "--model", "mine.py").code == 1
    assert not (tmp_path / "runs").exists()


def test_a_changed_model_file_is_refused(lernwerk, monkeypatch, tmp_path):
    from lernwerk.errors import FileError
    from lernwerk.job import report

    program = (
        "from lernwerk import Input, Sequential, layers\n"
        "def build(s, o): return Sequential([Input(s), layers.Dense(4, 'ACTIVATION'),"
        " layers.Dense(o, 'softmax')])\n"
    )
    (tmp_path / "mine.py").write_text(program.replace("ACTIVATION", "relu"))

    def refuse(outcome, path):
        raise FileError(str(path), "a file that can be written", "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(report, "write", refuse)
        assert lernwerk("train", "iris", "--model", "mine.py", "--epochs", 2).code == 1
    (tmp_path / "mine.py").write_text(program.replace("ACTIVATION", "tanh"))
    ended = lernwerk("train", "iris", "--model", "mine.py", "--epochs", 2, "--resume")
    assert ended.code == 1 and "expected model_file '" in ended.err
