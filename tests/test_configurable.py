"""Objects from configs and configs from objects, without ever executing anything."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lernwerk import initializers, layers, losses, optimizers, regularizers
from lernwerk.configurable import (
    Configurable,
    deserialize,
    find_class,
    resolve,
    serialize,
    to_config,
)
from lernwerk.errors import ArgumentError, DataError, UnknownArgumentError


class Base(Configurable):
    """A class outside the package, with an argument of its own."""

    family = "things"

    def __init__(self, size: int = 3, name: str = "x") -> None:
        self.size, self.name = size, name


class Special(Base):
    """Passes on what it does not know."""

    def __init__(self, colour: str, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.colour = colour


def test_the_config_is_the_arguments_of_the_class_and_its_bases() -> None:
    assert Special.parameters() == ["colour", "size", "name"]
    made = Special("red", size=4)
    assert made.get_config() == {"colour": "red", "size": 4, "name": "x"}
    again = Special.from_config(made.get_config())
    assert vars(again) == vars(made)


def test_an_argument_that_the_class_does_not_have_is_refused() -> None:
    with pytest.raises(UnknownArgumentError) as refused:
        Special.from_config({"color": "red"})
    assert str(refused.value) == (
        "Special: expected known arguments, got 'color'. Did you mean 'colour'?"
    )


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ((1, 2), [1, 2]),
        (np.float32(0.5), 0.5),
        (np.array([[1, 2]]), [[1, 2]]),
        ({"a": (np.int64(1),)}, {"a": [1]}),
        (losses.mean_squared_error, "mean_squared_error"),
        (None, None),
        ("text", "text"),
        (regularizers.L2(0.5), {"module": "keras.regularizers", "class_name": "L2",
                                "config": {"l2": 0.5}, "registered_name": None}),
    ],
)  # fmt: skip
def test_values_have_a_plain_written_form(value: Any, written: Any) -> None:
    assert to_config(value) == written


def test_the_written_form_is_keras_s(keras: Any) -> None:
    for mine, real in (
        (layers.Dense(2, name="d"), keras.layers.Dense(2, name="d")),
        (regularizers.L1(0.1), keras.regularizers.L1(0.1)),
        (initializers.Zeros(), keras.initializers.Zeros()),
        (optimizers.SGD(0.1), keras.optimizers.SGD(0.1)),
    ):
        theirs = keras.saving.serialize_keras_object(real)
        ours = serialize(mine)
        for key in ("module", "class_name", "registered_name"):
            assert ours[key] == theirs[key]
        again = deserialize(theirs, mine.family)
        assert type(again) is type(mine)


def test_classes_of_one_s_own_are_named_and_must_be_given() -> None:
    written = serialize(Special("red"))
    assert (written["module"], written["registered_name"]) == (None, "Special")
    again = deserialize(written, "things", {"Special": Special})
    assert again.colour == "red"
    with pytest.raises(DataError) as refused:
        deserialize({"class_name": "Dens", "config": {}}, "layers")
    assert str(refused.value) == (
        "config: expected the class of a known layer, got 'Dens'. Did you mean 'Dense'? "
        "A class of your own is given by custom_objects={'Dens': Dens}."
    )
    with pytest.raises(DataError) as unknown:
        deserialize(written)
    assert str(unknown.value) == (
        "config: expected custom_objects with the class 'Special', got none of this name. "
        "load_model(filepath, custom_objects={'Special': Special})"
    )


def test_only_classes_of_the_package_are_registered() -> None:
    assert find_class("layers", "Dense") is layers.Dense
    with pytest.raises(DataError):
        find_class("things", "Special")
    with pytest.raises(DataError):
        find_class("optimizers", "Dense")
    with pytest.raises(DataError):
        find_class("layers", "_Pooling")


@pytest.mark.parametrize("broken", [{"class_name": 3}, {"class_name": "Dense", "config": [1]}])
def test_a_broken_config_is_refused(broken: Any) -> None:
    with pytest.raises(DataError) as refused:
        deserialize(broken, "layers")
    assert str(refused.value) == (
        f"config: expected a class name and a dict of arguments, got {broken!r}."
    )


def test_resolve_takes_names_classes_objects_configs_and_functions() -> None:
    names = {"l2": regularizers.L2, "function": len}
    known = regularizers.L2(0.5)
    assert isinstance(resolve("l2", "regularizers", names), regularizers.L2)
    assert resolve("function", "regularizers", names) is len
    assert resolve(known, "regularizers", names) is known
    assert resolve(None, "regularizers", names) is None
    assert resolve(len, "regularizers", names) is len
    assert isinstance(resolve(regularizers.L1, "regularizers", names), regularizers.L1)
    assert resolve(serialize(known), "regularizers", names).l2 == 0.5


@pytest.mark.parametrize(
    ("identifier", "text"),
    [
        ("l3", "regularizers: expected the name of a known regularizer, got 'l3'. "
               "Known: function, l2."),
        ("functio", "regularizers: expected the name of a known regularizer, got 'functio'. "
                    "Did you mean 'function'?"),
        (3, "regularizers: expected a name, config or object of regularizers, got 3. "
            "Known: function, l2."),
    ],
)  # fmt: skip
def test_what_resolve_refuses(identifier: Any, text: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        resolve(identifier, "regularizers", {"l2": regularizers.L2, "function": len})
    assert str(refused.value) == text
