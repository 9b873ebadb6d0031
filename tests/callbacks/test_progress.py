"""ProgbarLogger: what it prints."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest

from lernwerk.callbacks import CallbackList, ProgbarLogger


def train(logger: ProgbarLogger, epochs: int = 2) -> None:
    logger.on_train_begin({})
    for epoch in range(epochs):
        logger.on_epoch_begin(epoch, {})
        for step in range(3):
            logger.on_train_batch_end(step, logs={"loss": 1.0})
        logger.on_test_begin({})
        logger.on_test_batch_end(0, logs={"loss": 9.0})
        logger.on_test_end({"loss": 9.0})
        logger.on_epoch_end(epoch, {"loss": 0.5, "val_loss": 0.25})
    logger.on_train_end({})


def with_params(**params: Any) -> ProgbarLogger:
    logger = ProgbarLogger()
    logger.set_params({"epochs": 2, "steps": 3, "verbose": 1} | params)
    return logger


TIME = r"\d+s \d+(s|ms|us)/step"


@pytest.mark.parametrize("verbose", [1, "auto"])
def test_epochs(capsys: Any, verbose: Any) -> None:
    train(with_params(verbose=verbose))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0::2] == ["Epoch 1/2", "Epoch 2/2"]
    for line in lines[1::2]:
        assert re.fullmatch(rf"3/3 ━{{20}} {TIME} - loss: 0.5000 - val_loss: 0.2500", line)


def test_short_and_silent(capsys: Any) -> None:
    train(with_params(verbose=2))
    lines = capsys.readouterr().out.splitlines()
    time = TIME.replace(" ", " - ")
    assert re.fullmatch(rf"3/3 - {time} - loss: 0.5000 - val_loss: 0.2500", lines[1])
    train(with_params(verbose=0))
    assert capsys.readouterr().out == ""


def test_a_line_grows_on_a_terminal(capsys: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    train(with_params(epochs=1, steps=3), epochs=1)
    lines = capsys.readouterr().out.split("\r")
    assert [line[:3] for line in lines] == ["", "1/3", "2/3", "3/3", "3/3"]
    assert lines[1].count("━") == 6


def test_the_number_of_steps_of_a_generator_is_learned(capsys: Any) -> None:
    train(with_params(steps=None, epochs=1), epochs=1)
    assert capsys.readouterr().out.startswith("3/3 ")


def test_evaluations_and_predictions(capsys: Any) -> None:
    logger = with_params()
    listed = CallbackList([logger])
    listed.on_test_begin()
    listed.on_test_batch_end(0, {"loss": 1.0})
    listed.on_test_end({"loss": 1.0})
    listed.on_predict_begin()
    listed.on_predict_batch_end(0, {"outputs": 1})
    listed.on_predict_end()
    first, second = capsys.readouterr().out.splitlines()
    assert re.fullmatch(rf"3/3 ━{{20}} {TIME} - loss: 1.0000", first)
    assert re.fullmatch(rf"3/3 ━{{20}} {TIME}", second)
