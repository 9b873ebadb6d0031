"""Every kind of file that is refused, with the sentence that says why."""

from __future__ import annotations

import base64
import io
import json
import pickle
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from lernwerk import layers
from lernwerk.errors import FileError
from lernwerk.models import Sequential
from lernwerk.saving import load_model, load_weights, read_extras, save_model, save_weights

Edit = Callable[[dict[str, Any]], None]


def _model() -> Sequential:
    listed = [layers.Dense(4, name="first"), layers.LSTM(3, name="second")]
    return Sequential([layers.Input((6, 2)), *listed])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A whole file of a compiled model."""
    model = _model()
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(np.ones((4, 6, 2), "float32"), np.ones((4, 3), "float32"), verbose=0)
    save_model(model, tmp_path / "m.keras")
    return tmp_path / "m.keras"


def _refused(path: Any, expected: str, got: str, load: Any = load_model, place: str = "") -> None:
    with pytest.raises(FileError) as caught:
        load(path)
    text = str(caught.value)
    assert text.startswith(f"{path}{place}: expected {expected}, got {got}"), text
    assert "\n" not in text


def _members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _write(path: Path, members: Mapping[str, bytes], packing: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def _with_config(path: Path, edit: Edit) -> None:
    members = _members(path)
    config = json.loads(members["config.json"])
    edit(config)
    _write(path, {**members, "config.json": json.dumps(config).encode()})


def _with_weights(path: Path, edit: Callable[[Any], None]) -> None:
    members = _members(path)
    buffer = io.BytesIO(members["model.weights.h5"])
    with h5py.File(buffer, "r+") as file:
        edit(file)
    _write(path, {**members, "model.weights.h5": buffer.getvalue()})


def _first(config: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = config["config"]["layers"][1]
    return found


# ---- the outer form


def test_a_missing_file(tmp_path: Path) -> None:
    _refused(tmp_path / "no.keras", "a readable file", "No such file or directory. Check the path.")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"hello", "something else. model.save('model.keras') writes one."),
        (b"", "an empty file"),
        (pickle.dumps({"a": 1}), "a pickle. Pickles can run code and are never opened."),
        (b"PK\x03\x04" + bytes(50), "a zip that is cut off or damaged. Copy or download it again."),
    ],
    ids=["text", "empty", "pickle", "zip"],
)
def test_something_else_than_a_zip(content: bytes, kind: str, tmp_path: Path) -> None:
    (tmp_path / "m.keras").write_bytes(content)
    _refused(tmp_path / "m.keras", "a .keras file (a zip)", kind)


def test_a_zip_that_is_cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])
    _refused(path, "a .keras file (a zip)", "a zip that is cut off or damaged. Copy or download")


def test_a_member_that_is_damaged(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[content.index(b"keras.layers") + 2] ^= 1
    path.write_bytes(content)
    _refused(path, "a whole config.json in the zip", "Bad CRC-32 for file 'config.json'. The file")


def test_a_foreign_zip(tmp_path: Path) -> None:
    _write(tmp_path / "m.keras", {"word/document.xml": b"<x/>"})
    _refused(tmp_path / "m.keras", "a zip with config.json, as model.save writes it",
             "'word/document.xml'. This is another kind of zip.")  # fmt: skip


def test_a_zip_without_weights(path: Path) -> None:
    members = _members(path)
    del members["model.weights.h5"]
    _write(path, members)
    _refused(path, "a zip with model.weights.h5, as model.save writes it", "'metadata.json', 'conf")


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/passwd", "a/../../b", "C:\\x", "C:x", "\\\\host\\x", "lernwerk/../x"]
)
def test_paths_that_lead_out_of_the_zip(name: str, path: Path) -> None:
    _write(path, {**_members(path), name: b"x"})
    got = f"the path {name!r}. It points out of the file; do not unpack it."
    _refused(path, "members inside the zip", got)
    _refused(path, "members inside the zip", got, read_extras)


@pytest.mark.parametrize("name", ["model.pkl", "a/x.pickle", "assets/run.py", "w.npz", "x.marshal"])
def test_members_that_can_run_code(name: str, path: Path) -> None:
    _write(path, {**_members(path), name: b"x"})
    _refused(path, "data as config.json and model.weights.h5",
             f"the member {name!r}. Such files can run code.")  # fmt: skip


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_that_are_there_twice(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("config.json", "{}")
    _refused(path, "each member once", "'config.json' several times.")


def test_a_member_in_another_packing(path: Path) -> None:
    _write(path, _members(path), zipfile.ZIP_LZMA)
    _refused(path, "'metadata.json' plain or deflated", "another packing.")


def test_deflated_members_are_read(path: Path) -> None:
    _write(path, _members(path), zipfile.ZIP_DEFLATED)
    assert load_model(path).built


# ---- sizes


def test_a_config_beyond_measure(path: Path) -> None:
    _write(path, {**_members(path), "config.json": bytes(2**26 + 1)}, zipfile.ZIP_DEFLATED)
    _refused(path, "config.json of at most 67,108,864 bytes", "67,108,865 bytes. It would fill")


def test_members_that_would_fill_the_memory(path: Path) -> None:
    members = _members(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        with archive.open("lernwerk/big", "w") as file:
            for _ in range(17):
                file.write(bytes(2**24))
    _refused(path, "members of at most 268,435,456 bytes together", "285,", read_extras)


def test_weights_larger_than_the_model_could_fill(path: Path) -> None:
    weights = _members(path)["model.weights.h5"] + bytes(2**22)
    _write(path, {**_members(path), "model.weights.h5": weights}, zipfile.ZIP_DEFLATED)
    _refused(path, "weights of at most 858,880 bytes for this model", "4,")
    with pytest.raises(FileError, match="expected weights of at most"):
        load_weights(_model(), path)


def test_a_config_that_asks_for_more_than_the_file_holds(path: Path) -> None:
    _with_config(path, lambda config: _first(config)["config"].update(units=2**40))
    _refused(path, f"a file with kernel (2, {2**40}) of layer first",
             "one too small for it. The config and the weights are of two models.")  # fmt: skip


def test_an_input_beyond_measure(path: Path) -> None:
    def edit(config: dict[str, Any]) -> None:
        config["config"]["layers"][0]["config"]["batch_shape"] = [None, 2**31, 2]

    _with_config(path, edit)
    _refused(path, "an input of at most 2,147,483,648 numbers", "(None, 2147483648, 2).")


# ---- the config


@pytest.mark.parametrize(
    ("content", "got"),
    [
        (b"{", "Expecting property name enclosed in double quotes"),
        (b"\xff{}", "'utf-8' codec can't decode byte 0xff in position 0"),
        (b"[" * 100_000, "maximum recursion depth exceeded"),
    ],
)
def test_json_that_is_none(content: bytes, got: str, path: Path) -> None:
    _write(path, {**_members(path), "config.json": content})
    _refused(path, "JSON in config.json", got)


def test_json_that_is_no_model(path: Path) -> None:
    _write(path, {**_members(path), "config.json": b"[1, 2]"})
    _refused(path, "the config of a model", "[1, 2].")


def _lambda(config: dict[str, Any]) -> None:
    code = base64.b64encode(b"code").decode()
    function = {"class_name": "__lambda__", "config": {"value": [code, None, None]}}
    _first(config).update(class_name="Lambda", config={"name": "x", "function": function})


def _hidden_lambda(config: dict[str, Any]) -> None:
    _first(config)["config"]["activation"] = {"class_name": "__lambda__", "config": {"value": "x"}}


@pytest.mark.parametrize("edit", [_lambda, _hidden_lambda])
def test_code_in_the_config(edit: Edit, path: Path) -> None:
    _with_config(path, edit)
    _refused(path, "layers of known formulas", "a Lambda with code in the file. Write the function")


def test_an_unknown_class(path: Path) -> None:
    _with_config(path, lambda config: _first(config).update(class_name="Dens"))
    _refused(
        path,
        "the class of a known layer",
        "'Dens'. Did you mean 'Den",
        place=", config.json, config",
    )


@pytest.mark.parametrize("module", ["os", None, "builtins", "subprocess", 5, "kerasx.layers"])
def test_classes_of_other_modules_are_never_imported(module: Any, path: Path) -> None:
    _with_config(path, lambda config: _first(config).update(module=module, class_name="system"))
    _refused(path, "custom_objects with the class 'system'",
             "none of this name. load_model(filepath, custom_objects={'system': system})",
             place=", config.json, config")  # fmt: skip


def test_a_functional_model_without_connections(path: Path) -> None:
    _with_config(path, lambda config: config.update(class_name="Functional"))
    _refused(path, "layers, input_layers, output_layers of a functional model",
             "none of the name input_layers.", place=", config.json, config")  # fmt: skip


def test_an_argument_that_the_layer_refuses(path: Path) -> None:
    _with_config(path, lambda config: _first(config)["config"].update(units=-1))
    _refused(path, "units to be an integer >= 1", "-1.", place=", config.json, first")


def test_an_option_that_is_not_here(path: Path) -> None:
    _with_config(path, lambda config: _first(config)["config"].update(autocast=False))
    _refused(path, "autocast=True", "False. Lernwerk does not", place=", config.json, Dense(...)")


def test_an_argument_of_an_unknown_name(path: Path) -> None:
    _with_config(path, lambda config: _first(config)["config"].update(unit=3))
    _refused(
        path, "known arguments", "'unit'. Did you mean 'units'?", place=", config.json, Dense(...)"
    )


def test_an_argument_of_a_wrong_kind(path: Path) -> None:
    _with_config(path, lambda config: _first(config)["config"].update(dtype="float7"))
    _refused(path, "float32, float64 or mixed_bfloat16", "'float7'", place=", config.json, dtype")


def test_a_config_that_breaks_the_layer(path: Path) -> None:
    _with_config(path, lambda config: _first(config)["config"].update(units="many"))
    _refused(path, "units to be an integer >= 1", "'many'.", place=", config.json, first")
    _with_config(path, lambda config: _first(config)["config"].pop("units"))
    _refused(path, "a config that describes a model", "TypeError: Dense.__init__() missing 1 req")


def test_layers_that_are_none(path: Path) -> None:
    _with_config(path, lambda config: config["config"].update(layers=[5]))
    _refused(path, "layers with a class_name", "5.", place=", config.json, config")
    _with_config(path, lambda config: config["config"].update(layers="x"))
    _refused(path, "a list of layers", "'x'.", place=", config.json, config")


def test_a_model_without_input_shape(path: Path) -> None:
    def edit(config: dict[str, Any]) -> None:
        del config["config"]["layers"][0], config["config"]["build_input_shape"]
        del config["build_config"]

    _with_config(path, edit)
    _refused(path, "a model with an input shape", "none. Save it again after it has seen data.")


def test_compile_settings_that_are_not_here(path: Path) -> None:
    hint = "load_model(filepath, compile=False) opens it without them."
    place = ", config.json, compile settings"
    _with_config(path, lambda config: config["compile_config"].update(loss_weights=["two"]))
    _refused(path, "loss_weights of numbers", f"'two'. {hint}", place=place)
    _with_config(path, lambda config: config["compile_config"].update(loss_weights=None, metrics=3))
    _refused(path, "a list of metrics", f"3. {hint}", place=place)
    assert load_model(path, compile=False).optimizer is None
    _with_config(path, lambda config: config.update(compile_config=[1]))
    _refused(path, "a dict", f"[1]. {hint}", place=place)


def test_an_unknown_loss_and_metric(path: Path) -> None:
    _with_config(path, lambda config: config["compile_config"].update(loss="mze"))
    place = ", config.json, compile settings"
    _refused(path, "the name of one of the losses", "'mze'. Did you mean", place=place)
    _with_config(path, lambda config: config["compile_config"].update(loss="mse", metrics=["mea"]))
    _refused(path, "the name of one of the metrics", "'mea'. Did you mean", place=place)


# ---- the weights


def test_a_weight_that_is_missing(path: Path) -> None:
    _with_weights(path, lambda file: file["layers/dense/vars"].pop("1"))
    _refused(path, "bias of layer first with shape (4,)",
             "nothing at 'layers/dense/vars/1'. The file belongs to another model.")  # fmt: skip


def test_a_weight_that_is_left_over(path: Path) -> None:
    _with_weights(path, lambda file: file.create_dataset("layers/dense/vars/2", data=np.ones(3)))
    _refused(path, "layer first without further weights",
             "one of shape (3,) at 'layers/dense/vars/2'. The file belongs to")  # fmt: skip
    _with_weights(path, lambda file: file["layers/dense/vars"].pop("2"))
    _with_weights(path, lambda file: file.create_dataset("layers/dense_1/vars/0", data=np.ones(3)))
    _refused(path, "the model without further weights", "one of shape (3,) at 'layers/dense_1/vars")


def _replace(name: str, array: Any) -> Callable[[Any], None]:
    def edit(file: Any) -> None:
        del file[name]
        file.create_dataset(name, data=array)

    return edit


def test_a_weight_of_another_shape(path: Path) -> None:
    _with_weights(path, _replace("layers/lstm/cell/vars/0", np.ones((4, 11))))
    _refused(path, "kernel of layer second with shape (4, 12)", "shape (4, 11). The file belongs")


def test_a_weight_of_another_type(path: Path) -> None:
    _with_weights(path, _replace("layers/dense/vars/1", np.ones(4, int)))
    _refused(path, "bias of layer first of type float32", "numbers of type int64.")
    _with_weights(path, _replace("layers/dense/vars/1", np.array([b"x"] * 4)))
    _refused(path, "an array of numbers at 'layers/dense/vars/1'", "something else. Only numbers")


def test_objects_in_the_weights(path: Path) -> None:
    def edit(file: Any) -> None:
        del file["layers/dense/vars/1"]
        file.create_dataset("layers/dense/vars/1", (4,), h5py.string_dtype())

    _with_weights(path, edit)
    _refused(
        path, "an array of numbers at 'layers/dense/vars/1'", "objects. Only numbers are read."
    )


@pytest.mark.parametrize("kind", ["soft", "external", "circle", "virtual", "outside"])
def test_links_in_the_weights(kind: str, path: Path, tmp_path: Path) -> None:
    def edit(file: Any) -> None:
        group = file["layers/dense/vars"]
        del group["1"]
        if kind == "soft":
            group["1"] = h5py.SoftLink("/layers/dense/vars/0")
        elif kind == "external":
            group["1"] = h5py.ExternalLink("/etc/passwd", "/x")
        elif kind == "circle":
            group["1"] = file["layers"]
        elif kind == "virtual":
            layout = h5py.VirtualLayout((4,), "f4")
            layout[:] = h5py.VirtualSource(str(tmp_path / "x.h5"), "a", (4,))
            group.create_virtual_dataset("1", layout)
        else:
            group.create_dataset("1", (4,), "f4", external=[(str(tmp_path / "x"), 0, 16)])

    _with_weights(path, edit)
    expected, got = {
        "circle": ("a tree of weights", "a circle of links or a maze."),
        "soft": ("an array at 'layers/dense/vars/1'", "a link. It could point to any file."),
        "external": ("an array at 'layers/dense/vars/1'", "a link. It could point to any file."),
    }.get(kind, ("an array of numbers at 'layers/dense/vars/1'", "one that lies in another file."))
    _refused(path, expected, got)


def test_an_array_that_would_fill_the_memory(path: Path) -> None:
    def edit(file: Any) -> None:
        del file["layers/dense/vars/1"]
        file.create_dataset("layers/dense/vars/1", (2**40,), "f4", chunks=(1024,))

    _with_weights(path, edit)
    _refused(
        path, "an array of numbers at 'layers/dense/vars/1'", "4,398,046,511,104 bytes in a fi"
    )


def test_an_optimizer_state_of_another_model(path: Path) -> None:
    _with_weights(path, _replace("optimizer/vars/2", np.ones((9, 9))))
    _refused(path, "first_kernel_momentum in the state of the optimizer adam with shape (2, 4)",
             "shape (9, 9). The file")  # fmt: skip
    _with_weights(path, lambda file: file.pop("optimizer"))
    _refused(path, "iteration in the state of the optimizer adam with shape ()", "nothing at 'opt")


def test_an_optimizer_state_that_is_too_long(path: Path) -> None:
    _with_weights(path, lambda file: file.create_dataset("optimizer/vars/99", data=1.0))
    _refused(path, "state of the optimizer adam of 12 arrays", "13 of them. The file belongs")


def test_weights_that_are_cut_off(tmp_path: Path) -> None:
    model, file = _model(), tmp_path / "m.weights.h5"
    save_weights(model, file)
    whole = file.read_bytes()
    for length in (len(whole) - 60, len(whole) // 2, 600, 40, 8):
        file.write_bytes(whole[:length])
        _refused(file, "a whole weights file", "a damaged one (", lambda f: load_weights(model, f))
    file.write_bytes(b"")
    _refused(file, "weights as an HDF5 file", "something else.", lambda f: load_weights(model, f))


def test_weights_with_a_changed_number(tmp_path: Path) -> None:
    model, file = _model(), tmp_path / "m.weights.h5"
    save_weights(model, file)
    content = bytearray(file.read_bytes())
    place = content.index(model.get_weights()[0].tobytes())
    content[place] ^= 1
    file.write_bytes(content)
    _refused(file, "a whole weights file", "a damaged one (its checksum does not fit). Take",
             lambda f: load_weights(model, f))  # fmt: skip


def test_a_refused_file_changes_nothing(path: Path) -> None:
    model = _model()
    before = [w.tobytes() for w in model.get_weights()]
    _with_weights(path, _replace("layers/lstm/cell/vars/2", np.ones(5)))
    with pytest.raises(FileError, match=re.escape("bias of layer second with shape (12,)")):
        load_weights(model, path)
    assert [w.tobytes() for w in model.get_weights()] == before
