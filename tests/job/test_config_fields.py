"""Strict reading of saved settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lernwerk.errors import FileError
from lernwerk.job.config_fields import Fields

GOOD: dict[str, Any] = {
    "text": "a", "count": 3, "size": 1.5, "sizes": [1, 2.5], "shape": [2, 3], "flag": True,
    "names": ["a", "b"], "any": [1, "x"],
}  # fmt: skip


def test_good_values() -> None:
    fields = Fields("model", GOOD)
    assert fields.text("text", ["a", "b"]) == "a"
    assert fields.integer("count", 1, 3) == 3
    assert fields.number("size", positive=True) == 1.5
    assert fields.numbers("sizes", 2, positive=True) == (1.0, 2.5)
    assert fields.integers("shape", 1) == (2, 3)
    assert fields.flag("flag") is True
    assert fields.texts("names", different=True) == ("a", "b")
    assert fields.entries("any") == [1, "x"]
    fields.done()


@pytest.mark.parametrize(
    ("read", "value", "message"),
    [
        (lambda f: f.text("v"), 1, "expected a text for 'v', got 1."),
        (lambda f: f.text("v", ["a", "b"]), "c", "expected one of a, b for 'v', got 'c'."),
        (lambda f: f.integer("v"), True, "expected a whole number >= 0 for 'v', got True."),
        (lambda f: f.integer("v", 1, 9), 10,
         "expected a whole number >= 1 and <= 9 for 'v', got 10."),
        (lambda f: f.integer("v"), 1.0, "expected a whole number >= 0 for 'v', got 1.0."),
        (lambda f: f.number("v"), float("nan"), "expected a finite number for 'v', got nan."),
        (lambda f: f.number("v", True), 0, "expected a number > 0 for 'v', got 0."),
        (lambda f: f.number("v"), 10**400,
         f"expected a finite number for 'v', got {str(10**400)[:57]}...."),
        (lambda f: f.numbers("v", 2), [1], "expected a list of 2 finite numbers for 'v', got [1]."),
        (lambda f: f.numbers("v", 1, True), [0],
         "expected a list of 1 positive numbers for 'v', got [0]."),
        (lambda f: f.numbers("v"), "12", "expected a list of finite numbers for 'v', got '12'."),
        (lambda f: f.integers("v", 1), [0],
         "expected a list of whole numbers >= 1 for 'v', got [0]."),
        (lambda f: f.flag("v"), 1, "expected true or false for 'v', got 1."),
        (lambda f: f.texts("v"), ["a", 1], "expected a list of texts for 'v', got ['a', 1]."),
        (lambda f: f.texts("v", True), ["a", "a"],
         "expected a list of different texts for 'v', got ['a', 'a']."),
        (lambda f: f.entries("v"), {}, "expected a list for 'v', got {}."),
        (lambda f: f.text("w"), 1, "expected a text for 'w', got nothing."),
        (lambda f: f.done(), 1, "expected no other settings, got 'v'."),
    ],
)  # fmt: skip
def test_wrong_values(read: Callable[[Fields], Any], value: Any, message: str) -> None:
    with pytest.raises(FileError) as error:
        read(Fields("model", {"v": value}))
    assert str(error.value) == f"model: {message}"


@pytest.mark.parametrize("config", [None, [], "text", 3])
def test_no_dictionary(config: Any) -> None:
    with pytest.raises(FileError) as error:
        Fields("model", config)
    assert str(error.value) == f"model: expected a dictionary of settings, got {config!r}."
