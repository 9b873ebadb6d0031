"""Functional models, whose layers and connections are not what they should be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from file_edits import change_attribute, change_config, change_h5, members, refusal

import lernwerk
from lernwerk import layers
from lernwerk.errors import DataError, FileError
from lernwerk.models import Model, model_from_config
from lernwerk.saving import load_model, load_weights

CONFIG = ", config.json, config: expected "


def _model() -> Model:
    entry = lernwerk.Input((4,), name="a")
    hidden = layers.Dense(3, name="h")(entry)
    model = Model(entry, layers.Dense(3, name="o")(hidden) + hidden, name="m")
    model.compile("adam", "mse")
    return model


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with a functional model: a, h, o and the sum of o and h."""
    _model().save(tmp_path / "m.keras")
    return tmp_path / "m.keras"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The same in an .h5 file."""
    _model().save(tmp_path / "m.h5")
    return tmp_path / "m.h5"


def _layer(config: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        e for e in config["config"]["layers"] if name in (e["name"], e["class_name"])
    )
    return found


def _tensor(config: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = _layer(config, name)["inbound_nodes"][0]["args"][0]["config"]
    return found


def _circle(config: dict[str, Any]) -> None:
    _tensor(config, "h")["keras_history"] = ["o", 0, 0]


EDITS = {
    "circle": (_circle, CONFIG + "layers that lead from inputs to outputs, got 'h', whose inpu"),
    "unknown name": (
        lambda c: _tensor(c, "h").update(keras_history=["b", 0, 0]),
        CONFIG + "the name of a layer, got 'b'. Known: ",
    ),
    "use that is not": (
        lambda c: _tensor(c, "h").update(keras_history=["a", 7, 0]),
        CONFIG + "layers that lead from inputs to outputs, got 'h', whose input is never made.",
    ),
    "place that is not": (
        lambda c: _tensor(c, "h").update(keras_history=["a", 0, 3]),
        CONFIG + "an output of the layer a, got ['a', 0, 3].",
    ),
    "no place": (
        lambda c: _tensor(c, "h").update(keras_history="a"),
        CONFIG + "[name of a layer, number, place], got 'a'.",
    ),
    "no place at all": (
        lambda c: _tensor(c, "h").pop("keras_history"),
        CONFIG + "[name of a layer, number, place], got None.",
    ),
    "output that is not": (
        lambda c: c["config"].update(output_layers=["x", 0, 0]),
        CONFIG + "an output of the layer x, got ['x', 0, 0]. Known: ",
    ),
    "outputs that are none": (
        lambda c: c["config"].update(output_layers=5),
        CONFIG + "[name of a layer, number, place], got 5.",
    ),
    "a name twice": (
        lambda c: _layer(c, "o").update(name="h"), CONFIG + "layers of different names, got 'h' tw"
    ),
    "uses that are none": (
        lambda c: _layer(c, "h").update(inbound_nodes=3),
        ", config.json, h: expected its uses as a list, got 3.",
    ),
    "a use that is none": (
        lambda c: _layer(c, "h").update(inbound_nodes=[3]),
        ", config.json, h: expected a use with args and kwargs, got 3.",
    ),
    "layers that are none": (
        lambda c: c["config"].update(layers={}), CONFIG + "a list of layers, got {}."
    ),
    "something else than a layer": (
        lambda c: _layer(c, "h").update(module="keras.losses", class_name="Huber", config={}),
        CONFIG + "layers with a name and a class_name, got {",
    ),
    "an unknown operation": (
        lambda c: _layer(c, "Add").update(class_name="System"),
        CONFIG + "the class of a known operation, got 'System'.",
    ),
    "an operation of a module": (
        lambda c: _layer(c, "Add").update(module="os", class_name="system"),
        CONFIG + "custom_objects with the class 'system', got none of this name.",
    ),
    "an unknown argument of a call": (
        lambda c: _layer(c, "h")["inbound_nodes"][0]["kwargs"].update(speed=3),
        ", config.json, h(...): expected known arguments of call, got 'speed'.",
    ),
    "outputs without the input": (
        lambda c: c["config"].update(input_layers=["h", 0, 0], output_layers=["a", 0, 0]),
        ", config.json, Model(...): expected ",
    ),
    "a lambda among the arguments": (
        lambda c: _layer(c, "h")["inbound_nodes"][0]["kwargs"].update(
            f={"class_name": "__lambda__", "config": {"code": "x"}}
        ),
        ": expected layers of known formulas, got a Lambda with code in the file.",
    ),
    "an array of objects": (
        lambda c: _layer(c, "h")["inbound_nodes"][0]["kwargs"].update(
            f={"class_name": "__numpy__", "config": {"value": [1], "dtype": "object"}}
        ),
        CONFIG + "a value of the kind __numpy__, got {'value': [1], 'dtype': 'object'}.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_connections_that_are_none(name: str, path: Path) -> None:
    edit, expected = EDITS[name]
    change_config(path, edit)
    assert refusal(path).startswith(expected)


def test_the_same_in_old_files(old: Path) -> None:
    for name in ("circle", "unknown name", "no place", "a lambda among the arguments"):
        edit, expected = EDITS[name]
        copied = old.with_name("copy.h5")
        copied.write_bytes(old.read_bytes())
        change_attribute(copied, "model_config", edit)
        assert refusal(copied).startswith(expected.replace("config.json", "model_config"))


def test_more_than_the_file_can_hold(path: Path, old: Path) -> None:
    def edit(config: dict[str, Any]) -> None:
        _layer(config, "h")["config"]["units"] = 2**40

    change_config(path, edit)
    change_attribute(old, "model_config", edit)
    for each in (path, old):
        assert refusal(each).startswith(f": expected a file with kernel (4, {2**40}) of layer h, g")


def test_inner_layers_count_too(tmp_path: Path) -> None:
    model = lernwerk.Sequential(
        [lernwerk.Input((4,)), layers.SpectralNormalization(layers.Dense(3))]
    )
    model.save(tmp_path / "m.keras")

    def edit(config: dict[str, Any]) -> None:
        config["config"]["layers"][1]["config"]["layer"]["config"]["units"] = 2**40

    change_config(tmp_path / "m.keras", edit)
    assert refusal(tmp_path / "m.keras").startswith(": expected a file with kernel (4, 109951162")


def test_code_in_a_config_of_one_s_own() -> None:
    config = _model().get_config()
    config["layers"][1]["config"]["activation"] = {"class_name": "__lambda__", "config": {}}
    with pytest.raises(DataError):
        Model.from_config(config)
    with pytest.raises(FileError, match="got a Lambda with code in the file"):
        model_from_config({"class_name": "Functional", "module": "keras", "config": config})


# ---- .h5 files


def test_no_json(old: Path) -> None:
    change_h5(old, lambda file: file.attrs.__setitem__("model_config", b"{"))
    assert refusal(old).startswith(": expected JSON in model_config, got Expecting property name")
    change_h5(old, lambda file: file.attrs.__setitem__("model_config", json.dumps([1]).encode()))
    assert refusal(old).startswith(": expected the config of a model, got [1].")
    change_h5(old, lambda file: file.attrs.__setitem__("model_config", np.arange(3)))
    assert refusal(old).startswith(": expected a model with its config, got weights only.")


def test_weights_only(tmp_path: Path) -> None:
    for name in ("w.h5", "w.weights.h5"):
        _model().save_weights(tmp_path / name)
        assert refusal(tmp_path / name) == (
            ": expected a model with its config, got weights only. "
            "Build the model first, then model.load_weights(filepath)."
        )


def test_weights_that_do_not_fit(old: Path) -> None:
    def replace(name: str, array: Any) -> Any:
        def edit(file: Any) -> None:
            group = file["model_weights/h/h"]
            del group[name]
            if array is not None:
                group.create_dataset(name, data=array)

        return edit

    change_h5(old, replace("kernel", np.ones((4, 5), "float32")))
    assert refusal(old).startswith(
        ": expected kernel of layer h with shape (4, 3), got shape (4, 5). The file belongs to an"
    )
    change_h5(old, replace("kernel", None))
    assert refusal(old).startswith(": expected the array 'model_weights/h/h/kernel', got none.")
    change_h5(
        old, lambda file: file["model_weights/h"].attrs.__setitem__("weight_names", ["h/bias"])
    )
    assert refusal(old).startswith(": expected 2 arrays for layer h, got 1.")
    change_h5(old, lambda file: file["model_weights/h"].attrs.__setitem__("weight_names", [3]))
    assert refusal(old).startswith(": expected a whole weights file, got a damaged one (weight_na")


@pytest.mark.parametrize("kind", ["soft", "external", "outside"])
def test_links_in_old_files(kind: str, old: Path, tmp_path: Path) -> None:
    import h5py

    def edit(file: Any) -> None:
        group = file["model_weights/h/h"]
        del group["bias"]
        if kind == "soft":
            group["bias"] = h5py.SoftLink("/model_weights/o/o/bias")
        elif kind == "external":
            group["bias"] = h5py.ExternalLink("/etc/passwd", "/x")
        else:
            group.create_dataset("bias", (3,), "f4", external=[(str(tmp_path / "x"), 0, 12)])

    change_h5(old, edit)
    got = "one that lies in another file." if kind == "outside" else "a link. It could point to an"
    what = "an array of numbers" if kind == "outside" else "an array"
    assert refusal(old).startswith(f": expected {what} at 'model_weights/h/h/bias', got {got}")


def test_a_lambda_of_keras_2(old: Path) -> None:
    """Code was a list of text, defaults and closure, with the kind beside it."""
    code = {"name": "lambda_1", "trainable": True, "function": ["4wEAAA==\n", None, None],
            "function_type": "lambda", "output_shape": None, "output_shape_type": "raw",
            "arguments": {}}  # fmt: skip

    def edit(config: dict[str, Any]) -> None:
        _layer(config, "o").update(class_name="Lambda", config=code)

    change_attribute(old, "model_config", edit)
    assert refusal(old).startswith(
        ": expected layers of known formulas, got a Lambda with code in the file. Write"
    )
    change_h5(
        old, lambda file: file["model_weights/o"].attrs.__setitem__("weight_names", np.zeros(0))
    )
    given = {"lambda_1": lambda x: x * 2.0}
    model = load_model(old, custom_objects=given, compile=False)
    x = np.ones((1, 4), "float32")
    hidden = x @ model.get_weights()[0] + model.get_weights()[1]
    np.testing.assert_allclose(model.predict(x), hidden * 3, rtol=1e-5)


def test_settings_of_keras_2_that_are_not_here(old: Path) -> None:
    change_attribute(old, "training_config", lambda c: c.update(loss="mze"))
    assert refusal(old).startswith(
        ", model_config, compile settings: expected the name of one of the losses, got 'mze'. Did "
    )
    change_attribute(old, "training_config", lambda c: c.update(optimizer_config=3))
    assert refusal(old).startswith(
        ", model_config, training_config: expected an optimizer with its arguments, got 3."
    )
    assert not load_model(old, compile=False).compiled


def test_truncated_files(old: Path) -> None:
    whole, model = old.read_bytes(), _model()
    for length in (len(whole) - 10, len(whole) // 2, 900, 40, 8):
        old.write_bytes(whole[:length])
        assert refusal(old).startswith(": expected a whole weights file, got a damaged one (")
        assert refusal(old, lambda p: load_weights(model, p)).startswith(": expected a whole weig")


def test_a_member_in_a_folder_of_assets_is_no_harm(path: Path) -> None:
    content = members(path)
    from file_edits import write_members

    write_members(path, {**content, "assets/unknown/x.txt": b"hello"})
    assert load_model(path).built
