"""Operations of models under Keras's names: the table against Keras's own classes."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import numpy as np
import pytest

import lernwerk
from lernwerk.errors import DataError, UsageError
from lernwerk.models import Model
from lernwerk.models.functional_config import network_config
from lernwerk.models.operation_table import _TABLE, LISTED, ROWS, operation_from
from lernwerk.ops import composite


@pytest.mark.parametrize("name", ROWS)
def test_a_row_names_a_class_of_keras_with_these_tensors(name: str, keras: Any) -> None:
    row = ROWS[name]
    kind = getattr(importlib.import_module(f"keras.src.ops.{row.module}"), row.kind)
    taken = list(inspect.signature(kind.call).parameters)[1:]
    assert len(taken) >= (1 if row.tensors == LISTED else row.tensors), taken
    options = dict(list(inspect.signature(kind.__init__).parameters.items())[1:])
    assert set(row.renamed.values()) <= set(options)
    config = {each.name: each.default for each in options.values()
              if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
              and each.default is not each.empty}  # fmt: skip
    operation_from({"class_name": row.kind, "config": config})  # every default is taken


def test_an_option_that_is_not_here_is_refused() -> None:
    for kind, option, expected in (("Round", "decimals", "decimals=0"), ("Exp", "y", "known opti")):
        with pytest.raises(DataError, match=f"^config, {kind}: expected {expected}"):
            operation_from({"class_name": kind, "config": {option: 3}})


# An operation, and options that are not the defaults.
USES = {
    "sum": {"axis": 1, "keepdims": True}, "mean": {"axis": (0, 1)}, "max": {"axis": 0},
    "argmax": {"axis": 1}, "softmax": {"axis": 0}, "transpose": {"axes": (1, 0)},
    "expand_dims": {"axis": 1}, "repeat": {"repeats": 2, "axis": 1}, "tile": {"repeats": (1, 2)},
    "clip": {"x_min": 0.0, "x_max": 0.5}, "leaky_relu": {"negative_slope": 0.1},
    "logsumexp": {"axis": 1}, "cast": {"dtype": "int32"}, "roll": {"shift": 1, "axis": 0},
    "swapaxes": {"axis1": 0, "axis2": 1}, "norm": {"keepdims": True}, "var": {"axis": 1},
    "floor": {}, "tanh": {},
    "elu": {"alpha": 0.5}, "gelu": {"approximate": False}, "cumsum": {"axis": 1},
    "flip": {"axis": 1}, "one_hot": {"num_classes": 4}, "top_k": {"k": 2}, "sort": {"axis": 0},
    "normalize": {"axis": 1}, "log_softmax": {"axis": 1}, "triu": {"k": 1},
}  # fmt: skip


@pytest.mark.parametrize("name", USES)
def test_options_reach_keras_and_come_from_it(name: str, keras: Any, tmp_path: Any) -> None:
    x = np.random.default_rng(0).integers(0, 4, (5, 4))
    x = x.astype("int32" if name == "one_hot" else "float32")
    for ours, theirs in ((lernwerk, keras), (keras, lernwerk)):
        entry = ours.Input((4,), batch_size=5, dtype=x.dtype.name)
        model = ours.Model(entry, getattr(ours.ops, name)(entry, **USES[name]))
        model.save(tmp_path / "m.keras")
        loaded = theirs.saving.load_model(tmp_path / "m.keras")
        for one, two in zip(_flat(loaded(x)), _flat(model(x)), strict=True):
            np.testing.assert_allclose(one, two, rtol=1e-4, atol=1e-6)


def _flat(found: Any) -> list[Any]:
    listed = found if isinstance(found, (list, tuple)) else [found]
    return [np.asarray(each) for each in listed]


def test_an_operation_that_files_cannot_name_is_refused() -> None:
    @composite
    def mine(x: Any) -> Any:
        return x * 2.0

    entry = lernwerk.Input((4,))
    with pytest.raises(UsageError) as refused:
        network_config(Model(entry, mine(entry)))
    assert str(refused.value) == (
        "mine: expected an operation that a file can name, got 'mine'. "
        "Write this part of the model as a layer of your own: class MyLayer(layers.Layer)."
    )


def test_an_unknown_operation_is_refused() -> None:
    with pytest.raises(DataError) as refused:
        operation_from({"class_name": "Meen", "config": {}})
    assert str(refused.value) == (
        "config: expected the class of a known operation, got 'Meen'. Did you mean 'Mean'?"
    )


def test_every_function_of_the_table_is_there() -> None:
    kinds = [row.function for row in _TABLE]
    assert sorted(set(kinds)) == sorted(kinds)
    assert sorted(kinds) == sorted(ROWS)
