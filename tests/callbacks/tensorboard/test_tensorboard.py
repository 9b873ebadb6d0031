"""The TensorBoard callback: what real TensorBoard reads of a training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lernwerk import Sequential, layers
from lernwerk.callbacks import TensorBoard, wants_single_steps
from lernwerk.core.random import set_random_seed
from lernwerk.errors import ArgumentError, TrainingWarning


def fit(model: Any, data: Any, callback: Any = None, **options: Any) -> Any:
    options = {"epochs": 3, "batch_size": 8, "verbose": 0, "validation_data": data} | options
    return model.fit(*data, callbacks=[callback] if callback else [], **options)


def test_curves_of_epochs(tmp_path: Path, net: Any, data: Any, read: Any) -> None:
    history = fit(net(metrics=["mae"]), data, TensorBoard(tmp_path)).history
    for folder, prefix in (("train", ""), ("validation", "val_")):
        found = read(tmp_path / folder)
        for name in ("loss", "mae"):
            steps, values = zip(*found.values(f"epoch_{name}"), strict=True)
            assert steps == (0, 1, 2)
            np.testing.assert_allclose(values, history[prefix + name], rtol=1e-6)
    rates = read(tmp_path / "train").values("epoch_learning_rate")
    np.testing.assert_allclose([rate for _, rate in rates], [1e-3] * 3, rtol=1e-6)
    steps, values = zip(*found.values("evaluation_loss_vs_iterations"), strict=True)
    assert steps == (3, 6, 9)
    np.testing.assert_allclose(values, history["val_loss"], rtol=1e-6)


def test_the_curves_are_those_of_keras(tmp_path: Path, net: Any, data: Any, read: Any) -> None:
    """Their names; Keras writes them in its on_epoch_end with TensorFlow, which is not here."""
    fit(net(), data, TensorBoard(tmp_path, write_steps_per_second=True, update_freq="batch"))
    tags = set(read(tmp_path / "train").Tags()["tensors"])
    assert tags == {
        "keras", "epoch_loss", "epoch_learning_rate", "epoch_steps_per_second", "batch_loss",
        "batch_steps_per_second",
    }  # fmt: skip


@pytest.mark.parametrize(("frequency", "steps"), [("batch", [*range(1, 10)]), (4, [4, 8])])
def test_curves_of_steps(
    tmp_path: Path, net: Any, data: Any, read: Any, frequency: Any, steps: list[int]
) -> None:
    history = fit(net(), data, TensorBoard(tmp_path, update_freq=frequency)).history["loss"]
    found = read(tmp_path / "train").values("batch_loss")
    assert [step for step, _ in found] == steps
    if frequency == "batch":
        np.testing.assert_allclose([v for s, v in found if s % 3 == 0], history, rtol=1e-6)


def test_single_steps_only_for_curves_of_steps() -> None:
    assert not wants_single_steps([TensorBoard("x", 1, write_images=True)])
    assert wants_single_steps([TensorBoard("x", update_freq="batch")])
    assert wants_single_steps([TensorBoard("x", update_freq=100)])


def test_histograms_of_weights_outputs_and_gradients(
    tmp_path: Path, net: Any, data: Any, read: Any
) -> None:
    model = net()
    fit(model, data, TensorBoard(tmp_path, histogram_freq=2), epochs=4)
    found = read(tmp_path / "train")
    for path in ("hidden/kernel", "hidden/bias", "output/kernel", "output/bias"):
        for kind in ("histogram", "gradient"):
            assert [step for step, _ in found.values(f"{path}/{kind}")] == [0, 2]
            assert found.plugin(f"{path}/{kind}") == "histograms"
    for name, size in (("hidden", 24 * 4), ("dropout", 24 * 4), ("output", 24)):
        for _, buckets in found.values(f"{name}/output"):
            assert buckets[:, 2].sum() == size


def test_gradients_are_those_of_the_training_step(
    tmp_path: Path, net: Any, data: Any, read: Any
) -> None:
    """With plain gradient descent at rate 1 the weights of the next step tell the gradients."""
    from lernwerk.callbacks.tensorboard.inspection import inside_of_a_step
    from lernwerk.optimizers import SGD

    model = net(SGD(1.0))
    before = {v.path: v.numpy().copy() for v in model.weights}
    inside = inside_of_a_step(model, (*data, None))
    for variable in model.weights:  # nothing has changed
        np.testing.assert_array_equal(variable.numpy(), before[variable.path])
    fit(model, data, epochs=1, batch_size=len(data[0]), shuffle=False)
    assert inside.gradients.keys() == before.keys()
    for variable in model.weights:
        step = before[variable.path] - variable.numpy()
        np.testing.assert_allclose(inside.gradients[variable.path], step, rtol=1e-4, atol=1e-6)


def test_looking_changes_nothing(tmp_path: Path, net: Any, data: Any) -> None:
    plain, watched = net(), net()
    first = fit(plain, data)
    callback = TensorBoard(tmp_path, histogram_freq=1, write_images=True, write_graph=True)
    second = fit(watched, data, callback)
    assert first.history == second.history
    for a, b in zip(plain.state_variables, watched.state_variables, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_parts_can_be_left_out(tmp_path: Path, net: Any, data: Any, read: Any) -> None:
    callback = TensorBoard(
        tmp_path, histogram_freq=1, write_graph=False, write_grads=False, batch_size=2
    )
    fit(net(), data, callback, epochs=1)
    found = read(tmp_path / "train")
    assert not [tag for tag in found.Tags()["tensors"] if tag.endswith("gradient")]
    assert not found.Tags()["graph"]
    assert found.values("output/output")[0][1][:, 2].sum() == 2


def test_weights_as_pictures(tmp_path: Path, net: Any, data: Any, read: Any) -> None:
    fit(net(), data, TensorBoard(tmp_path, write_images=True), epochs=2)
    found = read(tmp_path / "train").values("hidden/kernel/image")
    assert [step for step, _ in found] == [0, 1]
    assert list(found[0][1][:2]) == [b"4", b"3"]


def test_the_graph_of_operations(tmp_path: Path, net: Any, data: Any, read: Any) -> None:
    fit(net(), data, TensorBoard(tmp_path), epochs=1)
    graph = read(tmp_path / "train").Graph()
    nodes = {node.name: node for node in graph.node}
    assert len(nodes) == len(graph.node)
    product = nodes["hidden/matmul"]
    assert product.op == "matmul"
    assert list(product.input) == ["input", "hidden/kernel"]
    (shape,) = product.attr["_output_shapes"].list.shape
    assert [each.size for each in shape.dim] == [32, 4]
    assert nodes["hidden/kernel"].op == "Variable"
    assert nodes["hidden/kernel/assign"].op == "Assign"
    assert any(name.startswith("output/gradient/") for name in nodes)
    for node in graph.node:
        assert {name.split(":")[0] for name in node.input} <= nodes.keys()


def test_the_graph_of_layers(tmp_path: Path, net: Any, data: Any, read: Any) -> None:
    from tensorboard.plugins.graph.keras_util import keras_model_to_graph_def

    fit(net(), data, TensorBoard(tmp_path), epochs=1)
    found = read(tmp_path / "train")
    assert found.plugin("keras") == "graph_keras_model"
    ((_, text),) = found.values("keras")
    graph = keras_model_to_graph_def(json.loads(text.item()))
    names = [node.name.split("/")[-1] for node in graph.node]
    assert names[-3:] == ["hidden", "dropout", "output"]


def test_embeddings_for_the_projector(tmp_path: Path) -> None:
    from google.protobuf import text_format
    from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig

    set_random_seed(1)
    model = Sequential([
        layers.Embedding(5, 3, name="words"), layers.Flatten(), layers.Dense(1),
    ])  # fmt: skip
    model.compile("sgd", "mse")
    x = np.arange(20).reshape(10, 2) % 5
    callback = TensorBoard(tmp_path, embeddings_freq=1, embeddings_metadata="words.txt")
    model.fit(x, x[:, :1], epochs=2, verbose=0, callbacks=callback)
    config = text_format.Parse((tmp_path / "projector_config.pbtxt").read_text(), ProjectorConfig())
    (entry,) = config.embeddings
    assert (entry.tensor_name, entry.metadata_path) == ("words", "words.txt")
    table = np.loadtxt(tmp_path / entry.tensor_path, delimiter="\t")
    np.testing.assert_allclose(table, model.layers[0].weights[0].numpy(), rtol=1e-5)


def test_layers_inside_layers(tmp_path: Path, data: Any, read: Any) -> None:
    inner = Sequential([layers.Dense(2, name="deep")], name="inner")
    model = Sequential([layers.Input((3,)), inner, layers.Dense(1, name="top")])
    model.compile("sgd", "mse")
    fit(model, data, TensorBoard(tmp_path, histogram_freq=1), epochs=1)
    tags = read(tmp_path / "train").Tags()["tensors"]
    assert {"inner/deep/output", "top/output"} <= set(tags)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: TensorBoard(histogram_freq=-1),
         "TensorBoard: expected histogram_freq to be an integer >= 0, got -1."),
        (lambda: TensorBoard(update_freq="step"),
         "TensorBoard: expected update_freq 'epoch', 'batch' or a number of steps, got 'step'."),
        (lambda: TensorBoard(embeddings_data=[1]),
         "TensorBoard: expected embeddings_data=None, got list. "
         "Only the vectors of Embedding layers are written."),
    ],
)  # fmt: skip
def test_what_is_refused(make: Any, text: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        make()
    assert str(refused.value) == text


def test_an_unknown_layer_is_refused(tmp_path: Path, net: Any, data: Any) -> None:
    callback = TensorBoard(tmp_path, embeddings_freq=1, embeddings_layer_names=["words"])
    with pytest.raises(ArgumentError) as refused:
        fit(net(), data, callback)
    callback.on_train_end()
    assert str(refused.value).startswith(
        "TensorBoard: expected the name of an Embedding layer, got 'words'."
    )


def test_profiling_is_warned_of() -> None:
    with pytest.warns(TrainingWarning) as warned:
        TensorBoard(profile_batch=(2, 5))
    assert str(warned[0].message) == (
        "TensorBoard: expected profile_batch=0, got (2, 5). "
        "Nothing is profiled; lernwerk graph shows what a step costs."
    )


def test_a_training_without_a_graph_goes_on(tmp_path: Path, data: Any, read: Any) -> None:
    model = Sequential([layers.Dense(1)])
    model.compile("sgd", "mse")
    callback = TensorBoard(tmp_path)
    callback.set_model(model)
    with pytest.warns(TrainingWarning, match=r"^TensorBoard: no graph is written\. \S"):
        callback.on_train_begin({})
    model.fit(*data, epochs=1, verbose=0)
    callback.on_epoch_end(0, {"loss": 1.0})
    callback.on_train_end({})
    assert len(read(tmp_path / "train").values("epoch_loss")) == 1
