"""Options of recurrent layers, cells of a user's own, wrappers: against real Keras."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lernwerk
from lernwerk import layers, ops
from lernwerk.core.compiled import compiled
from lernwerk.core.tensor import Tensor
from lernwerk.errors import ArgumentError, ShapeError

Agree = Callable[..., tuple[Any, Any]]
KINDS = ["SimpleRNN", "LSTM", "GRU"]


def numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def steps_mask() -> np.ndarray:
    """A mask (3, 5) that leaves out steps at the end, at the beginning and in between."""
    mask = np.ones((3, 5), bool)
    mask[0, 3:] = mask[1, :2] = mask[2, 1:3] = False
    return mask


@pytest.mark.parametrize(
    "options",
    [
        {"reset_after": False},
        {"reset_after": False, "use_bias": False, "return_sequences": True},
        {"reset_after": False, "activation": "relu", "return_state": True, "go_backwards": True},
        {"use_bias": False, "recurrent_activation": "hard_sigmoid"},
    ],
)
@pytest.mark.parametrize("masked", [False, True])
def test_gru_without_reset_after(agree: Agree, options: dict[str, Any], masked: bool) -> None:
    agree("GRU", {"units": 4, **options}, numbers(3, 5, 2), mask=steps_mask() if masked else None)


@pytest.mark.parametrize("options", [{"return_sequences": True}, {}, {"go_backwards": True}])
@pytest.mark.parametrize("name", KINDS)
def test_zeros_stand_for_masked_steps(agree: Agree, name: str, options: dict[str, Any]) -> None:
    options = {"units": 3, "zero_output_for_mask": True, "return_state": True, **options}
    agree(name, options, numbers(3, 5, 2), mask=steps_mask())


@pytest.mark.parametrize("options", [{"unroll": True}, {"implementation": 1}])
def test_options_that_change_no_number(agree: Agree, options: dict[str, Any]) -> None:
    mine, real = agree("LSTM", {"units": 3, **options}, numbers(3, 5, 2))
    assert mine.get_config()["unroll"] == real.get_config()["unroll"]


def test_penalties_and_constraints_reach_the_weights(keras: Any) -> None:
    options = {
        "kernel_regularizer": "l2", "recurrent_regularizer": "l1", "bias_regularizer": "l2",
        "activity_regularizer": "l1", "bias_initializer": "ones", "kernel_constraint": "max_norm",
        "recurrent_constraint": "unit_norm", "bias_constraint": "non_neg",
    }  # fmt: skip
    x = numbers(3, 5, 2)
    mine, real = layers.GRU(3, **options), keras.layers.GRU(3, **options)
    mine(x)
    real(x)
    mine.set_weights(real.get_weights())
    mine(x)
    real(x)
    total = float(sum(loss.item() for loss in mine.losses))
    assert total == pytest.approx(float(sum(real.losses)), rel=1e-5)
    kinds = [type(w.constraint).__name__ for w in mine.weights]
    assert kinds == ["MaxNorm", "UnitNorm", "NonNeg"]


def test_weights_are_named_as_in_keras(keras: Any) -> None:
    found = []
    for package in (layers, keras.layers):
        layer = package.Bidirectional(package.LSTM(3, name="a"), name="b")
        layer.build((None, 5, 2))
        found.append([w.name for w in layer.weights])
    assert found[0] == found[1]
    assert layers.LSTM(3, name="a").count_params() == 0
    built = layers.LSTM(3, name="a")
    built.build_for((None, 5, 2))
    assert [w.path for w in built.weights] == [
        "a/lstm_cell/kernel", "a/lstm_cell/recurrent_kernel", "a/lstm_cell/bias",
    ]  # fmt: skip


def test_dropout_has_one_mask_for_all_steps() -> None:
    cell = layers.LSTMCell(4, dropout=0.5, seed=1)
    of_inputs, of_states = cell.drawn_masks((3, 1, 6), (3, 4), training=True)
    assert [m.shape for m in of_inputs] == [(3, 1, 6)]
    assert of_states == []
    assert set(np.unique(of_inputs[0].numpy())) == {0.0, 2.0}
    both = layers.LSTMCell(4, dropout=0.5, recurrent_dropout=0.5)
    assert [len(m) for m in both.drawn_masks((3, 6), (3, 4), training=True)] == [4, 4]
    assert both.drawn_masks((3, 6), (3, 4), training=False) == ([], [])


@pytest.mark.parametrize("options", [{"dropout": 0.5}, {"recurrent_dropout": 0.5}])
@pytest.mark.parametrize("name", KINDS)
def test_dropout_acts_in_training_only(name: str, options: dict[str, Any]) -> None:
    x = numbers(3, 5, 2)
    layer = getattr(layers, name)(4, seed=3, **options)
    plain = layer(x).numpy()
    np.testing.assert_array_equal(plain, layer(x, training=False).numpy())
    assert (layer(x, training=True).numpy() != plain).any()


# ---- cells


def stacked(package: Any) -> Any:
    return [package.LSTMCell(4), package.GRUCell(3), package.SimpleRNNCell(2)]


@pytest.mark.parametrize("options", [{}, {"return_sequences": True, "go_backwards": True}])
@pytest.mark.parametrize("masked", [False, True])
def test_stacked_cells(keras: Any, agree_on: Any, options: dict[str, Any], masked: bool) -> None:
    mine, real = (p.RNN(stacked(p), **options) for p in (layers, keras.layers))
    agree_on(mine, real, numbers(3, 5, 2), mask=steps_mask() if masked else None)


def test_states_of_stacked_cells_are_lists() -> None:
    layer = layers.RNN(stacked(layers), return_state=True)
    assert layer.compute_output_shape((None, 5, 2)) == [
        (None, 2), [(None, 4), (None, 4)], [(None, 3)], [(None, 2)],
    ]  # fmt: skip
    y, *states = layer(numbers(3, 5, 2))
    again = layer(numbers(3, 5, 2), initial_state=states)
    assert [[each.shape for each in state] for state in again[1:]] == [
        [(3, 4), (3, 4)], [(3, 3)], [(3, 2)],
    ]  # fmt: skip
    assert (again[0].numpy() != y.numpy()).any()


def minimal_cell(package: Any) -> Any:
    """The cell of Keras's documentation, in the words of one of the packages."""

    class MinimalCell(package.layers.Layer):  # type: ignore[misc,name-defined]
        def __init__(self, units: int, **keywords: Any) -> None:
            super().__init__(**keywords)
            self.units = units
            self.state_size = units

        def build(self, input_shape: Any) -> None:
            add = self.add_weight
            self.kernel = add(shape=(input_shape[-1], self.units), name="kernel")
            self.recurrent = add(shape=(self.units, self.units), name="recurrent")
            self.built = True

        def call(self, inputs: Any, states: Any) -> Any:
            h = package.ops.matmul(inputs, self.kernel)
            output = h + package.ops.matmul(states[0], self.recurrent)
            return output, [output]

    return MinimalCell(4)


@pytest.mark.parametrize("masked", [False, True])
def test_a_cell_of_the_user_s_own(keras: Any, agree_on: Any, masked: bool) -> None:
    options = {"return_sequences": True, "return_state": True}
    mine, real = (p.layers.RNN(minimal_cell(p), **options) for p in (lernwerk, keras))
    agree_on(mine, real, numbers(3, 5, 2), mask=steps_mask() if masked else None)


def test_a_cell_that_is_no_layer() -> None:
    class Sum:
        state_size = 2

        def call(self, inputs: Any, states: Any) -> Any:
            return inputs * 2, states[0] + inputs

    y, total = layers.RNN(Sum(), return_state=True)(np.ones((3, 5, 2), "float32"))
    np.testing.assert_array_equal(y.numpy(), np.full((3, 2), 2))
    np.testing.assert_array_equal(total.numpy(), np.full((3, 2), 5))


def test_a_subclass_that_changes_a_cell_s_call_is_asked_at_every_step() -> None:
    class Louder(layers.GRUCell):
        def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
            output, new = super().call(inputs, states, training)
            return output * 2, new

    layer = layers.RNN(Louder(3))
    x = numbers(2, 4, 2)
    y = layer(x).numpy()
    plain = layers.GRU(3)
    plain.build_for(x.shape)
    plain.set_weights(layer.get_weights())
    np.testing.assert_allclose(y, 2 * plain(x).numpy(), rtol=1e-5)


# ---- wrappers


@pytest.mark.parametrize("mode", ["concat", "sum", "mul", "ave", None])
@pytest.mark.parametrize("masked", [False, True])
def test_bidirectional_merges(keras: Any, agree_on: Any, mode: Any, masked: bool) -> None:
    mine, real = (p.Bidirectional(p.GRU(3, return_sequences=True), merge_mode=mode)
                  for p in (layers, keras.layers))  # fmt: skip
    agree_on(mine, real, numbers(3, 5, 2), mask=steps_mask() if masked else None)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("sequences", [False, True])
def test_bidirectional_states(keras: Any, agree_on: Any, name: str, sequences: bool) -> None:
    mine, real = (
        p.Bidirectional(getattr(p, name)(3, return_state=True, return_sequences=sequences))
        for p in (layers, keras.layers)
    )
    agree_on(mine, real, numbers(3, 5, 2))
    start = [numbers(3, 3) * k for k in range(1, 5 if name == "LSTM" else 3)]
    found, expected = (each(numbers(3, 5, 2), initial_state=start) for each in (mine, real))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one.numpy(), np.asarray(other), atol=2e-6)


def test_bidirectional_with_a_backward_layer_of_another_kind(keras: Any, agree_on: Any) -> None:
    mine, real = (
        p.Bidirectional(p.LSTM(3), backward_layer=p.GRU(4, go_backwards=True, activation="relu"))
        for p in (layers, keras.layers)
    )
    agree_on(mine, real, numbers(3, 5, 2))


def test_bidirectional_makes_new_layers_of_the_one_given() -> None:
    inner = layers.RNN([layers.LSTMCell(3, dropout=0.5)], name="given")
    layer = layers.Bidirectional(inner)
    cells = [each.cell.cells[0] for each in (inner, layer.forward_layer, layer.backward_layer)]
    assert len({id(cell) for cell in cells}) == len({id(cell.stream) for cell in cells}) == 3
    assert layer.forward_layer.name == "forward_given"
    assert layer.backward_layer.name == "backward_given"
    assert layer.backward_layer.go_backwards
    layer.build_for((None, 5, 2))
    assert not inner.built
    assert (layer.get_weights()[0] != layer.get_weights()[3]).any()


@pytest.mark.parametrize("name", KINDS)
def test_wrapped_layers_stay_fused(name: str) -> None:
    """One operation over whole sequences, not one for each step."""
    kind = getattr(layers, name)
    operation = {"SimpleRNN": "simple_rnn", "LSTM": "lstm", "GRU": "gru"}[name]
    cases = [
        (layers.Bidirectional(kind(3, return_sequences=True)), (2, 5, 2), 2),
        (layers.TimeDistributed(kind(3)), (2, 4, 5, 2), 1),
        (layers.RNN([getattr(layers, f"{name}Cell")(3) for _ in range(2)]), (2, 5, 2), 2),
    ]
    for layer, shape, count in cases:
        layer.build_for(shape)
        graph = compiled(lambda x, layer=layer: layer(x)).graph(Tensor(numbers(*shape)))
        used = [node.primitive.name for node in graph.nodes]
        assert used.count(operation) == count
        assert "matmul" not in used


TIMED = [
    (lambda p: p.Dense(3, activation="relu"), (3, 5, 2)),
    (lambda p: p.Conv2D(2, 2), (2, 3, 4, 4, 2)),
    (lambda p: p.LSTM(3), (2, 3, 4, 2)),
    (lambda p: p.LSTM(3, return_sequences=True), (2, 3, 4, 2)),
    (lambda p: p.BatchNormalization(), (3, 5, 2)),
]


@pytest.mark.parametrize(("inner", "shape"), TIMED)
def test_time_distributed(keras: Any, agree_on: Any, inner: Any, shape: Any) -> None:
    agree_on(*(p.TimeDistributed(inner(p)) for p in (layers, keras.layers)), numbers(*shape))


def test_time_distributed_models(keras: Any) -> None:
    """A model for each step, and the mask of the steps for the layer behind it."""
    x = numbers(3, 5, 2)
    x[0, 3:] = 0
    models = []
    for package in (lernwerk, keras):
        p = package.layers
        step = package.Sequential([package.Input((2,)), p.Dense(4, activation="tanh"), p.Dense(3)])
        models.append(package.Sequential([
            package.Input((5, 2)), p.Masking(), p.TimeDistributed(step), p.LSTM(2),
        ]))  # fmt: skip
    mine, real = models
    mine.set_weights(real.get_weights())
    np.testing.assert_allclose(mine.predict(x), real.predict(x, verbose=0), atol=2e-6)


def test_the_mask_of_a_time_distributed_layer() -> None:
    mask = Tensor(np.array([[[True, False], [False, False]]]))
    x = Tensor(numbers(1, 2, 2, 3))
    ends = layers.TimeDistributed(layers.LSTM(2))
    np.testing.assert_array_equal(ends.compute_mask(x, mask).numpy(), [[True, False]])
    keeps = layers.TimeDistributed(layers.Dense(2))
    np.testing.assert_array_equal(keeps.compute_mask(x, mask).numpy(), mask.numpy())


def test_time_distributed_takes_several_inputs() -> None:
    x = [numbers(3, 5, 2), numbers(3, 5, 4)]
    y = layers.TimeDistributed(layers.Concatenate())(x)
    np.testing.assert_array_equal(y.numpy(), np.concatenate(x, -1))


# ---- convolutional


@pytest.mark.parametrize(
    ("name", "options", "shape"),
    [
        ("ConvLSTM1D", {"return_sequences": True}, (2, 3, 5, 2)),
        ("ConvLSTM2D", {}, (2, 3, 4, 5, 2)),
        ("ConvLSTM2D", {"strides": 2, "padding": "same", "return_state": True}, (2, 3, 4, 5, 2)),
        ("ConvLSTM2D", {"dilation_rate": 2, "go_backwards": True, "use_bias": False,
                        "return_sequences": True}, (2, 3, 4, 5, 2)),
        ("ConvLSTM3D", {"recurrent_activation": "hard_sigmoid"}, (1, 2, 3, 3, 2, 2)),
    ],
)  # fmt: skip
def test_convolutional_lstm(agree: Agree, name: str, options: dict[str, Any], shape: Any) -> None:
    agree(name, {"filters": 3, "kernel_size": 2, **options}, numbers(*shape))


def test_convolutional_lstm_with_channels_first() -> None:
    x = numbers(2, 3, 4, 5, 2)
    options = {"filters": 3, "kernel_size": 2, "return_sequences": True, "return_state": True}
    last = layers.ConvLSTM2D(**options)
    first = layers.ConvLSTM2D(**options, data_format="channels_first")
    last.build_for(x.shape)
    first.build_for((2, 3, 2, 4, 5))
    first.set_weights(last.get_weights())
    start = [numbers(2, 3, 4, 3), numbers(2, 3, 4, 3)]
    moved = [np.moveaxis(each, -1, 1) for each in start]
    expected = last(x, initial_state=start)
    found = first(np.moveaxis(x, -1, 2), initial_state=moved)
    for one, other, axis in zip(found, expected, (2, 1, 1), strict=True):
        np.testing.assert_allclose(one.numpy(), np.moveaxis(other.numpy(), -1, axis), rtol=1e-6)


def test_a_masked_step_of_a_convolutional_lstm_changes_nothing() -> None:
    x = numbers(2, 3, 4, 5, 2)
    layer = layers.ConvLSTM2D(3, 2)
    mask = np.array([[True, True, False]] * 2)
    np.testing.assert_allclose(layer(x, mask=mask).numpy(), layer(x[:, :2]).numpy(), rtol=1e-6)


# ---- messages


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: layers.RNN(layers.Dense(3, name="d")),
         "RNN(...): expected a cell with call(inputs, states) and state_size, got "
         "<Dense name=d, built=False>. For example RNN(LSTMCell(32))."),
        (lambda: layers.StackedRNNCells([3]),
         "StackedRNNCells(...): expected cells with call(inputs, states) and state_size, got 3. "
         "For example StackedRNNCells([LSTMCell(32), LSTMCell(16)])."),
        (lambda: layers.Bidirectional(layers.Dense(3, name="d")),
         "Bidirectional(...): expected a recurrent layer, got <Dense name=d, built=False>. "
         "For example Bidirectional(LSTM(8))."),
        (lambda: layers.Bidirectional(layers.LSTM(3), merge_mode="add"),
         "Bidirectional(...): expected merge_mode to be one of 'concat', 'sum', 'mul', 'ave' or "
         "None, got 'add'."),
        (lambda: layers.Bidirectional(layers.LSTM(3), backward_layer=layers.LSTM(3)),
         "Bidirectional(...): expected one layer with go_backwards=False and one with True, got "
         "False in both."),
        (lambda: layers.Bidirectional(
            layers.LSTM(3), backward_layer=layers.LSTM(3, go_backwards=True, stateful=True)),
         "Bidirectional(...): expected the same stateful in both layers, got False and True."),
        (lambda: layers.ConvLSTM2D(3, (2, 2, 2), name="layer"),
         "layer: expected kernel_size as one integer >= 1 or 2 of them, got (2, 2, 2)."),
    ],
)  # fmt: skip
def test_arguments_that_are_refused(make: Callable[[], Any], text: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        make()
    assert str(refused.value) == text


@pytest.mark.parametrize(
    ("make", "shape", "text"),
    [
        (lambda: layers.TimeDistributed(layers.Dense(3), name="layer"), (4, 3),
         "layer: expected input of at least 3 axes (batch, steps, ...), got (None, 3). "
         "x[:, None] adds an axis of one step; a layer for all of x needs no wrapper."),
        (lambda: layers.ConvLSTM2D(3, 2, name="layer"), (2, 4, 4, 1),
         "layer: expected input (batch, steps, height, width, channels), got (None, 4, 4, 1)."),
        (lambda: layers.LSTM(3, name="layer"), (4, 3),
         "layer: expected input (batch, steps, features), got (None, 3). "
         "An axis is missing at the end: x[..., None] adds one of length 1."),
    ],
)  # fmt: skip
def test_inputs_that_are_refused(make: Callable[[], Any], shape: Any, text: str) -> None:
    with pytest.raises(ShapeError) as refused:
        make()(numbers(*shape))
    assert str(refused.value) == text


def test_operations_may_stand_between_recurrent_layers() -> None:
    inputs = layers.Input((5, 2))
    y = layers.GRU(3)(ops.flip(inputs, axes=(1,)))
    model = lernwerk.Model(inputs, y)
    backwards = layers.GRU(3, go_backwards=True)
    backwards.build_for((None, 5, 2))
    backwards.set_weights(model.get_weights())
    x = numbers(3, 5, 2)
    np.testing.assert_allclose(model.predict(x), backwards(x).numpy(), rtol=1e-5, atol=1e-6)
