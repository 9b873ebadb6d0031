"""TerminateOnNaN."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lernwerk.callbacks import TerminateOnNaN
from lernwerk.errors import TrainingWarning, UsageError


def test_a_loss_that_is_not_finite_ends_the_training(keras: Any, fake: Any, capsys: Any) -> None:
    found = []
    for kind in (TerminateOnNaN, keras.callbacks.TerminateOnNaN):
        for value in (1.0, float("nan"), float("inf"), -float("inf"), None):
            model = fake()
            callback = kind()
            callback.set_model(model)
            callback.on_train_batch_end(7, logs={} if value is None else {"loss": value})
            found.append((model.stop_training, capsys.readouterr().out))
    assert found[:5] == found[5:]
    assert found[1] == (True, "Batch 7: Invalid loss, terminating training\n")


def test_in_a_training(net: Any, capsys: Any) -> None:
    x = np.full((400, 3), 1e20, "float32")
    model = net("sgd")
    with pytest.warns(TrainingWarning, match="batch 1"):
        history = model.fit(x, x[:, :1], epochs=9, verbose=0, callbacks=TerminateOnNaN())
    assert history.epoch == [0]
    assert "Invalid loss, terminating training" in capsys.readouterr().out


def test_by_an_error(fake: Any) -> None:
    with pytest.raises(UsageError) as refused:
        TerminateOnNaN(raise_error=True).on_train_batch_end(2, logs={"loss": float("nan")})
    assert isinstance(refused.value, RuntimeError)
    assert str(refused.value) == (
        "TerminateOnNaN: expected a finite loss, got nan at batch 2. "
        "Lower the learning rate, or clip the gradients: optimizer=Adam(1e-4, clipnorm=1)."
    )
