"""Old names of arguments: every row of the table, the positional forms, the notes."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import lernwerk
from lernwerk import layers, legacy, optimizers
from lernwerk.errors import UnknownArgumentError
from lernwerk.legacy import translate


@pytest.fixture(autouse=True)
def no_notes() -> Iterator[None]:
    legacy.NOTES.clear()
    yield
    legacy.NOTES.clear()


@pytest.mark.parametrize(
    ("name", "arguments", "keywords", "expected"),
    [
        ("Dense", (), {"output_dim": 3, "init": "uniform"},
         ((), {"units": 3, "kernel_initializer": "uniform"})),
        ("Dense", (3,), {"bias": False, "W_regularizer": "l2", "b_constraint": None},
         ((3,), {"use_bias": False, "kernel_regularizer": "l2", "bias_constraint": None})),
        ("Dense", (3,), {"activation": "relu"}, ((3,), {"activation": "relu"})),
        ("Convolution2D", (32, 3, 5), {"border_mode": "same", "subsample": (2, 2)},
         ((32, (3, 5)), {"padding": "same", "strides": (2, 2)})),
        ("Convolution2D", (32, 3, 3, "he_normal", "relu"), {},
         ((32, (3, 3)), {"kernel_initializer": "he_normal", "activation": "relu"})),
        ("Convolution2D", (32, (3, 3)), {}, ((32, (3, 3)), {})),
        ("Convolution2D", (32, (3, 3), 2), {}, ((32, (3, 3), 2), {})),
        ("Conv2D", (32, 3, 2), {}, ((32, 3, 2), {})),  # today's kernel size and strides
        ("Convolution2D", (), {"nb_filter": 8, "nb_row": 3, "nb_col": 4},
         ((), {"filters": 8, "kernel_size": (3, 4)})),
        ("Convolution1D", (), {"nb_filter": 8, "filter_length": 3, "subsample_length": 2},
         ((), {"filters": 8, "kernel_size": 3, "strides": 2})),
        ("Convolution1D", (8, 3, "uniform"), {}, ((8, 3), {"kernel_initializer": "uniform"})),
        ("MaxPooling2D", ((2, 2),), {"dim_ordering": "th"},
         (((2, 2),), {"data_format": "channels_first"})),
        ("MaxPooling1D", (), {"pool_length": 2, "stride": 1}, ((), {"pool_size": 2, "strides": 1})),
        ("LSTM", (8,), {"inner_activation": "hard_sigmoid", "dropout_W": 0.2, "dropout_U": 0.1,
                        "forget_bias_init": "one", "consume_less": "gpu"},
         ((8,), {"recurrent_activation": "hard_sigmoid", "dropout": 0.2, "recurrent_dropout": 0.1,
                 "unit_forget_bias": True})),
        ("LSTM", (8,), {"time_major": False, "unroll": True}, ((8,), {"unroll": True})),
        ("Dropout", (), {"p": 0.5}, ((), {"rate": 0.5})),
        ("LeakyReLU", (), {"alpha": 0.1}, ((), {"negative_slope": 0.1})),
        ("GaussianNoise", (), {"sigma": 0.1}, ((), {"stddev": 0.1})),
        ("BatchNormalization", (), {"mode": 0, "gamma_init": "one"},
         ((), {"gamma_initializer": "one"})),
        ("BatchNormalization", (), {"mode": 2}, ((), {"mode": 2})),  # refused as unknown then
        ("Model", (), {"input": 1, "output": 2}, ((), {"inputs": 1, "outputs": 2})),
        ("fit", (1, 2), {"nb_epoch": 3, "show_accuracy": True}, ((1, 2), {"epochs": 3})),
        ("fit", (1, 2), {"workers": 4}, ((1, 2), {})),
        ("to_categorical", (1,), {"nb_classes": 3}, ((1,), {"num_classes": 3})),
        ("load_img", ("a",), {"grayscale": True}, (("a",), {"color_mode": "grayscale"})),
        ("Unknown", (1,), {"a": 2}, ((1,), {"a": 2})),
    ],
)  # fmt: skip
def test_translate(name: str, arguments: Any, keywords: Any, expected: Any) -> None:
    given = dict(keywords)
    assert translate(name, arguments, keywords) == expected
    assert keywords == given  # the caller's own dict stays


def test_each_use_is_noted_once_and_listed() -> None:
    for _ in range(2):
        translate("Dense", (), {"output_dim": 3})
        translate("Convolution2D", (4, 3, 3), {"workers": 1})
    assert legacy.summary() == (
        "Old names: Dense(output_dim=) -> units, Convolution2D(4, 3, 3) -> Conv2D(4, (3, 3))"
    )
    translate("BatchNormalization", (), {"mode": 0})
    assert legacy.NOTES["BatchNormalization(mode=)"] == "nothing"


def test_without_old_names_there_is_no_summary() -> None:
    translate("Dense", (3,), {"activation": "relu"})
    assert legacy.summary() == ""


def test_layers_take_the_old_names() -> None:
    layer = layers.Dense(output_dim=3, init="zeros", W_regularizer="l2", input_dim=2)
    assert layer.units == 3
    assert type(layer.kernel_initializer).__name__ == "Zeros"
    assert layer.kernel_regularizer is not None
    conv = layers.Conv2D(nb_filter=4, nb_row=3, nb_col=5, border_mode="same", subsample=(2, 2))
    assert (conv.filters, conv.kernel_size, conv.padding, conv.strides) == (4, (3, 5), "same", (2, 2))  # noqa: E501  # fmt: skip
    lstm = layers.LSTM(4, inner_activation="sigmoid", dropout_W=0.25)
    assert lstm.dropout == 0.25
    assert layers.Dropout(p=0.5).rate == 0.5


def test_a_subclass_of_ones_own_keeps_its_arguments() -> None:
    class Dense(layers.Dense):
        def __init__(self, output_dim: int, init: str = "zeros", **keywords: Any) -> None:
            super().__init__(output_dim, kernel_initializer=init, **keywords)
            self.output_dim = output_dim

    assert Dense(output_dim=3).units == 3
    assert legacy.NOTES == {}


def test_both_names_at_once_are_refused() -> None:
    with pytest.raises(UnknownArgumentError) as caught:
        layers.Dense(3, kernel_initializer="zeros", init="ones")
    assert str(caught.value).startswith("Dense(...): expected known arguments, got 'init'.")


@pytest.mark.parametrize(
    ("method", "keyword", "hint"),
    [
        ("fit", "epoch", "Did you mean 'epochs'?"),
        ("evaluate", "batchsize", "Did you mean 'batch_size'?"),
        ("predict", "verbos", "Did you mean 'verbose'?"),
        ("compile", "optimiser", "Did you mean 'optimizer'?"),
    ],
)
def test_unknown_arguments_are_refused_with_the_nearest(
    method: str, keyword: str, hint: str
) -> None:
    model = lernwerk.Sequential([layers.Dense(1, input_shape=(2,))])
    with pytest.raises(UnknownArgumentError) as caught:
        getattr(model, method)(**{keyword: 1})
    assert str(caught.value) == f"{method}(...): expected known arguments, got {keyword!r}. {hint}"


def test_history_answers_to_the_names_of_earlier_years() -> None:
    values = legacy.Values(accuracy=[1], val_accuracy=[2], loss=[3])
    assert (values["acc"], values["val_acc"], values["loss"]) == ([1], [2], [3])
    assert list(values) == ["accuracy", "val_accuracy", "loss"]
    assert legacy.NOTES == {"acc": "accuracy", "val_acc": "val_accuracy"}
    with pytest.raises(KeyError):
        values["auc"]
    assert legacy.Values(acc=[1])["accuracy"] == [1]


@pytest.fixture
def compiled_model() -> tuple[Any, Any, Any]:
    x = np.random.default_rng(0).normal(size=(30, 4)).astype("float32")
    y = np.eye(3)[np.arange(30) % 3]
    model = lernwerk.Sequential([layers.Dense(3, "softmax", input_shape=(4,))])
    model.compile(optimizers.SGD(lr=0.1), "categorical_crossentropy", metrics=["accuracy"])
    return model, x, y


def test_fit_generator_counts_samples_as_keras_1(compiled_model: Any) -> None:
    model, x, y = compiled_model

    def batches() -> Iterator[Any]:
        while True:
            yield x[:10], y[:10]

    history = model.fit_generator(
        batches(), samples_per_epoch=25, nb_epoch=2, validation_data=batches(), nb_val_samples=20,
        verbose=0, nb_worker=2,
    )  # fmt: skip
    assert len(history.history["val_acc"]) == 2
    assert model.optimizer.iterations.numpy() == 6  # 3 steps of 10 hold 25 samples
    assert len(model.evaluate_generator(batches(), val_samples=20)) == 2
    assert model.predict_generator(batches(), steps=2).shape == (20, 3)
    assert legacy.NOTES["fit_generator"] == "fit"


def test_predict_classes_and_probabilities(compiled_model: Any) -> None:
    model, x, _ = compiled_model
    probabilities = model.predict(x, verbose=0)
    np.testing.assert_array_equal(model.predict_proba(x), probabilities)
    np.testing.assert_array_equal(model.predict_classes(x), probabilities.argmax(-1))
    single = lernwerk.Sequential([layers.Dense(1, "sigmoid", input_shape=(4,))])
    classes = single.predict_classes(x)
    np.testing.assert_array_equal(classes, single.predict(x, verbose=0) > 0.5)
    assert classes.dtype == "int32"


def test_every_old_argument_of_a_class_leads_to_one_that_it_has() -> None:
    for name, row in legacy.ARGUMENTS.items():
        found = getattr(layers, name, None) or getattr(optimizers, name, None)
        if not isinstance(found, type):
            continue
        known = set(found.parameters())
        for base in inspect.getmro(found):
            known |= set(inspect.signature(base.__init__).parameters)
            known |= set(getattr(base, "fixed", {}))
        for new in row.values():
            target = new[0] if isinstance(new, tuple) else new
            assert target in known, f"{name}: {target}"


def test_functions_take_the_old_names() -> None:
    from lernwerk import activations, utils
    from lernwerk.preprocessing.image import ImageDataGenerator

    assert utils.to_categorical([1], nb_classes=3).shape == (1, 3)
    np.testing.assert_allclose(activations.relu([-1.0], alpha=0.5), [-0.5])
    np.testing.assert_allclose(activations.leaky_relu([-1.0], alpha=0.5), [-0.5])
    assert ImageDataGenerator(dim_ordering="th").data_format == "channels_first"
    assert list(legacy.NOTES.values()) == [
        "num_classes", "negative_slope", "negative_slope", "data_format"
    ]  # fmt: skip
