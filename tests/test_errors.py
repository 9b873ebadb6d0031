"""The one wording of all messages, the exception tree, ranges and nearest names."""

from __future__ import annotations

import inspect
import pickle
from typing import Any

import pytest

from lernwerk import errors
from lernwerk.errors import (
    COUNT,
    FRACTION,
    NOT_NEGATIVE,
    POSITIVE,
    ArgumentError,
    FileError,
    LernwerkError,
    Range,
    ShapeError,
    UnknownArgumentError,
    check_keywords,
    check_name,
    check_ranges,
    message,
    nearest,
)

TREE = {
    "ShapeError": ValueError,
    "DtypeError": TypeError,
    "DataError": ValueError,
    "ArgumentError": ValueError,
    "UnknownArgumentError": TypeError,
    "FileError": OSError,
    "UsageError": RuntimeError,
    "MissingExtraError": ImportError,
    "MissingNameError": AttributeError,
    "MissingModuleError": ImportError,
}


def test_a_message_is_one_sentence_and_a_hint() -> None:
    assert message("dense_1", "input (batch, 3)", (2, 4)) == (
        "dense_1: expected input (batch, 3), got (2, 4)."
    )
    assert message("x", "numbers", "text", "Convert it.") == (
        "x: expected numbers, got text. Convert it."
    )


@pytest.mark.parametrize(("name", "builtin"), TREE.items())
def test_every_error_is_a_lernwerk_error_and_the_fitting_builtin(name: str, builtin: type) -> None:
    kind = getattr(errors, name)
    with pytest.raises(builtin) as refused:
        raise kind("place", "this", "that", "Do it.")
    assert isinstance(refused.value, LernwerkError)
    assert str(refused.value) == "place: expected this, got that. Do it."
    assert (refused.value.where, refused.value.hint) == ("place", "Do it.")


def test_the_tree_is_complete() -> None:
    kinds = {
        name
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, LernwerkError)
    }
    assert kinds == {"LernwerkError", *TREE}


@pytest.mark.parametrize("name", TREE)
def test_errors_survive_pickling(name: str) -> None:
    again = pickle.loads(pickle.dumps(getattr(errors, name)("a", "b", (1, 2), "c")))
    assert type(again) is getattr(errors, name)
    assert str(again) == "a: expected b, got (1, 2). c"
    assert again.got == (1, 2)


def test_a_place_is_put_in_front() -> None:
    error = ShapeError("matmul", "(3,)", "(4,)").located("dense")
    assert type(error) is ShapeError
    assert str(error) == "dense, matmul: expected (3,), got (4,)."
    assert str(FileError("a", "b", "c").located("d")) == "d, a: expected b, got c."


@pytest.mark.parametrize(
    ("range_", "text", "inside", "outside"),
    [
        (POSITIVE, "a number > 0", [1, 1e-9], [0, -1, float("nan"), "1", None, True]),
        (NOT_NEGATIVE, "a number >= 0", [0, 2.5], [-1e-9, "x"]),
        (FRACTION, "a number in [0, 1)", [0, 0.99], [1, -0.1]),
        (COUNT, "an integer >= 1", [1, 7, 2.0], [0, 1.5, True, float("inf"), float("nan")]),
        (Range(), "a number", [-1e30, 3], ["x"]),
        (Range(high=2), "a number <= 2", [2, -5], [2.1]),
        (Range(high=2, high_included=False), "a number < 2", [1.9], [2]),
        (Range(0, 1, low_included=False), "a number in (0, 1]", [1, 0.5], [0]),
        (Range(integer=True), "an integer", [-4], [0.5]),
    ],
)
def test_ranges(range_: Range, text: str, inside: list[Any], outside: list[Any]) -> None:
    assert str(range_) == text
    assert [value for value in inside if value not in range_] == []
    assert [value for value in outside if value in range_] == []


def test_numpy_numbers_are_in_ranges() -> None:
    import numpy as np

    for value in (np.float64(0.5), np.float32(0.5)):
        assert value in FRACTION
    assert np.int64(3) in COUNT
    assert 2**64 - 1 in Range(0, 2**64 - 1, integer=True)
    assert 2**64 not in Range(0, 2**64 - 1, integer=True)


def test_the_first_value_outside_its_range_is_refused() -> None:
    check_ranges("x", {"a": 1, "b": None}, {"a": COUNT, "b": COUNT})
    with pytest.raises(ArgumentError) as refused:
        check_ranges("Dense", {"units": 0}, {"units": COUNT})
    assert str(refused.value) == "Dense: expected units to be an integer >= 1, got 0."


def test_the_nearest_name_or_all_of_them() -> None:
    assert nearest("adm", ["sgd", "adam"]) == "Did you mean 'adam'?"
    assert nearest("zzz", ["sgd", "adam"]) == "Known: adam, sgd."


def test_unknown_names_and_keywords() -> None:
    check_name("settings", "setting", "engine", ["engine"])
    with pytest.raises(ArgumentError) as refused:
        check_name("settings", "setting", "engin", iter(["engine", "cache"]))
    assert str(refused.value) == (
        "settings: expected the name of a known setting, got 'engin'. Did you mean 'engine'?"
    )
    check_keywords("Dense", ["units"], ["units"])
    with pytest.raises(UnknownArgumentError) as unknown:
        check_keywords("Dense", ["units", "unit"], iter(["units", "name"]))
    assert str(unknown.value) == (
        "Dense: expected known arguments, got 'unit'. Did you mean 'units'?"
    )
